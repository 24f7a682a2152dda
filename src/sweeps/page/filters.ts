/** What a cell's first layer looks for, cut out of its final weights, for the page's cell details. */
import type { ImageSize } from "../../core/kernels/shape.js";
import { modelLayers } from "../../core/models/table.js";
import type { CellRecord } from "../store/record.js";
import type { FirstLayerFilters } from "./report-data.js";
import type { RunDirectory } from "../store/run-directory.js";

/** Filters shown of a cell, and cells that get them: a page of a thousand cells must stay small. */
const MOST_FILTERS = 16;
const MOST_CELLS = 60;
/** Enough for a picture. */
const DIGITS = 3;

/**
 * @param images size of the images; there are no filters where it is not known
 * @param onFault told which weights cannot be had; their cells get no filters
 */
export async function readFilters(
  directory: RunDirectory,
  records: Iterable<CellRecord>,
  images: ImageSize | undefined,
  onFault: (line: string) => void,
): Promise<Record<string, FirstLayerFilters> | undefined> {
  const cells = [...records].filter(({ status }) => status === "done").sort((a, b) => (a.id < b.id ? -1 : 1));
  if (!images || cells.length > MOST_CELLS) return undefined;
  const filters: Record<string, FirstLayerFilters> = {};
  for (const record of cells) {
    const weights = await directory.readWeights(record).catch((error: Error) => onFault(error.message));
    const found = weights && firstLayerFilters(record.config, weights, images);
    if (found) filters[record.id] = found;
  }
  return filters;
}

/** The filters of a first convolution, or the weights that lead from the pixels to each unit of a first dense layer; undefined for other models. */
export function firstLayerFilters(
  { model }: CellRecord["config"],
  weights: Float32Array,
  { height, width, channels }: ImageSize,
): FirstLayerFilters | undefined {
  const first = modelLayers(model, 0).find(({ kind }) => kind !== "flatten");
  if (first?.kind !== "conv2d" && first?.kind !== "dense") return undefined;
  // A convolution's weights are [outputs, kernel, kernel, channels], a dense layer's [pixels · channels, outputs].
  const convolution = first.kind === "conv2d";
  const outputs = convolution ? first.channels : first.units;
  const [rows, columns] = convolution ? [first.kernel, first.kernel] : [height, width];
  const inputs = rows * columns * channels;
  if (weights.length < outputs * inputs) return undefined;
  const values: number[] = [];
  const count = Math.min(outputs, MOST_FILTERS);
  for (let output = 0; output < count; output++)
    for (let y = 0; y < rows; y++)
      for (let channel = 0; channel < channels; channel++)
        for (let x = 0; x < columns; x++) {
          const input = (y * columns + x) * channels + channel;
          const value = weights[convolution ? output * inputs + input : input * outputs + output];
          values.push(Number(value.toPrecision(DIGITS)));
        }
  return { height: rows, width: columns * channels, count, values };
}
