// Dense convolution on padded channels-last images. All pitches are in bytes: sample, row, pixel.
// A window's row is one run of K·C contiguous floats, so a kernel tap walks memory in order.
import { storePair } from "./pairs";

/**
 * Packs w [O][K][row] into [⌈O/8⌉][K][run][8]: the eight output channels that one register tile computes lie
 * together. `run` = K·(pixel floats) is what a window's row spans; `row` ≥ run is a weight row with its padding.
 */
export function packConvWeights(outputs: i32, kernel: i32, run: i32, row: i32, w: usize, packed: usize): void {
  for (let o = 0; o < outputs; o += 8)
    for (let ky = 0; ky < kernel; ky++)
      for (let i = 0; i < run; i++)
        for (let j = 0; j < 8; j++) {
          store<f32>(packed, o + j < outputs ? load<f32>(w + <usize>(((o + j) * kernel + ky) * row + i) * 4) : 0);
          packed += 4;
        }
}

/** Packs the weights of the input gradient, itself a convolution of dy: inputs and outputs change places, both kernel axes flip. */
export function packFlippedConvWeights(
  outputs: i32,
  outputPitch: i32,
  channels: i32,
  channelPitch: i32,
  kernel: i32,
  row: i32,
  w: usize,
  packed: usize,
): void {
  for (let c = 0; c < channels; c += 8)
    for (let ky = kernel - 1; ky >= 0; ky--)
      for (let kx = kernel - 1; kx >= 0; kx--)
        for (let o = 0; o < outputPitch; o++)
          for (let j = 0; j < 8; j++) {
            store<f32>(
              packed,
              o < outputs && c + j < channels
                ? load<f32>(w + <usize>((o * kernel + ky) * row + kx * channelPitch + c + j) * 4)
                : 0,
            );
            packed += 4;
          }
}

/** Four neighbouring output pixels × 8 channels. */
// @ts-ignore: decorator
@inline
function tile4(
  x: usize,
  xRow: usize,
  step: usize,
  kernel: i32,
  runBytes: usize,
  w: usize,
  bias: usize,
  y: usize,
  yPixel: usize,
  both: bool,
): void {
  let a0 = v128.load(bias),
    a1 = v128.load(bias, 16);
  let a2 = a0,
    a3 = a1,
    a4 = a0,
    a5 = a1,
    a6 = a0,
    a7 = a1;
  for (let ky = 0; ky < kernel; ky++) {
    let x0 = x,
      x1 = x0 + step,
      x2 = x1 + step,
      x3 = x2 + step;
    const end = x0 + runBytes;
    while (x0 < end) {
      const w0 = v128.load(w),
        w1 = v128.load(w, 16);
      let t = v128.load32_splat(x3);
      a6 = f32x4.add(a6, f32x4.mul(t, w0));
      a7 = f32x4.add(a7, f32x4.mul(t, w1));
      t = v128.load32_splat(x2);
      a4 = f32x4.add(a4, f32x4.mul(t, w0));
      a5 = f32x4.add(a5, f32x4.mul(t, w1));
      t = v128.load32_splat(x1);
      a2 = f32x4.add(a2, f32x4.mul(t, w0));
      a3 = f32x4.add(a3, f32x4.mul(t, w1));
      t = v128.load32_splat(x0);
      a0 = f32x4.add(a0, f32x4.mul(t, w0));
      a1 = f32x4.add(a1, f32x4.mul(t, w1));
      x0 += 4;
      x1 += 4;
      x2 += 4;
      x3 += 4;
      w += 32;
    }
    x += xRow;
  }
  if (both) {
    // The last first: of two ends that are alike the compiler would make one, and no pairs with it.
    storePair(y + 3 * yPixel, a6, a7);
    storePair(y + 2 * yPixel, a4, a5);
    storePair(y + yPixel, a2, a3);
    storePair(y, a0, a1);
  } else {
    // In order: pixels of a single channel lie within the four floats before them.
    v128.store(y, a0);
    v128.store(y + yPixel, a2);
    v128.store(y + 2 * yPixel, a4);
    v128.store(y + 3 * yPixel, a6);
  }
}

/** One output pixel × 8 channels, for images narrower than four pixels. */
// @ts-ignore: decorator
@inline
function tile1(x: usize, xRow: usize, kernel: i32, runBytes: usize, w: usize, bias: usize, y: usize, both: bool): void {
  let a0 = v128.load(bias),
    a1 = v128.load(bias, 16);
  for (let ky = 0; ky < kernel; ky++) {
    let p = x;
    const end = p + runBytes;
    while (p < end) {
      const t = v128.load32_splat(p);
      a0 = f32x4.add(a0, f32x4.mul(t, v128.load(w)));
      a1 = f32x4.add(a1, f32x4.mul(t, v128.load(w, 16)));
      p += 4;
      w += 32;
    }
    x += xRow;
  }
  v128.store(y, a0);
  if (both) v128.store(y, a1, 16);
}

/**
 * y[n, rows, columns, outputs] = bias + x ⋆ w. `x` is the address of the first window's first pixel (in the halo), windows
 * lie `stride` pixels apart, `run` floats make a window's row; `packed` and `bias` are padded to a multiple of 8 output channels.
 */
