/** Binds the orthogonalisation of matrices. */
import type { SimdExports } from "./exports.js";
import { address } from "./address.js";
import { largest } from "../numeric/extremes.js";
import type { MatrixSize } from "../kernels/kernels.js";
import { A, B, C, STEPS } from "../reference/orthogonalize.js";
import type { Arena, Tensor } from "../kernels/tensor.js";
import { roundUp } from "../numeric/math.js";

export function orthogonalizer(
  arena: Arena,
  exports: SimdExports,
  sizes: MatrixSize[],
): (x: Tensor, size: MatrixSize) => void {
  const most = (floats: (size: MatrixSize) => number): number => largest(sizes.map(floats), 0);
  const side = ({ rows, columns }: MatrixSize): number => roundUp(Math.min(rows, columns), 4);
  const squares = Array.from({ length: 5 }, () => arena.allocate(4 * most((size) => side(size) * side(size))));
  const result = arena.allocate(4 * most((size) => Math.max(size.rows, side(size)) * size.columns));
  const zeros = arena.allocate(4 * most((size) => Math.max(size.columns, side(size))));
  return (x, { rows, columns }) =>
    exports.orthogonalize(rows, columns, address(x), STEPS, A, B, C, ...squares, result, zeros);
}
