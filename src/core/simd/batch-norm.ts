// Batch normalisation, alone, with ReLU, and with ReLU and 2×2 max-pooling; the mathematics: ../layers/batch-norm.ts
import { pitches } from "./convolution.js";
import type { SimdExports } from "./exports.js";
import { address } from "./address.js";
import type { BatchNormTensors, Operation, Pass } from "../kernels/kernels.js";
import { batchNorm as referenceBatchNorm } from "../reference/batch-norm.js";
import { asImages, type Arena, type Tensor } from "../kernels/tensor.js";

/** Rows of per-channel constants (assembly/batch-norm.ts). */
const CONSTANTS = 5;

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
  const xp = pitches(x);
  const image = [height, width, floats, relu ? 0 : -Infinity, address(x), xp.sample, xp.row, xp.pixel];
  return {
    forward(n) {
      prepare(n);
      exports.batchNormForward(n, ...image, address(y), constants, address(b));
    },
    backward(n, fresh) {
      parameterGradients(n, fresh, dy, x, relu);
      if (dx) exports.batchNormBackward(n, ...image, address(dy), address(dx), constants, address(b));
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
  const [xp, yp] = [pitches(x), pitches(y)];
  return {
    forward(n) {
      prepare(n);
      exports.batchNormPoolForward(
        n,
        rows,
        columns,
        floats,
        address(x),
        xp.sample,
        xp.row,
        xp.pixel,
        address(y),
        yp.sample,
        yp.row,
        yp.pixel,
        address(winners),
        winners.stride[0] * 4,
        constants,
        address(b),
      );
    },
    backward(n, fresh) {
      parameterGradients(n, fresh, dy, winners, true);
      if (dx)
        exports.batchNormPoolBackward(
          n,
          height,
          width,
          floats,
          address(x),
          xp.sample,
          xp.row,
          xp.pixel,
          address(dy),
          yp.sample,
          yp.row,
          yp.pixel,
          address(dx),
          constants,
          address(b),
        );
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
  const sums = arena.allocate(floats * 16);
  const xp = pitches(x);
  return {
    floats,
    constants,
    prepare(n: number): void {
      if (!pass.training) return exports.batchNormRunning(floats, epsilon, address(running), address(w), constants);
      exports.batchNormSums(n, height, width, floats, address(x), xp.sample, xp.row, xp.pixel, address(x), sums);
      exports.batchNormStatistics(
        floats,
        n * height * width,
        epsilon,
        address(x),
        sums,
        address(w),
        address(batch),
        constants,
      );
    },
    /** From dy and the values of x at its pixels. */
    parameterGradients(n: number, fresh: boolean, dy: Tensor, values: Tensor, relu: boolean): void {
      const [, rows, columns] = values.shape;
      const [vp, gp] = [pitches(values), pitches(dy)];
      exports.batchNormGradientSums(
        n,
        rows,
        columns,
        floats,
        relu ? 0 : -Infinity,
        address(values),
        vp.sample,
        vp.row,
        vp.pixel,
        address(dy),
        gp.sample,
        gp.row,
        gp.pixel,
        constants,
        address(b),
        sums,
      );
      exports.batchNormParameterGradients(
        floats,
        pass.training ? n * height * width : 0,
        fresh ? 1 : 0,
        sums,
        address(dw),
        address(db),
        constants,
      );
    },
  };
}
