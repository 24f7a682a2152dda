/** The homework's first part by its own functions: both losses of a sample, and the gradient of a batch beside finite differences. */
import {
  gradient,
  logisticLoss,
  predict,
  stableLogisticLoss,
  zeros,
  type Vector,
} from "../../../../src/core/homework/logistic.js";
import { sigmoid } from "../../../../src/core/numeric/math.js";
import { RandomStream } from "../../../../src/core/numeric/random.js";

function tensor(values: readonly number[], shape: readonly number[]) {
  const made = zeros(...shape);
  made.data.set(values);
  return made;
}

const vector = (...values: number[]): Vector => tensor(values, [values.length]);

/** The two losses where the homework asks for them: ŷ = 0 with y = 0, and z⁽²⁾ = −10¹⁰ with y = 0. */
export const askedLosses = {
  written: () => logisticLoss(zeros(4), zeros(4)),
  stable: () => stableLogisticLoss(zeros(4), vector(-1e10, -1e10, -1e10, -1e10)),
};

/** Both losses of one sample; y is 0 or 1. */
export interface BothLosses {
  z: number;
  /** As the loss is written. */
  written: number;
  stable: number;
}

export function bothLosses(y: number, z: number): BothLosses {
  return { z, written: logisticLoss(vector(y), vector(sigmoid(z))), stable: stableLogisticLoss(vector(y), vector(z)) };
}

export interface SampleLosses extends BothLosses {
  y: number;
  yHat: number;
  /** Of the loss, with respect to z. */
  derivative: number;
  /** Right but for the last digits: with y = 0 nothing is taken away in the stable loss, and −z with y = 0 costs what z with y = 1 does. */
  exact: number;
}

export function sampleLosses(y: number, z: number): SampleLosses {
  const yHat = sigmoid(z);
  return {
    ...bothLosses(y, z),
    y,
    yHat,
    derivative: yHat - y,
    exact: stableLogisticLoss(vector(0), vector(y === 0 ? z : -z)),
  };
}

/** Labels and logits where the two losses part, and one where they do not. */
export const EXTREMES = [
  [0, -1e10],
  [0, -800],
  [0, 0],
  [0, 40],
  [0, 800],
  [0, 1e10],
  [1, -800],
  [1, 40],
  [1, 1e10],
] as const;

/** Curves reach as far as the loss as written has an end on both sides of 0, and as far as axes do. */
const REACH = { least: 60, most: 1e300 };
const INTERVALS = 120;

/** Both losses of a label, at even distances around 0 and at z itself, if axes reach so far. */
export function lossCurve(y: number, z: number): BothLosses[] {
  const far = Math.abs(z);
  const reach = far <= REACH.least ? REACH.least : Math.min(1.25 * far, REACH.most);
  const even = Array.from({ length: INTERVALS + 1 }, (_, i) => reach * ((2 * i) / INTERVALS - 1));
  const all = even.includes(z) || far > reach ? even : [...even, z].sort((a, b) => a - b);
  return all.map((at) => bothLosses(y, at));
}

/** A batch and its weights: B = 4 samples, D = 5 inputs, K = 6 hidden units. */
export const SHAPES = { X: [4, 5], y: [4, 1], w_1: [5, 6], w_2: [6, 1] } as const;
type BatchName = keyof typeof SHAPES;
/** Row by row. */
export type BatchValues = Record<BatchName, readonly number[]>;

/** Names of a matrix' elements, row by row: w_1[2, 3]. */
export function elementNames(name: BatchName): string[] {
  const [rows, columns] = SHAPES[name];
  return Array.from(
    { length: rows * columns },
    (_, i) => `${name}[${Math.floor(i / columns) + 1}, ${(i % columns) + 1}]`,
  );
}

/** The report's batch: numbers in [−1, 1] with two decimals. */
export function reportBatch(): BatchValues {
  const stream = new RandomStream("init", 411);
  const drawn = ([rows, columns]: readonly [number, number]) =>
    Array.from({ length: rows * columns }, () => (stream.below(201) - 100) / 100);
  return { X: drawn(SHAPES.X), w_1: drawn(SHAPES.w_1), w_2: drawn(SHAPES.w_2), y: [1, 0, 0, 1] };
}

/** One weight's derivative both ways. */
export interface Compared {
  weight: string;
  analytic: number;
  numeric: number;
  /** Of their difference, relative to the larger of them. */
  error: number;
}

export interface BatchResults {
  z_1: number[];
  z_2: number[];
  y_hat: number[];
  loss: number;
  written: number;
  compared: Compared[];
}

/** Step of the central differences, relative to weights beyond 1. */
const STEP = 1e-6;

export function batchResults(values: BatchValues): BatchResults {
  const [X, y] = [tensor(values.X, SHAPES.X), vector(...values.y)];
  const W = { w_1: tensor(values.w_1, SHAPES.w_1), w_2: tensor(values.w_2, SHAPES.w_2) };
  const { z_1, z_2, y_hat } = predict(X, W);
  const analytic = gradient(X, y, W);
  const lossWith = (weights: Float64Array, i: number, weight: number): number => {
    const kept = weights[i];
    weights[i] = weight;
    const loss = stableLogisticLoss(y, predict(X, W).z_2);
    weights[i] = kept;
    return loss;
  };
  const compare = (name: "w_1" | "w_2") =>
    elementNames(name).map((weight, i): Compared => {
      const { data } = W[name];
      const step = STEP * Math.max(1, Math.abs(data[i]));
      const numeric = (lossWith(data, i, data[i] + step) - lossWith(data, i, data[i] - step)) / (2 * step);
      const value = analytic[name].data[i];
      const size = Math.max(Math.abs(value), Math.abs(numeric));
      return { weight, analytic: value, numeric, error: size === 0 ? 0 : Math.abs(value - numeric) / size };
    });
  return {
    z_1: [...z_1.data],
    z_2: [...z_2.data],
    y_hat: [...y_hat.data],
    loss: stableLogisticLoss(y, z_2),
    written: logisticLoss(y, y_hat),
    compared: [...compare("w_1"), ...compare("w_2")],
  };
}
