import ops from "ndarray-ops";
import { dropoutFactors } from "../kernels/dropout-factors.js";
import type { MapTensors, Operation, Pass } from "../kernels/kernels.js";
import type { Arena } from "../kernels/tensor.js";

/** y = factors·x (Srivastava et al., "Dropout", 2014); works in place. */
export function dropout(
  arena: Arena,
  { x, dx, y, dy }: MapTensors,
  rate: number,
  layer: number,
  pass: Pass,
): Operation {
  const { factors, draw } = dropoutFactors(arena, x, rate, layer, pass);
  return {
    forward(n) {
      draw(n);
      ops.mul(y.hi(n), x.hi(n), factors.hi(n));
    },
    // forward: y = factors·x, hence dx = factors·dy
    backward(n) {
      if (dx) ops.mul(dx.hi(n), dy.hi(n), factors.hi(n));
    },
  };
}
