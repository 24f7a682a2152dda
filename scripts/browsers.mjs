// npm run test:browsers: trains the committed results again on the page, in Chromium and in Firefox, and compares all bits;
// and how fast both train beside Node, in turns on this machine.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { median } from "../bench/median.mjs";
import { fromTests } from "./from-tests.mjs";

const USAGE = `npm run test:browsers -- [--browser chromium,firefox] [--cells PART,PART] [--rounds N] [--json]
--cells takes parts of ids, such as mlp or cnn-sgd (all 12 by default); --rounds is how often Node and the browsers train in
turns (5; 0 leaves the speeds out).`;

const root = fileURLToPath(new URL("..", import.meta.url));
/** Of a browser, also where the machine is slow: all cells, and the speeds. */
const MOST_SECONDS = 6 * 3600;
const SPEED_OF = ["mlp-sgd-perm0", "cnn-sgd-perm0"];
/** Seconds of a round, and before it, while an engine still compiles. */
const [ROUND, WARM_UP] = [3, 2];

function optionsOf(args) {
  const text = { type: "string" };
  const options = { browser: text, cells: text, rounds: { ...text, default: "5" }, json: { type: "boolean" } };
  try {
    const { values } = parseArgs({ args, options });
    const rounds = Number(values.rounds);
    if (!Number.isInteger(rounds) || rounds < 0) throw new Error(`--rounds: got ${values.rounds}, expected 0, 1, 2, …`);
    const words = (text) => text?.toLowerCase().split(",");
    return { browsers: words(values.browser), cells: words(values.cells), rounds, json: values.json };
  } catch (error) {
    console.error(`${error.message}\n${USAGE}`);
    process.exit(2);
  }
}

/** FashionMNIST's folder and its four files, where they lie as published; undefined where they do not. */
function findImages({ folderVariable, cacheFolder, files }) {
  for (const folder of [process.env[folderVariable], path.join(root, cacheFolder)].filter(Boolean)) {
    const found = files.map(({ name }) =>
      ["", ".gz"].map((end) => path.join(folder, name + end)).find((file) => fs.existsSync(file)),
    );
    if (found.every(Boolean)) return { folder, files: found };
  }
  return undefined;
}

/** The page with these of the committed results in the place of a sweep's. @returns its address and their cells */
function writePage(folder, chosen) {
  const build = path.join(folder, "build");
  fs.cpSync(path.join(root, "web/report/build"), build, { recursive: true });
  fs.copyFileSync(path.join(root, "web/report/index.html"), path.join(folder, "index.html"));
  const window = {};
  new Function("window", fs.readFileSync(path.join(build, "reference.js"), "utf8"))(window);
  const data = window.HANDGRAD_REFERENCE;
  const cells = data.cells.filter(({ id }) => !chosen || chosen.some((part) => id.includes(part)));
  fs.writeFileSync(path.join(build, "data.js"), `window.HANDGRAD_DATA = ${JSON.stringify({ ...data, cells })};\n`);
  return { url: pathToFileURL(path.join(folder, "index.html")).href, cells };
}

async function until(tab, expression) {
  for (;;) {
    const value = await tab.evaluate(expression);
    if (value) return value;
    await sleep(100);
  }
}

/** Keeps what the page's workers say: the speed of each training that ended, by the digest of its weights, and the last progress. */
const LISTEN = `(() => {
  window.speeds = {};
  window.Worker = class extends Worker {
    constructor(...words) {
      super(...words);
      this.addEventListener("message", ({ data: { kind, value, progress } }) => {
        if (value?.curve) window.speeds[value.weightsDigest] = value.samplesPerSecond;
        if (kind === "progress") window.last = progress;
      });
    }
  };
})()`;

async function open(tab, url) {
  await tab.open("about:blank");
  await tab.open(url);
  await until(tab, "document.querySelector('#page').ariaBusy === null");
  await tab.evaluate(LISTEN);
}

/** Checks all cells of the page. @param tell told of each as it ends */
async function checkAll(tab, url, files, tell) {
  await open(tab, url);
  await tab.click(".check-all .action");
  await until(tab, "document.querySelector('.check-all .drop-place')");
  await tab.setFiles(".check-all input[type=file]", files);
  const ended = new Set();
  for (;;) {
    const [found, speeds, open] = await tab.evaluate(`[
      [...document.querySelectorAll(".finding-agrees, .finding-differs, .finding-unable")].map((row) => ({
        id: row.querySelector("button").textContent,
        agrees: row.className === "finding-agrees",
        verdict: row.querySelector(".note").textContent,
      })),
      window.speeds,
      / to go/.test(document.querySelector(".check-all .verdict").textContent),
    ]`);
    for (const row of found.filter(({ id }) => !ended.has(id))) tell(row, speeds);
    for (const { id } of found) ended.add(id);
    if (!open) return;
    await sleep(500);
  }
}

