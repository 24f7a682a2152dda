/** What matters: how much of a result's variance each axis explains, and what two explain only together. */
import type { CellView } from "./cells.js";
import { judgedAlike } from "./judge.js";
import { columnValue, valueText, type Axis } from "./selection.js";

export interface Effect {
  /** One axis, or two for what they explain only together. */
  axes: readonly [string] | readonly [string, string];
  /** Of the total sum of squares, in [0, 1]: η². */
  share: number;
  /** The share that axes without effect reach on average: degrees of freedom of the effect over those of the total. */
  chance: number;
}

/** Cells that count: trained to their end, answering more than one class, with a figure, and judged alike. */
export function counting(cells: readonly CellView[]): CellView[] {
  return judgedAlike(cells.filter((cell) => cell.outcome === "done" && Number.isFinite(cell.judged)));
}

/** An axis as numbers: the place of each cell's value among those that occur, in order of appearance. */
interface Levels {
  name: string;
  codes: number[];
  count: number;
}

function levelsOf(cells: readonly CellView[], name: string): Levels {
  const places = new Map<string, number>();
  const codes = cells.map((cell) => {
    const value = valueText(columnValue(cell, name));
    const place = places.get(value) ?? places.size;
    places.set(value, place);
    return place;
  });
  return { name, codes, count: places.size };
}

/** Sum of squares between groups, and the groups' sizes. @param deviations from the mean over all */
function between(deviations: readonly number[], codes: readonly number[], count: number) {
  const sums = new Array<number>(count).fill(0);
  const sizes = new Array<number>(count).fill(0);
  codes.forEach((code, i) => {
    sums[code] += deviations[i];
    sizes[code]++;
  });
  const squares = sums.reduce((sum, s, k) => sum + (sizes[k] > 0 ? s ** 2 / sizes[k] : 0), 0);
  return { squares, sizes };
}

/**
 * Shares of the variance of the accuracy that cells are ranked by, largest first: of each axis by itself, and of each two axes together beyond what
 * either does, where every combination of their values occurs equally often (else the parts overlap) and more than once (else
 * noise cannot be told from it).
 * Axes with one value, or a value of its own for every cell, explain nothing and are left out.
 * @param cells those that count
 */
export function effectsOf(cells: readonly CellView[], axes: readonly Axis[]): Effect[] {
  const results = cells.map((cell) => cell.judged);
  const mean = results.reduce((sum, y) => sum + y, 0) / results.length;
  const deviations = results.map((y) => y - mean);
  const total = deviations.reduce((sum, d) => sum + d ** 2, 0);
  // Rounding alone is no variance.
  if (!(total > 1e-20 * results.length)) return [];
  const freedom = cells.length - 1;
  const levels = axes
    .filter(({ name }) => name !== "status")
    .map(({ name }) => levelsOf(cells, name))
    .filter(({ count }) => count > 1 && count < cells.length);
  const single = levels.map(({ codes, count }) => between(deviations, codes, count).squares);
  const alone = levels.map(({ name, count }, i): Effect => ({
    axes: [name],
    share: single[i] / total,
    chance: (count - 1) / freedom,
  }));
  const together = levels.flatMap((a, i) =>
    levels.slice(i + 1).flatMap((b, j): Effect[] => {
      const codes = a.codes.map((code, k) => code * b.count + b.codes[k]);
      const { squares, sizes } = between(deviations, codes, a.count * b.count);
      if (sizes.some((size) => size !== sizes[0]) || sizes.length >= cells.length) return [];
      const share = Math.max(0, squares - single[i] - single[i + 1 + j]) / total;
      return [{ axes: [a.name, b.name], share, chance: ((a.count - 1) * (b.count - 1)) / freedom }];
    }),
  );
  return [...alone, ...together].sort((x, y) => y.share - x.share);
}
