/** Arithmetic on flat arrays of one length. */
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
