/** Whether a saved training state is one of a cell: training that went on from another would have other bits, silently. */
import type { TrainConfig } from "../config.js";
import { stateCount } from "../optimizers/table.js";
import type { TrainState } from "./result.js";
import { lossInterval, trainingSteps } from "./steps.js";

/** What a cell's config and data come to. */
export interface StateSizes {
  parameters: number;
  /** Running statistics, padding included. */
  statistics: number;
  /** That the cell trains on. */
  samples: number;
}

/**
 * What is wrong with a state, as "seen: got none, expected 96 values"; undefined where it has exactly the arrays that the
 * config calls for, each as long as it is to be, after a number of epochs and steps that the cell comes by.
 */
export function stateMisfit(
  state: TrainState,
  config: TrainConfig,
  { parameters, statistics, samples }: StateSizes,
): string | undefined {
  const { epoch, step, curve } = state;
  if (epoch > config.epochs) return `epoch: got ${epoch}, expected at most ${config.epochs}`;
  const steps = trainingSteps(config, samples, epoch);
  if (step !== steps) return `step: got ${step}, expected ${steps} after epoch ${epoch}`;
  const lengths = {
    curve: epoch,
    stepLosses: Math.ceil(steps / lossInterval(config, samples)),
    weights: parameters,
    optimizer: parameters * stateCount(config.optimizer),
    statistics: statistics > 0 ? statistics : undefined,
    average: config.weightAverage === undefined ? undefined : parameters + statistics,
    seen: config.prune && samples,
  };
  for (const [array, length] of Object.entries(lengths) as [keyof typeof lengths, number | undefined][]) {
    const got = state[array]?.length;
    if (got !== length) return `${array}: got ${values(got)}, expected ${values(length)}`;
  }
  const misplaced = curve.findIndex((metrics, i) => metrics.epoch !== i + 1);
  return misplaced < 0 ? undefined : `curve: got epoch ${curve[misplaced].epoch}, expected ${misplaced + 1}`;
}

const values = (length: number | undefined): string => (length === undefined ? "none" : `${length} values`);
