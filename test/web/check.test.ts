/** Cells trained again in the page, in real browsers: from files, out of a single file and over HTTP, on drawn images and on one's own. */
import fs from "node:fs";
import http from "node:http";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { EpochMetrics } from "../../src/core/training/result.js";
import { stringify } from "../../src/core/json-text.js";
import { RandomStream } from "../../src/core/numeric/random.js";
import { train } from "../../src/core/training/train.js";
import { ENGINE_VERSION } from "../../src/core/version.js";
import { drawSyntheticDataset } from "../../src/sweeps/data/synthetic.js";
import type { ReportData } from "../../src/sweeps/page/report-data.js";
import { expandCells } from "../../src/sweeps/spec/grid.js";
import { parseSpec } from "../../src/sweeps/spec/spec.js";
import type { CellRecord } from "../../src/sweeps/store/record.js";
import { weightsDigest } from "../../src/sweeps/store/weights.js";
import { temporaryFolder } from "../sweeps/fixtures.js";
import { idxBytes } from "../sweeps/data/idx-bytes.js";
import { handgrad, handgradHere } from "../sweeps/handgrad.js";
import { violations } from "./browser.js";
import { copyPage, dataScript, root } from "./page-copy.js";
import { BROWSERS, Chromium, type Tab } from "./tab.js";

/** Every kind of network and of training, and cells to alter. */
const SPEC = {
  name: "checked",
  data: "synthetic",
  base: { model: { kind: "mlp", hidden: [12] }, optimizer: "nesterov", epochs: 3, trainLimit: 130, testLimit: 40 },
  variants: [
    { label: "plain", axes: { seed: [0, 1, 2, 3, 4, 5, 6, 7] } },
    { label: "reference", set: { kernels: "reference", optimizer: "adam" } },
    { label: "permuted", set: { model: { kind: "cnn", channels: [4, 8] }, permutation: 1 } },
    { label: "diverged", set: { model: { kind: "mlp", hidden: [12, 12, 12, 12] }, "optimizer.lr": 1000 } },
    {
      label: "everything",
      set: {
        model: { kind: "resnet", width: 4, activation: "silu", dropout: 0.1 },
        optimizer: "muon",
        validation: 30,
        schedule: "oneCycle",
        augment: { shift: 2, flip: true, rotate: 10, scale: 0.1, erase: {}, mixup: 0.2, cutmix: 1 },
        prune: {},
        labelSmoothing: 0.1,
        clipNorm: 1,
        weightAverage: 0.9,
        evaluateFlipped: true,
        evaluateShifted: 1,
        shardSize: 16,
      },
    },
  ],
};
const OWN_SPEC = { name: "own", base: { model: { kind: "cnn", channels: [3] }, optimizer: "nesterov", epochs: 2 } };

const FILES = [
  "train-images-idx3-ubyte",
  "train-labels-idx1-ubyte",
  "t10k-images-idx3-ubyte",
  "t10k-labels-idx1-ubyte",
];

/** Colour images of 10 × 8, whose class is how bright they are; as many to train on as to test. */
function writeImages(folder: string, salt: number): void {
  fs.mkdirSync(folder, { recursive: true });
  const count = 24;
  for (const [i, name] of FILES.entries()) {
    const labels = Uint8Array.from({ length: count }, (_, k) => (k * 5 + i + salt) % 3);
    const value = (_: unknown, k: number): number => 70 * ((Math.floor(k / 240) * 5 + i + 1 + salt) % 3) + (k % 40);
    const images = Uint8Array.from({ length: count * 240 }, value);
    fs.writeFileSync(path.join(folder, name), i % 2 ? idxBytes([count], labels) : idxBytes([count, 10, 8, 3], images));
  }
}

let folder: string;
const at = (...names: string[]): string => path.join(folder, ...names);
const urlOf = (file: string, cell = ""): string => pathToFileURL(file).href + (cell && `#cell=${cell}`);

