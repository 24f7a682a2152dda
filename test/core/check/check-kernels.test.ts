/** The check of the simd kernels before a cell trains: it finds what they compute wrongly, says where, and is silent else. */
import { describe, expect, it } from "vitest";
import { buildOn, type createNetwork } from "../../../src/core/network/create-network.js";
import { checkKernels } from "../../../src/core/check/check-kernels.js";
import { trainConfigSchema, type TrainConfig, type TrainConfigInput } from "../../../src/core/config.js";
import { type ModelSpec } from "../../../src/core/models/table.js";
import type { FusedKernels, Kernels, Operation } from "../../../src/core/kernels/kernels.js";
import { Network } from "../../../src/core/network/network.js";
import { drawSyntheticDataset } from "../../../src/sweeps/data/synthetic.js";

const dataset = drawSyntheticDataset(80, 10);
const configOf = (model: TrainConfigInput["model"], changes: Partial<TrainConfigInput> = {}): TrainConfig =>
  trainConfigSchema.parse({ model, optimizer: { kind: "sgd" }, ...changes });
const cnn: ModelSpec = { kind: "cnn", channels: [16, 32, 64] };
/** With seed 0 a maximum of the first image is all but undecided, which excuses whatever gradient. */
const decided = configOf(cnn, { seed: 1 });
const residual: TrainConfigInput["model"] = {
  kind: "layers",
  name: "residual",
  layers: [
    { kind: "conv2d", channels: 8 },
    { kind: "relu" },
    {
      kind: "residual",
      layers: [
        { kind: "conv2d", channels: 8, bias: false },
        { kind: "batchNorm" },
        { kind: "gelu" },
        { kind: "dropout" },
      ],
    },
    { kind: "maxPool2d", size: 4 },
    { kind: "flatten" },
    { kind: "dense", units: 150 },
    { kind: "silu" },
    { kind: "dense", units: 10 },
  ],
};

describe("is silent about", () => {
  it.each<[string, TrainConfig]>([
    ["the homework's MLP", configOf({ kind: "mlp" })],
    ["the homework's CNN, permuted", configOf(cnn, { permutation: 1 })],
    ["wide layers", configOf({ kind: "mlp", hidden: [512, 300] })],
    [
      "the bonus's residual network in shards",
      configOf({ kind: "resnet", width: 8 }, { batchSize: 64, shardSize: 32, labelSmoothing: 0.1 }),
    ],
    ["a residual block with dropout", configOf(residual)],
    [
      "augmentation, pruning, averages and views",
      configOf(
        { kind: "mlp" },
        { augment: { mixup: 0.4, shift: 2 }, prune: {}, weightAverage: 0.9, evaluateShifted: 1, evaluateFlipped: true },
      ),
    ],
    [
      "gates that only rounding opens: equal values normalised",
      configOf({
        kind: "layers",
        name: "even",
        layers: [
          { kind: "conv2d", channels: 3, stride: 2, bias: false },
          { kind: "conv2d", channels: 4, bias: false },
          { kind: "flatten" },
          { kind: "batchNorm", epsilon: 0.5 },
          { kind: "relu" },
          { kind: "dense", units: 10 },
        ],
      }),
    ],
    ["batches of one sample", configOf(cnn, { batchSize: 1 })],
    ["fewer training images than a batch", configOf(cnn, { trainLimit: 3 })],
  ])("%s", (_, config) => {
    for (const samples of [1, 2, 3])
      if (samples > 1 || !JSON.stringify(config.model).includes("batchNorm"))
        expect(checkKernels(config, dataset, samples)).toBeUndefined();
  });
});

/** A maker of simd networks some of whose kernels are replaced. */
const faulty =
  (replace: (kernels: Kernels) => Partial<Kernels>): typeof createNetwork =>
  (name, plan, options, build) =>
    buildOn(name, (kernels) => new Network({ ...kernels, ...replace(kernels) }, plan, options), build);