export function convolve(
  n: i32,
  rows: i32,
  columns: i32,
  outputs: i32,
  kernel: i32,
  run: i32,
  x: usize,
  xSample: usize,
  xRow: usize,
  xPixel: usize,
  stride: i32,
  packed: usize,
  bias: usize,
  y: usize,
  ySample: usize,
  yRow: usize,
  yPixel: usize,
): void {
  const runBytes = (<usize>run) << 2;
  const down = <usize>stride * xRow,
    across = <usize>stride * xPixel;
  const block = <usize>kernel * runBytes * 8;
  for (let s = 0; s < n; s++) {
    let w = packed,
      b = bias,
      yBlock = y;
    for (let o = 0; o < outputs; o += 8) {
      const both = outputs - o > 4;
      let xp = x,
        yp = yBlock;
      for (let r = 0; r < rows; r++) {
        if (columns >= 4) {
          // The last tile overlaps its neighbour where the width is no multiple of 4; the overlap gets the same bits.
          for (let q = 0; q < columns; q += 4) {
            const at = <usize>min(q, columns - 4);
            tile4(xp + at * across, xRow, across, kernel, runBytes, w, b, yp + at * yPixel, yPixel, both);
          }
        } else {
          for (let q: usize = 0; q < <usize>columns; q++)
            tile1(xp + q * across, xRow, kernel, runBytes, w, b, yp + q * yPixel, both);
        }
        xp += down;
        yp += yRow;
      }
      w += block;
      b += 32;
      yBlock += 32;
    }
    x += xSample;
    y += ySample;
  }
}

/** dw[o, ky, i] += Σ dy[pixel, o]·x[stride·pixel + ky rows, i], for i < row floats of a weight row: tiles of 4 channels × 8 floats. */
export function convolveWeightGradient(
  n: i32,
  rows: i32,
  columns: i32,
  outputs: i32,
  kernel: i32,
  run: i32,
  row: i32,
  x: usize,
  xSample: usize,
  xRow: usize,
  xPixel: usize,
  stride: i32,
  dy: usize,
  dySample: usize,
  dyRow: usize,
  dyPixel: usize,
  dw: usize,
): void {
  const filter = (<usize>(kernel * row)) << 2;
  const down = <usize>stride * xRow,
    across = <usize>stride * xPixel;
  for (let o = 0; o < outputs; o += 4) {
    const filters = min(4, outputs - o);
    for (let ky = 0; ky < kernel; ky++) {
      for (let i = 0; i < row; i += 8) {
        const second = i + 8 <= row ? <usize>16 : 0;
        const q0 = dw + <usize>o * filter + <usize>(ky * row + i) * 4;
        const q1 = filters > 1 ? q0 + filter : q0,
          q2 = filters > 2 ? q1 + filter : q1,
          q3 = filters > 3 ? q2 + filter : q2;
        let a0 = v128.load(q0),
          a1 = v128.load(q0 + second),
          a2 = v128.load(q1),
          a3 = v128.load(q1 + second);
        let a4 = v128.load(q2),
          a5 = v128.load(q2 + second),
          a6 = v128.load(q3),
          a7 = v128.load(q3 + second);
        for (let s = 0; s < n; s++) {
          for (let r = 0; r < rows; r++) {
            let p = x + <usize>s * xSample + <usize>r * down + <usize>ky * xRow + ((<usize>i) << 2);
            let g = dy + <usize>s * dySample + <usize>r * dyRow + ((<usize>o) << 2);
            const end = g + <usize>columns * dyPixel;
            while (g < end) {
              const x0 = v128.load(p),
                x1 = v128.load(p + second);
              let t = v128.load32_splat(g, 12);
              a6 = f32x4.add(a6, f32x4.mul(t, x0));
              a7 = f32x4.add(a7, f32x4.mul(t, x1));
              t = v128.load32_splat(g, 8);
              a4 = f32x4.add(a4, f32x4.mul(t, x0));
              a5 = f32x4.add(a5, f32x4.mul(t, x1));
              t = v128.load32_splat(g, 4);
              a2 = f32x4.add(a2, f32x4.mul(t, x0));
              a3 = f32x4.add(a3, f32x4.mul(t, x1));
              t = v128.load32_splat(g);
              a0 = f32x4.add(a0, f32x4.mul(t, x0));
              a1 = f32x4.add(a1, f32x4.mul(t, x1));
              p += across;
              g += dyPixel;
            }
          }
        }
        if (filters > 3) {
          v128.store(q3, a6);
          if (second) v128.store(q3, a7, 16);
        }
        if (filters > 2) {
          v128.store(q2, a4);
          if (second) v128.store(q2, a5, 16);
        }
        if (filters > 1) {
          v128.store(q1, a2);
          if (second) v128.store(q1, a3, 16);
        }
        v128.store(q0, a0);
        if (second) v128.store(q0, a1, 16);
      }
      // A weight row's padding saw the pixels beyond its window: back to zero.
      for (let j = 0; j < filters; j++)
        for (let i = run; i < row; i++) store<f32>(dw + <usize>(o + j) * filter + <usize>(ky * row + i) * 4, 0);
    }
  }
}

/** Copies pixels of `bytes` (a multiple of 16) from one pitch to another. */
export function spreadPixels(count: i32, bytes: usize, from: usize, fromPixel: usize, to: usize, toPixel: usize): void {
  for (let i = 0; i < count; i++) {
    for (let at: usize = 0; at < bytes; at += 16) v128.store(to + at, v128.load(from + at));
    from += fromPixel;
    to += toPixel;
  }
}
