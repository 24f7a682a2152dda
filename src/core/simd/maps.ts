// Layers without parameters; the mathematics: ../layers/relu.ts, max-pool2d.ts, flatten.ts
import { pitches } from "./convolution.js";
import type { SimdExports } from "./exports.js";
import { address } from "./address.js";
import type { MapTensors, Operation } from "../kernels.js";
import { maxPool2d as referenceMaxPool2d } from "../layers/max-pool2d.js";
import type { Arena, Tensor } from "../tensor.js";

export { flatten } from "../layers/flatten.js";

/** Works on whole padded samples: padding holds zeros, and stays zero. */
export function relu(exports: SimdExports, { x, dx, y, dy }: MapTensors): Operation {
  const start = (t: Tensor): number => address(t) - originOf(t);
  return {
    forward: (n) => exports.reluForward(n * x.stride[0], start(x), start(y)),
    backward(n) {
      if (dx) exports.reluBackward(n * x.stride[0], start(y), start(dy), start(dx));
    },
  };
}

/** Bytes from the start of an image tensor's storage to its first pixel: the halo above and to the left. */
function originOf(t: Tensor): number {
  if (t.shape.length === 2) return 0;
  const halo = (t.stride[1] / t.stride[2] - t.shape[2]) / 2;
  return halo * (t.stride[1] + t.stride[2]) * 4;
}

export function maxPool2d(arena: Arena, exports: SimdExports, t: MapTensors, size: number): Operation {
  const { x, dx, y, dy } = t;
  const [samples] = x.shape;
  const [, rows, columns] = y.shape;
  const floats = y.stride[2];
  // The unpadded input has no four channels side by side.
  if (x.stride[2] !== floats) return referenceMaxPool2d(t, size);
  const winner = arena.allocate(samples * rows * columns * floats * 4);
  const [xp, yp] = [pitches(x), pitches(y)];
  return {
    forward: (n) => exports.maxPoolForward(n, rows, columns, floats, size, address(x), xp.sample, xp.row, xp.pixel, address(y), yp.sample, yp.row, yp.pixel, winner),
    backward(n) {
      if (dx)
        exports.maxPoolBackward(n, rows, columns, floats, size, address(dx) - originOf(dx), address(dx), xp.sample, xp.row, xp.pixel, address(dy), yp.sample, yp.row, yp.pixel, winner);
    },
  };
}
