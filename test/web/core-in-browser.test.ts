/** The core needs neither Node nor shared memory: bundled, it trains in a worker made from a blob on a file:// page, to the same bits. */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import esbuild from "esbuild";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { trainConfigSchema, type TrainConfig } from "../../src/core/config.js";
import { train } from "../../src/core/training/train.js";
import { weightsDigest } from "../../src/sweeps/store/weights.js";
import { drawSyntheticDataset } from "../../src/sweeps/data/synthetic.js";
import { chromiumPath, launch, openPage } from "./browser.js";
import { root } from "./page-copy.js";

const dataset = drawSyntheticDataset(200, 50);

/** Trains in the page what it is sent, and answers with the weights. */
const WORKER = `
import { train } from "./src/core/training/train.js";
onmessage = ({ data: { config, dataset } }) => {
  const training = train(config, dataset);
  for (;;) {
    const next = training.next();
    if (next.done) return postMessage({ weights: next.value.weights, shared: typeof SharedArrayBuffer });
  }
};`;

/** The page's own script: classic, since a page on file:// loads no modules. */
const page = (worker: string): string => `<!doctype html><title>core</title><script>
const url = URL.createObjectURL(new Blob([${JSON.stringify(worker).replaceAll("<", "\\u003c")}], { type: "text/javascript" }));
window.trainCell = (message) => new Promise((resolve, reject) => {
  const worker = new Worker(url);
  worker.onmessage = ({ data }) => resolve({ ...data, weights: Array.from(data.weights) });
  worker.onerror = ({ message }) => reject(new Error(message));
  const bytes = (values) => Uint8Array.from(values);
  const samples = ({ images, labels, count }) => ({ images: bytes(images), labels: bytes(labels), count });
  const { train, test } = message.dataset;
  worker.postMessage({ config: message.config, dataset: { ...message.dataset, train: samples(train), test: samples(test) } });
});
</script>`;

let browser: Browser | undefined;
let folder: string;
beforeAll(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "handgrad-core-"));
  const { outputFiles } = await esbuild.build({
    stdin: { contents: WORKER, resolveDir: root, loader: "ts" },
    bundle: true,
    write: false,
    format: "iife",
    platform: "browser",
    target: "chrome109",
    logLevel: "warning",
  });
  fs.writeFileSync(path.join(folder, "index.html"), page(outputFiles[0].text));
  if (chromiumPath) browser = await launch();
});
afterAll(async () => {
  await browser?.close();
  fs.rmSync(folder, { recursive: true, force: true });
});

function digestHere(config: TrainConfig): string {
  const training = train(config, dataset);
  for (;;) {
    const next = training.next();
    if (next.done) return weightsDigest(next.value!.weights);
  }
}

const small = { epochs: 2, trainLimit: 130, testLimit: 40 };
it.skipIf(!chromiumPath).each<[string, Parameters<typeof trainConfigSchema.parse>[0]]>([
  [
    "an MLP on the reference kernels",
    { model: { kind: "mlp", hidden: [12] }, optimizer: { kind: "adam" }, kernels: "reference", ...small },
  ],
  [
    "a CNN on permuted pixels",
    { model: { kind: "cnn", channels: [4, 8] }, optimizer: { kind: "nesterov" }, permutation: 1, ...small },
  ],
  [
    "a residual network with all that a training can have beside it",
    {
      model: { kind: "resnet", width: 4, activation: "silu", dropout: 0.1 },
      optimizer: { kind: "muon" },
      validation: 30,
      schedule: { kind: "oneCycle" },
      augment: { shift: 2, flip: true, rotate: 10, scale: 0.1, erase: {}, mixup: 0.2, cutmix: 1 },
      prune: {},
      labelSmoothing: 0.1,
      clipNorm: 1,
      weightAverage: 0.9,
      evaluateFlipped: true,
      evaluateShifted: 1,
      shardSize: 16,
      ...small,
    },
  ],
])("%s", async (_, input) => {
  const config = trainConfigSchema.parse(input);
  const { page, problems } = await openPage(browser!);
  await page.goto(pathToFileURL(path.join(folder, "index.html")).href);
  const plain = ({ images, labels, count }: typeof dataset.train) => ({
    images: [...images],
    labels: [...labels],
    count,
  });
  const message = { config, dataset: { ...dataset, train: plain(dataset.train), test: plain(dataset.test) } };
  const answer = await page.evaluate(
    (sent) =>
      (
        globalThis as unknown as { trainCell(message: unknown): Promise<{ weights: number[]; shared: string }> }
      ).trainCell(sent),
    message,
  );
  expect(answer.shared).toBe("undefined");
  expect(weightsDigest(Float32Array.from(answer.weights))).toBe(digestHere(config));
  expect(problems).toEqual([]);
  await page.context().close();
});
