// Makes the committed reference results from a run directory: the object of `cells --json` with what the page shows of a cell.
// node scripts/reference.mjs runs/homework writes web/report/reference/homework.json; likewise runs/bonus.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** Most confident mistakes kept of a cell, of all that its record has. */
const MISTAKES = 10;
/** Values of a cell's first-layer filters that are kept: 16 small kernels, or 8 pictures of 28×28. */
const FILTER_VALUES = 8 * 784;

const folder = process.argv[2];
if (!folder || !fs.existsSync(path.join(folder, "plan.json"))) {
  console.error(`reference: got ${folder ?? "nothing"}, expected a run directory such as runs/homework`);
  process.exit(2);
}
const handgrad = fileURLToPath(new URL("./handgrad.mjs", import.meta.url));
const summary = JSON.parse(
  execFileSync(process.execPath, [handgrad, "cells", "--out", folder, "--json"], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  }),
);
const load = (name) => import(new URL(`../dist/sweeps/${name}.js`, import.meta.url).href);
const [{ existingRun }, { readStoredRun }, { readFilters }, { imageSizeOf }] = await Promise.all(
  ["store/runs", "store/stored-run", "page/filters", "page/merge"].map(load),
);
const directory = await existingRun(folder);
const { plan, records } = await readStoredRun(directory, false);
const filters = await readFilters(directory, records, imageSizeOf(plan.dataset), console.error);

/** Each filter's values as signed bytes, its largest 127: the page draws each on its own scale. */
function packed({ height, width, count, values }) {
  const size = height * width;
  const kept = Math.min(count, Math.floor(FILTER_VALUES / size));
  const bytes = new Int8Array(kept * size);
  for (let k = 0; k < kept; k++) {
    const filter = values.slice(k * size, (k + 1) * size);
    const most = Math.max(...filter.map(Math.abs));
    filter.forEach((value, i) => (bytes[k * size + i] = most > 0 ? Math.round((127 * value) / most) : 0));
  }
  return { height, width, count: kept, bytes: Buffer.from(bytes.buffer).toString("base64") };
}

summary.workers = plan.workers;
const recordOf = new Map(records.map((record) => [record.id, record]));
for (const cell of summary.cells) {
  const { curve, confusion, mistakes } = recordOf.get(cell.id);
  const shortened = mistakes.map((mistake) => ({ ...mistake, confidence: Number(mistake.confidence.toPrecision(4)) }));
  Object.assign(cell, { curve, confusion, mistakes: shortened.slice(0, MISTAKES) });
  if (filters?.[cell.id]) cell.filters = packed(filters[cell.id]);
}
const file = fileURLToPath(new URL(`../web/report/reference/${summary.sweep}.json`, import.meta.url));
fs.writeFileSync(file, `${JSON.stringify(summary)}\n`);
console.log(`${summary.cells.length} cells: ${path.relative(process.cwd(), file)}`);
