/** Roughly how long a cell takes, in multiply-adds: for starting the longest first and for the ETA. */
import type { TrainConfig } from "../../core/config.js";
import { modelLayers } from "../../core/network/models.js";
import type { Dataset } from "../../core/data/dataset.js";
import { epochSamples, trainingSamples } from "../../core/training/pruning.js";
import { countParameters } from "../../core/network/network.js";
import { layerShapes, pixelsOf } from "../../core/kernels/shapes.js";
import { splitSamples } from "../../core/data/splits.js";
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
  const { train, validation, test } = splitSamples(config, dataset);
  const views = unshiftedViews(evaluationViews(config)).length;
  const samples = trainingSamples(config, train.count, epochs) + part * epochSamples(config, train.count, epochs + 1);
  return forwardCost(config, dataset) * (TRAIN_PASSES * samples + views * (epochs + part) * (validation ?? test).count);
}

/** All epochs, the further views of the last evaluation and, with a validation split, the one reading of the test set. */
export function cellCost(config: TrainConfig, dataset: Dataset): number {
  const { validation, test } = splitSamples(config, dataset);
  const views = evaluationViews(config);
  const shifted = views.length - unshiftedViews(views).length;
  const last = shifted * (validation ?? test).count + (validation ? views.length * test.count : 0);
  return costSoFar(config, dataset, config.epochs) + forwardCost(config, dataset) * last;
}

/**
 * By how many samples a cell's simd kernels are checked before it trains (src/core/check/check-kernels.ts): as many as the reference
 * kernels compute within a hundredth of the cell's time, or within half a second. 0 where the fewest take far longer than that.
 */
export function checkSamples(config: TrainConfig, dataset: Dataset): number {
  if (config.kernels === "reference") return 0;
  const { height, width, classNames } = dataset;
  const affordable = Math.max(0.5, cellCost(config, dataset) / SPEED / 100) * CHECK_SPEED;
  const fixed = PARAMETER_COST * countParameters(config.model, height, width, classNames.length);
  const sample = TRAIN_PASSES * forwardCost(config, dataset);
  const layers = modelLayers(config.model, classNames.length);
  const shapes = layerShapes(layers, height, width);
  // Of one value there is nothing to normalise.
  const least = layers.some(({ kind }, i) => kind === "batchNorm" && pixelsOf(shapes[i]) === 1) ? 2 : 1;
  if (fixed + least * sample > TOO_FAR * affordable) return 0;
  return Math.max(least, Math.min(MOST_CHECKED, Math.floor((affordable - fixed) / sample)));
}

/** Multiply-adds of one sample's forward pass. */
function forwardCost({ model, kernels }: TrainConfig, dataset: Dataset): number {
  const layers = modelLayers(model, dataset.classNames.length);
  const shapes = layerShapes(layers, dataset.height, dataset.width);
  let forward = 0;
  layers.forEach((layer, i) => {
    const x = shapes[i];
    const y = shapes[i + 1];
    if (layer.kind === "dense" && x.kind === "vector") forward += x.size * layer.units;
    if (layer.kind === "conv2d" && x.kind === "image" && y.kind === "image")
      forward += y.height * y.width * y.channels * layer.kernel * layer.kernel * x.channels;
  });
  return forward * (kernels === "reference" ? REFERENCE_SLOWDOWN : 1);
}
