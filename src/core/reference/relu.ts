import ndarray from "ndarray";
import ops from "ndarray-ops";
import type { MapTensors, Operation } from "../kernels/kernels.js";
import type { Tensor } from "../kernels/tensor.js";

/** y = max(x, 0), elementwise; works in place. NaN stays NaN, so that divergence is seen. */
export function relu({ x, dx, y, dy }: MapTensors): Operation {
  const positive = ndarray(new Float64Array(y.size), y.shape) as Tensor;
  const first = (t: Tensor, n: number): Tensor => t.hi(n);
  return {
    forward(n) {
      ops.maxs(first(y, n), first(x, n), 0);
    },

    // forward: y = max(x, 0), hence dx = dy where y > 0, else 0
    backward(n) {
      if (!dx) return;
      ops.gts(first(positive, n), first(y, n), 0);
      ops.mul(first(dx, n), first(dy, n), first(positive, n));
    },
  };
}
