/** By how many samples a cell's kernels are checked: what that costs stays small beside the cell, or beside half a second. */
import { expect, test } from "vitest";
import { trainConfigSchema, type TrainConfigInput } from "../../../src/core/config.js";
import { checkSamples } from "../../../src/sweeps/run/cost.js";
import { tinyDataset } from "../fixtures.js";

const none = new Uint8Array(0);
const dataset = {
  ...tinyDataset(),
  height: 28,
  width: 28,
  classNames: [..."abcdefghij"],
  train: { count: 60_000, images: none, labels: none },
  test: { count: 10_000, images: none, labels: none },
};
const samples = (model: TrainConfigInput["model"], changes: Partial<TrainConfigInput> = {}): number =>
  checkSamples(trainConfigSchema.parse({ model, optimizer: { kind: "sgd" }, ...changes }), dataset);
const quick = { epochs: 1, trainLimit: 64, testLimit: 50 };
const wide = (): TrainConfigInput["model"] => ({
  kind: "layers",
  name: "wide",
  layers: [
    { kind: "flatten" },
    ...[1, 2, 3].flatMap(() => [{ kind: "dense" as const, units: 4096 }]),
    { kind: "dense", units: 10 },
  ],
});

test.each<[string, number, number]>([
  ["the homework's MLP, quick", samples({ kind: "mlp" }, quick), 3],
  ["the homework's CNN, quick", samples({ kind: "cnn", channels: [16, 32, 64] }, quick), 3],
  ["the bonus's network, quick: one costs what it may", samples({ kind: "resnet", width: 24 }, quick), 1],
  ["… and at length", samples({ kind: "resnet", width: 24 }, { epochs: 72 }), 3],
  ["a large network, quick", samples({ kind: "resnet", width: 128 }, quick), 0],
  ["… and at length", samples({ kind: "resnet", width: 128 }), 3],
  ["37 million parameters, quick", samples(wide(), quick), 0],
  ["… and at length", samples(wide(), { epochs: 100 }), 3],
  [
    "a normalisation of vectors asks for two",
    samples(
      {
        kind: "layers",
        name: "norm",
        layers: [
          { kind: "conv2d", channels: 150 },
          { kind: "conv2d", channels: 32 },
          { kind: "globalMaxPool2d" },
          { kind: "batchNorm" },
          { kind: "dense", units: 10 },
        ],
      },
      quick,
    ),
    2,
  ],
  ["the reference kernels are not checked against themselves", samples({ kind: "mlp" }, { kernels: "reference" }), 0],
])("%s: %i", (_, got, expected) => expect(got).toBe(expected));
