/** Learning curves of variants, aligned on one epoch axis: the mean over seeds and their range. */
import { largest, smallest } from "../../../../src/core/numeric/extremes.js";
import type { CellView, CurveRow } from "./cells.js";
import { spread } from "./statistics.js";

export type Metric = "accuracy" | "loss";
/** Held out: the test set, or the validation split of cells that have one. */
export type Split = "train" | "heldOut";

export interface Curve {
  split: Split;
  /** Aligned with `epochs`; null where no seed has a finite value. */
  mean: (number | null)[];
  /** Lowest and highest seed; absent with a single cell. */
  low?: (number | null)[];
  high?: (number | null)[];
  /** Index on the epoch axis of the last finite value, when a cell of this curve diverged. */
  divergedAt?: number;
}

const FIELDS: Record<Metric, Record<Split, keyof CurveRow>> = {
  accuracy: { train: "trainAccuracy", heldOut: "heldOutAccuracy" },
  loss: { train: "trainLoss", heldOut: "heldOutLoss" },
};

/** Where a curve's row has it. */
export const fieldOf = (metric: Metric, split: Split): keyof CurveRow => FIELDS[metric][split];

/** 1 … the longest curve's last epoch. */
export function epochAxis(cells: readonly CellView[]): number[] {
  let last = 0;
  for (const cell of cells) last = Math.max(last, cell.curve.at(-1)?.epoch ?? 0);
  return Array.from({ length: last }, (_, i) => i + 1);
}

/** Null where there is nothing to draw. */
export const finite = (x: number): number | null => (Number.isFinite(x) ? x : null);

/** The curve of cells that belong together (one cell, or one variant's seeds). */
export function curveOf(cells: readonly CellView[], metric: Metric, split: Split, epochs: readonly number[]): Curve {
  const field = fieldOf(metric, split);
  const table = cells.map((cell) => {
    const row = new Array<number>(epochs.length).fill(NaN);
    for (const point of cell.curve) row[point.epoch - epochs[0]] = point[field];
    return row;
  });
  const curve: Curve = { split, mean: [] };
  if (cells.length === 1) curve.mean = table[0].map(finite);
  else {
    const spreads = epochs.map((_, i) => spread(table.map((row) => row[i])));
    curve.mean = spreads.map((s) => finite(s.mean));
    curve.low = spreads.map((s) => finite(s.min));
    curve.high = spreads.map((s) => finite(s.max));
  }
  if (cells.some((cell) => cell.record.status === "diverged")) {
    const last = curve.mean.findLastIndex((v) => v !== null);
    if (last >= 0) curve.divergedAt = last;
  }
  return curve;
}

/** Mean seconds of an epoch; NaN where no cell knows its time. */
export function secondsPerEpoch(cells: readonly CellView[]): number {
  return spread(cells.map((cell) => cell.metrics.seconds / cell.curve.length)).mean;
}

/**
 * Curves over seconds instead of epochs: on one axis of all their times, null where a curve has no value of its own.
 * @param paces seconds of an epoch, curve by curve
 */
export function overTime(
  curves: readonly Curve[],
  epochs: readonly number[],
  paces: readonly number[],
): { x: number[]; curves: Curve[] } {
  const x = [...new Set(paces.flatMap((pace) => epochs.map((epoch) => epoch * pace)))].sort((a, b) => a - b);
  const place = new Map(x.map((time, i) => [time, i]));
  const spreadOut = (values: readonly (number | null)[], pace: number): (number | null)[] => {
    const out = new Array<number | null>(x.length).fill(null);
    values.forEach((value, i) => (out[place.get(epochs[i] * pace) ?? 0] = value));
    return out;
  };
  return {
    x,
    curves: curves.map(({ split, mean, low, high, divergedAt }, k) => ({
      split,
      mean: spreadOut(mean, paces[k]),
      low: low && spreadOut(low, paces[k]),
      high: high && spreadOut(high, paces[k]),
      divergedAt: divergedAt === undefined ? undefined : place.get(epochs[divergedAt] * paces[k]),
    })),
  };
}

/** True where the largest loss is more than `span` times the smallest: a linear axis would show only the largest ones. */
export function wantsLog(losses: readonly (number | null)[][], span: number): boolean {
  const positive = losses.flat().filter((v): v is number => v !== null && v > 0);
  return positive.length > 1 && largest(positive) / smallest(positive) > span;
}
