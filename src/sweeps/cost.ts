/** Roughly how long a cell takes, in multiply-adds: for starting the longest first and for the ETA. */
import { modelLayers, type TrainConfig } from "../core/config.js";
import type { Dataset } from "../core/dataset.js";
import { layerShapes } from "../core/shapes.js";
import { splitSamples } from "../core/splits.js";

/** The reference kernels are written to be read; this is about how much slower they run. */
const REFERENCE_SLOWDOWN = 30;
/** Backward passes cost about twice a forward pass, and only training samples have them. */
const TRAIN_PASSES = 3;

export function epochCost(config: TrainConfig, dataset: Dataset): number {
  const layers = modelLayers(config.model, dataset.classNames.length);
  const shapes = layerShapes(layers, dataset.height, dataset.width);
  let forward = 0;
  layers.forEach((layer, i) => {
    const x = shapes[i];
    const y = shapes[i + 1];
    if (layer.kind === "dense" && x.kind === "vector") forward += x.size * layer.units;
    if (layer.kind === "conv2d" && x.kind === "image" && y.kind === "image")
      forward += y.height * y.width * y.channels * layer.kernel * layer.kernel * x.channels;
  });
  const { train, validation, test } = splitSamples(config, dataset);
  const evaluated = (validation ?? test).count * (config.evaluateFlipped ? 2 : 1);
  return forward * (TRAIN_PASSES * train.count + evaluated) * (config.kernels === "reference" ? REFERENCE_SLOWDOWN : 1);
}

export function cellCost(config: TrainConfig, dataset: Dataset): number {
  return config.epochs * epochCost(config, dataset);
}
