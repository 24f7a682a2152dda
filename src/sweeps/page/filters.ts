/** What a cell's first layer looks for, cut out of its final weights, for the page's cell details. */
import { modelLayers } from "../../core/models/table.js";
import type { CellRecord } from "../store/record.js";
import type { FirstLayerFilters } from "./report-data.js";
import type { RunDirectory } from "../store/run-directory.js";

/** Filters shown of a cell, and cells that get them: a page of a thousand cells must stay small. */
const MOST_FILTERS = 16;
const MOST_CELLS = 60;
/** Enough for a picture. */
const DIGITS = 3;

/** @param images size of the images; 28 × 28 where the data are not at hand */
export async function readFilters(
  directory: RunDirectory,
  records: Iterable<CellRecord>,
  images = { height: 28, width: 28 },
): Promise<Record<string, FirstLayerFilters> | undefined> {
  const cells = [...records].filter(({ status }) => status === "done").sort((a, b) => (a.id < b.id ? -1 : 1));
  if (cells.length > MOST_CELLS) return undefined;
  const filters: Record<string, FirstLayerFilters> = {};
  for (const { id, config } of cells) {
    const weights = await directory.readWeights(id).catch(() => undefined);
    const found = weights && firstLayerFilters(config, weights, images);
    if (found) filters[id] = found;
  }
  return filters;
}

/** The filters of a first convolution, or the weights that lead from the pixels to each unit of a first dense layer; undefined for other models. */
export function firstLayerFilters(
  { model }: CellRecord["config"],
  weights: Float32Array,
  { height, width }: { height: number; width: number },
): FirstLayerFilters | undefined {
  const first = modelLayers(model, 0).find(({ kind }) => kind !== "flatten");
  const rounded = (values: number[]): number[] => values.map((value) => Number(value.toPrecision(DIGITS)));
  if (first?.kind === "conv2d") {
    // [channels, kernel, kernel, 1]
    const count = Math.min(first.channels, MOST_FILTERS);
    const size = first.kernel * first.kernel;
    if (weights.length < first.channels * size) return undefined;
    return {
      height: first.kernel,
      width: first.kernel,
      count,
      values: rounded([...weights.subarray(0, count * size)]),
    };
  }
  if (first?.kind === "dense") {
    // [pixels, units]
    const count = Math.min(first.units, MOST_FILTERS);
    const pixels = height * width;
    if (weights.length < pixels * first.units) return undefined;
    const values = Array.from(
      { length: count * pixels },
      (_, i) => weights[(i % pixels) * first.units + Math.floor(i / pixels)],
    );
    return { height, width, count, values: rounded(values) };
  }
  return undefined;
}