beforeAll(async () => {
  folder = temporaryFolder();
  fs.writeFileSync(at("checked.json"), JSON.stringify(SPEC));
  fs.writeFileSync(at("own.json"), JSON.stringify(OWN_SPEC));
  writeImages(at("images"), 0);
  writeImages(at("others"), 1);
  // Both are the latest run's page in turn.
  for (const words of [["checked.json"], ["own.json", "--data-dir", "images"]]) {
    const { code, stderr } = await handgrad(folder, "sweep", ...words);
    expect(code, stderr).toBe(0);
  }
});
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

function pageData(run: string): ReportData {
  const text = fs.readFileSync(at("runs", run, "page/data.js"), "utf8");
  return JSON.parse(text.slice(text.indexOf("{"), text.lastIndexOf(";"))) as ReportData;
}

/** A copy of a run's page, with other data. */
function pageOf(run: string, data: ReportData, copied: (name: string) => boolean = () => true): string {
  const page = fs.mkdtempSync(at("page-"));
  fs.cpSync(at("runs", run, "index.html"), path.join(page, "index.html"));
  fs.cpSync(at("runs", run, "page"), path.join(page, "page"), {
    recursive: true,
    filter: (name) => copied(path.basename(name)),
  });
  fs.writeFileSync(path.join(page, "page/data.js"), dataScript(data));
  return path.join(page, "index.html");
}

/** Counts the page's workers, and keeps what they say of trainings. */
const WATCH = `(() => {
  const kept = (key, value) => typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
  Object.assign(window, { workers: 0, epochs: [], result: null });
  window.Worker = class extends Worker {
    constructor(...words) {
      super(...words);
      window.workers++;
      this.addEventListener("message", ({ data }) => {
        if (data.kind === "epoch") window.epochs.push(JSON.parse(JSON.stringify(data.metrics, kept)));
        if (!data.value?.curve) return;
        window.result = JSON.parse(JSON.stringify({ ...data.value, weights: 0 }, kept));
        window.heard?.();
      });
    }
    terminate() {
      window.workers--;
      super.terminate();
    }
  };
})()`;

/** Clicks a button the moment that a condition holds, before anything else happens. */
const clickWhen = (condition: string, button: string): string => `(() => {
  const look = () => {
    if (!(${condition})) return;
    observer.disconnect();
    document.querySelector(${JSON.stringify(button)}).click();
  };
  const observer = new MutationObserver(look);
  observer.observe(document.body, { subtree: true, childList: true, characterData: true });
  look();
})()`;

const SHEET = "dialog .check";
const marks = (look = "li"): string => `document.querySelectorAll("${SHEET} .epoch-marks ${look}").length`;
const FINAL = `document.querySelector("${SHEET} .verdict:not(.verdict-open)")?.innerText ?? ""`;

/** What a test does with a tab. */
function driver(tab: Tab) {
  const wait = (expression: string) => expect.poll(() => tab.evaluate(expression), { timeout: 100_000, interval: 40 });
  const text = (selector: string): Promise<string> =>
    tab.evaluate(`document.querySelector(${JSON.stringify(selector)})?.innerText ?? ""`);
  const open = async (page: string, cell?: string): Promise<void> => {
    await tab.open("about:blank");
    await tab.open(page.startsWith("http") ? page : urlOf(page, cell));
    await wait("document.querySelector('#page').ariaBusy").toBe(null);
    await tab.evaluate(WATCH);
    if (cell) await wait("document.querySelector('dialog').open").toBe(true);
  };
  const check = async (): Promise<string> => {
    await tab.evaluate("window.result = null");
    await tab.click(`${SHEET} .action`);
    await wait("window.result").not.toBe(null);
    return tab.evaluate(FINAL);
  };
  const checkAll = async (tally: string | RegExp): Promise<string[]> => {
    // The box is drawn a moment after what it tells of.
    await wait("document.querySelector('.check-all .action') !== null").toBe(true);
    await tab.click(".check-all .action");
    await wait("document.querySelector('.check-all .verdict').innerText").toMatch(tally);
    return tab.evaluate("[...document.querySelectorAll('.checked-cells li')].map(({ textContent }) => textContent)");
  };
  return { tab, wait, text, open, check, checkAll };
}

