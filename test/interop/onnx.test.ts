/** Exported ONNX models answer in ONNX Runtime what the cells answer here. npm ci --prefix test/interop --ignore-scripts installs that. */
import { createRequire } from "node:module";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { trainConfigSchema, type TrainConfig, type TrainConfigInput } from "../../src/core/config.js";
import type { Dataset } from "../../src/core/data/dataset.js";
import { bytesOf, elementsOf } from "../../src/core/kernels/shape.js";
import { PLAIN_LAYERS } from "../../src/core/layers/table.js";
import { RandomStream } from "../../src/core/numeric/random.js";
import { buildNetwork } from "../../src/core/training/build.js";
import { drawSyntheticDataset } from "../../src/sweeps/data/synthetic.js";
import { loadDataset } from "../../src/sweeps/data/load.js";
import { encodeOnnx } from "../../src/sweeps/formats/onnx.js";
import { modelTensors, type TensorPlan } from "../../src/sweeps/formats/parameter-names.js";
import { randomNetworks } from "../core/random-networks.js";
import { trained } from "../core/trained.js";

/** What is used of onnxruntime-node, which only its own package.json asks for. */
interface Values {
  data: Float32Array;
  dims: readonly number[];
}
interface Session {
  run(feeds: Record<string, Values>): Promise<Record<string, Values>>;
  release(): Promise<void>;
}
interface Runtime {
  InferenceSession: { create(model: Uint8Array, options: object): Promise<Session> };
  Tensor: new (type: "float32", data: Float32Array, dims: number[]) => Values;
}

function loadRuntime(): Runtime | undefined {
  try {
    return createRequire(import.meta.url)("onnxruntime-node") as Runtime;
  } catch {
    return undefined;
  }
}
const runtime = loadRuntime();
if (!runtime)
  console.log("no onnxruntime-node: its tests are skipped; npm ci --prefix test/interop --ignore-scripts installs it");

/** What two ways of summing in Float32 may differ by, beside the largest logit of an image. */
const TOLERANCE = 1e-4;

/** The logits of test images, as the cell's last evaluation has them. */
function logitsHere(config: TrainConfig, dataset: Dataset, weights: Float32Array): Float64Array[] {
  const network = buildNetwork(config, dataset);
  const { pass, microBatch, classes } = network;
  network.loadWeights(weights);
  pass.progress = 1;
  const { count, images, labels } = dataset.test;
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  const rows: Float64Array[] = [];
  for (let start = 0; start < count; start += microBatch) {
    const n = Math.min(microBatch, count - start);
    network.evaluate(images, labels, order, start, n);
    for (let j = 0; j < n; j++) rows.push(Float64Array.from({ length: classes }, (_, c) => network.logits.get(j, c)));
  }
  return rows;
}

/** The same of ONNX Runtime, in batches of these sizes and then of the last of them. */
async function logitsThere(model: Uint8Array, dataset: Dataset, sizes: number[]): Promise<Float64Array[]> {
  const { height, width, channels, test } = dataset;
  const session = await runtime!.InferenceSession.create(model, { intraOpNumThreads: 1, interOpNumThreads: 1 });
  const rows: Float64Array[] = [];
  const [size, pixels] = [bytesOf(dataset), height * width];
  for (let start = 0, batch = 0; start < test.count; batch++) {
    const n = Math.min(sizes[batch] ?? sizes.at(-1), test.count - start);
    const data = new Float32Array(n * size);
    for (let i = 0; i < n; i++)
      for (let p = 0; p < pixels; p++)
        for (let c = 0; c < channels; c++)
          data[i * size + c * pixels + p] = test.images[(start + i) * size + p * channels + c] / 255;
    const { logits } = await session.run({ image: new runtime!.Tensor("float32", data, [n, channels, height, width]) });
    expect(logits.dims).toEqual([n, dataset.classNames.length]);
    for (let i = 0; i < n; i++)
      rows.push(Float64Array.from(logits.data.subarray(i * logits.dims[1], (i + 1) * logits.dims[1])));
    start += n;
  }
  await session.release();
  return rows;
}

const best = (row: Float64Array): number => row.indexOf(row.reduce((a, b) => Math.max(a, b)));

/** The largest distance of two logits beside the largest logit of the image, and the images whose classes differ. */
function compare(here: Float64Array[], there: Float64Array[]): { distance: number; otherClass: number[] } {
  let distance = 0;
  here.forEach((row, i) => {
    const scale = row.reduce((most, logit) => Math.max(most, Math.abs(logit)), 0);
    row.forEach((logit, c) => {
      const off = Math.abs(logit - there[i][c]) / scale;
      if (!(off <= distance)) distance = off;
    });
  });
  return { distance, otherClass: here.flatMap((row, i) => (best(row) === best(there[i]) ? [] : [i])) };
}

