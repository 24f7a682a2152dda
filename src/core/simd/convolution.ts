// N samples, H × W pixels, C channels in, O out, K × K kernel; the arithmetic: ../reference/conv2d.ts
import { address, imageAt, pitches } from "./address.js";
import { addBiasGradient, clearGradients, paddedBias } from "./convolution-parameters.js";
import type { SimdExports } from "./exports.generated.js";
import type { Conv2dTensors, Operation } from "../kernels/kernels.js";
import type { Arena, Tensor } from "../kernels/tensor.js";
import { roundUp } from "../numeric/math.js";

/** Convolution of any kernel size, stride and padding below the kernel size. */
export function conv2d(arena: Arena, exports: SimdExports, t: Conv2dTensors): Operation {
  const output = outputOf(arena, exports, t);
  const inputGradient = t.dx && inputGradientOf(arena, exports, t, t.dx);
  return {
    refresh() {
      output.refresh();
      inputGradient?.refresh();
    },
    forward: output.run,
    backward(n, fresh) {
      if (fresh) clearGradients(exports, t.dw, t.db);
      if (t.db) addBiasGradient(exports, n, t.dy, t.db);
      addWeightGradient(exports, n, t);
      inputGradient?.run(n);
    },
  };
}

/** An operation's pass and what it derives from the weights. */
interface WeightedPass {
  refresh(): void;
  run(n: number): void;
}

/** y = x ⋆ w + b */
function outputOf(arena: Arena, exports: SimdExports, { x, w, b, y, stride, padding }: Conv2dTensors): WeightedPass {
  const [outputs, kernel] = w.shape;
  const [, rows, columns] = y.shape;
  const run = kernel * x.stride[2];
  const packed = arena.allocate(roundUp(outputs, 8) * kernel * run * 4);
  const bias = paddedBias(arena, outputs, b);
  const [from, to] = [imageAt(x, -padding, -padding), imageAt(y)];
  return {
    refresh() {
      exports.packConvWeights(outputs, kernel, run, w.stride[1], address(w), packed);
      bias.refresh();
    },
    run: (n) =>
      exports.convolve(n, rows, columns, roundUp(outputs, 4), kernel, run, ...from, stride, packed, bias.at, ...to),
  };
}

/** dw += the windows of x, each times its element of dy */
function addWeightGradient(exports: SimdExports, n: number, { x, w, dw, dy, stride, padding }: Conv2dTensors): void {
  const [outputs, kernel] = w.shape;
  const [, rows, columns] = dy.shape;
  const run = kernel * x.stride[2];
  const from = imageAt(x, -padding, -padding);
  exports.convolveWeightGradient(
    n,
    rows,
    columns,
    outputs,
    kernel,
    run,
    w.stride[1],
    ...from,
    stride,
    ...imageAt(dy),
    address(dw),
  );
}

/** dx = dy ⋆ flipped w, over the halo of dy. */
function inputGradientOf(arena: Arena, exports: SimdExports, t: Conv2dTensors, dx: Tensor): WeightedPass {
  const [, height, width, channels] = t.x.shape;
  const [outputs, kernel] = t.w.shape;
  const inputPitch = dx.stride[2];
  const outputPitch = t.dy.stride[2];
  const flipped = arena.allocate(roundUp(channels, 8) * kernel * kernel * outputPitch * 4);
  const zeros = arena.allocate(roundUp(channels, 8) * 4);
  const { dy, spread } = t.stride > 1 ? spreadGradient(arena, exports, t) : { dy: t.dy, spread: () => {} };
  const halo = kernel - 1 - t.padding;
  const run = kernel * outputPitch;
  const [from, to] = [imageAt(dy, -halo, -halo), imageAt(dx)];
  return {
    refresh: () =>
      exports.packFlippedConvWeights(
        outputs,
        outputPitch,
        channels,
        inputPitch,
        kernel,
        t.w.stride[1],
        address(t.w),
        flipped,
      ),
    run(n) {
      spread(n);
      exports.convolve(n, height, width, inputPitch, kernel, run, ...from, 1, flipped, zeros, ...to);
    },
  };
}

/** dy with its pixels `stride` apart and zeros between: what dy would be at stride 1. */
function spreadGradient(
  arena: Arena,
  exports: SimdExports,
  { x, w, dy, stride, padding }: Conv2dTensors,
): { dy: Tensor; spread: (n: number) => void } {
  const [samples, height, width] = x.shape;
  const [, rows, columns, outputs] = dy.shape;
  const kernel = w.shape[1];
  const [high, wide] = [height, width].map((side) => side + 2 * padding - kernel + 1);
  const t = arena.images(samples, high, wide, outputs, dy.stride[2], kernel - 1 - padding);
  const [from, to] = [pitches(dy), pitches(t)];
  return {
    dy: t,
    spread(n) {
      for (let s = 0; s < n; s++)
        for (let r = 0; r < rows; r++)
          exports.spreadPixels(
            columns,
            from.pixel,
            address(dy) + s * from.sample + r * from.row,
            from.pixel,
            address(t) + s * to.sample + r * stride * to.row,
            stride * to.pixel,
          );
    },
  };
}