/** The verdict on a record that no one altered. */
const agreement = ({ curve, weightsDigest: digest }: CellRecord): string =>
  `The same bits: loss and accuracy of ${curve.length === 1 ? "the one epoch" : `all ${curve.length} epochs`} and the digest of the final weights (${digest.slice(0, 8)}…) equal the record.`;

const difference = (text: string): string => `Not the same bits. First difference: ${text}. The record was altered`;

/** A number whose digits differ from another's in one place. */
function otherDigit(value: number, stream: RandomStream): number {
  for (;;) {
    const digits = [...String(value)];
    const place = stream.below(digits.length);
    if (!/\d/.test(digits[place]) || digits.slice(0, place).includes("e")) continue;
    digits[place] = String((Number(digits[place]) + 1 + stream.below(9)) % 10);
    const other = Number(digits.join(""));
    if (other !== value) return other;
  }
}

/** Ways to alter a record at a random place: each says what the page must find. */
const ALTERATIONS: Record<string, (record: CellRecord, stream: RandomStream) => string> = {
  "a loss of an epoch": (record, stream) => alterEpoch(record, stream, ["trainLoss", "testLoss"]),
  "an accuracy of an epoch": (record, stream) => alterEpoch(record, stream, ["trainAccuracy", "testAccuracy"]),
  "the loss of a step": ({ steps }, stream) => {
    const place = stream.below(steps.loss.length);
    const before = steps.loss[place];
    steps.loss[place] = otherDigit(before, stream);
    return difference(`step ${place * steps.every}, loss: stored ${steps.loss[place]}, now ${before}`);
  },
  "the confusion matrix": ({ confusion }, stream) => {
    confusion[stream.below(10)][stream.below(10)] += 1;
    return difference("confusion matrix: differs, though all losses and accuracies agree");
  },
  "the digest of the weights": (record, stream) => {
    const before = record.weightsDigest;
    const place = stream.below(64);
    record.weightsDigest = before.slice(0, place) + (before[place] === "0" ? "1" : "0") + before.slice(place + 1);
    return difference(`final weights: stored digest ${record.weightsDigest}, now ${before}`);
  },
  "the number of parameters": (record) => {
    record.parameters += 1;
    return difference("status, parameter count or listed mistakes: differ, though curve and weights agree");
  },
  "its last epochs": (record, stream) => {
    const before = record.curve.length;
    record.curve.length = 1 + stream.below(before - 1);
    return difference(`epochs: stored ${record.curve.length}, now ${before}`);
  },
  "its configuration": ({ config }, stream) => {
    config.optimizer.lr = otherDigit(config.optimizer.lr, stream);
    return "The record was altered: its configuration or its data are not those that its id stands for.";
  },
};

function alterEpoch({ curve }: CellRecord, stream: RandomStream, figures: (keyof EpochMetrics)[]): string {
  const row = curve[stream.below(curve.length)];
  const figure = figures[stream.below(figures.length)];
  const before = row[figure] as number;
  do row[figure] = otherDigit(before, stream);
  while (row[figure] > 1 && figure.endsWith("Accuracy"));
  return difference(`epoch ${row.epoch}, ${figure}: stored ${row[figure]}, now ${before}`);
}

