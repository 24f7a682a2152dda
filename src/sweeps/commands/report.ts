/** npm run report: rebuilds the page's data from the records. */
import { InputError } from "../../core/input-error.js";
import type { Dataset } from "../../core/data/dataset.js";
import { datasetNamed, preferred } from "../data/datasets.js";
import { loadDataset } from "../data/load.js";
import { readFilters } from "../page/filters.js";
import { imageSizeOf, mergeReport } from "../page/merge.js";
import { writePageData } from "../page/page-data.js";
import { sampleLimits } from "../run/plan.js";
import type { PlanFile } from "../store/plan-file.js";
import { existingRun } from "../store/runs.js";
import { checkSingleFile, writeSingleFile } from "../page/single-file.js";
import { readStoredRun } from "../store/stored-run.js";
import { parseOptions, type Streams } from "./command.js";

export const help = `npm run report -- [options]

Rebuilds the data of web/report/index.html from the records of a sweep, or writes the whole report into one file.

  --out DIR           the run directory (default: that of the latest sweep)
  --single-file FILE  one HTML file that holds everything and fetches nothing, to hand in or to send
  --data-dir DIR      folder with ${preferred.text.title}'s four files, for the images on the page

Exit codes: 0, 1 a record is damaged (the others are shown) or the page could not be written, 2 wrong usage or input.
`;

const options = { out: { type: "string" }, "single-file": { type: "string" }, "data-dir": { type: "string" } } as const;

export async function run(args: string[], { stdout, stderr }: Streams): Promise<number> {
  const { values } = parseOptions("report", args, options, 0);
  const single = values["single-file"];
  if (single !== undefined) await checkSingleFile(single);
  const directory = await existingRun(values.out);
  const { plan, records, damaged } = await readStoredRun(directory, false);
  for (const line of damaged) stderr.write(`${line}\n`);
  const dataset = await imagesFor(plan, values["data-dir"], stderr);
  const data = {
    ...mergeReport(plan, records, dataset),
    filters: await readFilters(
      directory,
      records,
      imageSizeOf(plan.dataset, dataset),
      (line) => void stderr.write(`${line}\n`),
    ),
  };
  if (single !== undefined) await writeSingleFile(data, single);
  const file = single ?? (await writePageData(data));
  stdout.write(
    `${plan.sweep}: ${records.length} of ${plan.cells.length} cells, written to ${file}\nReport: open ${single ?? "web/report/index.html"}\n`,
  );
  return damaged.length > 0 ? 1 : 0;
}

/** The sweep's data for the page's images; without them the page shows all but the images. */
async function imagesFor(
  { sweep, dataset: name, dataDigest, cells }: PlanFile,
  dataDir: string | undefined,
  stderr: Streams["stderr"],
): Promise<Dataset | undefined> {
  try {
    const limits = sampleLimits(cells.map(({ config }) => config));
    const { dataset } = await loadDataset({
      data: datasetNamed(name, `sweep ${sweep}`),
      dataDir,
      ...limits,
      onProgress: (line) => stderr.write(`${line}\n`),
    });
    if (dataset.digest === dataDigest) return dataset;
    stderr.write(`The data at hand are not the sweep's; the page shows no images.\n`);
  } catch (error) {
    if (!(error instanceof InputError) || dataDir !== undefined) throw error;
    stderr.write(`${error.message}\nThe page shows no images.\n`);
  }
  return undefined;
}
