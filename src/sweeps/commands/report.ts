/** npm run report: rebuilds the page's data from the records. */
import path from "node:path";
import { InputError } from "../../core/input-error.js";
import type { Dataset } from "../../core/data/dataset.js";
import { datasetNames, isDrawn } from "../data/datasets.js";
import { loadDataset } from "../data/load.js";
import { readFilters } from "../page/filters.js";
import { imageSizeOf, mergeReport } from "../page/merge.js";
import { imagesPart, MOST_IMAGE_BYTES, weightsPart, type PageParts } from "../page/part-contents.js";
import { writePages } from "../page/page-data.js";
import type { ReportData } from "../page/report-data.js";
import { Interrupt } from "../run/interrupt.js";
import { sampleLimits } from "../run/plan.js";
import type { PlanFile } from "../store/plan-file.js";
import { existingRun } from "../store/runs.js";
import { requireChromium } from "../page/chromium.js";
import { notebookAt, notebookText, tablesFolder } from "../page/notebook.js";
import { PAPERS, pdfAt, printReport, type Paper } from "../page/pdf.js";
import { checkReportFile, writeReportFile, type ReportFile } from "../page/report-file.js";
import { singleFileAt, singleFilePage } from "../page/single-file.js";
import { whereIs } from "../store/data-source.js";
import { readStoredRun } from "../store/stored-run.js";
import { oneOf, parseOptions, type Streams } from "./command.js";
import { reportAt } from "./format.js";
import { csvFiles, csvTables } from "./report-tables.js";

export const help = `npm run report -- [options]

Rebuilds index.html in a run directory (and in a checkout the data of web/report/index.html) from its records, or writes the
report into files of your own.

  --out DIR           the run directory (default: that of the latest sweep)
  --single-file FILE  one HTML file that holds everything and fetches nothing, to hand in or to send
  --with-data         it carries the images the sweep trained on, too (FashionMNIST: 43 MB)
  --pdf FILE          the report on paper; needs Chromium, Chrome or Edge (CHROMIUM_PATH names one)
  --paper a4|letter   its size (default: a4)
  --notebook FILE     the report as a Jupyter notebook (.ipynb), with its figures and the Python that draws them
  --csv DIR           all figures as cells.csv, curves.csv, steps.csv and confusion.csv
  --data-dir DIR      folder with the images to show (default: where the sweep found them)

The same records give the same files. None is written over a file that is no earlier report.

Exit codes: 0, 1 a record is damaged (the others are shown) or the page could not be written, 2 wrong usage or input.
`;

const options = {
  out: { type: "string" },
  "single-file": { type: "string" },
  "with-data": { type: "boolean" },
  pdf: { type: "string" },
  paper: { type: "string" },
  notebook: { type: "string" },
  csv: { type: "string" },
  "data-dir": { type: "string" },
} as const;

/** What was asked for; where that is none, the page's own data. */
interface Outputs {
  single?: ReportFile;
  pdf?: ReportFile & { paper: Paper; chromium: string };
  notebook?: ReportFile;
  csv?: string;
}

export async function run(args: string[], { stdout, stderr }: Streams): Promise<number> {
  const { values } = parseOptions("report", args, options, 0);
  const outputs = await checkOutputs(values);
  const directory = await existingRun(values.out);
  const { plan, records, damaged } = await readStoredRun(directory, false);
  for (const line of damaged) stderr.write(`${line}\n`);
  const shown = `${plan.sweep}: ${records.length} of ${plan.cells.length} cells, written to`;
  const { single, pdf, notebook, csv } = outputs;
  const tables = csvTables(plan, records);
  if (csv !== undefined) {
    await writeTables(csv, tables);
    stdout.write(
      `${shown} ${csvFiles(csv)
        .map(({ file }) => file)
        .join(", ")}\n`,
    );
  }
  if (csv === undefined || single || pdf || notebook) {
    const withData = values["with-data"] ?? false;
    const dataset = await imagesFor(plan, { dataDir: values["data-dir"], withData, stderr });
    const onFault = (line: string) => void stderr.write(`${line}\n`);
    const filters = await readFilters(directory, records, imageSizeOf(plan, dataset), onFault);
    const data = { ...mergeReport(plan, records, dataset), filters };
    const parts = { images: imagesPart(data, dataset), weights: await weightsPart(directory, records) };
    if (withData) checkImages(data, parts.images, stderr);
    if (single)
      await writeReportFile(single, await singleFilePage(data, withData ? parts : { weights: parts.weights }));
    if (pdf) await print(pdf, data);
    if (notebook) await writeNotebook(notebook, data, tables, stdout);
    const files = [single, pdf, notebook].flatMap((report) => (report ? [report.file] : []));
    if (files.length === 0) {
      const pages = await writePages(directory.folder, data, parts);
      for (const line of pages.notes) stderr.write(`${line}\n`);
      const { own, data: latest = own } = pages;
      if (latest === undefined) return 1;
      stdout.write(`${shown} ${latest}\n${reportAt(own)}\n`);
    }
    for (const file of files) stdout.write(`${shown} ${file}\nReport: open ${file}\n`);
  }
  return damaged.length > 0 ? 1 : 0;
}

