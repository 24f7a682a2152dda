/** Figures of records, counted anew: nothing here is what the page computes with. */
import type { CellRecord } from "../../src/sweeps/store/record.js";

export const mean = (xs: readonly number[]): number => xs.reduce((sum, x) => sum + x, 0) / xs.length;

export function deviation(xs: readonly number[]): number {
  const m = mean(xs);
  return xs.length < 2 ? 0 : Math.sqrt(xs.reduce((sum, x) => sum + (x - m) ** 2, 0) / (xs.length - 1));
}

/** Test accuracy after the last epoch. */
export const testAccuracy = ({ config, curve, test }: CellRecord): number =>
  (config.validation === undefined ? curve.at(-1)?.testAccuracy : test?.accuracy) ?? NaN;

/** Accuracy on the images that the curve is of, by epoch. */
export const heldOut = ({ curve }: CellRecord): number[] =>
  curve.map(({ validationAccuracy, testAccuracy }) => validationAccuracy ?? testAccuracy ?? NaN);

export const heldOutLoss = ({ curve }: CellRecord): number[] =>
  curve.map(({ validationLoss, testLoss }) => validationLoss ?? testLoss ?? NaN);

/** What a record is ranked by: the accuracy after its last epoch on the images that its curve is of. */
export const judged = (record: CellRecord): number => heldOut(record).at(-1) ?? NaN;

export function imagesOf({ confusion, config }: CellRecord): number {
  const total = confusion.flat().reduce((a, b) => a + b, 0);
  return total > 0 ? total : (config.testLimit ?? 10_000);
}

/** How many images those are. */
export const judges = (record: CellRecord): number => record.config.validation ?? imagesOf(record);

/** Largest share of the answers that are one class, among records that are done. */
function share({ confusion, status }: CellRecord): number {
  if (status !== "done" || confusion.length === 0) return 0;
  const columns = confusion[0].map((_, k) => confusion.map((row) => row[k]).reduce((a, b) => a + b, 0));
  return Math.max(...columns) / confusion.flat().reduce((a, b) => a + b, 0);
}
export const answersOneClass = (record: CellRecord): boolean => share(record) >= 0.99;
export const strictlyOneClass = (record: CellRecord): boolean => share(record) === 1;
export const diverged = ({ status }: CellRecord): boolean => status === "diverged";

export interface Interval {
  value: number;
  half: number;
  by: "seeds" | "images";
}

/** The t for which Student's distribution leaves 2.5 % above it, by Simpson's rule and bisection. */
function quantile(freedom: number): number {
  if (freedom > 30) return 1.96;
  const density = (t: number) => (1 + (t * t) / freedom) ** (-(freedom + 1) / 2);
  const integral = (from: number, to: number): number => {
    let sum = density(from) + density(to);
    for (let i = 1; i < 4000; i++) sum += (i % 2 ? 4 : 2) * density(from + ((to - from) * i) / 4000);
    return (sum * (to - from)) / 12_000;
  };
  // Substituted t = 1/u, the tail is an integral over a finite stretch.
  const tail = (t: number): number => {
    const inner = (u: number) => (u === 0 ? (freedom === 1 ? 1 : 0) : density(1 / u) / (u * u));
    let sum = inner(0) + inner(1 / t);
    for (let i = 1; i < 4000; i++) sum += (i % 2 ? 4 : 2) * inner(i / (4000 * t));
    return sum / (12_000 * t);
  };
  const whole = 2 * (integral(0, 1) + tail(1));
  let [low, high] = [1.9, 13];
  while (high - low > 1e-6) {
    const middle = (low + high) / 2;
    if (tail(middle) / whole > 0.025) low = middle;
    else high = middle;
  }
  return low;
}
const quantiles = new Map<number, number>();
function student(freedom: number): number {
  const whole = Math.max(1, Math.floor(freedom));
  if (!quantiles.has(whole)) quantiles.set(whole, quantile(whole));
  return quantiles.get(whole) as number;
}

/** The difference of the means of two groups' accuracies, with half its 95 % interval. */
export function interval(
  a: readonly CellRecord[],
  b: readonly CellRecord[],
  accuracy: (record: CellRecord) => number = judged,
  images: (record: CellRecord) => number = judges,
): Interval {
  const known = [a, b].map((group) => group.filter((record) => Number.isFinite(accuracy(record))));
  const [x, y] = known.map((group) => new Map(group.map((record) => [record.config.seed, accuracy(record)])));
  const value = mean([...x.values()]) - mean([...y.values()]);
  if (x.size > 1 && x.size === y.size && [...x.keys()].every((seed) => y.has(seed))) {
    const deltas = [...x].map(([seed, p]) => p - (y.get(seed) as number));
    if (deviation(deltas) > 1e-9)
      return { value, half: (student(deltas.length - 1) * deviation(deltas)) / Math.sqrt(deltas.length), by: "seeds" };
  }
  let [variance, welch, bySeeds] = [0, 0, false];
  known.forEach((group) => {
    const ps = group.map(accuracy);
    const spread = deviation(ps);
    const own = spread > 1e-9 ? spread ** 2 / ps.length : binomial(mean(ps), Math.min(...group.map(images)));
    variance += own;
    if (spread > 1e-9) [welch, bySeeds] = [welch + own ** 2 / (ps.length - 1), true];
  });
  const t = bySeeds ? student(variance ** 2 / welch) : 1.96;
  return { value, half: t * Math.sqrt(variance), by: bySeeds ? "seeds" : "images" };
}

/** The variance of a share of n images; of none or all of them, that of half an image. */
export const binomial = (p: number, n: number): number => {
  const half = 1 / (2 * n);
  const q = p < half ? half : p > 1 - half ? 1 - half : p;
  return (q * (1 - q)) / n;
};

/** Of two accuracies of different images. */
export function byImages(p: number, n: number, q: number, m: number): Interval {
  return { value: p - q, half: 1.96 * Math.sqrt(binomial(p, n) + binomial(q, m)), by: "images" };
}

export const chance = ({ value, half }: Interval): boolean => !(Math.abs(value) > half);
