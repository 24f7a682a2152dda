import type { Tensor } from "../kernels/tensor.js";
import { SMALLEST_VELOCITY } from "./sgd.js";

/** Second moments below this count as 0 (see SMALLEST_VELOCITY): their roots are far below any sensible ε. */
export const SMALLEST_SECOND_MOMENT = 1e-36;

/**
 * Adam (Kingma and Ba, "Adam: a method for stochastic optimization", 2015, algorithm 1) on flat arrays of one length:
 * m ← β1·m + (1-β1)·g; v ← β2·v + (1-β2)·g²; p ← p - stepSize·m / (√v·rootScale + ε),
 * with the bias corrections in stepSize = lr / (1-β1^t) and rootScale = 1 / √(1-β2^t), t = 1, 2, …
 */
export function adam(
  p: Tensor,
  g: Tensor,
  m: Tensor,
  v: Tensor,
  beta1: number,
  beta2: number,
  stepSize: number,
  rootScale: number,
  epsilon: number,
): void {
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
