// N samples, I inputs, O outputs:  x [N, I]   w [I, O]   b [O]   y [N, O]; the mathematics: ../layers/dense.ts, relu.ts
import type { SimdExports } from "./exports.js";
import { address } from "./address.js";
import type { DenseTensors, Operation } from "../kernels/kernels.js";
import type { Arena } from "../kernels/tensor.js";
import { roundUp } from "../numeric/math.js";

/** Sides up to which a register-tiled product beats lists of non-zero entries (`npm run bench`). */
export const NARROW = 16;
/** Bytes of the matrix rows that one chunk of a list refers to: half of each, the columns of one tile, stays in the L1 cache. */
const CHUNK_BYTES = 32_000;
/** Columns whose lists are made together (LISTED_COLUMNS in assembly/sparse.ts). */
const LISTED_COLUMNS = 32;

/** A matrix in the arena: address of its first row, bytes from row to row. */
interface Matrix {
  at: number;
  stride: number;
}

export function dense(
  arena: Arena,
  exports: SimdExports,
  { x: xt, dx: dxt, w: wt, dw: dwt, b, db, y: yt, dy: dyt }: DenseTensors,
  relu: boolean,
): Operation {
  const [inputs, outputs] = wt.shape;
  const samples = xt.shape[0];
  const matrix = (t: typeof xt): Matrix => ({ at: address(t), stride: t.stride[0] * 4 });
  const [x, w, dw, y, dy] = [xt, wt, dwt, yt, dyt].map(matrix);
  const width = yt.stride[0];
  const forward = product(arena, exports, samples, inputs, width, x, w, address(b), y);
  const weightGradient = transposedProduct(arena, exports, samples, inputs, width, x, dy, dw);
  const back = dxt && inputGradient(matrix(dxt), xt.stride[0]);

  /** dx = dy · wᵀ, with w transposed once a step and a bias of zeros. */
  function inputGradient(dx: Matrix, xWidth: number): { refresh: () => void; run: (n: number) => void } {
    const depth = Math.min(roundUp(inputs, 4), xWidth);
    const transposed = { at: arena.allocate(outputs * depth * 4), stride: depth * 4 };
    const zeros = arena.allocate(depth * 4);
    return {
      refresh: () => exports.transpose(inputs, outputs, w.at, w.stride, transposed.at, transposed.stride),
      run: product(arena, exports, samples, outputs, depth, dy, transposed, zeros, dx),
    };
  }

  return {
    refresh: back?.refresh,
    forward(n) {
      forward(n);
      if (relu) exports.reluForward(n * width, y.at, y.at);
    },
    backward(n, fresh) {
      if (relu) exports.reluBackward(n * width, y.at, dy.at, dy.at);
      if (fresh) exports.zero(address(db), width * 4);
      exports.addColumnSums(n, width, dy.at, dy.stride, address(db));
      weightGradient(n, fresh);
      back?.run(n);
    },
  };
}

/** y[N, m] = bias[m] + x[N, k] · matrix[k, m], the sum over ascending k either way. */
function product(
  arena: Arena,
  exports: SimdExports,
  samples: number,
  k: number,
  m: number,
  x: Matrix,
  matrix: Matrix,
  bias: number,
  y: Matrix,
): (n: number) => void {
  if (k <= NARROW || m <= NARROW)
    return (n) => exports.matmul(n, k, m, x.at, x.stride, matrix.at, matrix.stride, bias, y.at, y.stride);
  const chunk = roundUp(Math.ceil(k / Math.ceil((k * matrix.stride) / CHUNK_BYTES)), 4);
  // Rounded up, chunks can be fewer than were asked for.
  const chunks = Math.ceil(k / chunk);
  const capacity = (k + 4) * 8;
  const lists = arena.allocate(samples * capacity + 32);
  const bounds = arena.allocate(samples * (chunks + 1) * 4);
  return (n) => {
    exports.rowLists(n, k, chunk, x.at, x.stride, matrix.at, matrix.stride, lists, capacity, bounds);
    exports.multiplyRowLists(n, m / 4, chunks, bounds, bias, y.at, y.stride);
  };
}

/** c[k, m] += xᵀ[k, N] · y[N, m], or = where `fresh`. */
function transposedProduct(
  arena: Arena,
  exports: SimdExports,
  samples: number,
  k: number,
  m: number,
  x: Matrix,
  y: Matrix,
  c: Matrix,
): (n: number, fresh: boolean) => void {
  if (m <= NARROW)
    return (n, fresh) => {
      if (fresh) exports.zero(c.at, k * c.stride);
      exports.matmulTransposed(n, k, m, x.at, x.stride, y.at, y.stride, c.at, c.stride);
    };
  const capacity = (samples + 4) * 8;
  const lists = arena.allocate(LISTED_COLUMNS * capacity + 32);
  const bounds = arena.allocate(LISTED_COLUMNS * 8);
  return (n, fresh) =>
    exports.multiplyColumnLists(
      n,
      k,
      m / 4,
      fresh ? 1 : 0,
      x.at,
      x.stride,
      y.at,
      y.stride,
      lists,
      capacity,
      bounds,
      c.at,
      c.stride,
    );
}
