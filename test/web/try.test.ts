/** "Try it" in real browsers: what the page says of an image is what the core computes here. */
import fs from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { encode } from "fast-png";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { trainConfigSchema, type TrainConfigInput } from "../../src/core/config.js";
import { pixelPermutation } from "../../src/core/data/permutation.js";
import { createPredictor } from "../../src/core/training/predict.js";
import { train } from "../../src/core/training/train.js";
import { weightBytes } from "../../src/core/training/weight-bytes.js";
import { ENGINE_VERSION } from "../../src/core/version.js";
import { drawSyntheticDataset } from "../../src/sweeps/data/synthetic.js";
import { cellId } from "../../src/sweeps/spec/cell-id.js";
import { weightsDigest } from "../../src/sweeps/store/weights.js";
import type { CellRecord } from "../../src/sweeps/store/record.js";
import { list, percent } from "../../web/report/src/data/format.js";
import { chromiumPath, launch, openPage, violations } from "./browser.js";
import { Firefox, firefoxPath } from "./firefox.js";
import { fixtureData, fixtureRecord } from "./fixture.js";
import { copyPage, type PageCopy } from "./page-copy.js";

const dataset = drawSyntheticDataset(300, 60);
const { classNames } = dataset;
const imageOf = (i: number): Uint8Array => dataset.train.images.slice(784 * i, 784 * (i + 1));

const WAIT = { timeout: 60_000 };

interface Trained {
  record: CellRecord;
  weights: Float32Array;
  answer: (image: Uint8Array) => Float64Array;
}

function trained(input: TrainConfigInput): Trained {
  const config = trainConfigSchema.parse({ epochs: 2, trainLimit: 200, testLimit: 60, ...input });
  const training = train(config, dataset);
  for (;;) {
    const next = training.next();
    if (!next.done) continue;
    const { weights, ...result } = next.value!;
    const { name, digest: dataDigest } = dataset;
    const record = {
      ...fixtureRecord(config, {}, cellId(config, dataDigest)),
      ...result,
      dataset: name,
      dataDigest,
      engineVersion: ENGINE_VERSION,
      weightsDigest: weightsDigest(weights),
    };
    return { record, weights, answer: createPredictor(config, dataset, weights) };
  }
}

const mlp = { kind: "mlp" as const, hidden: [12] };
const cnn = { kind: "cnn" as const, channels: [4, 6] };
const models = [
  { model: mlp, optimizer: { kind: "nesterov" as const } },
  { model: mlp, optimizer: { kind: "nesterov" as const }, permutation: 1 },
  { model: cnn, optimizer: { kind: "nesterov" as const } },
  { model: cnn, optimizer: { kind: "nesterov" as const }, permutation: 1 },
  { model: cnn, optimizer: { kind: "adam" as const }, kernels: "reference" as const },
  { model: mlp, optimizer: { kind: "sgd" as const } },
].map(trained);
/** The first four travel with the page; the weights of the fifth are altered on the way; the last one's stay at home. */
const [there, altered, home] = [models.slice(0, 4), models[4], models[5]];

async function pageWithModels(): Promise<PageCopy> {
  const sent = [...there, altered].map(({ record, weights }) => ({ id: record.id, weights: weightBytes(weights) }));
  sent[4].weights[7] ^= 1;
  const cells = sent.map(({ id, weights }) => ({ id, bytes: weights.length }));
  const samples = [0, 1, 2, 3].map((i) => ({
    label: dataset.train.labels[i],
    pixels: Buffer.from(imageOf(i)).toString("base64"),
  }));
  const records = models.map(({ record }) => record);
  const copy = await copyPage(
    fixtureData(records, {
      dataset: dataset.name,
      dataDigest: dataset.digest,
      images: { samples, test: {} },
      parts: { weights: { name: "weights-made", pieces: 1, cells } },
    }),
  );
  const packed = gzipSync(Buffer.concat(sent.map(({ weights }) => weights))).toString("base64");
  fs.writeFileSync(
    path.join(copy.folder, "build/weights-made-0.js"),
    `(window.HANDGRAD_PARTS ??= {})["weights-made-0"] = "${packed}";\n`,
  );
  return copy;
}

/** What the page must say of an image: of each model the answer and all probabilities. */
function expected(image: Uint8Array, of: readonly Trained[]): string[] {
  return of
    .map(({ answer }) => {
      const probabilities = [...answer(image)];
      const label = probabilities.indexOf(Math.max(...probabilities));
      return `${classNames[label]} ${percent(probabilities[label])}: ${list(probabilities.map((p, k) => `${classNames[k]} ${percent(p)}`))}`;
    })
    .sort();
}

