// Pooling; the arithmetic: ../reference/max-pool2d.ts, global-pool2d.ts
import { address, imageAt } from "./address.js";
import type { SimdExports } from "./exports.generated.js";
import type { MapTensors, Operation } from "../kernels/kernels.js";
import {
  globalAveragePool2d as referenceGlobalAveragePool2d,
  globalMaxPool2d as referenceGlobalMaxPool2d,
} from "../reference/global-pool2d.js";
import { maxPool2d as referenceMaxPool2d } from "../reference/max-pool2d.js";
import { asImages, originOf, type Arena } from "../kernels/tensor.js";

// The unpadded input has no four channels side by side: the reference set takes it.
const unpadded = ({ x }: MapTensors): boolean => x.stride[2] % 4 !== 0;

/** Windows of size × size. */
export function maxPool2d(arena: Arena, exports: SimdExports, t: MapTensors, size: number): Operation {
  return unpadded(t) ? referenceMaxPool2d(t, size) : maxPool(arena, exports, t, size, size);
}

/** A single window of all pixels: [N, H, W, C] → [N, C]. */
export function globalMaxPool2d(arena: Arena, exports: SimdExports, t: MapTensors): Operation {
  const [, height, width] = t.x.shape;
  return unpadded(t)
    ? referenceGlobalMaxPool2d(t)
    : maxPool(arena, exports, { ...t, y: asImages(t.y), dy: asImages(t.dy) }, height, width);
}

function maxPool(
  arena: Arena,
  exports: SimdExports,
  { x, dx, y, dy }: MapTensors,
  high: number,
  wide: number,
): Operation {
  const [samples, rows, columns] = y.shape;
  const floats = x.stride[2];
  const winner = arena.allocate(samples * rows * columns * floats * 4);
  const [from, to, back] = [imageAt(x), imageAt(y), imageAt(dy)];
  return {
    forward: (n) => exports.maxPoolForward(n, rows, columns, floats, high, wide, ...from, ...to, winner),
    backward(n) {
      if (!dx) return;
      const origin = address(dx) - originOf(dx) * 4;
      exports.maxPoolBackward(n, rows, columns, floats, high, wide, origin, ...imageAt(dx), ...back, winner);
    },
  };
}

/** [N, H, W, C] → [N, C] */
export function globalAveragePool2d(exports: SimdExports, t: MapTensors): Operation {
  if (unpadded(t)) return referenceGlobalAveragePool2d(t);
  const { x, dx, y, dy } = t;
  const [, height, width] = x.shape;
  const floats = x.stride[2];
  const from = imageAt(x);
  const sample = y.stride[0] * 4;
  return {
    forward: (n) => exports.averagePoolForward(n, height, width, floats, ...from, address(y), sample),
    backward(n) {
      if (dx) exports.averagePoolBackward(n, height, width, floats, ...imageAt(dx), address(dy), sample);
    },
  };
}
