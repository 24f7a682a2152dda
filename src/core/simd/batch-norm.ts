// Batch normalisation, alone, with ReLU, and with ReLU and 2×2 max-pooling; the arithmetic: ../reference/batch-norm.ts
import { address, imageAt } from "./address.js";
import type { SimdExports } from "./exports.generated.js";
import type { BatchNormTensors, Operation, Pass } from "../kernels/kernels.js";
import { batchNorm as referenceBatchNorm } from "../reference/batch-norm.js";
import { asImages, type Arena, type Tensor } from "../kernels/tensor.js";

/** Rows of per-channel constants (assembly/batch-norm.ts). */
const CONSTANTS = 5;

/** Of vectors or images, with ReLU where `relu`: y and dy are laid out as x. */
export function batchNorm(
  arena: Arena,
  exports: SimdExports,
  t: BatchNormTensors,
  pass: Pass,
  relu: boolean,
): Operation {
  // The unpadded input has no four channels side by side.
  if (t.x.shape.length === 4 && t.x.stride[2] % 4 !== 0) return referenceBatchNorm(t, pass);
  const [x, y, dy] = [t.x, t.y, t.dy].map(asImages);
  const { dx, b } = t;
  const [, height, width] = x.shape;
  const { floats, constants, prepare, parameterGradients } = channels(arena, exports, t, x, pass);
  const floor = relu ? 0 : -Infinity;
  const from = imageAt(x);
  return {
    forward(n) {
      prepare(n);
      exports.batchNormForward(n, height, width, floats, floor, ...from, address(y), constants, address(b));
    },
    backward(n, fresh) {
      parameterGradients(n, fresh, dy, x, floor);
      if (!dx) return;
      const to = address(dx);
      exports.batchNormBackward(n, height, width, floats, floor, ...from, address(dy), to, constants, address(b));
    },
  };
}

/**
 * Reads x once forwards after its statistics, and once backwards: the pooled output's gradient goes straight to dx. The
 * winners' values are kept, so that the sums of the backward pass run over the pooled pixels alone.
 */
export function batchNormReluPool(arena: Arena, exports: SimdExports, t: BatchNormTensors, pass: Pass): Operation {
  const { x, dx, y, dy, b } = t;
  const [samples, height, width] = x.shape;
  const [, rows, columns, outputs] = y.shape;
  const { floats, constants, prepare, parameterGradients } = channels(arena, exports, t, x, pass);
  const winners = arena.images(samples, rows, columns, outputs, floats, 0);
  const [from, to, back] = [imageAt(x), imageAt(y), imageAt(dy)];
  const [won, wonSample] = imageAt(winners);
  return {
    forward(n) {
      prepare(n);
      exports.batchNormPoolForward(n, rows, columns, floats, ...from, ...to, won, wonSample, constants, address(b));
    },
    backward(n, fresh) {
      parameterGradients(n, fresh, dy, winners, 0);
      if (dx)
        exports.batchNormPoolBackward(n, height, width, floats, ...from, ...back, address(dx), constants, address(b));
    },
  };
}

/** What the three share: the statistics of x and the constants per channel, and the gradients of w and b. */
function channels(
  arena: Arena,
  exports: SimdExports,
  { w, dw, b, db, running, batch, epsilon }: BatchNormTensors,
  x: Tensor,
  pass: Pass,
) {
  const [, height, width] = x.shape;
  const floats = running.stride[0];
  const constants = arena.allocate(CONSTANTS * floats * 4);
  const sums = arena.allocate(floats * 16 + 32);
  const from = imageAt(x);
  const shift = address(x);
  return {
    floats,
    constants,
    prepare(n: number): void {
      if (!pass.training) return exports.batchNormRunning(floats, epsilon, address(running), address(w), constants);
      const count = n * height * width;
      exports.batchNormSums(n, height, width, floats, ...from, shift, sums);
      exports.batchNormStatistics(floats, count, epsilon, shift, sums, address(w), address(batch), constants);
    },
    /** From dy and the values of x at its pixels; where these come out at `floor` or below, no gradient goes through. */
    parameterGradients(n: number, fresh: boolean, dy: Tensor, values: Tensor, floor: number): void {
      const [, rows, columns] = values.shape;
      exports.batchNormGradientSums(
        n,
        rows,
        columns,
        floats,
        floor,
        ...imageAt(values),
        ...imageAt(dy),
        constants,
        address(b),
        sums,
      );
      const count = pass.training ? n * height * width : 0;
      exports.batchNormParameterGradients(floats, count, fresh, sums, address(dw), address(db), constants);
    },
  };
}