const SAID = `[...document.querySelectorAll("#try tbody tr")].map((row) =>
  row.querySelector(".answer").textContent + ": " + row.querySelector(".bars title").textContent).sort()`;
/** The bytes of a canvas, which shows them inverted. */
const bytesOn = (selector: string): string => `(() => {
  const canvas = document.querySelector(${JSON.stringify(selector)});
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return Array.from({ length: data.length / 4 }, (_, i) => 255 - data[4 * i]);
})()`;

describe.skipIf(!chromiumPath)("Try it", () => {
  let browser: Browser;
  let copy: PageCopy;
  let page: Page;
  let problems: string[];

  beforeAll(async () => {
    [browser, copy] = await Promise.all([launch(), pageWithModels()]);
    ({ page, problems } = await openPage(browser, { width: 1280 }));
    await page.goto(copy.url);
    await page.waitForSelector("#try");
  });
  afterAll(async () => {
    expect(problems).toEqual([]);
    await browser?.close();
    copy?.remove();
  });

  const says = async (image: Uint8Array, of: readonly Trained[]) =>
    expect.poll(() => page.evaluate(SAID), WAIT).toEqual(expected(image, of));
  const axe = async () => {
    const before = problems.length;
    const found = await violations(page, "#try");
    // It tries to read the style sheet, which the page's policy forbids.
    problems.splice(before);
    return found;
  };
  const board = async () => Uint8Array.from(await page.evaluate<number[]>(bytesOn("#try .board")));
  const give = (name: string, mimeType: string, buffer: Uint8Array) =>
    page.locator("#try input[type=file]").setInputFiles({ name, mimeType, buffer: Buffer.from(buffer) });

  it("loads what travels with the page on demand, asks it about a sample, and shows the permuted image", async () => {
    expect(
      await page.evaluate(
        "performance.getEntriesByType('resource').map(({ name }) => name).filter((name) => /trainer|weights/.test(name))",
      ),
    ).toEqual([]);
    const button = page.locator("#try button");
    expect(await button.innerText()).toMatch(/^Load 5 models, 0\.\d MB$/);
    await button.click();
    await says(imageOf(0), there);
    expect(await page.locator("#try .try-views small").allInnerTexts()).toEqual(["original", "permuted"]);
    const permuted = Array.from(pixelPermutation(1, 784), (from) => imageOf(0)[from]);
    expect(await page.evaluate(bytesOn("#try .try-views div:nth-child(2) canvas"))).toEqual(permuted);
    expect(await page.locator("#try").innerText()).toMatch(
      new RegExp(`of the class ${classNames[dataset.train.labels[0]]}: (none|\\d) of 4 models`),
    );
  });

  it("refuses by name weights that are not the record's, and names those that did not come", async () => {
    const lines = await page.locator("#try .try-missing li").allInnerTexts();
    expect(lines).toHaveLength(2);
    expect(lines.find((line) => line.includes(altered.record.id))).toContain(
      `expected ${altered.record.weightsDigest.slice(0, 8)}…`,
    );
    expect(lines.find((line) => line.includes(home.record.id))).not.toContain("refused");
  });

  it("has no violation of accessibility", async () => expect(await axe()).toEqual([]));

  it("takes the weights of a cell from a file, and of no other", async () => {
    const weights = weightBytes(home.weights);
    await give("weights.bin", "application/octet-stream", weights.slice(4));
    const said = page.locator("#try [role=status]");
    await expect
      .poll(() => said.innerText(), WAIT)
      .toMatch(/^weights\.bin: got [\d,]+ bytes with the digest [0-9a-f]{8}…, expected a picture, or/);
    await give("weights.bin", "application/octet-stream", weights);
    await says(imageOf(0), [...there, home]);
    expect(await said.innerText()).toBe(`weights.bin: the weights of ${home.record.id}.`);
    expect(await page.locator("#try .try-missing li").count()).toBe(1);
  });

  it("asks a cell that was trained in the page", async () => {
    await page.locator("#try .try-missing .cell-link").click();
    await page.getByRole("button", { name: "Check this cell" }).click();
    await says(imageOf(0), models);
    expect(await page.locator("#try .try-missing").innerText()).toBe("");
    await page.getByRole("button", { name: "Close" }).click();
  });

  it("goes on from a sample by keyboard, and back", async () => {
    const sample = page.getByRole("button", { name: `Sample: ${classNames[dataset.train.labels[1]]}` });
    await sample.focus();
    await page.keyboard.press("Enter");
    await says(imageOf(1), models);
    await expect
      .poll(() => page.locator("#try [aria-live]").innerText(), WAIT)
      .toContain(`of the class ${classNames[dataset.train.labels[1]]}`);
    await page.getByRole("button", { name: "Undo" }).focus();
    await page.keyboard.press("Enter");
    await says(imageOf(0), models);
  });

  it("takes pictures: one of the data's size as it is, a larger one fitted in and inverted, and none that is damaged", async () => {
    const same = imageOf(5);
    const png = encode({ width: 28, height: 28, channels: 1, data: same });
    // As from the desktop.
    await page.evaluate(`(() => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([Uint8Array.of(${[...png].join()})], "garment.png", { type: "image/png" }));
      const drop = new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true });
      document.querySelector(".try-bench").dispatchEvent(drop);
    })()`);
    await says(same, models);
    const large = new Uint8Array(56 * 56 * 3).map(
      (_, i) => 255 - same[28 * Math.floor(i / 3 / 112) + Math.floor(((i / 3) % 56) / 2)],
    );
    await give("large.png", "image/png", encode({ width: 56, height: 56, channels: 3, data: large }));
    const said = page.locator("#try [role=status]");
    await expect
      .poll(() => said.innerText(), WAIT)
      .toMatch(/^large\.png: 56×56 pixels, fitted into 28×28\. Its background is light and .* inverted/);
    expect([...(await board())]).toEqual([...same]);
    await give("broken.png", "image/png", png.slice(0, 40));
    await expect
      .poll(() => said.innerText(), WAIT)
      .toMatch(/^broken\.png: got a file that this browser cannot read as a picture/);
    expect([...(await board())]).toEqual([...same]);
  });

  it("is drawn upon, while the models answer, and cleared", async () => {
    await page.getByRole("button", { name: "Clear" }).click();
    await says(new Uint8Array(784), models);
    await page.locator("#try .board").scrollIntoViewIfNeeded();
    const box = (await page.locator("#try .board").boundingBox())!;
    await page.mouse.move(box.x + box.width * 0.2, box.y + box.height * 0.5);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.8, box.y + box.height * 0.5, { steps: 5 });
    // Within the stroke, too.
    const within = await board();
    expect(within.filter((value) => value > 0).length).toBeGreaterThan(40);
    await says(within, models);
    await page.mouse.up();
    await page.keyboard.press("Control+z");
    await says(new Uint8Array(784), models);
    await page.getByRole("button", { name: "Undo" }).click();
    await says(imageOf(5), models);
  });

  it("fits a telephone, in the dark, and is not printed", async () => {
    await page.setViewportSize({ width: 320, height: 800 });
    await page.locator(".theme-toggle").click();
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(320);
    expect(await axe()).toEqual([]);
    await page.emulateMedia({ media: "print" });
    expect(await page.locator("#try").isVisible()).toBe(false);
    await page.emulateMedia({ media: "screen" });
  });

  it("says which file of the page is missing, and still takes weights", async () => {
    fs.rmSync(path.join(copy.folder, "build/weights-made-0.js"));
    await page.reload();
    const before = problems.length;
    await page.locator("#try .action").click();
    await expect
      .poll(() => page.locator("#try [role=status]").innerText(), WAIT)
      .toMatch(/^weights-made-0\.js does not lie beside data\.js/);
    // The browser itself reports the missing file.
    problems.splice(before);
    expect(await page.locator("#try .try-missing li").count()).toBe(models.length);
    await give("weights.bin", "application/octet-stream", weightBytes(home.weights));
    await says(imageOf(0), [home]);
  });
});

describe.skipIf(!firefoxPath)("Try it in Firefox", () => {
  it("says the same", async () => {
    const [firefox, copy] = await Promise.all([Firefox.launch(), pageWithModels()]);
    try {
      await firefox.open(copy.url, 1280);
      await firefox.click("#try .action");
      await expect.poll(() => firefox.evaluate(SAID), WAIT).toEqual(expected(imageOf(0), there));
      expect(firefox.problems).toEqual([]);
    } finally {
      await firefox.close();
      copy.remove();
    }
  });
});
