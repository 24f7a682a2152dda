import { RandomStream } from "../numeric/random.js";
import type { Pass } from "./kernels.js";
import { forEachPlace, type Arena, type Tensor } from "./tensor.js";

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
  const [shape, stride] = [factors.shape.slice(1), factors.stride.slice(1)];
  const kept = 1 / (1 - rate);
  return {
    factors,
    draw(n) {
      for (let s = 0; s < n; s++) {
        const stream = new RandomStream("dropout", pass.seed, pass.epoch, pass.start + s, layer);
        forEachPlace({ shape, stride, offset: factors.offset + s * factors.stride[0] }, (place) => {
          factors.data[place] = !pass.training ? 1 : stream.uniform() < rate ? 0 : kept;
        });
      }
    },
  };
}
