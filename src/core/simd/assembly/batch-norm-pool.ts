// Batch normalisation, ReLU and 2×2 max-pooling in one: what the pooling changes of ./batch-norm.ts.
import { wins } from "./maps";
import { storePair } from "./pairs";
import { MEAN, MEAN_GRADIENT, SCALE, SLOPE, affine, inputGradient } from "./batch-norm";

/**
 * Batch normalisation, ReLU and 2×2 max-pooling in one pass: y, and `winners`, the value of x that won each window (rows ×
 * columns pixels a sample, without gaps). Of equal values the first in reading order wins.
 */
export function batchNormPoolForward(
  n: i32,
  rows: i32,
  columns: i32,
  floats: i32,
  x: usize,
  xSample: usize,
  xRow: usize,
  xPixel: usize,
  y: usize,
  ySample: usize,
  yRow: usize,
  yPixel: usize,
  winners: usize,
  winnersSample: usize,
  constants: usize,
  bias: usize,
): void {
  const bytes = (<usize>floats) << 2,
    width = <usize>columns * yPixel;
  const means = constants + MEAN * bytes,
    scales = constants + SCALE * bytes;
  for (let s = 0; s < n; s++) {
    for (let r = 0; r < rows; r++) {
      const p = x + <usize>s * xSample + <usize>(2 * r) * xRow;
      const q = y + <usize>s * ySample + <usize>r * yRow;
      const winner = winners + <usize>s * winnersSample + <usize>(r * columns) * bytes;
      let c: usize = 0;
      for (; c + 32 <= bytes; c += 32)
        forwardRow(true, c, p, xRow, xPixel, q, width, yPixel, winner, bytes, means, scales, bias);
      if (c < bytes) forwardRow(false, c, p, xRow, xPixel, q, width, yPixel, winner, bytes, means, scales, bias);
    }
  }
}

/** A row of windows of batchNormPoolForward, the eight channels at byte c, or four where not `both`. */
// @ts-ignore: decorator
@inline
function forwardRow(
  both: bool,
  c: usize,
  p: usize,
  xRow: usize,
  xPixel: usize,
  q: usize,
  width: usize,
  yPixel: usize,
  winner: usize,
  winnerPixel: usize,
  means: usize,
  scales: usize,
  bias: usize,
): void {
  const at: usize = both ? 16 : 0;
  const zero = f32x4.splat(0);
  const mean0 = v128.load(means + c),
    mean1 = v128.load(means + c + at),
    scale0 = v128.load(scales + c),
    scale1 = v128.load(scales + c + at),
    bias0 = v128.load(bias + c),
    bias1 = v128.load(bias + c + at);
  p += c;
  q += c;
  winner += c;
  for (const end = q + width; q < end; q += yPixel) {
    let won0 = v128.load(p),
      won1 = both ? v128.load(p, 16) : won0;
    let best0 = affine(won0, mean0, scale0, bias0),
      best1 = affine(won1, mean1, scale1, bias1);
    for (let k = 1; k < 4; k++) {
      const pixel = p + (k & 1 ? xPixel : 0) + (k & 2 ? xRow : 0);
      const value0 = v128.load(pixel),
        value1 = both ? v128.load(pixel, 16) : value0;
      const normalised0 = affine(value0, mean0, scale0, bias0);
      const larger0 = wins(normalised0, best0);
      best0 = v128.bitselect(normalised0, best0, larger0);
      won0 = v128.bitselect(value0, won0, larger0);
      if (both) {
        const normalised1 = affine(value1, mean1, scale1, bias1);
        const larger1 = wins(normalised1, best1);
        best1 = v128.bitselect(normalised1, best1, larger1);
        won1 = v128.bitselect(value1, won1, larger1);
      }
    }
    if (both) {
      storePair(q, f32x4.pmax(best0, zero), f32x4.pmax(best1, zero));
      storePair(winner, won0, won1);
    } else {
      v128.store(q, f32x4.pmax(best0, zero));
      v128.store(winner, won0);
    }
    p += 2 * xPixel;
    winner += winnerPixel;
  }
}

/**
 * dx of the same from the pooled gradient: every window's output and winner are computed again. Pixels of the last row and
 * column that belong to no window (height or width odd) have g = 0.
 */
export function batchNormPoolBackward(
  n: i32,
  height: i32,
  width: i32,
  floats: i32,
  x: usize,
  xSample: usize,
  xRow: usize,
  xPixel: usize,
  dy: usize,
  dySample: usize,
  dyRow: usize,
  dyPixel: usize,
  dx: usize,
  constants: usize,
  bias: usize,
): void {
  const bytes = (<usize>floats) << 2;
  const rows = height >> 1,
    columns = width >> 1;
  const zero = f32x4.splat(0);
  const shift = dx - x;
  for (let s = 0; s < n; s++) {
    for (let r = 0; r < height; r += 2) {
      for (let c: usize = 0; c < bytes; c += 16) {
        const constant = constants + c;
        const mean = v128.load(constant + MEAN * bytes),
          scale = v128.load(constant + SCALE * bytes),
          b = v128.load(bias + c);
        const meanGradient = v128.load(constant + MEAN_GRADIENT * bytes),
          slope = v128.load(constant + SLOPE * bytes);
        let p = x + <usize>s * xSample + <usize>r * xRow + c;
        if (r < 2 * rows) {
          let q = dy + <usize>s * dySample + <usize>(r >> 1) * dyRow + c;
          const end = q + <usize>columns * dyPixel;
          while (q < end) {
            const below = p + xRow;
            const d0 = f32x4.sub(v128.load(p), mean),
              d1 = f32x4.sub(v128.load(p + xPixel), mean),
              d2 = f32x4.sub(v128.load(below), mean),
              d3 = f32x4.sub(v128.load(below + xPixel), mean);
            let best = f32x4.add(f32x4.mul(d0, scale), b),
              value = f32x4.add(f32x4.mul(d1, scale), b);
            const won1 = f32x4.gt(value, best);
            best = v128.bitselect(value, best, won1);
            value = f32x4.add(f32x4.mul(d2, scale), b);
            const won2 = f32x4.gt(value, best);
            best = v128.bitselect(value, best, won2);
            value = f32x4.add(f32x4.mul(d3, scale), b);
            const won3 = f32x4.gt(value, best);
            best = v128.bitselect(value, best, won3);
            let g = v128.and(v128.load(q), f32x4.gt(best, zero));
            v128.store(below + xPixel + shift, inputGradient(v128.and(g, won3), d3, scale, meanGradient, slope));
            g = v128.andnot(g, won3);
            v128.store(below + shift, inputGradient(v128.and(g, won2), d2, scale, meanGradient, slope));
            g = v128.andnot(g, won2);
            v128.store(p + xPixel + shift, inputGradient(v128.and(g, won1), d1, scale, meanGradient, slope));
            v128.store(p + shift, inputGradient(v128.andnot(g, won1), d0, scale, meanGradient, slope));
            p += 2 * xPixel;
            q += dyPixel;
          }
          if (width & 1) {
            for (let k = 0; k < 2; k++) {
              v128.store(p + shift, inputGradient(zero, f32x4.sub(v128.load(p), mean), scale, meanGradient, slope));
              p += xRow;
            }
          }
        } else {
          for (let q = 0; q < width; q++) {
            v128.store(p + shift, inputGradient(zero, f32x4.sub(v128.load(p), mean), scale, meanGradient, slope));
            p += xPixel;
          }
        }
      }
    }
  }
}
