/** Learning curves of variants, aligned on one epoch axis: the mean over seeds and their range. */
import type { CellView, CurveRow } from "./cells.js";
import { spread } from "./statistics.js";

export type Metric = "accuracy" | "loss";
/** Held out: the test set, or the validation split of cells that have one. */
export type Split = "train" | "heldOut";

export interface Curve {
  label: string;
  split: Split;
  cells: CellView[];
  /** Aligned with `epochs`; null where no seed has a finite value. */
  mean: (number | null)[];
  /** Lowest and highest seed; absent with a single cell. */
  low?: (number | null)[];
  high?: (number | null)[];
  std?: (number | null)[];
  /** Index on the epoch axis of the last finite value, when a cell of this curve diverged. */
  divergedAt?: number;
}

const FIELDS: Record<Metric, Record<Split, keyof CurveRow>> = {
  accuracy: { train: "trainAccuracy", heldOut: "heldOutAccuracy" },
  loss: { train: "trainLoss", heldOut: "heldOutLoss" },
};

/** 1 … the longest curve's last epoch. */
export function epochAxis(cells: readonly CellView[]): number[] {
  let last = 0;
  for (const cell of cells) last = Math.max(last, cell.curve.at(-1)?.epoch ?? 0);
  return Array.from({ length: last }, (_, i) => i + 1);
}

const finite = (x: number): number | null => (Number.isFinite(x) ? x : null);

/** The curve of cells that belong together (one cell, or one variant's seeds). */
export function curveOf(
  label: string,
  cells: CellView[],
  metric: Metric,
  split: Split,
  epochs: readonly number[],
): Curve {
  const field = FIELDS[metric][split];
  const table = cells.map((cell) => {
    const row = new Array<number>(epochs.length).fill(NaN);
    for (const point of cell.curve) row[point.epoch - epochs[0]] = point[field];
    return row;
  });
  const curve: Curve = { label, split, cells, mean: [] };
  if (cells.length === 1) curve.mean = table[0].map(finite);
  else {
    const spreads = epochs.map((_, i) => spread(table.map((row) => row[i])));
    curve.mean = spreads.map((s) => finite(s.mean));
    curve.low = spreads.map((s) => finite(s.min));
    curve.high = spreads.map((s) => finite(s.max));
    curve.std = spreads.map((s) => finite(s.std));
  }
  if (cells.some((cell) => cell.record.status === "diverged")) {
    const last = curve.mean.findLastIndex((v) => v !== null);
    if (last >= 0) curve.divergedAt = last;
  }
  return curve;
}
