#!/usr/bin/env node
// What a sweep costs beside its training, by the number of its cells: npm run bench:scale [-- --json] [100 1000 10000]
//
// The cells are as small as cells can be (an MLP of one unit, one image, one epoch), so that what they take is overhead: of
// the harness, and of starting a cell on a thread. CPU time is that of all threads, start-up included, and hardly depends on
// what else the machine does; wall time does.
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { measured, trivialSpec } from "./measured.mjs";
import { temporaryFolder } from "./temporary.mjs";

const USAGE = `npm run bench:scale [-- --json] [--workers N] [CELLS …]
Sweeps of 100, 1,000 and 10,000 trivial cells, or of as many as are named: wall and CPU time a cell, peak memory, bytes
written, the same command again, npm run report, and the page's size and the time it takes to open in headless Chromium.
--json prints one object on standard output and nothing else there.
`;
const SIZES = [100, 1_000, 10_000];
const MOST_CELLS = 100_000;
const PAGE_MILLISECONDS = 300_000;
const BROWSERS = [
  process.env.CHROMIUM_PATH,
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
];

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

function readOptions() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { json: { type: "boolean" }, workers: { type: "string" }, help: { type: "boolean", short: "h" } },
    });
    const sizes = positionals.length > 0 ? positionals.map(Number) : SIZES;
    if (!sizes.every((size) => Number.isInteger(size) && size >= 1 && size <= MOST_CELLS))
      throw new Error(`got the sizes ${positionals.join(" ")}, expected whole numbers from 1 to ${MOST_CELLS}`);
    return { ...values, sizes };
  } catch (error) {
    const [message] = error.message.split(/\. |\n/);
    console.error(`bench:scale: ${message}; npm run bench:scale -- --help explains`);
    return process.exit(2);
  }
}

/** Seconds until the page's table of cells stands in the document. */
async function openingSeconds(folder) {
  const executablePath = BROWSERS.find((place) => place !== undefined && fs.existsSync(place));
  if (!executablePath) return undefined;
  const { chromium } = await import("playwright-core");
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
  try {
    const page = await browser.newPage();
    const start = performance.now();
    await page.goto(pathToFileURL(path.join(folder, "page/index.html")).href, { timeout: PAGE_MILLISECONDS });
    await page.waitForSelector(".cells tbody tr", { timeout: PAGE_MILLISECONDS });
    return (performance.now() - start) / 1000;
  } finally {
    await browser.close();
  }
}

async function figuresOf(cells, workers, note) {
  const folder = temporaryFolder("scale");
  try {
    fs.writeFileSync(path.join(folder, "scale.json"), JSON.stringify(trivialSpec(cells)));
    fs.mkdirSync(path.join(folder, "page/build"), { recursive: true });
    fs.copyFileSync(path.join(root, "web/report/index.html"), path.join(folder, "page/index.html"));
    for (const name of ["reference.js", "report.js", "report.css"])
      fs.copyFileSync(path.join(root, "web/report/build", name), path.join(folder, "page/build", name));
    const command = ["sweep", "scale.json", ...(workers === undefined ? [] : ["--workers", workers])];
    note(`${cells} cells: sweep …`);
    const sweep = await measured(folder, command);
    note(`${cells} cells: the same command again …`);
    const again = await measured(folder, command);
    note(`${cells} cells: report …`);
    const report = await measured(folder, ["report"]);
    const pageMegabytes = fs.statSync(path.join(folder, "page/build/data.js")).size / 1e6;
    note(`${cells} cells: the page …`);
    return { cells, sweep, again, report, pageMegabytes, openingSeconds: await openingSeconds(folder) };
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

function line({ cells, sweep, again, report, pageMegabytes, openingSeconds }) {
  const seconds = ({ wallSeconds, cpuSeconds }) => `${wallSeconds.toFixed(1)} s (CPU ${cpuSeconds.toFixed(1)} s)`;
  const eachMilliseconds = (total) => `${((1000 * total) / cells).toFixed(1)} ms`;
  const opening =
    openingSeconds === undefined ? "not opened, no Chromium found" : `opens in ${openingSeconds.toFixed(1)} s`;
  return [
    `${cells.toLocaleString("en")} cells`,
    `  sweep   ${seconds(sweep)}: ${eachMilliseconds(sweep.wallSeconds)} a cell, CPU ${eachMilliseconds(sweep.cpuSeconds)}; peak ${sweep.peakMegabytes.toFixed(0)} MB, written ${sweep.megabytesWritten.toFixed(1)} MB`,
    `  again   ${seconds(again)}, peak ${again.peakMegabytes.toFixed(0)} MB`,
    `  report  ${seconds(report)}, peak ${report.peakMegabytes.toFixed(0)} MB`,
    `  page    ${pageMegabytes.toFixed(1)} MB, ${opening}`,
  ].join("\n");
}

const options = readOptions();
if (options.help) process.stdout.write(USAGE);
else {
  const results = [];
  for (const cells of options.sizes) {
    const figures = await figuresOf(cells, options.workers, (text) => process.stderr.write(`${text}\n`));
    results.push(figures);
    if (!options.json) process.stdout.write(`${line(figures)}\n`);
  }
  if (options.json) process.stdout.write(`${JSON.stringify(results)}\n`);
}
