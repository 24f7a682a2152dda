import { modelLayers, type LayerSpec, type ModelSpec } from "./config.js";
import { channelsOf, layerShapes } from "./network.js";

/** The momentum of every running statistic, in the layout of `Network.statistics`: by its length, how many a network has. */
export function statisticsMomenta(layers: LayerSpec[], height: number, width: number): Float64Array {
  const shapes = layerShapes(layers, height, width);
  return Float64Array.from(layers.flatMap((spec, i) => (spec.kind === "batchNorm" ? new Array<number>(2 * channelsOf(shapes[i])).fill(spec.momentum) : [])));
}

/** Number of running statistics of a model for images of height × width, padding included. */
export function countStatistics(model: ModelSpec, height: number, width: number, classes: number): number {
  return statisticsMomenta(modelLayers(model, classes), height, width).length;
}