/** Weights of a size that keeps that of the signal, and statistics as of data. */
function randomWeights(tensors: TensorPlan[], count: number, seed: number): Float32Array {
  const weights = new Float32Array(count);
  const stream = new RandomStream("init", seed, 0);
  for (const { part, shape, places } of tensors) {
    const bound = shape.length === 1 ? 0.5 : Math.sqrt(6 / elementsOf(shape.slice(1)));
    const around = part === "running_var" || (part === "weight" && shape.length === 1) ? 1 : 0;
    for (const place of places) weights[place] = around + (2 * stream.uniform() - 1) * bound;
  }
  return weights;
}

/** Images of noise in so many channels. */
function noise(channels: number, count: number): Dataset {
  const drawn = drawSyntheticDataset(10, count);
  const stream = new RandomStream("shuffle", 7, channels);
  const images = Uint8Array.from({ length: count * 784 * channels }, () => Math.floor(stream.uniform() * 256));
  return { ...drawn, channels, test: { ...drawn.test, images } };
}

const configOf = (config: Partial<TrainConfigInput> & Pick<TrainConfigInput, "model">): TrainConfig =>
  trainConfigSchema.parse({ optimizer: { kind: "sgd" }, ...config });

describe.skipIf(!runtime)("ONNX Runtime", () => {
  const sizes = [1, 3, 64];
  const grey = drawSyntheticDataset(10, 68);
  const views: Partial<TrainConfigInput>[] = [
    {},
    { permutation: 1 },
    { evaluateFlipped: true },
    { permutation: 2, evaluateShifted: 2, evaluateFlipped: true },
  ];

  const check = async (config: TrainConfig, dataset: Dataset, seed: number): Promise<string[]> => {
    const model = modelTensors(config.model, dataset, dataset.classNames.length);
    const weights = randomWeights(model.tensors, model.count, seed);
    const there = await logitsThere(encodeOnnx(config, model, weights, {}), dataset, sizes);
    const { distance, otherClass } = compare(logitsHere(config, dataset, weights), there);
    expect(distance, JSON.stringify(config.model)).toBeLessThan(TOLERANCE);
    expect(otherClass, JSON.stringify(config.model)).toEqual([]);
    return model.blueprint.layers.map(({ spec }) => spec.kind);
  };

  it("gives the logits of random networks of all kinds of layers", async () => {
    const seen = new Set<string>();
    const networks = fc.sample(randomNetworks(3e8), { seed: 5, numRuns: 24 });
    for (const [i, { layers, channels }] of networks.entries()) {
      const config = configOf({ model: { kind: "layers", name: "random", layers }, ...views[i % views.length] });
      const dataset = channels === 1 ? grey : noise(channels, 68);
      for (const kind of await check(config, dataset, i)) seen.add(kind);
    }
    expect([...seen].sort()).toEqual([...Object.keys(PLAIN_LAYERS), "add"].sort());
  });

  const models: TrainConfigInput["model"][] = [
    { kind: "mlp" },
    { kind: "mlp", hidden: [] },
    { kind: "cnn" },
    { kind: "resnet", width: 16, activation: "gelu", globalPool: "average" },
    { kind: "resnet", width: 8, padded: true, blocks: 2, dropout: 0.2 },
  ];
  it.each(models)("gives the logits of %o", async (model) => {
    for (const [i, view] of views.entries()) await check(configOf({ model, ...view }), grey, i);
  });

  it("gives those of a block of vectors that were an image of several channels", async () => {
    const conv = { kind: "conv2d" as const, channels: 3, kernel: 5, padding: 0, stride: 3 };
    const block = (layers: object[]) => ({ kind: "residual", layers });
    const layers = [
      conv,
      { kind: "flatten" },
      { kind: "batchNorm", epsilon: 0.5 },
      block([{ kind: "dense", units: 7 }, { kind: "silu" }, { kind: "dense", units: 192 }, { kind: "batchNorm" }]),
      block([{ kind: "relu" }]),
      { kind: "dense", units: 10 },
    ];
    await check(configOf({ model: { kind: "layers", name: "vectors", layers } as TrainConfigInput["model"] }), grey, 3);
  });

  it.skipIf(!process.env.FASHION_MNIST_DIR).each(["mlp", "cnn"] as const)(
    "says the same of all test images as a trained %s",
    async (kind) => {
      const { dataset } = await loadDataset({ data: "fashion-mnist", trainLimit: 4000, onProgress: () => undefined });
      const config = configOf({
        model: { kind },
        optimizer: { kind: "adam", lr: 0.003 },
        epochs: 1,
        trainLimit: 4000,
        permutation: 1,
      });
      const { weights, curve } = trained(config, dataset).result;
      const model = modelTensors(config.model, dataset, 10);
      const there = await logitsThere(encodeOnnx(config, model, weights, {}), dataset, [1000]);
      const { distance, otherClass } = compare(logitsHere(config, dataset, weights), there);
      expect(there).toHaveLength(10_000);
      expect(otherClass).toEqual([]);
      expect(distance).toBeLessThan(TOLERANCE);
      const right = there.filter((row, i) => best(row) === dataset.test.labels[i]).length;
      expect(right / 10_000).toBe(curve[0].testAccuracy);
      expect(right).toBeGreaterThan(4000);
    },
  );
});
