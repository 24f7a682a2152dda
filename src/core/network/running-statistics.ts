/** The momentum and the number of a model's running statistics. */
import type { LayerSpec, ModelSpec } from "../config.js";
import { modelLayers } from "./models.js";
import { layerShapes } from "../kernels/shapes.js";
import { layoutStatistics } from "./statistics.js";

/** The momentum of every running statistic, in the layout of `Network.statistics`: by its length, how many a network has. */
export function statisticsMomenta(layers: LayerSpec[], height: number, width: number): Float64Array {
  const { layouts, length } = layoutStatistics(layers, layerShapes(layers, height, width));
  const momenta = new Float64Array(length);
  for (const { layer, offset } of layouts) {
    const spec = layers[layer];
    // Up to the end: the layers after this one overwrite theirs.
    if (spec.kind === "batchNorm") momenta.fill(spec.momentum, offset);
  }
  return momenta;
}

/** Number of running statistics of a model for images of height × width, padding included. */
export function countStatistics(model: ModelSpec, height: number, width: number, classes: number): number {
  return statisticsMomenta(modelLayers(model, classes), height, width).length;
}