describe.each(BROWSERS)("cells checked in %s", (browser, launch) => {
  let tab: Tab;
  let here: ReturnType<typeof driver>;
  beforeAll(async () => {
    tab = await launch();
    here = driver(tab);
  });
  afterAll(() => tab?.close());

  it("every kind of network agrees, by clicks, without a problem and without network", async () => {
    const { open, checkAll, wait, check, text } = here;
    const { cells } = pageData("checked");
    await open(at("runs/checked/index.html"));
    const found = await checkAll(/^12 of 12 cells agree\.$/);
    expect(found.sort()).toEqual(cells.map((cell) => `✓ ${cell.id}${agreement(cell)}`).sort());
    const [first] = cells;
    // The row's button opens the sheet and begins.
    await tab.evaluate("window.result = null");
    await tab.click(`.cells [aria-label="Check ${first.id}"]`);
    await wait("window.result").not.toBe(null);
    await wait(FINAL).toBe(agreement(first));
    expect(await tab.evaluate(marks(".same"))).toBe(first.curve.length);
    expect(await tab.evaluate(marks())).toBe(first.curve.length);
    expect(await text("dialog .details-head")).toContain(first.id);
    expect(await check()).toBe(agreement(first));
    expect(tab.problems).toEqual([]);
    if (tab instanceof Chromium) expect(await violations(tab.page)).toEqual([]);
    // What axe itself asks for in vain.
    tab.problems.length = 0;
  });

  it("the first figure that was altered is named, and what cannot be checked is said before anything is trained", async () => {
    const seed = Date.now() % 2 ** 32;
    const stream = new RandomStream("init", seed);
    const data = pageData("checked");
    const plain = data.cells.filter(
      ({ config, status }) => config.kernels === "simd" && config.model.kind === "mlp" && status === "done",
    );
    const expected = new Map(
      Object.entries(ALTERATIONS).map(([name, alter], i) => [plain[i].id, { name, said: alter(plain[i], stream) }]),
    );
    const [engine, failed] = data.cells.filter(({ id }) => !expected.has(id));
    engine.engineVersion = ENGINE_VERSION + 1;
    Object.assign(failed, { status: "failed", error: "out of memory", curve: [], confusion: [], weightsDigest: "" });
    const page = pageOf("checked", data);
    await here.open(page);
    const found = await here.checkAll(/^2 of 12 cells agree; 8 differ, 2 cannot be checked\.$/);
    for (const [id, { name, said }] of expected)
      expect(found.find((line) => line.includes(id))?.slice(id.length + 2), `${name} (seed ${seed})`).toContain(said);
    const refused = `This record was made by engine version ${ENGINE_VERSION + 1}; this page has version ${ENGINE_VERSION}`;
    expect(found.find((line) => line.includes(engine.id))).toContain(refused);
    expect(found.find((line) => line.includes(failed.id))).toContain("This cell failed: it has no result to compare.");
    await here.open(page, engine.id);
    expect(await here.text(SHEET)).toContain(refused);
    expect(await tab.evaluate(`document.querySelectorAll("${SHEET} button").length`)).toBe(0);
    // Epochs beside an altered one are still the record's.
    const [altered] = plain;
    await here.open(page, altered.id);
    expect(await here.check()).toContain(expected.get(altered.id)?.said);
    const others = await tab.evaluate(
      `[...document.querySelectorAll("${SHEET} .other")].map((mark) => mark.innerText)`,
    );
    expect(others).toEqual([expect.stringContaining(/epoch (\d+)/.exec(expected.get(altered.id)!.said)![1])]);
    expect(tab.problems).toEqual([]);
  });

  it("a stopped check leaves no worker, goes on from its last epoch, and ends with the same bits", async () => {
    const { open, wait } = here;
    const cell = pageData("checked").cells.find(({ config }) => config.model.kind === "resnet")!;
    const stop = `${SHEET} .training-controls .quiet`;
    const standing = `document.querySelector("${SHEET} .training-standing").innerText`;
    const gone = async () => {
      expect(await tab.evaluate("window.workers")).toBe(0);
      const { page } = tab as Partial<Chromium>;
      await expect.poll(() => page?.workers() ?? []).toEqual([]);
    };
    await open(at("runs/checked/index.html"), cell.id);
    // While the trainer is loaded, and while a new one gets the images.
    for (let time = 1; time <= 2; time++) {
      await tab.evaluate(clickWhen(`/^Drawing/.test(${standing})`, stop));
      await tab.click(`${SHEET} .action`);
      await wait(standing).toBe("Stopped before the first epoch ended.");
      await gone();
    }
    // After each epoch but the last.
    for (let epoch = 1; epoch < cell.curve.length; epoch++) {
      await tab.evaluate(clickWhen(`${marks()} === ${epoch}`, stop));
      await tab.click(`${SHEET} .action`);
      await wait(standing).toBe(`Stopped; goes on from the end of epoch ${epoch}.`);
      await gone();
    }
    // It goes on while its sheet is closed.
    await tab.evaluate(clickWhen(`/^Epoch/.test(${standing})`, "dialog .details-head button"));
    await tab.click(`${SHEET} .action`);
    await wait("document.querySelector('dialog').open").toBe(false);
    await tab.click(`.cells [aria-label="Details of ${cell.id}"]`);
    await wait(FINAL).toBe(agreement(cell));
    expect(await tab.evaluate("window.epochs")).toEqual(cell.curve);
    // All, stopped after some.
    await tab.click("dialog .details-head button");
    // Before the page hears of the third.
    await tab.evaluate(`(() => {
      let results = 0;
      window.heard = () => (results += 1) === 3 && document.querySelector(".check-all .quiet").click();
    })()`);
    await here.checkAll(/^3 of 12 cells agree; 9 to go\.$/);
    await wait("document.querySelector('.check-all .action')?.innerText").toBe("Check the other 9 cells");
    await here.checkAll(/^12 of 12 cells agree\.$/);
    expect(tab.problems).toEqual([]);
  });

  it("what if: the variant is what the core trains of its config, and its spec gives that config", async () => {
    const { open, wait, text } = here;
    const cell = pageData("checked").cells.find(({ config }) => config.permutation === 1)!;
    await open(at("runs/checked/index.html"), cell.id);
    await tab.click("dialog .what-if summary");
    const fill = (fields: Record<string, string>) =>
      tab.evaluate(`(() => {
        for (const [name, value] of Object.entries(${JSON.stringify(fields)})) {
          const input = document.querySelector("#what-if-" + name);
          input.value = value;
          input.dispatchEvent(new Event("change", { bubbles: true }));
        }
      })()`);
    const bad = { lr: "0", width: "4, eight", epochs: "1.5", seed: "-1" };
    await fill(bad);
    await tab.click("dialog .what-if .action");
    for (const [name, value] of Object.entries(bad))
      expect(await text(`#what-if-${name}-fault`)).toMatch(`got “${name === "width" ? "eight" : value}”, expected a`);
    await fill({ width: "4, 8, 8, 8, 8" });
    await tab.click("dialog .what-if .action");
    expect(await text("#what-if-width-fault")).toBe("got 5 numbers, expected 1 to 4");
    expect(await tab.evaluate("window.workers")).toBe(0);

    await fill({ optimizer: "adam" });
    await fill({ lr: "2e-3", width: "3 5", epochs: "2", seed: "7" });
    await tab.evaluate(`(() => {
      window.stops = new Set();
      const look = () => document.querySelectorAll("dialog .what-if .training-controls .quiet").forEach((stop) => stops.add(stop));
      new MutationObserver(look).observe(document.querySelector("dialog .what-if"), { subtree: true, childList: true });
    })()`);
    await tab.click("dialog .what-if .action");
    await wait("window.result").not.toBe(null);
    // While it trains the button stays the same, so that a slow press on it counts.
    expect(await tab.evaluate("window.stops.size")).toBeLessThanOrEqual(3);
    const spec = await tab.evaluate<string>("document.querySelector('dialog .what-if .spec').textContent");
    const [{ config }, ...further] = expandCells(parseSpec(spec, "the copied spec"), "the copied spec");
    expect(further).toEqual([]);
    expect(config).toMatchObject({
      model: { kind: "cnn", channels: [3, 5] },
      optimizer: { kind: "adam", lr: 0.002 },
      ...{ epochs: 2, seed: 7, permutation: 1, trainLimit: 130, testLimit: 40 },
    });
    const training = train(config, drawSyntheticDataset(130, 40));
    let next = training.next();
    while (!next.done) next = training.next();
    const { weights, ...result } = next.value!;
    const plain = JSON.parse(stringify({ ...result, weightsDigest: weightsDigest(weights) })) as object;
    expect(await tab.evaluate("window.result")).toMatchObject(plain);
    expect(await tab.evaluate("window.epochs")).toEqual(result.curve);
    const percent = (of: number): string => `${(100 * of).toFixed(2)} %`;
    const shown = await text("dialog .what-if .verdict");
    expect(shown.replaceAll(/\s/g, " ")).toContain(`after 2 epochs is ${percent(result.curve[1].testAccuracy!)}`);
    expect(shown.replaceAll(/\s/g, " ")).toContain(`the record’s after 3 is ${percent(cell.curve[2].testAccuracy!)}`);
    expect(tab.problems).toEqual([]);
  });

  it("a page without its images takes the right files, under any name, and says of others what they are", async () => {
    const { open, check, wait, text } = here;
    const data = pageData("own");
    const [cell] = data.cells;
    const standing = `document.querySelector("${SHEET} .training-standing").innerText`;
    await open(at("runs/own/index.html"), cell.id);
    expect(await check()).toBe(agreement(cell));
    await open(
      pageOf("own", data, (name) => !name.startsWith("images-")),
      cell.id,
    );
    await tab.click(`${SHEET} .action`);
    await wait(standing).toMatch(/^images-\w+-0\.js does not lie beside data\.js: .* npm run report\.$/);
    expect(tab.problems.splice(0)).toEqual(
      browser === "Chromium" ? [expect.stringContaining("ERR_FILE_NOT_FOUND")] : [],
    );
    await open(pageOf("own", { ...data, parts: undefined }), cell.id);
    await tab.click(`${SHEET} .action`);
    await wait(standing).toBe("This report does not carry the images that the cell was trained on.");
    const right = FILES.map((name) => at("images", name));
    const damaged = at(`${FILES[0]}.gz`);
    fs.writeFileSync(damaged, gzipSync(fs.readFileSync(right[0])).subarray(0, 200));
    // The same numbers of images: which file is which shows by the digest alone.
    const renamed = right.map((file, i) => {
      const to = at(`renamed-${i}`);
      fs.writeFileSync(to, i % 2 ? gzipSync(fs.readFileSync(file)) : fs.readFileSync(file));
      return to;
    });
    const give = (files: string[]) => tab.setFiles(`${SHEET} input[type=file]`, files);
    for (const [files, said] of [
      [FILES.map((name) => at("others", name)), /^These are other data: their digest is \w{8}…, the cells’ \w{8}…\.$/],
      [right.slice(1), /^Got train-labels-idx1-ubyte, .*; expected the four files of the data set at once: /],
      [[damaged, ...right.slice(1)], /^train-images-idx3-ubyte\.gz is cut short or damaged/],
      [[right[0], right[0], right[1], right[1]].map((file, i) => copyOf(file, i)), /^These are other data/],
    ] as const) {
      await give([...files]);
      await wait(standing).toMatch(said);
    }
    expect(await text(`${SHEET} .epoch-marks`)).toBe("");
    // Firefox tells of the damaged file by itself.
    if (browser === "Firefox") expect(tab.problems.splice(0)).toEqual([expect.stringContaining("ReadableStream")]);
    await give([renamed[3], renamed[2], renamed[0], renamed[1]]);
    await wait(FINAL).toBe(agreement(cell));
    expect(tab.problems).toEqual([]);
  });

  it("a single file, with and without its data, and a page on a server below any path, check cells, too", async () => {
    const { open, check, wait } = here;
    const data = pageData("own");
    const [cell] = data.cells;
    for (const more of [[], ["--with-data"]]) {
      const file = at(`single${more.length}.html`);
      const { code, stderr } = await handgradHere(
        folder,
        "report",
        "--out",
        at("runs/own"),
        "--single-file",
        file,
        ...more,
      );
      expect(code, stderr).toBe(0);
      await open(file, cell.id);
      if (more.length === 0) {
        await tab.click(`${SHEET} .action`);
        await wait("document.querySelectorAll('dialog .drop-place').length").toBe(1);
        await tab.setFiles(
          `${SHEET} input[type=file]`,
          FILES.map((name) => at("images", name)),
        );
        await wait(FINAL).toBe(agreement(cell));
      } else expect(await check()).toBe(agreement(cell));
    }
    expect(tab.problems).toEqual([]);
    const types: Record<string, string> = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css" };
    const server = http.createServer(({ url = "" }, response) => {
      const file = at("runs/own", new URL(url, "http://localhost").pathname.replace("/some/where/", ""));
      const found = url.startsWith("/some/where/") && fs.existsSync(file);
      response.writeHead(found ? 200 : 404, { "content-type": types[path.extname(file)] ?? "text/plain" });
      response.end(found ? fs.readFileSync(file) : "");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    try {
      const { port } = server.address() as { port: number };
      await open(`http://127.0.0.1:${port}/some/where/index.html#cell=${cell.id}`);
      expect(await check()).toBe(agreement(cell));
      const elsewhere = tab.problems.splice(0).filter((line) => !line.startsWith(`request: http://127.0.0.1:${port}/`));
      expect(elsewhere).toEqual([]);
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });
});

const real = process.env.FASHION_MNIST_DIR;
if (!real)
  console.warn(
    "skipped: the committed results checked on FashionMNIST (FASHION_MNIST_DIR names no folder that has it)",
  );
it.skipIf(!real).each(BROWSERS)("the committed results are checked on dropped files in %s", async (browser, launch) => {
  const [page, tab] = await Promise.all([
    copyPage(undefined, path.join(root, "web/report/reference/homework.json")),
    launch(),
  ]);
  try {
    const { open, wait } = driver(tab);
    const { cells } = JSON.parse(fs.readFileSync(path.join(root, "web/report/reference/homework.json"), "utf8")) as {
      cells: CellRecord[];
    };
    // An MLP to its end in the one, an epoch of a CNN in the other, which is the slower of the two.
    const model = browser === "Chromium" ? "mlp" : "cnn";
    const cell = cells.find(({ id }) => id.startsWith(`${model}-nesterov-perm1`))!;
    await open(path.join(page.folder, "index.html"), cell.id);
    await tab.click(`${SHEET} .action`);
    await wait("document.querySelectorAll('dialog .drop-place').length").toBe(1);
    await tab.setFiles(
      `${SHEET} input[type=file]`,
      fs
        .readdirSync(real!)
        .filter((name) => name.endsWith("ubyte.gz"))
        .map((name) => path.join(real!, name)),
    );
    if (model === "mlp") await wait(FINAL).toBe(agreement(cell));
    else
      await wait(`document.querySelector("${SHEET} .verdict")?.innerText`).toBe(
        "The first epoch equals the record, bit for bit.",
      );
    expect(tab.problems).toEqual([]);
  } finally {
    await tab.close();
    page.remove();
  }
});

function copyOf(file: string, i: number): string {
  const to = at(`copy-${i}`);
  fs.copyFileSync(file, to);
  return to;
}