/** A fused operation replaced. */
const fused = (kernels: Kernels, replace: (fused: FusedKernels) => Partial<FusedKernels>): Partial<Kernels> => ({
  fused: { ...kernels.fused!, ...replace(kernels.fused!) },
});
/** The operation with something done after its forward or backward pass. */
const after = (operation: Operation, pass: "forward" | "backward", spoil: (n: number) => void): Operation => ({
  ...operation,
  [pass]: (n: number, fresh: boolean) => {
    operation[pass](n, fresh);
    spoil(n);
  },
});
const CANNOT = /^the simd kernels cannot compute this network: /;

describe("finds", () => {
  it.each<[string, TrainConfig, (kernels: Kernels) => Partial<Kernels>, RegExp]>([
    [
      "one wrong output of a dense layer",
      configOf({ kind: "mlp" }),
      (k) =>
        fused(k, (f) => ({
          denseRelu: (t) => after(f.denseRelu(t), "forward", () => t.w.shape[0] === 100 && t.y.set(0, 3, 0.5)),
        })),
      /^the simd kernels compute layers 4 to 5 \(dense, relu\) wrongly: got .* expected .*; train with --kernels reference/,
    ],
    [
      "a convolution that leaves a row of one channel out",
      configOf(residual),
      (k) => ({
        conv2d: (t) =>
          after(k.conv2d(t), "forward", () => {
            for (let q = 0; !t.b && q < 28; q++) t.y.set(0, 12, q, 1, 0);
          }),
      }),
      /compute layer 3 \(conv2d\) wrongly/,
    ],
    [
      "a fused convolution's gradient of one filter",
      decided,
      (k) =>
        fused(k, (f) => ({
          convReluPool: (t) =>
            after(f.convReluPool(t), "backward", () => t.w.shape[0] === 32 && t.dw.set(7, 1, 1, 3, 0.1)),
        })),
      /compute the gradients of layer 4 \(conv2d\) wrongly/,
    ],
    [
      "an input gradient that is not handed on",
      decided,
      (k) =>
        fused(k, (f) => ({
          convReluPool: (t) =>
            after(f.convReluPool(t), "backward", (n) => {
              for (let i = 0; t.dx && i < n; i++)
                for (let r = 0; r < t.dx.shape[1]; r++) for (let c = 0; c < t.dx.shape[2]; c++) t.dx.set(i, r, c, 0, 0);
            }),
        })),
      /compute the gradients of layer \d \(conv2d\) wrongly/,
    ],
    [
      "a write beyond a tensor",
      configOf(cnn),
      (k) => ({
        dense: (t) => after(k.dense(t), "forward", () => (t.y.data[t.y.offset + t.y.shape[0] * t.y.stride[0] + 3] = 0)),
      }),
      new RegExp(
        `${CANNOT.source}forward of dense 11 wrote to byte \\d+ of \\d+, of memory that belongs to dense 11; train with`,
      ),
    ],
    [
      "a trap",
      configOf(cnn),
      () => ({
        dense: () => {
          throw new Error("memory access out of bounds");
        },
      }),
      new RegExp(`${CANNOT.source}memory access out of bounds; train with`),
    ],
    [
      "NaN in what should be finite",
      configOf({ kind: "mlp" }),
      (k) => ({ dense: (t) => after(k.dense(t), "backward", () => t.dw.set(0, 0, NaN)) }),
      /compute the gradients of layer 6 \(dense\) wrongly: got NaN in the gradients/,
    ],
    [
      "a wrong loss",
      configOf({ kind: "mlp" }),
      (k) => ({
        softmaxCrossEntropy: (z, dz) => {
          const loss = k.softmaxCrossEntropy(z, dz);
          const { run } = loss;
          return Object.assign(loss, { run: (n: number, scale: number) => run(n, scale) + 0.1 });
        },
      }),
      /compute the loss wrongly/,
    ],
  ])("%s", (_, config, replace, message) => {
    expect(checkKernels(config, dataset, 2, undefined, faulty(replace))).toMatch(message);
  });
});
