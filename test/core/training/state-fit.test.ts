/** A training goes on from its own states alone: whatever array is missing, too short, too long or too many. */
import { describe, expect, it } from "vitest";
import { trainConfigSchema, type TrainConfig, type TrainConfigInput } from "../../../src/core/config.js";
import type { TrainState } from "../../../src/core/training/result.js";
import { train } from "../../../src/core/training/train.js";
import { tinyDataset } from "../../sweeps/fixtures.js";

const dataset = tinyDataset();
const config = (overrides: Partial<TrainConfigInput>): TrainConfig =>
  trainConfigSchema.parse({
    model: { kind: "mlp", hidden: [4] },
    optimizer: { kind: "sgd" },
    epochs: 3,
    batchSize: 16,
    kernels: "reference",
    ...overrides,
  });

/** 4·3·3 + 2·4 parameters of convolution and normalisation, 64·4 + 4 of the last layer; 2·4 running statistics; 90 samples. */
const everything = config({
  model: {
    kind: "layers",
    name: "all",
    layers: [
      { kind: "conv2d", channels: 4, bias: false },
      { kind: "batchNorm" },
      { kind: "relu" },
      { kind: "maxPool2d" },
      { kind: "flatten" },
      { kind: "dense", units: 4 },
    ],
  },
  optimizer: { kind: "adam" },
  validation: 6,
  weightAverage: 0.9,
  prune: { until: 1 },
});
const nothing = config({});

function firstState(cell: TrainConfig): TrainState {
  for (const event of train(cell, dataset)) if (event.kind === "epoch") return event.state();
  throw new Error("got no epoch, expected one");
}

/** What training says of a state before its first step. */
function goOn(cell: TrainConfig, resume: TrainState): string {
  try {
    return train(cell, dataset, { resume }).next().done ? "ended" : "went on";
  } catch (error) {
    expect((error as Error).name).toBe("InputError");
    return (error as Error).message;
  }
}

const parameters = 4 * 9 + 2 * 4 + 64 * 4 + 4;
const lengths = { weights: parameters, optimizer: 2 * parameters, statistics: 8, average: parameters + 8, seen: 90 };
type ArrayName = keyof typeof lengths;
const names = Object.keys(lengths) as ArrayName[];
const state = firstState(everything);
const plain = firstState(nothing);

describe("a cell that has every array", () => {
  it("goes on from its own state", () => {
    expect(names.map((name) => state[name]?.length)).toEqual(Object.values(lengths));
    expect(goOn(everything, state)).toBe("went on");
  });

  it.each(names)("refuses a state without %s, or with a shorter or longer one", (name) => {
    const length = lengths[name];
    const say = (got: string): string => `resume: ${name}: got ${got}, expected ${length} values; train from the start`;
    expect(goOn(everything, { ...state, [name]: undefined })).toBe(say("none"));
    for (const other of [0, length - 1, length + 1, 2 * length])
      expect(goOn(everything, { ...state, [name]: new Float32Array(other) })).toBe(say(`${other} values`));
  });
});

describe("a cell without running statistics, average, pruning and momentum", () => {
  it("goes on from its own state", () => expect(goOn(nothing, plain)).toBe("went on"));

  it.each(["statistics", "average", "seen"] as const)("refuses a state with %s, an empty one too", (name) => {
    for (const length of [0, 1, lengths[name]])
      expect(goOn(nothing, { ...plain, [name]: new Float32Array(length) })).toBe(
        `resume: ${name}: got ${length} values, expected none; train from the start`,
      );
  });

  it("refuses a state with optimizer buffers", () => {
    expect(goOn(nothing, { ...plain, optimizer: plain.weights })).toBe(
      `resume: optimizer: got ${plain.weights.length} values, expected 0 values; train from the start`,
    );
  });
});

describe("the way so far", () => {
  const [row] = plain.curve;
  const cases: [name: string, changes: Partial<TrainState>, message: string][] = [
    ["more epochs than the cell has", { epoch: 4 }, "epoch: got 4, expected at most 3"],
    ["another number of steps", { step: 5 }, "step: got 5, expected 6 after epoch 1"],
    ["no curve", { curve: [] }, "curve: got 0 values, expected 1 values"],
    ["a curve of two epochs", { curve: [row, { ...row, epoch: 2 }] }, "curve: got 2 values, expected 1 values"],
    ["a curve of another epoch", { curve: [{ ...row, epoch: 2 }] }, "curve: got epoch 2, expected 1"],
    ["step losses cut short", { stepLosses: plain.stepLosses.slice(1) }, "stepLosses: got 5 values, expected 6 values"],
  ];
  it.each(cases)("%s", (_name, changes, message) =>
    expect(goOn(nothing, { ...plain, ...changes })).toBe(`resume: ${message}; train from the start`),
  );

  it("is that of pruned epochs, and of thinned step losses", () => {
    const cell = config({ epochs: 120, batchSize: 16, prune: { easy: 0.6, skip: 0.75, until: 0.9 } });
    const states: TrainState[] = [];
    for (const event of train(cell, dataset)) if (event.kind === "epoch") states.push(event.state());
    for (const epoch of [1, 2, 107, 108, 119]) expect(goOn(cell, states[epoch - 1])).toBe("went on");
    expect(states[118].stepLosses.length).toBeLessThan(states[118].step);
  });
});
