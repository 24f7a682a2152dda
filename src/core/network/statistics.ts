/** Where the statistics of batch normalisation lie: one flat array for the running ones, one for those of the samples at hand. */
import ndarray from "ndarray";
import type { LayerSpec } from "../config.js";
import { channelsOf, type Shape } from "../kernels/shapes.js";
import { roundUp, type Tensor } from "../kernels/tensor.js";

/** A layer's statistics in a flat array: its means, then its variances, each padded to a multiple of 4. */
interface StatisticsLayout {
  layer: number;
  channels: number;
  offset: number;
}

/** A layer's statistics, [2, C]: mean and variance. */
export interface Statistics {
  layer: number;
  running: Tensor;
  batch: Tensor;
}

/** Lays out the statistics of all layers that normalise; `shapes[i]` is the input shape of layer i. */
export function layoutStatistics(
  layers: LayerSpec[],
  shapes: Shape[],
): { layouts: StatisticsLayout[]; length: number } {
  const layouts: StatisticsLayout[] = [];
  let length = 0;
  layers.forEach(({ kind }, layer) => {
    if (kind !== "batchNorm") return;
    const channels = channelsOf(shapes[layer]);
    layouts.push({ layer, channels, offset: length });
    length += 2 * roundUp(channels, 4);
  });
  return { layouts, length };
}

export function statisticsViews(
  { layer, channels, offset }: StatisticsLayout,
  running: Tensor,
  batch: Tensor,
): Statistics {
  const view = (flat: Tensor): Tensor =>
    ndarray(flat.data, [2, channels], [roundUp(channels, 4), 1], flat.offset + offset);
  return { layer, running: view(running), batch: view(batch) };
}
