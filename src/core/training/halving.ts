/** Successive halving (Jamieson and Talwalkar, 2016): many cells train a little, and at each rung the best of them go on. */
import type { EpochMetrics, TrainStatus } from "./result.js";

export interface Halving {
  /** Epochs in rising order; the last are the cells' own `epochs`. */
  rungs: readonly number[];
  /** Share of the cells at a rung that go on, above 0 and below 1. */
  keep: number;
}

/** What a rung needs to know of a cell: a record, or, of a cell that has none yet, no status and an empty curve. */
export interface RungCell {
  id: string;
  status?: TrainStatus | "failed";
  curve: readonly Pick<EpochMetrics, "validationAccuracy">[];
}

/** A rung that all its cells have reached. */
export interface Rung {
  epoch: number;
  /** Ids of the cells that reached it, best first. */
  ranked: string[];
  /** The first of these, which go on to the next rung; none at the last. */
  promoted: string[];
}

/** What keeps a share of a whole number from being rounded up: 0.07 · 100 is 7.000000000000001. */
const ROUNDING = 1e-9;

/** How many of n cells at a rung go on. */
const places = (cells: number, keep: number): number =>
  Math.min(cells, Math.max(1, Math.ceil(cells * keep - ROUNDING)));

/** How many cells reach each rung, of so many at the first, where none diverges or fails. */
export function rungSizes({ rungs, keep }: Halving, cells: number): number[] {
  const sizes = [cells];
  while (sizes.length < rungs.length) sizes.push(places(sizes[sizes.length - 1], keep));
  return sizes;
}

/**
 * The rungs that are decided, in order: the first that a cell has yet to train to, and all after it, are left out. Ranked by the
 * validation accuracy after the rung's epoch (of a cell that ended sooner: after its last), ties by id; cells that failed, or
 * diverged by that epoch, come last and never go on. Of n cells ceil(n · keep) go on. Later epochs change nothing.
 */
export function decidedRungs({ rungs, keep }: Halving, cells: readonly RungCell[]): Rung[] {
  const decided: Rung[] = [];
  let reached = cells;
  for (const [i, epoch] of rungs.entries()) {
    if (reached.some((cell) => isUnderWay(cell, epoch))) break;
    const ranked = [...reached].sort(
      (a, b) => accuracyAt(b, epoch) - accuracyAt(a, epoch) || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0),
    );
    const most = i === rungs.length - 1 ? 0 : places(ranked.length, keep);
    const promoted = ranked.slice(0, most).filter((cell) => accuracyAt(cell, epoch) >= 0);
    const ids = (list: readonly RungCell[]): string[] => list.map(({ id }) => id);
    decided.push({ epoch, ranked: ids(ranked), promoted: ids(promoted) });
    reached = promoted;
  }
  return decided;
}

function isUnderWay({ status, curve }: RungCell, epoch: number): boolean {
  return (status === undefined || status === "stopped") && curve.length < epoch;
}

/** -1 of a cell that has none since it failed or diverged. */
function accuracyAt({ status, curve }: RungCell, epoch: number): number {
  const lost = (status === "diverged" && curve.length <= epoch) || (status === "failed" && curve.length < epoch);
  return lost ? -1 : (curve[Math.min(epoch, curve.length) - 1]?.validationAccuracy ?? -1);
}
