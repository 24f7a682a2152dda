// What both searches search: one base, and axes drawn from the same ranges.
export const EPOCHS = 9;
export const RUNGS = [1, 3, EPOCHS];
export const REDUCTION = 3;
/** Epochs trained after which searches are compared: what halving of 27 samples takes, and multiples that a random search takes. */
export const COSTS = [27, 63, 126, 243];
export const LIMITS = { trainLimit: 7000, testLimit: 500 };
export const BASE = {
  model: { kind: "mlp", hidden: [64, 64] },
  optimizer: { kind: "nesterov" },
  epochs: EPOCHS,
  validation: 1000,
  ...LIMITS,
};
/** By path of a config's field. */
export const AXES = {
  "optimizer.lr": { logUniform: [0.0005, 1] },
  "optimizer.momentum": { uniform: [0, 0.98] },
  "model.hidden.0": { choice: [16, 64, 256] },
  batchSize: { choice: [16, 64, 256] },
};
