// N samples, H × W pixels, C channels in, O out, K × K kernel; the mathematics: ../layers/conv2d.ts
import type { SimdExports } from "./exports.js";
import { address } from "./address.js";
import type { Conv2dTensors, Operation } from "../kernels/kernels.js";
import type { Arena, Tensor } from "../kernels/tensor.js";
import { roundUp } from "../numeric/math.js";

/** Zeroes the gradients of a weight and its bias, padding included. */
export function clearGradients(exports: SimdExports, dw: Tensor, db?: Tensor): void {
  exports.zero(address(dw), dw.shape[0] * dw.stride[0] * 4);
  if (db) exports.zero(address(db), db.shape[0] * 4);
}

/** Pitches of an image tensor in bytes. */
export function pitches(t: Tensor): { sample: number; row: number; pixel: number } {
  return { sample: t.stride[0] * 4, row: t.stride[1] * 4, pixel: t.stride[2] * 4 };
}

export function conv2d(
  arena: Arena,
  exports: SimdExports,
  { x, dx, w, dw, b, db, y, dy, stride, padding }: Conv2dTensors,
): Operation {
  const [, height, width, channels] = x.shape;
  const [outputs, kernel] = w.shape;
  const [, rows, columns] = y.shape;
  const weightRow = w.stride[1];
  const inputPitch = x.stride[2];
  const outputPitch = y.stride[2];
  const run = kernel * inputPitch;
  const [xp, yp] = [pitches(x), pitches(y)];

  const packed = arena.allocate(roundUp(outputs, 8) * kernel * run * 4);
  const bias = arena.allocate(roundUp(outputs, 8) * 4);
  const flipped = dx ? arena.allocate(roundUp(channels, 8) * kernel * kernel * outputPitch * 4) : 0;
  const zeros = dx ? arena.allocate(roundUp(channels, 8) * 4) : 0;
  const biasView = arena.byteView(bias, outputs * 4);
  const b8 = b && arena.byteView(address(b), outputs * 4);
  /** From an image's origin to the first pixel of its first window. */
  const corner = (t: Tensor, pad: number): number => address(t) - pad * (t.stride[1] + t.stride[2]) * 4;
  const spread = dx && stride > 1 ? spreadGradient() : { dy, run: () => {} };
  const sp = pitches(spread.dy);

  /** dy with its pixels `stride` apart and zeros between: what dy would be at stride 1. */
  function spreadGradient(): { dy: Tensor; run: (n: number) => void } {
    const [high, wide] = [height, width].map((side) => side + 2 * padding - kernel + 1);
    const t = arena.images(x.shape[0], high, wide, outputs, outputPitch, kernel - 1 - padding);
    const tp = pitches(t);
    return {
      dy: t,
      run(n) {
        for (let s = 0; s < n; s++)
          for (let r = 0; r < rows; r++)
            exports.spreadPixels(
              columns,
              yp.pixel,
              address(dy) + s * yp.sample + r * yp.row,
              yp.pixel,
              address(t) + s * tp.sample + r * stride * tp.row,
              stride * tp.pixel,
            );
      },
    };
  }

  return {
    refresh() {
      exports.packConvWeights(outputs, kernel, run, weightRow, address(w), packed);
      if (dx)
        exports.packFlippedConvWeights(
          outputs,
          outputPitch,
          channels,
          inputPitch,
          kernel,
          weightRow,
          address(w),
          flipped,
        );
      if (b8) biasView.set(b8);
    },
    forward(n) {
      exports.convolve(
        n,
        rows,
        columns,
        roundUp(outputs, 4),
        kernel,
        run,
        corner(x, padding),
        xp.sample,
        xp.row,
        xp.pixel,
        stride,
        packed,
        bias,
        address(y),
        yp.sample,
        yp.row,
        yp.pixel,
      );
    },
    backward(n, fresh) {
      if (fresh) clearGradients(exports, dw, db);
      for (let s = 0; db && s < n; s++)
        for (let r = 0; r < rows; r++)
          exports.addColumnSums(columns, outputPitch, address(dy) + s * yp.sample + r * yp.row, yp.pixel, address(db));
      exports.convolveWeightGradient(
        n,
        rows,
        columns,
        outputs,
        kernel,
        run,
        weightRow,
        corner(x, padding),
        xp.sample,
        xp.row,
        xp.pixel,
        stride,
        address(dy),
        yp.sample,
        yp.row,
        yp.pixel,
        address(dw),
      );
      if (!dx) return;
      // dx = dy ⋆ flipped w, over the halo of dy.
      spread.run(n);
      exports.convolve(
        n,
        height,
        width,
        inputPitch,
        kernel,
        kernel * outputPitch,
        corner(spread.dy, kernel - 1 - padding),
        sp.sample,
        sp.row,
        sp.pixel,
        1,
        flipped,
        zeros,
        address(dx),
        xp.sample,
        xp.row,
        xp.pixel,
      );
    },
  };
}
