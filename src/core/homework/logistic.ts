/**
 * The homework's first part: one hidden layer, no biases, sigmoid activations, logistic loss.
 *   B samples in a batch, D inputs, K hidden units
 *   X [B, D]   W.w_1 [D, K]   W.w_2 [K, 1]   z_1 [B, K]   z_2, y_hat, y [B]
 * Everything is Float64. No training loop stands here: the models of part two have their own.
 */
import ndarray, { type NdArray } from "ndarray";
import ops from "ndarray-ops";
import { exp, log, log1p, sigmoid } from "../numeric/math.js";

export type Matrix = NdArray<Float64Array>;
export type Vector = NdArray<Float64Array>;

export interface LogisticWeights {
  w_1: Matrix;
  w_2: Matrix;
}

export interface LogisticOutputs {
  z_1: Matrix;
  z_2: Vector;
  y_hat: Vector;
}

/** A tensor of zeros. */
export function zeros(...shape: number[]): NdArray<Float64Array> {
  return ndarray(new Float64Array(shape.reduce((product, n) => product * n, 1)), shape);
}

/** f of every element, as a new tensor of the same shape. */
export function map(a: NdArray<Float64Array>, f: (x: number) => number): NdArray<Float64Array> {
  const out = zeros(...a.shape);
  ops.assign(out, a);
  out.data.forEach((x, i) => (out.data[i] = f(x)));
  return out;
}

/** The matrix product a · b of [N, M] and [M, P]. */
export function matmul(a: Matrix, b: Matrix): Matrix {
  const [n, m] = a.shape;
  const [rows, p] = b.shape;
  if (m !== rows) throw new Error(`Cannot multiply ${n}×${m} by ${rows}×${p}.`);
  const out = zeros(n, p);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < p; j++) {
      let sum = 0;
      for (let k = 0; k < m; k++) sum += a.get(i, k) * b.get(k, j);
      out.set(i, j, sum);
    }
  return out;
}

/** log(e^a + e^b), the larger one taken out first, so that no power overflows. */
export function logAddExp(a: number, b: number): number {
  const larger = Math.max(a, b);
  return larger === -Infinity ? larger : larger + log1p(exp(-Math.abs(a - b)));
}

/** The forward pass of a batch: pre-activations and predicted probabilities. */
export function predict(X: Matrix, W: LogisticWeights): LogisticOutputs {
  const z_1 = matmul(X, W.w_1);
  const z_2 = matmul(map(z_1, sigmoid), W.w_2).pick(null, 0);
  return { z_1, z_2, y_hat: map(z_2, sigmoid) };
}

/**
 * The average logistic loss, as it is written: −y log ŷ − (1 − y) log(1 − ŷ).
 * Not stable: a prediction of exactly 0 or 1 makes it NaN or infinite.
 */
export function logisticLoss(y: Vector, y_hat: Vector): number {
  const loss = map(y_hat, log);
  ops.muleq(loss, y);
  const other = map(y_hat, (p) => log(1 - p));
  const not_y = map(y, (label) => 1 - label);
  ops.muleq(other, not_y);
  ops.addeq(loss, other);
  return -ops.sum(loss) / y.shape[0];
}

/** The same loss from the logits: log(e^0 + e^z) − y z, finite for every finite z. */
export function stableLogisticLoss(y: Vector, z_2: Vector): number {
  const loss = map(z_2, (z) => logAddExp(0, z));
  const linear = zeros(...z_2.shape);
  ops.mul(linear, y, z_2);
  ops.subeq(loss, linear);
  return ops.sum(loss) / y.shape[0];
}

/** The gradient of a batch's average loss with respect to all weights. */
export function gradient(X: Matrix, y: Vector, W: LogisticWeights): LogisticWeights {
  const batch = X.shape[0];
  const { z_1, y_hat } = predict(X, W);
  const x_1 = map(z_1, sigmoid);
  // Inverts the loss of ŷ = σ(z_2): dz_2 = (ŷ − y) / B.
  const dz_2 = zeros(batch, 1);
  ops.sub(dz_2.pick(null, 0), y_hat, y);
  ops.divseq(dz_2, batch);
  // Inverts x_1 = σ(z_1), z_2 = x_1 w_2: dz_1 = (dz_2 w_2ᵀ) ∘ x_1 ∘ (1 − x_1).
  const dz_1 = matmul(dz_2, W.w_2.transpose(1, 0));
  const not_x_1 = map(x_1, (a) => 1 - a);
  ops.muleq(dz_1, x_1);
  ops.muleq(dz_1, not_x_1);
  const w_1 = matmul(X.transpose(1, 0), dz_1);
  const w_2 = matmul(x_1.transpose(1, 0), dz_2);
  return { w_1, w_2 };
}
