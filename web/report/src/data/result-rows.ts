/** The sweep at first sight: a row for each model and recipe, the accuracy that it is ranked by on original and on permuted pixels. */
import { plural } from "../../../../src/core/numeric/words.js";
import { groupBy, type CellView } from "./cells.js";
import { judgedAlike, type Judge } from "./judge.js";
import { troubles } from "./outcome.js";
import { spread, type Spread } from "./statistics.js";

/** A row's cells on one kind of pixels. */
export interface Side {
  cells: CellView[];
  /** Of the accuracies that its cells are ranked by. */
  judged: Spread;
  test: Spread;
}

export interface ResultRow {
  model: string;
  recipe: string;
  optimizerKind: string;
  judge: Judge;
  original: Side;
  /** Under any permutation. */
  permuted: Side;
}

/** Those on original pixels first. */
export const cellsOf = ({ original, permuted }: ResultRow): CellView[] => [...original.cells, ...permuted.cells];

function sideOf(cells: CellView[]): Side {
  return {
    cells,
    judged: spread(cells.map((cell) => cell.judged)),
    test: spread(cells.map((cell) => cell.metrics.testAccuracy)),
  };
}

/** What a row is ranked by: its accuracy on original pixels, else on permuted ones; below every accuracy where it has none. */
function rank({ original, permuted }: ResultRow): number {
  return [original.judged.mean, permuted.judged.mean].find(Number.isFinite) ?? -1;
}

/** Best first, rows of equal accuracy in the order of their cells; behind them those that other images judge. Cells that were stopped before their last epoch are in none. */
export function resultRows(cells: readonly CellView[]): ResultRow[] {
  const rows = [
    ...groupBy(
      cells.filter(({ outcome }) => outcome !== "stopped"),
      (cell) => cell.recipeKey,
    ).values(),
  ].map((group) => ({
    model: group[0].model,
    recipe: group[0].recipe,
    optimizerKind: group[0].optimizerKind,
    judge: group[0].judge,
    original: sideOf(group.filter((cell) => cell.permutation === 0)),
    permuted: sideOf(group.filter((cell) => cell.permutation !== 0)),
  }));
  const alike = new Set(judgedAlike(rows));
  return rows.sort((a, b) => Number(alike.has(b)) - Number(alike.has(a)) || rank(b) - rank(a));
}

/** The best cell that has counted its answers. */
export const bestCounted = (cells: readonly CellView[]): CellView | undefined =>
  resultRows(cells)
    .flatMap(cellsOf)
    .find(({ record, metrics }) => record.confusion.length > 0 && Number.isFinite(metrics.testAccuracy));

/** The cells of a row that are not simply done, in words such as "collapsed" (all of them) or "1 of 2 cells collapsed"; else empty. */
export function troubleOf(row: ResultRow): string {
  const cells = cellsOf(row);
  return troubles(cells)
    .map(([outcome, n]) => (n === cells.length ? outcome : `${n} of ${plural(cells.length, "cell")} ${outcome}`))
    .join(", ");
}
