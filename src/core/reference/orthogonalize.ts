import { A, B, C, STEPS } from "../kernels/constants.js";
import type { MatrixSize } from "../kernels/kernels.js";
import type { Tensor } from "../kernels/tensor.js";

/**
 * x ← U·Vᵀ of its singular value decomposition x = U·Σ·Vᵀ, roughly, by the Newton–Schulz iteration of Muon (Jordan et al., "Muon: an
 * optimizer for hidden layers in neural networks", 2024): from x / ‖x‖, STEPS times x ← (a + b·g + c·g²)·x with g = x·xᵀ. Here
 * on g alone, the smaller of x·xᵀ and xᵀ·x: p = a + b·g + c·g²; q ← p·q; g ← p·g·p, since all of these commute; in the end
 * x ← q·x / ‖x‖. A matrix of zeros stays one, and so do rows and columns of zeros.
 * @param x the matrix's rows, one after another
 */
export function orthogonalize(x: Tensor, { rows, columns }: MatrixSize): void {
  const wide = rows <= columns;
  const size = wide ? rows : columns;
  const at = (row: number, column: number): number => x.get(row * columns + column);
  const element = wide ? at : (i: number, k: number): number => at(k, i);
  const length = wide ? columns : rows;

  let norm = 0;
  for (let i = 0; i < size; i++) for (let k = 0; k < length; k++) norm += element(i, k) * element(i, k);
  const factor = norm === 0 ? 0 : 1 / Math.sqrt(norm);
  let g = matrix(size, (i, j) => {
    let sum = 0;
    for (let k = 0; k < length; k++) sum += element(i, k) * element(j, k);
    return sum * factor * factor;
  });
  let q: Float64Array | undefined;
  for (let step = 0; step < STEPS; step++) {
    const square = product(size, g, g);
    const p = matrix(size, (i, j) => (i === j ? A : 0) + B * g[i * size + j] + C * square[i * size + j]);
    q = q ? product(size, p, q) : p;
    if (step < STEPS - 1) g = product(size, product(size, p, g), p);
  }
  const result = Array.from({ length: size }, (_, i) =>
    Array.from({ length }, (_, k) => {
      let sum = 0;
      for (let j = 0; j < size; j++) sum += q![i * size + j] * element(j, k);
      return sum * factor;
    }),
  );
  for (let i = 0; i < size; i++)
    for (let k = 0; k < length; k++) x.set(wide ? i * columns + k : k * columns + i, result[i][k]);
}

/** A square matrix by its elements. */
function matrix(size: number, element: (row: number, column: number) => number): Float64Array {
  return Float64Array.from({ length: size * size }, (_, at) => element(Math.floor(at / size), at % size));
}

function product(size: number, a: Float64Array, b: Float64Array): Float64Array {
  return matrix(size, (i, j) => {
    let sum = 0;
    for (let k = 0; k < size; k++) sum += a[i * size + k] * b[k * size + j];
    return sum;
  });
}
