/** Sums over elements that lie side by side, which ndarray's own element access would make several times slower. */
import type { Floats } from "../kernels/tensor.js";

/** start + Σ a[i + k]·b[j + k] for k < count, in ascending order */
export function dot(start: number, a: Floats, i: number, b: Floats, j: number, count: number): number {
  let sum = start;
  for (let k = 0; k < count; k++) sum += a[i + k] * b[j + k];
  return sum;
}

/** a[i + k] ← a[i + k] + factor·b[j + k] for k < count */
export function addRow(a: Floats, i: number, factor: number, b: Floats, j: number, count: number): void {
  for (let k = 0; k < count; k++) a[i + k] += factor * b[j + k];
}
