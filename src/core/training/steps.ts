/** How many optimizer steps a training takes, one a batch, and which of their losses it keeps. */
import type { TrainConfig } from "../config.js";
import { epochSamples } from "./pruning.js";

/** At most this many step losses are kept for plotting. */
const STEP_LOSSES = 400;

type Steps = Pick<TrainConfig, "batchSize" | "epochs" | "prune">;

/** Of the first `epochs` epochs over `samples` training samples, all by default. */
export function trainingSteps(config: Steps, samples: number, epochs = config.epochs): number {
  let steps = 0;
  for (let epoch = 1; epoch <= epochs; epoch++)
    steps += Math.ceil(epochSamples(config, samples, epoch) / config.batchSize);
  return steps;
}

/** One step loss in this many is kept, from the first on. */
export function lossInterval(config: Steps, samples: number): number {
  return Math.ceil(trainingSteps(config, samples) / STEP_LOSSES);
}
