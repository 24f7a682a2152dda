// N samples, I inputs, O outputs:  x [N, I]   w [I, O]   b [O]   y [N, O]; the arithmetic: ../reference/dense.ts, relu.ts
import { address } from "./address.js";
import type { SimdExports } from "./exports.generated.js";
import type { DenseTensors, Operation } from "../kernels/kernels.js";
import type { Arena, Tensor } from "../kernels/tensor.js";
import { roundUp } from "../numeric/math.js";

/** Sides up to which a register-tiled product beats lists of non-zero entries (`npm run bench`). */
export const NARROW = 16;
/** Bytes of the matrix rows that one chunk of a list refers to: half of each, the columns of one tile, stays in the L1 cache. */
const CHUNK_BYTES = 32_000;
/** Columns whose lists are made together (LISTED_COLUMNS in assembly/sparse.ts). */
const LISTED_COLUMNS = 32;

/** A matrix in the arena: address of its first row, bytes from row to row. */
interface Rows {
  at: number;
  stride: number;
}

/** Fully connected layer, with ReLU where `relu`. */
export function dense(
  arena: Arena,
  exports: SimdExports,
  { x: xt, dx: dxt, w: wt, dw: dwt, b, db, y: yt, dy: dyt }: DenseTensors,
  relu: boolean,
): Operation {
  const [inputs, outputs] = wt.shape;
  const samples = xt.shape[0];
  const rows = (t: Tensor): Rows => ({ at: address(t), stride: t.stride[0] * 4 });
  const [x, w, dw, y, dy] = [xt, wt, dwt, yt, dyt].map(rows);
  const width = yt.stride[0];
  const forward = product(arena, exports, { samples, k: inputs, m: width, x, matrix: w, bias: address(b), y });
  const weightGradient = transposedProduct(arena, exports, { samples, k: inputs, m: width, x, y: dy, c: dw });
  const back = dxt && inputGradient(rows(dxt), xt.stride[0]);

  /** dx = dy · wᵀ, with w transposed once a step and a bias of zeros. */
  function inputGradient(dx: Rows, xWidth: number): { refresh: () => void; run: (n: number) => void } {
    const depth = Math.min(roundUp(inputs, 4), xWidth);
    const transposed = { at: arena.allocate(outputs * depth * 4), stride: depth * 4 };
    const zeros = arena.allocate(depth * 4);
    return {
      refresh: () => exports.transpose(inputs, outputs, w.at, w.stride, transposed.at, transposed.stride),
      run: product(arena, exports, { samples, k: outputs, m: depth, x: dy, matrix: transposed, bias: zeros, y: dx }),
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

/** Of a product: at most N = `samples`. */
interface Sizes {
  samples: number;
  k: number;
  m: number;
}

/** y[N, m] = bias[m] + x[N, k] · matrix[k, m], the sum over ascending k either way. */
function product(
  arena: Arena,
  exports: SimdExports,
  { samples, k, m, x, matrix, bias, y }: Sizes & { x: Rows; matrix: Rows; bias: number; y: Rows },
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
  { samples, k, m, x, y, c }: Sizes & { x: Rows; y: Rows; c: Rows },
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
      fresh,
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
