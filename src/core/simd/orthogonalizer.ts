// The arithmetic: ../reference/orthogonalize.ts
import type { SimdExports } from "./exports.generated.js";
import { address } from "./address.js";
import { largest } from "../numeric/extremes.js";
import type { MatrixSize } from "../kernels/kernels.js";
import { A, B, C, STEPS } from "../kernels/constants.js";
import type { Arena, Tensor } from "../kernels/tensor.js";
import { roundUp } from "../numeric/math.js";

/** Binds the orthogonalisation of matrices of these sizes. */
export function orthogonalizer(
  arena: Arena,
  exports: SimdExports,
  sizes: MatrixSize[],
): (x: Tensor, size: MatrixSize) => void {
  const most = (floats: (size: MatrixSize) => number): number => largest(sizes.map(floats), 0);
  const side = ({ rows, columns }: MatrixSize): number => roundUp(Math.min(rows, columns), 4);
  const square = (): number => arena.allocate(4 * most((size) => side(size) * side(size)));
  const squares = [square(), square(), square(), square(), square()] as const;
  const result = arena.allocate(4 * most((size) => Math.max(size.rows, side(size)) * size.columns));
  const zeros = arena.allocate(4 * most((size) => Math.max(size.columns, side(size))));
  return (x, { rows, columns }) =>
    exports.orthogonalize(rows, columns, address(x), STEPS, A, B, C, ...squares, result, zeros);
}
