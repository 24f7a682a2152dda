/** Two values against each other: cells that differ in one thing, pair by pair, and whether chance alone explains their difference. */
import { smallest } from "../../../../src/core/numeric/extremes.js";
import { RandomStream } from "../../../../src/core/numeric/random.js";
import { groupBy, varyingFields, type CellView } from "./cells.js";
import { judgedAlike, type Judge } from "./judge.js";
import { columnValue, valueText } from "./selection.js";
import { differenceOf, type Difference } from "./uncertainty.js";

/** Two values of one axis. */
export interface Versus {
  axis: string;
  a: string;
  b: string;
}

export interface Pairs {
  /** B's accuracy minus A's, pair by pair. */
  differences: number[];
  /** Mean difference with Student's 95 % interval over the pairs; null without a pair. */
  difference: Difference | null;
  /** Which images the accuracies are of: pairs of cells judged by others are left out. */
  judge: Judge | null;
  /** Two-sided, of all sign flips; NaN without a pair. */
  p: number;
  /** Cells without a partner or without a figure. */
  left: number;
  /** Config fields in which A and B differ by what they are, such as an optimizer's momentum. */
  fields: string[];
}

/** Up to here every flip of signs is counted; of more pairs a sample is. */
const EXACT = 20;
const SAMPLES = 100_000;
/** Fewest pairs that can show anything at 5 %: 2 of 2^n flips are always as large. */
export const FEWEST = 6;

/** Two-sided p of a mean difference: the share of all ways to swap the two of each pair whose sum is as far from 0. */
export function signFlipP(differences: readonly number[]): number {
  const n = differences.length;
  if (n === 0) return NaN;
  const size = differences.reduce((sum, d) => sum + Math.abs(d), 0);
  const reached = Math.abs(differences.reduce((sum, d) => sum + d, 0)) - 1e-12 * size;
  return n <= EXACT ? countAll(differences, reached) : countSample(differences, reached);
}

/** Every sum of signed differences. The first keeps its sign: flipping all gives the same size. */
function signedSums(differences: readonly number[], start: number): Float64Array {
  const sums = new Float64Array(2 ** differences.length);
  sums[0] = start;
  let filled = 1;
  for (const d of differences) {
    for (let i = 0; i < filled; i++) {
      sums[filled + i] = sums[i] - d;
      sums[i] += d;
    }
    filled *= 2;
  }
  return sums;
}

function countAll([first, ...others]: readonly number[], reached: number): number {
  const sums = signedSums(others, first);
  return sums.reduce((found, sum) => found + Number(Math.abs(sum) >= reached), 0) / sums.length;
}

/** Signs drawn at random, eight pairs a byte; the flip that was observed counts as one of the sample. */
function countSample(differences: readonly number[], reached: number): number {
  const tables = Array.from({ length: Math.ceil(differences.length / 8) }, (_, i) =>
    signedSums([...differences.slice(8 * i, 8 * i + 8), 0, 0, 0, 0, 0, 0, 0].slice(0, 8), 0),
  );
  const stream = new RandomStream("permutation", differences.length);
  let found = 1;
  for (let k = 0; k < SAMPLES; k++) {
    let sum = 0;
    let bits = 0;
    for (let i = 0; i < tables.length; i++) {
      bits = i % 4 === 0 ? stream.uint32() : bits >>> 8;
      sum += tables[i][bits & 255];
    }
    if (Math.abs(sum) >= reached) found++;
  }
  return found / (SAMPLES + 1);
}

/** Two values of an axis, paired over all else. What A and B differ in by what they are, such as the momentum of Nesterov, is not paired over. */
export function pairsOf(cells: readonly CellView[], { axis, a, b }: Versus): Pairs {
  const of = (value: string) => cells.filter((cell) => valueText(columnValue(cell, axis)) === value);
  const within = `${axis.replace(/\.kind$/, "")}.`;
  const own = (field: string) => field === axis || field.startsWith(within) || axis === "label" || axis === "role";
  return pair(of(a), of(b), own);
}

/** The variants of two cells, paired over the seed alone. */
export function pairsOfVariants(cells: readonly CellView[], a: CellView, b: CellView): Pairs {
  const of = ({ variantKey }: CellView) => cells.filter((cell) => cell.variantKey === variantKey);
  return pair(of(a), of(b), (field) => field !== "seed");
}

/** @param own whether a field may belong to what is compared: it does where no value of it is A's and B's */
function pair(a: readonly CellView[], b: readonly CellView[], own: (field: string) => boolean): Pairs {
  const values = (cells: readonly CellView[], field: string) =>
    new Set(cells.map((cell) => valueText(cell.fields.get(field))));
  const varying = varyingFields([...a, ...b].map((cell) => cell.fields));
  const fields = varying.filter((field) => {
    if (!own(field)) return false;
    const others = values(b, field);
    return [...values(a, field)].every((value) => !others.has(value));
  });
  const paired = varying.filter((field) => !fields.includes(field));
  const key = (cell: CellView) => JSON.stringify(paired.map((field) => valueText(cell.fields.get(field))));
  const ended = judgedAlike(
    [...a, ...b].filter(
      ({ outcome, judged }) => (outcome === "done" || outcome === "collapsed") && Number.isFinite(judged),
    ),
  );
  const known = new Set(ended);
  const [first, second] = [a, b].map((cells) =>
    groupBy(
      cells.filter((cell) => known.has(cell)),
      key,
    ),
  );
  const keys = [...first.keys()].filter((name) => second.has(name));
  const partners = (groups: Map<string, CellView[]>) => keys.map((name) => groups.get(name) ?? []);
  const mean = (group: readonly CellView[]) => group.reduce((sum, cell) => sum + cell.judged, 0) / group.length;
  const [x, y] = [first, second].map((groups) => partners(groups).map(mean));
  const used = [first, second].flatMap((groups) => partners(groups).flat());
  const measured = (means: number[]) => ({
    bySeed: new Map(means.entries()),
    images: smallest(used.map(({ judge }) => judge.images)),
  });
  const differences = y.map((value, i) => value - x[i]);
  return {
    differences,
    difference: keys.length > 0 ? differenceOf(measured(y), measured(x)) : null,
    judge: used[0]?.judge ?? null,
    p: signFlipP(differences),
    left: a.length + b.length - used.length,
    fields,
  };
}
