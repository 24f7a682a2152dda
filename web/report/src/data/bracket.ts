/** A successive halving as a bracket: which cell reached which rung, at which place. */
import { decidedRungs, type Halving, type Rung } from "../../../../src/core/training/halving.js";
import type { CellView } from "./cells.js";
import type { SweepCells } from "./sweep-cells.js";

/** A cell's way through the bracket. */
export interface Line {
  id: string;
  cell?: CellView;
  /** Its place at each decided rung that it reached, from 0 on. */
  places: number[];
  /** Whether it went on from the last of them. */
  goesOn: boolean;
}

export interface Bracket {
  halving: Halving;
  /** Those that are decided. */
  rungs: Rung[];
  /** Those that went furthest first, by their last place. */
  lines: Line[];
}

/** Undefined where the sweep was not halved. Cells that are planned and have no record count, too. */
export function bracketOf({ data, cells }: SweepCells): Bracket | undefined {
  const halving = data.search?.halving;
  if (!halving) return undefined;
  const views = new Map(cells.map((cell) => [cell.id, cell]));
  const ids = data.planned.length > 0 ? data.planned : [...views.keys()];
  const rungs = decidedRungs(
    halving,
    ids.map((id) => views.get(id)?.record ?? { id, curve: [] }),
  );
  const lines = ids.map((id): Line => {
    const places = rungs.map(({ ranked }) => ranked.indexOf(id)).filter((place) => place >= 0);
    const goesOn = rungs[places.length - 1]?.promoted.includes(id) ?? false;
    return { id, cell: views.get(id), places, goesOn };
  });
  const last = ({ places }: Line) => places[places.length - 1] ?? 0;
  return { halving, rungs, lines: lines.sort((a, b) => b.places.length - a.places.length || last(a) - last(b)) };
}

/** The accuracy that a cell is ranked by at a rung: after its epoch, or of a cell that ended sooner after its last. */
export const accuracyAt = ({ curve }: CellView, epoch: number): number =>
  curve[Math.min(epoch, curve.length) - 1]?.heldOutAccuracy ?? NaN;
