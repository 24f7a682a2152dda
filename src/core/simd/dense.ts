// N samples, I inputs, O outputs:  x [N, I]   w [I, O]   b [O]   y [N, O]; the mathematics: ../layers/dense.ts
import type { SimdExports } from "./exports.js";
import { address } from "./kernels.js";
import type { DenseTensors, Operation } from "../kernels.js";
import { roundUp, type Arena } from "../tensor.js";

export function dense(arena: Arena, exports: SimdExports, { x, dx, w, dw, b, db, y, dy }: DenseTensors): Operation {
  const [inputs, outputs] = w.shape;
  const width = roundUp(outputs, 4);
  const depth = roundUp(inputs, 4);
  const bytes = (floats: number): number => floats * 4;
  const [xStride, wStride, yStride] = [x.stride[0], w.stride[0], y.stride[0]].map(bytes);
  // The input gradient is a product with wᵀ, transposed once a step, and a bias of zeros.
  const transposed = dx ? arena.allocate(bytes(outputs * depth)) : 0;
  const zeros = dx ? arena.allocate(bytes(depth)) : 0;
  return {
    refresh() {
      if (dx) exports.transpose(inputs, outputs, address(w), wStride, transposed, bytes(depth));
    },
    forward(n) {
      exports.matmul(n, inputs, width, address(x), xStride, address(w), wStride, address(b), address(y), yStride);
    },
    backward(n) {
      exports.addColumnSums(n, width, address(dy), yStride, address(db));
      exports.matmulTransposed(n, inputs, width, address(x), xStride, address(dy), yStride, address(dw), wStride);
      if (dx) exports.matmul(n, outputs, depth, address(dy), yStride, transposed, bytes(depth), zeros, address(dx), dx.stride[0] * 4);
    },
  };
}
