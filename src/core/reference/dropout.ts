import ops from "ndarray-ops";
import type { MapTensors, Operation, Pass } from "../kernels/kernels.js";
import { RandomStream } from "../numeric/random.js";
import { asImages, type Arena, type Tensor } from "../kernels/tensor.js";
import { forEachElement } from "./elementwise.js";

/**
 * The factors of inverted dropout, 0 with probability `rate`, else 1 / (1 - rate), laid out as x (1 in evaluation). A sample's
 * factors come from a stream of its own, keyed by seed, epoch, place in the epoch's order and layer: they depend neither on
 * how a batch is cut nor on the kernel set.
 */
export function dropoutFactors(
  arena: Arena,
  x: Tensor,
  rate: number,
  layer: number,
  pass: Pass,
): { factors: Tensor; draw: (n: number) => void } {
  const factors = arena.like(x);
  const images = asImages(factors);
  const kept = 1 / (1 - rate);
  let stream: RandomStream;
  return {
    factors,
    draw(n) {
      let sample = -1;
      forEachElement(images, n, (s, r, q, c) => {
        if (s !== sample) stream = new RandomStream("dropout", pass.seed, pass.epoch, pass.start + (sample = s), layer);
        images.set(s, r, q, c, !pass.training ? 1 : stream.uniform() < rate ? 0 : kept);
      });
    },
  };
}

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
