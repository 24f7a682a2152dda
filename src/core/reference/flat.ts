/** Arithmetic on flat arrays of one length, and the steps of the optimizers on them. */
import { SMALLEST_SECOND_MOMENT, SMALLEST_VELOCITY } from "../kernels/constants.js";
import type { AdamCoefficients } from "../kernels/kernels.js";
import type { Tensor } from "../kernels/tensor.js";

/** y ← y + a·x */
export function addScaled(y: Tensor, x: Tensor, a: number): void {
  for (let i = 0; i < y.size; i++) y.set(i, y.get(i) + a * x.get(i));
}

/** x ← a·x */
export function scale(x: Tensor, a: number): void {
  for (let i = 0; i < x.size; i++) x.set(i, a * x.get(i));
}

/** e ← d·e + (1-d)·p, written e + (1-d)·(p - e): where e has reached p it stays, whatever 1-d is rounded to. */
export function blend(e: Tensor, p: Tensor, d: number): void {
  for (let i = 0; i < e.size; i++) e.set(i, e.get(i) + (1 - d) * (p.get(i) - e.get(i)));
}

/** Σ x², from the first element to the last. */
export function sumOfSquares(x: Tensor): number {
  let sum = 0;
  for (let i = 0; i < x.size; i++) sum += x.get(i) * x.get(i);
  return sum;
}

/** p ← p - lr·g */
export function sgd(p: Tensor, g: Tensor, lr: number): void {
  for (let i = 0; i < p.size; i++) p.set(i, p.get(i) - lr * g.get(i));
}

/** v ← momentum·v + g; p ← p - lr·v, or with Nesterov's look-ahead p ← p - lr·(g + momentum·v) */
export function momentum(p: Tensor, g: Tensor, v: Tensor, lr: number, momentum: number, nesterov: boolean): void {
  for (let i = 0; i < p.size; i++) {
    const gradient = g.get(i);
    let velocity = momentum * v.get(i) + gradient;
    if (Math.abs(velocity) < SMALLEST_VELOCITY) velocity = 0;
    v.set(i, velocity);
    p.set(i, p.get(i) - lr * (nesterov ? gradient + momentum * velocity : velocity));
  }
}

/**
 * Adam's step: m ← β1·m + (1-β1)·g; v ← β2·v + (1-β2)·g²; p ← p - stepSize·m / (√v·rootScale + ε), with the bias
 * corrections in stepSize and rootScale (optimizers/adam.ts).
 */
export function adam(p: Tensor, g: Tensor, m: Tensor, v: Tensor, coefficients: AdamCoefficients): void {
  const { beta1, beta2, stepSize, rootScale, epsilon } = coefficients;
  for (let i = 0; i < p.size; i++) {
    const gradient = g.get(i);
    let first = beta1 * m.get(i) + (1 - beta1) * gradient;
    let second = beta2 * v.get(i) + (1 - beta2) * gradient * gradient;
    if (Math.abs(first) < SMALLEST_VELOCITY) first = 0;
    if (second < SMALLEST_SECOND_MOMENT) second = 0;
    m.set(i, first);
    v.set(i, second);
    p.set(i, p.get(i) - (stepSize * first) / (Math.sqrt(second) * rootScale + epsilon));
  }
}
