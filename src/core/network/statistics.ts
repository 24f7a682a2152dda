/** Where the statistics of batch normalisation lie: one flat array for the running ones, one for those of the samples at hand. */
import ndarray from "ndarray";
import type { Tensor } from "../kernels/tensor.js";
import { roundUp } from "../numeric/math.js";
import type { StatisticsLayout } from "./blueprint.js";

/** A layer's statistics, [2, C]: mean and variance. */
export interface Statistics {
  running: Tensor;
  batch: Tensor;
}

/** Views of a layer's statistics on the two flat arrays. */
export function statisticsViews({ channels, offset }: StatisticsLayout, running: Tensor, batch: Tensor): Statistics {
  const view = (flat: Tensor): Tensor =>
    ndarray(flat.data, [2, channels], [roundUp(channels, 4), 1], flat.offset + offset);
  return { running: view(running), batch: view(batch) };
}
