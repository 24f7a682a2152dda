/** Divergence that no loss of the curve shows: in running statistics, in averages, and on the test set alone. */
import { SMALL, smallDataset, trained } from "../trained.js";
import { describe, expect, it } from "vitest";
import {
  trainConfigSchema,
  type KernelsName,
  type TrainConfig,
  type TrainConfigInput,
} from "../../../src/core/config.js";
import type { Dataset, Samples } from "../../../src/core/data/dataset.js";
import type { TrainResult, TrainState } from "../../../src/core/training/result.js";
import { drawSyntheticDataset } from "../../../src/sweeps/data/synthetic.js";

const dataset = smallDataset(150, 40);
const both: KernelsName[] = ["simd", "reference"];
const normalised: TrainConfigInput["model"] = {
  kind: "layers",
  name: "normalised",
  layers: [
    { kind: "conv2d", channels: 5 },
    { kind: "batchNorm" },
    { kind: "relu" },
    { kind: "flatten" },
    { kind: "dense", units: 10 },
  ],
};

const config = (overrides: Partial<TrainConfigInput>): TrainConfig =>
  trainConfigSchema.parse({
    model: normalised,
    optimizer: { kind: "sgd" },
    epochs: 4,
    batchSize: 32,
    trainLimit: 70,
    testLimit: 25,
    ...overrides,
  });

const run = (cell: TrainConfig, data: Dataset = dataset, resume?: TrainState): ReturnType<typeof trained> =>
  trained(cell, data, resume);

const finite = (values: ArrayLike<number> = []): boolean => Array.from(values).every(Number.isFinite);

/** Diverged, and neither losses nor weights tell. */
function expectUnseen({ status, curve, weights, parameters }: TrainResult): void {
  expect(status).toBe("diverged");
  expect(curve.every(({ trainLoss, testLoss }) => finite([trainLoss, testLoss!]))).toBe(true);
  expect([finite(weights.subarray(0, parameters)), finite(weights.subarray(parameters))]).toEqual([true, false]);
}

describe.each(both)("a cell diverged (%s)", (kernels) => {
  it("whose running variance is infinite, though losses and weights are finite: that epoch is the last", () => {
    const cell = config({ kernels });
    const [state] = run(cell).states;
    // Normalisation takes the scale of a convolution out again, but its variance is that scale's square.
    const weights = state.weights.map((value, i) => (i < 5 * 9 ? value * 1e22 : value));
    const { result, states } = run(cell, dataset, { ...state, weights });
    expectUnseen(result);
    expect(result.curve.length).toBe(2);
    expect(states.map(({ epoch, statistics }) => [epoch, finite(statistics)])).toEqual([[2, false]]);
    // Where it stands a resume sees it, and trains no further.
    expect(run(cell, dataset, states[0]).result).toEqual(result);
  });

  it.each(["a weight", "a variance"])("whose average of %s is infinite", (which) => {
    const cell = config({ kernels, weightAverage: 0.9 });
    const [state] = run(cell).states;
    const average = state.average!.slice();
    average[which === "a weight" ? 0 : average.length - 8] = Infinity;
    const { status, curve } = run(cell, dataset, { ...state, average }).result;
    expect([status, curve.length]).toEqual(["diverged", 1]);
  });

  it("whose test loss alone is not finite, after all epochs", () => {
    const lit = (samples: Samples, value: number): Samples => ({
      ...samples,
      images: samples.images.map((pixel, i) => (i % SMALL ** 2 < 2 ? value : pixel)),
    });
    const data = { ...dataset, train: lit(dataset.train, 0), test: lit(dataset.test, 255) };
    const cell = config({ kernels, model: { kind: "mlp", hidden: [] }, validation: 20, epochs: 2 });
    const { result, states } = run(cell, data);
    expect(result.status).toBe("done");
    // Two pixels that are lit in test images only, and together too much for a Float32.
    const weights = states[0].weights.slice();
    weights[0] = weights[10] = 3e38;
    const { status, curve, test } = run(cell, data, { ...states[0], weights }).result;
    expect([status, curve.length]).toEqual(["diverged", 2]);
    expect([finite([curve[1].trainLoss, curve[1].validationLoss!]), finite([test!.loss])]).toEqual([true, false]);
  });
});

it("a convolution that a huge learning rate drives up diverges in the epoch in which its running variance does", () => {
  const { result, states } = run(
    config({ optimizer: { kind: "sgd", lr: 1000 }, trainLimit: 150 }),
    drawSyntheticDataset(150, 40),
  );
  expectUnseen(result);
  expect(states.map(({ statistics }) => finite(statistics))).toEqual([true, false]);
});