async function writeTables(folder: string, tables: ReturnType<typeof csvTables>): Promise<void> {
  for (const report of csvFiles(folder)) await writeReportFile(report, tables[report.name]);
}

async function writeNotebook(
  report: ReportFile,
  data: ReportData,
  tables: ReturnType<typeof csvTables>,
  stdout: Streams["stdout"],
): Promise<void> {
  const folder = tablesFolder(report.file, tables);
  if (folder !== undefined) {
    for (const table of csvFiles(folder)) await checkReportFile(table);
    await writeTables(folder, tables);
    stdout.write(`The notebook reads its tables from ${folder}: keep it beside the notebook\n`);
  }
  await writeReportFile(report, await notebookText(data, tables, folder));
}

/** A signal ends the browser too. */
async function print(pdf: NonNullable<Outputs["pdf"]>, data: ReportData): Promise<void> {
  const interrupt = new Interrupt();
  try {
    await writeReportFile(pdf, await printReport(data, pdf.paper, pdf.chromium));
  } finally {
    interrupt.close();
  }
}

/** Before any work: whether all that was asked for can be had. */
async function checkOutputs(values: {
  "single-file"?: string;
  "with-data"?: boolean;
  pdf?: string;
  paper?: string;
  notebook?: string;
  csv?: string;
}): Promise<Outputs> {
  const paper = oneOf("paper", values.paper, PAPERS);
  if (paper !== undefined && values.pdf === undefined)
    throw new InputError("--paper: got no --pdf to go with it; npm run report -- --help explains");
  if (values["with-data"] && values["single-file"] === undefined)
    throw new InputError("--with-data: got no --single-file to go with it; npm run report -- --help explains");
  const single = values["single-file"] === undefined ? undefined : singleFileAt(values["single-file"]);
  const pdf =
    values.pdf === undefined
      ? undefined
      : { ...pdfAt(values.pdf), paper: paper ?? ("a4" as const), chromium: requireChromium() };
  const notebook = values.notebook === undefined ? undefined : notebookAt(values.notebook);
  const seen = new Map<string, string>();
  for (const report of [single, pdf, notebook, ...(values.csv === undefined ? [] : csvFiles(values.csv))]) {
    if (!report) continue;
    const file = path.resolve(report.file);
    if (seen.has(file))
      throw new InputError(`${report.option}: got the file of ${seen.get(file)}, ${report.file}; name another one`);
    seen.set(file, report.option);
    await checkReportFile(report);
  }
  return { single, pdf, notebook, csv: values.csv };
}

/** The sweep's data for the page's images; without them the page shows all but the images. @throws InputError where they must be had */
async function imagesFor(
  plan: PlanFile,
  { dataDir, withData, stderr }: { dataDir?: string; withData: boolean; stderr: Streams["stderr"] },
): Promise<Dataset | undefined> {
  const { sweep, dataDigest, cells } = plan;
  const needed = withData && !isDrawn(plan.dataset);
  try {
    const limits = sampleLimits(cells.map(({ config }) => config));
    const { dataset } = await loadDataset({
      data: whereIs(plan, { plan, dataDir, known: datasetNames, what: `sweep ${sweep}` }),
      dataDir,
      ...limits,
      onProgress: (line) => stderr.write(`${line}\n`),
    });
    if (dataset.digest === dataDigest) return dataset;
    if (needed)
      throw new InputError(
        `--with-data: got images with digest ${dataset.digest}, expected ${dataDigest}, those of the sweep; name their folder with --data-dir`,
      );
    stderr.write(`The data at hand are not the sweep's; the page shows no images.\n`);
  } catch (error) {
    if (!(error instanceof InputError) || dataDir !== undefined || needed) throw error;
    stderr.write(`${error.message}\nThe page shows no images.\n`);
  }
  return undefined;
}

/** @throws InputError where the images cannot go into the file */
function checkImages({ dataset }: ReportData, images: PageParts["images"], stderr: Streams["stderr"]): void {
  if (isDrawn(dataset))
    stderr.write(`--with-data: the page itself draws the images of the ${dataset} set; there are none to carry\n`);
  else if (!images?.chunks)
    throw new InputError(
      `--with-data: got more than ${MOST_IMAGE_BYTES / 2 ** 20} MiB of images, expected fewer, as a browser holds them at once; leave it out`,
    );
}
