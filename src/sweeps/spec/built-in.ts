/** The sweeps that come with the project. */
import { bonusSweep } from "./bonus.js";
import type { SweepSpec } from "./spec.js";

/** The homework asks for a learning rate of a hundred times Adam's default. */
const HOMEWORK_ADAM = { kind: "adam", lr: 0.1 };

export const builtInSweeps: Record<string, SweepSpec> = {
  /** Everything the homework asks for: both models, all three optimizers, original and permuted pixels. */
  homework: {
    name: "homework",
    base: { epochs: 10 },
    axes: { model: ["mlp", "cnn"], optimizer: ["sgd", "nesterov", HOMEWORK_ADAM], permutation: [0, 1], seed: [0] },
  },
  /** The best test accuracy that an hour on two cores buys, and what each decision is worth. */
  bonus: bonusSweep,
  /** Every part of the harness in a few seconds, on drawn data. */
  smoke: {
    name: "smoke",
    data: "synthetic",
    base: { epochs: 3, trainLimit: 1000, testLimit: 500 },
    axes: { model: ["mlp", "cnn"], optimizer: ["sgd", "nesterov", HOMEWORK_ADAM] },
  },
};

/** The sweep that runs when none is named. */
export const DEFAULT_SWEEP = "homework";
