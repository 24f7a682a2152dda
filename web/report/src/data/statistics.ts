/** Means and spreads over seeds. A value that is not finite is left out and never counts as zero. */
import { largest, smallest } from "../../../../src/core/numeric/extremes.js";

export interface Spread {
  /** How many finite values there were. */
  n: number;
  mean: number;
  /** Sample standard deviation (n − 1); 0 for a single value. */
  std: number;
  min: number;
  max: number;
}

/** Mean, standard deviation and range of the finite values; NaN throughout when there is none. */
export function spread(values: readonly number[]): Spread {
  const finite = values.filter(Number.isFinite);
  const n = finite.length;
  if (n === 0) return { n, mean: NaN, std: NaN, min: NaN, max: NaN };
  const mean = finite.reduce((sum, x) => sum + x, 0) / n;
  const squares = finite.reduce((sum, x) => sum + (x - mean) * (x - mean), 0);
  return { n, mean, std: n > 1 ? Math.sqrt(squares / (n - 1)) : 0, min: smallest(finite), max: largest(finite) };
}

/**
 * Spearman's rank correlation of two lists, ties sharing their mean rank.
 * NaN when either list does not vary.
 */
export function rankCorrelation(a: readonly number[], b: readonly number[]): number {
  const x = ranks(a);
  const y = ranks(b);
  const mean = (x.length + 1) / 2;
  let xy = 0;
  let xx = 0;
  let yy = 0;
  for (let i = 0; i < x.length; i++) {
    xy += (x[i] - mean) * (y[i] - mean);
    xx += (x[i] - mean) ** 2;
    yy += (y[i] - mean) ** 2;
  }
  return xx === 0 || yy === 0 ? NaN : xy / Math.sqrt(xx * yy);
}

function ranks(values: readonly number[]): number[] {
  const order = values.map((_, i) => i).sort((i, j) => values[i] - values[j]);
  const out = new Array<number>(values.length);
  for (let start = 0; start < order.length;) {
    let end = start;
    while (end < order.length && values[order[end]] === values[order[start]]) end++;
    for (let i = start; i < end; i++) out[order[i]] = (start + 1 + end) / 2;
    start = end;
  }
  return out;
}