/** Trains a cell on the page, as a variant that never ends, for one round. @returns samples a second, evaluations apart */
async function pageSpeed(tab, url, files) {
  await open(tab, url);
  await tab.click("dialog .what-if summary");
  await tab.evaluate("document.querySelector('#what-if-epochs').value = '100000'");
  await tab.click("dialog .what-if .action");
  await until(tab, "document.querySelector('dialog .what-if .drop-place')");
  await tab.setFiles("dialog .what-if input[type=file]", files);
  const stand = async () => {
    const { epoch, samplesPerEpoch, samples, samplesPerSecond } = await until(tab, "window.last");
    const trained = (epoch - 1) * samplesPerEpoch + samples;
    return { trained, seconds: trained / samplesPerSecond };
  };
  await stand();
  await sleep(1000 * WARM_UP);
  const before = await stand();
  await sleep(1000 * ROUND);
  const after = await stand();
  await tab.click("dialog .what-if .training-controls .quiet");
  return (after.trained - before.trained) / (after.seconds - before.seconds);
}

/** Node and the browsers in turns: of each its median speed, and the median of its ratios to Node in the same round. */
async function speeds(tabs, page, images, rounds) {
  const { loadDataset } = await import("../dist/sweeps/data/load.js");
  const { Training } = await import("../bench/engine/measure.mjs");
  const { dataset } = await loadDataset({ data: "fashion-mnist", dataDir: images.folder });
  const found = [];
  for (const cell of page.cells.filter(({ id }) => SPEED_OF.some((start) => id.startsWith(start)))) {
    const node = new Training({ ...cell.config, epochs: 100_000 }, dataset);
    node.run(WARM_UP);
    const rows = [];
    for (let round = 0; round < rounds; round++) {
      const row = { node: node.run(ROUND) };
      for (const [name, tab] of tabs) row[name] = await pageSpeed(tab, `${page.url}#cell=${cell.id}`, images.files);
      rows.push(row);
    }
    const of = (name) => median(rows.map((row) => row[name]));
    const engines = ["node", ...tabs.map(([name]) => name)].map((engine) => ({
      engine,
      samplesPerSecond: of(engine),
      ratio: median(rows.map((row) => row[engine] / row.node)),
    }));
    found.push({ cell: cell.id, engines });
  }
  return found;
}

const { browsers, cells, rounds, json } = optionsOf(process.argv.slice(2));
const say = (line) => (json ? console.error(line) : console.log(line));
const { preferred } = await import("../dist/sweeps/data/datasets.js");
const images = findImages(preferred);
const tools = await fromTests(["web/tab"]);
const chosen = tools.BROWSERS.filter(([name]) => !browsers || browsers.includes(name.toLowerCase()));
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "handgrad-browsers-"));
const tabs = [];
const checked = [];
let measured = [];
try {
  const page = writePage(folder, cells);
  if (!images)
    say(`skipped: no ${preferred.text.title}; ${preferred.folderVariable} names the folder of its four files`);
  else if (chosen.length === 0) say("skipped: no such browser here");
  else if (page.cells.length === 0) say(`skipped: no committed cell is called ${cells.join(" or ")}`);
  else {
    for (const [name, launch] of chosen) tabs.push([name, await launch(MOST_SECONDS)]);
    const width = Math.max(...page.cells.map(({ id }) => id.length));
    for (const [name, tab] of tabs)
      await checkAll(tab, page.url, images.files, ({ id, agrees, verdict }, found) => {
        const speed = found[page.cells.find((cell) => cell.id === id).weightsDigest];
        checked.push({ cell: id, browser: name, agrees, verdict, samplesPerSecond: speed });
        const shown = speed ? `${Math.round(speed).toLocaleString("en")} images/s` : "";
        say(
          `${id.padEnd(width)}  ${name.padEnd(8)}  ${agrees ? "identical" : "DIFFERENT"}  ${shown}${agrees ? "" : `  ${verdict}`}`,
        );
      });
    if (rounds > 0) measured = await speeds(tabs, page, images, rounds);
  }
} finally {
  for (const [, tab] of tabs) await tab.close();
  fs.rmSync(folder, { recursive: true, force: true });
}
const machine = { processor: os.cpus()[0]?.model ?? "", threads: os.availableParallelism(), node: process.version };
if (measured.length > 0) say(`on ${machine.processor}, ${machine.threads} threads, Node ${machine.node}:`);
for (const { cell, engines } of measured)
  say(
    `${cell}: ${engines.map(({ engine, samplesPerSecond, ratio }) => `${engine} ${Math.round(samplesPerSecond).toLocaleString("en")} images/s${engine === "node" ? "" : ` (${ratio.toFixed(2)} of Node's)`}`).join(", ")}`,
  );
const differ = checked.filter(({ agrees }) => !agrees).length;
if (checked.length > 0)
  say(differ > 0 ? `${differ} of ${checked.length} checks found other bits.` : "The same bits in all checks.");
if (json) console.log(JSON.stringify({ machine, checked, speeds: measured }));
process.exitCode = differ > 0 ? 1 : 0;
