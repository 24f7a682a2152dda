/** Roughly how long a cell takes, in multiply-adds: for starting the longest first and for the ETA. */
import type { TrainConfig } from "../../core/config.js";
import type { Dataset } from "../../core/data/dataset.js";
import { epochSamples, trainingSamples } from "../../core/training/pruning.js";
import { splitSamples } from "../../core/data/splits.js";
import type { Blueprint } from "../../core/network/blueprint.js";
import { cellBlueprint } from "../../core/training/build.js";
import { layersOfOneValue } from "../../core/training/normalisation.js";
import { evaluationViews, unshiftedViews } from "../../core/network/views.js";

/** The reference kernels are written to be read; this is about how much slower they run. */
const REFERENCE_SLOWDOWN = 30;
/** Multiply-adds a second, roughly: of the simd kernels in training, and of the reference kernels in the check before it. */
const [SPEED, CHECK_SPEED] = [5e10, 1.5e8];
const MOST_CHECKED = 3;
/** What a parameter costs in the check, whatever the samples: it is drawn, copied, compared. */
const PARAMETER_COST = 60;
/** How many times as long as it should the check of the fewest samples may take. */
const TOO_FAR = 4;
/** Backward passes cost about twice a forward pass, and only training samples have them. */
const TRAIN_PASSES = 3;

/** Of the first `epochs` epochs and a part, in [0, 1], of the one after them. */
export function costSoFar(config: TrainConfig, dataset: Dataset, epochs: number, part = 0): number {
  return forwardCost(config, cellBlueprint(config, dataset)) * passesSoFar(config, dataset, epochs, part);
}

/** All epochs, the further views of the last evaluation and, with a validation split, the one reading of the test set. */
export function cellCost(config: TrainConfig, dataset: Dataset, blueprint = cellBlueprint(config, dataset)): number {
  const { validation, test } = splitSamples(config, dataset);
  const views = evaluationViews(config);
  const shifted = views.length - unshiftedViews(views).length;
  const last = shifted * (validation ?? test).count + (validation ? views.length * test.count : 0);
  return forwardCost(config, blueprint) * (passesSoFar(config, dataset, config.epochs) + last);
}

/** Of single samples through the network, in forward passes. */
function passesSoFar(config: TrainConfig, dataset: Dataset, epochs: number, part = 0): number {
  const { train, validation, test } = splitSamples(config, dataset);
  const views = unshiftedViews(evaluationViews(config)).length;
  const samples = trainingSamples(config, train.count, epochs) + part * epochSamples(config, train.count, epochs + 1);
  return TRAIN_PASSES * samples + views * (epochs + part) * (validation ?? test).count;
}

/**
 * By how many samples a cell's simd kernels are checked before it trains (src/core/check/check-kernels.ts): as many as the reference
 * kernels compute within a hundredth of the cell's time, or within half a second. 0 where the fewest take far longer than that.
 */
export function checkSamples(config: TrainConfig, dataset: Dataset): number {
  if (config.kernels === "reference") return 0;
  const blueprint = cellBlueprint(config, dataset);
  const affordable = Math.max(0.5, cellCost(config, dataset, blueprint) / SPEED / 100) * CHECK_SPEED;
  const fixed = PARAMETER_COST * blueprint.parameters;
  const sample = TRAIN_PASSES * blueprint.work;
  // Of one value there is nothing to normalise.
  const least = layersOfOneValue(blueprint).length > 0 ? 2 : 1;
  if (fixed + least * sample > TOO_FAR * affordable) return 0;
  return Math.max(least, Math.min(MOST_CHECKED, Math.floor((affordable - fixed) / sample)));
}

/** Multiply-adds of one sample's forward pass, weighed by the speed of the kernel set. */
function forwardCost(config: TrainConfig, { work }: Blueprint): number {
  return work * (config.kernels === "reference" ? REFERENCE_SLOWDOWN : 1);
}
