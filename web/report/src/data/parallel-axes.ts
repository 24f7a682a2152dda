/** Parallel coordinates: where each cell crosses each axis, from 0 (bottom) to 1 (top). */
import type { CellView } from "./cells.js";
import { columnValue, judgedColumn, valueText, type Axis } from "./selection.js";

export interface ParallelAxis {
  name: string;
  /** Present on axes of names: bottom to top. */
  categories?: string[];
  /** Present on numeric axes. */
  range?: [number, number];
  log: boolean;
}

/** At most this many config axes; those with the fewest values first. */
const CONFIG_AXES = 7;

/** What is no axis unless asked for: seeds and times say nothing of a setting. */
export const ASKED_AXES = ["seed", "seconds"];

/** Axes for the varying fields, then the result. Few distinct values make an axis of names. @param asked of ASKED_AXES */
export function parallelAxes(
  cells: readonly CellView[],
  axes: readonly Axis[],
  asked: readonly string[],
): ParallelAxis[] {
  const config = axes
    .filter(({ name }) => name !== "status" && name !== "label" && (!ASKED_AXES.includes(name) || asked.includes(name)))
    .slice(0, CONFIG_AXES);
  const out: ParallelAxis[] = config.map((axis) => {
    if (!axis.numeric || axis.values.length <= 6) return { name: axis.name, categories: axis.values, log: false };
    return numericAxis(cells, axis.name);
  });
  for (const name of [...(asked.includes("seconds") ? ["seconds"] : []), judgedColumn(cells)]) {
    const axis = numericAxis(cells, name);
    if (axis.range) out.push(axis);
  }
  return out;
}

function numericAxis(cells: readonly CellView[], name: string): ParallelAxis {
  let min = Infinity;
  let max = -Infinity;
  for (const cell of cells) {
    const value = columnValue(cell, name);
    if (typeof value !== "number" || !Number.isFinite(value)) continue;
    min = Math.min(min, value);
    max = Math.max(max, value);
  }
  if (min > max) return { name, log: false };
  return { name, range: min === max ? [min - 0.5, max + 0.5] : [min, max], log: min > 0 && max / min >= 100 };
}

/** Height of the k-th of an axis' names in [0, 1]. */
export function categoryPosition(categories: readonly string[], k: number): number {
  return categories.length === 1 ? 0.5 : k / (categories.length - 1);
}

/** The names of an axis between two heights, or all but on them. */
export function categoriesWithin(categories: readonly string[], low: number, high: number): string[] {
  return categories.filter((_, k) => {
    const at = categoryPosition(categories, k);
    return at >= low - 0.02 && at <= high + 0.02;
  });
}

/** Height of a value on its axis in [0, 1]; null when the cell has none. */
export function axisPosition(axis: ParallelAxis, cell: CellView): number | null {
  const value = columnValue(cell, axis.name);
  if (axis.categories) {
    const at = axis.categories.indexOf(valueText(value));
    return at < 0 ? null : categoryPosition(axis.categories, at);
  }
  if (!axis.range || typeof value !== "number" || !Number.isFinite(value)) return null;
  const [low, high] = axis.log ? axis.range.map(Math.log) : axis.range;
  return ((axis.log ? Math.log(value) : value) - low) / (high - low);
}

/** The value at a height of a numeric axis. */
export function axisValue(axis: ParallelAxis, position: number): number {
  const [low, high] = axis.range ?? [0, 1];
  return axis.log
    ? Math.exp(Math.log(low) + position * (Math.log(high) - Math.log(low)))
    : low + position * (high - low);
}
