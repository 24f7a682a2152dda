// x, skipped, y: tensors of one shape
import type { AddTensors, Operation } from "../kernels/kernels.js";
import type { Tensor } from "../kernels/tensor.js";
import ops from "ndarray-ops";

/** The end of a residual block (He et al., "Deep residual learning for image recognition", 2016): y = x + the block's input. */
export function add({ x, dx, skipped, y, dy }: AddTensors): Operation {
  return {
    forward: (n) => void ops.add(y.hi(n), x.hi(n), skipped.hi(n)),
    // forward: y = x + skipped, hence dx = dy; the block's input gets dy as well, see fork
    backward(n) {
      if (dx) ops.assign(dx.hi(n), dy.hi(n));
    },
  };
}

/** The start of a residual block, whose input goes through the block and around it: dx = what came through the block + what went around it. */
export function fork(dx: Tensor, skipped: Tensor): Operation {
  return { forward() {}, backward: (n) => void ops.addeq(dx.hi(n), skipped.hi(n)) };
}
