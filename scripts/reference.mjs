// Makes the committed reference results from a run directory: the object of `cells --json` with curve and confusion
// matrix per cell. node scripts/reference.mjs runs/homework writes web/report/reference/homework.json; likewise runs/bonus.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

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
summary.workers = JSON.parse(fs.readFileSync(path.join(folder, "plan.json"), "utf8")).workers;
for (const cell of summary.cells) {
  const { curve, confusion } = JSON.parse(fs.readFileSync(path.join(folder, cell.id, "record.json"), "utf8"));
  Object.assign(cell, { curve, confusion });
}
const file = fileURLToPath(new URL(`../web/report/reference/${summary.sweep}.json`, import.meta.url));
fs.writeFileSync(file, `${JSON.stringify(summary)}\n`);
console.log(`${summary.cells.length} cells: ${path.relative(process.cwd(), file)}`);
