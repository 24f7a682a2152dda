/** How sure a difference of two accuracies is: by its seeds where there are several, else by the number of images. */
import { smallest } from "../../../../src/core/numeric/extremes.js";
import { testImages, type CellView } from "./cells.js";
import { spread } from "./statistics.js";

export interface Difference {
  /** First minus second. */
  value: number;
  /** One standard error; of several seeds, that of their mean. */
  standardError: number;
  /** Ends of the 95 % interval. */
  low: number;
  high: number;
  by: "seeds" | "images";
}

/** What a mean accuracy was measured on. */
export interface Measured {
  /** Accuracy by seed, in [0, 1]. */
  bySeed: ReadonlyMap<number, number>;
  /** Images that each was judged by. */
  images: number;
}

function measured(
  cells: readonly CellView[],
  accuracy: (cell: CellView) => number,
  images: (cell: CellView) => number,
): Measured {
  const ended = cells.filter((cell) => Number.isFinite(accuracy(cell)));
  return { bySeed: new Map(ended.map((cell) => [cell.seed, accuracy(cell)])), images: smallest(ended.map(images)) };
}

/** Accuracies of one variant's cells that they are ranked by. Those that are not finite are left out. */
export const measuredByJudge = (cells: readonly CellView[]): Measured =>
  measured(
    cells,
    ({ judged }) => judged,
    ({ judge }) => judge.images,
  );

/** Test accuracies of one variant's cells. Those that are not finite are left out. */
export const measuredOnTest = (cells: readonly CellView[]): Measured =>
  measured(
    cells,
    ({ metrics }) => metrics.testAccuracy,
    ({ record }) => testImages(record),
  );

/** A mean accuracy of one set of images, to compare with one of another: seeds share their images, so their spread says nothing of these. */
export const onImages = (mean: number, images: number): Measured => ({ bySeed: new Map([[0, mean]]), images });

/** Quantiles 0.975 of Student's t for 1 … 30 degrees of freedom. */
const STUDENT = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131, 2.12, 2.11,
  2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042,
];
const NORMAL = 1.96;

/** Equal accuracies spread by as much as their mean is rounded, which is no spread. */
const ROUNDING = 1e-9;

const student = (freedom: number): number => STUDENT[Math.max(1, Math.floor(freedom)) - 1] ?? NORMAL;

/**
 * The difference of two mean accuracies with its 95 % interval. Of several seeds that both have, the interval is Student's over
 * their paired differences; of several seeds that they do not share, Welch's; where a side has one seed, its part is the
 * binomial standard error √(p(1 − p)/n) of n images. Both sides are usually judged by the same images, so that the latter is
 * rather too wide than too narrow; it knows nothing of what another seed would have given.
 */
export function differenceOf(a: Measured, b: Measured): Difference {
  const shared = [...a.bySeed.keys()].filter((seed) => b.bySeed.has(seed));
  if (shared.length > 1 && shared.length === a.bySeed.size && shared.length === b.bySeed.size) {
    const { mean, std, n } = spread(shared.map((seed) => (a.bySeed.get(seed) ?? NaN) - (b.bySeed.get(seed) ?? NaN)));
    if (std > ROUNDING) return interval(mean, std / Math.sqrt(n), student(n - 1), "seeds");
  }
  const [x, y] = [a, b].map(meanOf);
  const variance = x.variance + y.variance;
  const freedom = variance ** 2 / (x.variance ** 2 / x.freedom + y.variance ** 2 / y.freedom);
  const seeds = Number.isFinite(x.freedom) || Number.isFinite(y.freedom);
  return interval(x.mean - y.mean, Math.sqrt(variance), seeds ? student(freedom) : NORMAL, seeds ? "seeds" : "images");
}

/** A mean, its variance and the degrees of freedom of that: infinite where it comes from the images. */
function meanOf({ bySeed, images }: Measured): { mean: number; variance: number; freedom: number } {
  const { mean, std, n } = spread([...bySeed.values()]);
  if (n > 1 && std > ROUNDING) return { mean, variance: std ** 2 / n, freedom: n - 1 };
  // Of none or all images right the variance would be 0: they count as half an image from there.
  const p = Math.min(1 - 0.5 / images, Math.max(0.5 / images, mean));
  return { mean, variance: (p * (1 - p)) / images, freedom: Infinity };
}

function interval(value: number, standardError: number, quantile: number, by: Difference["by"]): Difference {
  const half = quantile * standardError;
  return { value, standardError, low: value - half, high: value + half, by };
}

/** The first minus the second of two differences that share no cells: their intervals added in quadrature. */
export function minus(a: Difference, b: Difference): Difference {
  const half = Math.hypot(a.high - a.value, b.high - b.value);
  const value = a.value - b.value;
  const by = a.by === "seeds" || b.by === "seeds" ? "seeds" : "images";
  return {
    value,
    standardError: Math.hypot(a.standardError, b.standardError),
    low: value - half,
    high: value + half,
    by,
  };
}

/** A difference within this of 0 for certain is none that matters. */
const NARROW = 0.02;

/** What the 95 % interval says: above 0, below it, around it within 2 points, or too wide to tell. */
export function verdictOf(difference: Difference): "more" | "less" | "level" | "unclear" {
  if (!mayBeChance(difference)) return difference.value > 0 ? "more" : "less";
  return difference.low >= -NARROW && difference.high <= NARROW ? "level" : "unclear";
}

/** True where the interval includes 0, or where there is none: chance alone may explain the difference. */
export function mayBeChance({ low, high }: Difference): boolean {
  return !(low > 0 || high < 0);
}
