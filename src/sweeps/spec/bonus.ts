/**
 * The bonus: one recipe over three seeds, and an ablation that takes each of its decisions back in turn, at a shorter
 * budget that is the same for all. Reasons, sources and the search that led here stand in docs/bonus.md.
 */
import type { JsonObject, JsonValue } from "./json.js";
import type { SpecVariant, SweepSpec } from "./spec.js";

/** Chosen by the last 5,000 training images (docs/bonus.md), it holds out the last 1,000; the test set is read once, after the last epoch. */
const RECIPE: JsonObject = {
  model: { kind: "resnet", width: 24 },
  optimizer: { kind: "muon", lr: 0.02, momentum: 0.95, weightDecay: 0.005, others: { lr: 0.2, momentum: 0.9 } },
  schedule: { kind: "oneCycle", warmup: 0.2 },
  epochs: 72,
  batchSize: 128,
  shardSize: 32,
  labelSmoothing: 0.1,
  augment: { flip: true, shift: 2, erase: { probability: 0.5, least: 4, most: 16 } },
  prune: { easy: 0.8, skip: 0.75, until: 1 },
  weightAverage: 0.995,
  evaluateFlipped: true,
  evaluateShifted: 1,
  validation: 1000,
};

const FINAL_SEEDS = [0, 1, 2];

/**
 * The ablation's budget, the same for all its cells: a narrower network, fewer epochs, one seed. A training this short has no
 * use for shifts, nor samples to leave out. SGD and smaller rectangles erased are left from the recipe before Muon, whose
 * ablation it was; Muon is a decision to try there.
 */
const ABLATION: Record<string, JsonValue> = {
  "model.width": 16,
  optimizer: { kind: "nesterov", lr: 0.2, momentum: 0.9, weightDecay: 5e-4 },
  epochs: 6,
  "augment.shift": null,
  "augment.erase": { probability: 0.5, least: 4, most: 12 },
  prune: null,
  evaluateShifted: null,
  validation: 5000,
};

/** What is changed in the recipe, and in what words; null takes a field out. */
const DECISIONS: Record<string, Record<string, JsonValue>> = {
  "no residual connections": { "model.residual": false },
  "no batch normalisation": { "model.batchNorm": false, "optimizer.lr": 0.02 },
  "padded convolutions": { "model.padded": true },
  "average pooling at the end": { "model.globalPool": "average" },
  "no random erasing": { "augment.erase": null },
  "shifts by up to two pixels": { "augment.shift": 2 },
  "no flip": { "augment.flip": null },
  "no label smoothing": { labelSmoothing: null },
  "no weight averaging": { weightAverage: null },
  "no flip averaging": { evaluateFlipped: null },
  "constant learning rate": { schedule: null, "optimizer.lr": 0.05 },
  "no weight decay": { "optimizer.weightDecay": null },
  "AdamW instead of SGD": { optimizer: { kind: "adam", lr: 0.003, weightDecay: 0.05 } },
  "Muon instead of SGD": { optimizer: RECIPE.optimizer },
};

/** The first rung: the homework's CNN as the homework trains it, at the ablation's budget and without anything that the recipe adds. */
const HOMEWORK_CNN: Record<string, JsonValue> = {
  ...Object.fromEntries(Object.keys(RECIPE).map((field) => [field, null])),
  model: { kind: "cnn" },
  optimizer: { kind: "nesterov" },
  epochs: ABLATION.epochs,
  batchSize: 64,
  validation: ABLATION.validation,
};

const ablation = (label: string, set: Record<string, JsonValue>): SpecVariant => ({
  role: "ablation",
  label,
  set: { ...ABLATION, ...set },
});

export const bonusSweep: SweepSpec = {
  name: "bonus",
  base: RECIPE,
  axes: {},
  variants: [
    { role: "final", label: "the recipe", axes: { seed: FINAL_SEEDS } },
    ablation("the recipe, shorter", {}),
    { role: "ablation", label: "the homework's CNN", set: HOMEWORK_CNN },
    ...Object.entries(DECISIONS).map(([label, set]) => ablation(label, set)),
  ],
};
