/** Bias and gradients of the parameters, alike in all convolutions. */
import { address, pitches } from "./address.js";
import type { SimdExports } from "./exports.generated.js";
import type { Arena, Tensor } from "../kernels/tensor.js";
import { roundUp } from "../numeric/math.js";

/** A copy of the bias, or zeros where there is none, padded with zeros to a multiple of 8 floats. */
export function paddedBias(arena: Arena, outputs: number, b?: Tensor): { at: number; refresh: () => void } {
  const at = arena.allocate(roundUp(outputs, 8) * 4);
  if (!b) return { at, refresh() {} };
  const from = arena.byteView(address(b), outputs * 4);
  const to = arena.byteView(at, outputs * 4);
  return { at, refresh: () => to.set(from) };
}

/** Zeroes the gradients of a weight and its bias, padding included. */
export function clearGradients(exports: SimdExports, dw: Tensor, db?: Tensor): void {
  exports.zero(address(dw), dw.shape[0] * dw.stride[0] * 4);
  if (db) exports.zero(address(db), db.shape[0] * 4);
}

/** db += the sums of dy over the pixels of the first n samples */
export function addBiasGradient(exports: SimdExports, n: number, dy: Tensor, db: Tensor): void {
  const [, rows, columns] = dy.shape;
  const { sample, row, pixel } = pitches(dy);
  for (let s = 0; s < n; s++)
    for (let r = 0; r < rows; r++)
      exports.addColumnSums(columns, dy.stride[2], address(dy) + s * sample + r * row, pixel, address(db));
}
