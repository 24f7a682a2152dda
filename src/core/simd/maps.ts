// Pooling and flattening; the mathematics: ../layers/max-pool2d.ts, global-pool2d.ts, flatten.ts
import { pitches } from "./convolution.js";
import type { SimdExports } from "./exports.js";
import { address } from "./address.js";
import type { MapTensors, Operation } from "../kernels/kernels.js";
import {
  globalAveragePool2d as referenceGlobalAveragePool2d,
  globalMaxPool2d as referenceGlobalMaxPool2d,
} from "../reference/global-pool2d.js";
import { maxPool2d as referenceMaxPool2d } from "../reference/max-pool2d.js";
import { asImages, originOf, type Arena } from "../kernels/tensor.js";

export { flatten } from "../reference/flatten.js";

// The unpadded input has no four channels side by side: the reference layers take it.
const unpadded = ({ x }: MapTensors): boolean => x.stride[2] % 4 !== 0;

export function maxPool2d(arena: Arena, exports: SimdExports, t: MapTensors, size: number): Operation {
  return unpadded(t) ? referenceMaxPool2d(t, size) : maxPool(arena, exports, t, size, size);
}

/** A single window of all pixels. */
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
  const [xp, yp] = [pitches(x), pitches(y)];
  return {
    forward: (n) =>
      exports.maxPoolForward(
        n,
        rows,
        columns,
        floats,
        high,
        wide,
        address(x),
        xp.sample,
        xp.row,
        xp.pixel,
        address(y),
        yp.sample,
        yp.row,
        yp.pixel,
        winner,
      ),
    backward(n) {
      if (dx)
        exports.maxPoolBackward(
          n,
          rows,
          columns,
          floats,
          high,
          wide,
          address(dx) - originOf(dx) * 4,
          address(dx),
          xp.sample,
          xp.row,
          xp.pixel,
          address(dy),
          yp.sample,
          yp.row,
          yp.pixel,
          winner,
        );
    },
  };
}

export function globalAveragePool2d(exports: SimdExports, t: MapTensors): Operation {
  if (unpadded(t)) return referenceGlobalAveragePool2d(t);
  const { x, dx, y, dy } = t;
  const [, height, width] = x.shape;
  const xp = pitches(x);
  const ySample = y.stride[0] * 4;
  return {
    forward: (n) =>
      exports.averagePoolForward(
        n,
        height,
        width,
        x.stride[2],
        address(x),
        xp.sample,
        xp.row,
        xp.pixel,
        address(y),
        ySample,
      ),
    backward(n) {
      if (dx)
        exports.averagePoolBackward(
          n,
          height,
          width,
          x.stride[2],
          address(dx),
          xp.sample,
          xp.row,
          xp.pixel,
          address(dy),
          ySample,
        );
    },
  };
}
