/** The scale that charts share: where networks compete, and in a strip beside it all that lies further out. */
import { largest, smallest } from "../../../../src/core/numeric/extremes.js";
import type { CellView } from "./cells.js";
import { fieldOf, type Metric, type Split } from "./learning-curves.js";

/** A part of an axis that is squeezed. */
export interface Strip {
  /** Where it begins. */
  edge: number;
  /** True where it lies above the edge, else it lies below. */
  above: boolean;
  /** Height of a unit within the strip, in units outside of it. */
  slope: number;
}

export interface SharedScale {
  /** Lowest and highest value of all. */
  include: [low: number, high: number];
  /** Absent where the outliers leave the others room enough. */
  strip?: Strip;
}

/** The strip's height, as a part of the rest of the axis. */
const STRIP = 0.22;
/** Outliers that cost the others less than this part of the axis need no strip. */
const BEARABLE = 0.35;

/** Cells that ended nearer to the best of them than to chance; all where there are none. @param classes number of classes */
export function competing(cells: readonly CellView[], classes: number): CellView[] {
  const last = (cell: CellView) => cell.curve.at(-1)?.heldOutAccuracy ?? NaN;
  const done = cells.filter((cell) => cell.outcome === "done");
  const best = largest(done.map(last).filter(Number.isFinite));
  const found = done.filter((cell) => last(cell) >= (best + 1 / classes) / 2);
  return found.length > 0 ? found : [...cells];
}

/** Finite values of the cells' curves, of epochs after `from`. */
function valuesOf(
  cells: readonly CellView[],
  metric: Metric,
  splits: readonly Split[],
  from: (cell: CellView) => number,
) {
  return cells.flatMap((cell) =>
    cell.curve
      .filter((row) => row.epoch > from(cell))
      .flatMap((row) => splits.map((split) => row[fieldOf(metric, split)]))
      .filter(Number.isFinite),
  );
}

/**
 * The scale on which the curves of all these cells are drawn. What competes is seen at full size, but for the first tenth of its
 * epochs; null where nothing is finite.
 */
export function sharedScale(
  cells: readonly CellView[],
  metric: Metric,
  splits: readonly Split[],
  classes: number,
): SharedScale | null {
  const all = valuesOf(cells, metric, splits, () => 0);
  const main = valuesOf(competing(cells, classes), metric, splits, ({ curve }) =>
    Math.min(Math.ceil(curve.length / 10), curve.length - 1),
  );
  return all.length === 0 ? null : scaleOf(all, main, metric === "loss");
}

/** The scale for values of which `main` are to be seen at full size. @param above the others lie above these, else below */
export function scaleOf(all: readonly number[], main: readonly number[], above: boolean): SharedScale {
  const include: [number, number] = [smallest(all), largest(all)];
  if (main.length === 0) return { include };
  const [near, end] = above ? [largest(main), smallest(main)] : [smallest(main), largest(main)];
  const edge = rounded(near, Math.abs(near - end), above);
  const size = Math.abs(edge - end);
  const beyond = above ? include[1] - edge : edge - include[0];
  if (!(size > 0) || !(beyond > BEARABLE * (size + beyond))) return { include };
  return { include, strip: { edge, above, slope: (STRIP * size) / beyond } };
}

/** The next multiple of a round step outwards; the value itself where rounding would lead inwards. */
function rounded(value: number, span: number, up: boolean): number {
  if (!(span > 0)) return value;
  const step = 10 ** Math.floor(Math.log10(span)) / 2;
  const multiple = Number(((up ? Math.ceil : Math.floor)(value / step) * step).toPrecision(12));
  return up === multiple > value ? multiple : value;
}

const beyond = ({ edge, above }: Strip, value: number): boolean => (above ? value > edge : value < edge);

/** Where a value lies on an axis with this strip, in units of the part that is not squeezed. */
export function toAxis(strip: Strip, value: number): number {
  return beyond(strip, value) ? strip.edge + (value - strip.edge) * strip.slope : value;
}

/** The value at a place of that axis. */
export function fromAxis(strip: Strip, place: number): number {
  return beyond(strip, place) ? strip.edge + (place - strip.edge) / strip.slope : place;
}
