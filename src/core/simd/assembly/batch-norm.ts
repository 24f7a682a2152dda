// Batch normalisation, with or without ReLU. N samples, C channels; pitches in bytes, `floats` counts the floats of a pixel
// (C padded to 4). What is kept per channel lies in `constants` as rows of `floats` floats (see the places below).
// Sums: a row of pixels is added up in Float32, the rows in Float64, so no sum of Float32s is longer than an image's row.
import { storePair } from "./pairs";

/** Rows of `constants`: mean, 1/√(variance + ε), w/√(variance + ε), and the backward pass's two means. */
export const MEAN: usize = 0,
  INVERSE: usize = 1,
  SCALE: usize = 2,
  MEAN_GRADIENT: usize = 3,
  SLOPE: usize = 4;

/** total [8] (Float64) += sums [8], which are stored side by side at `room` first, since Float64 does not pair. */
// @ts-ignore: decorator
@inline
function addPairTo(total: usize, low: v128, high: v128, room: usize): void {
  storePair(room, low, high);
  addTo(total, v128.load(room));
  addTo(total + 32, v128.load(room, 16));
}

/** total [4] (Float64) += sum [4] */
// @ts-ignore: decorator
@inline
function addTo(total: usize, sum: v128): void {
  v128.store(total, f64x2.add(v128.load(total), f64x2.promote_low_f32x4(sum)));
  v128.store(
    total,
    f64x2.add(v128.load(total, 16), f64x2.promote_low_f32x4(v128.shuffle<f32>(sum, sum, 2, 3, 2, 3))),
    16,
  );
}

/**
 * sums [2][C] (Float64, and room for 32 bytes) = Σ d and Σ d² with d = x - shift, per channel. `shift` [C] are values of x themselves: they lie within a
 * few standard deviations of the mean (Chebyshev), so that Σ d² loses no more than a few bits to the subtraction of (Σ d)²/m,
 * which x alone would where the mean is large.
 */
export function batchNormSums(
  n: i32,
  rows: i32,
  columns: i32,
  floats: i32,
  x: usize,
  xSample: usize,
  xRow: usize,
  xPixel: usize,
  shift: usize,
  sums: usize,
): void {
  const squares = sums + ((<usize>floats) << 3),
    room = sums + ((<usize>floats) << 4);
  memory.fill(sums, 0, (<usize>floats) << 4);
  const bytes = (<usize>floats) << 2,
    width = <usize>columns * xPixel;
  const zero = f32x4.splat(0);
  for (let s = 0; s < n; s++) {
    for (let r = 0; r < rows; r++) {
      const row = x + <usize>s * xSample + <usize>r * xRow;
      let c: usize = 0;
      for (; c + 32 <= bytes; c += 32) {
        const k0 = v128.load(shift + c),
          k1 = v128.load(shift + c, 16);
        let a0 = zero,
          a1 = zero,
          b0 = zero,
          b1 = zero;
        const end = row + c + width;
        for (let p = row + c; p < end; p += xPixel) {
          const d0 = f32x4.sub(v128.load(p), k0),
            d1 = f32x4.sub(v128.load(p, 16), k1);
          a0 = f32x4.add(a0, d0);
          a1 = f32x4.add(a1, d1);
          b0 = f32x4.add(b0, f32x4.mul(d0, d0));
          b1 = f32x4.add(b1, f32x4.mul(d1, d1));
        }
        const total = sums + 2 * c,
          square = squares + 2 * c;
        addPairTo(total, a0, a1, room);
        addPairTo(square, b0, b1, room);
      }
      if (c < bytes) {
        const k0 = v128.load(shift + c);
        let a0 = zero,
          b0 = zero;
        const end = row + c + width;
        for (let p = row + c; p < end; p += xPixel) {
          const d0 = f32x4.sub(v128.load(p), k0);
          a0 = f32x4.add(a0, d0);
          b0 = f32x4.add(b0, f32x4.mul(d0, d0));
        }
        addTo(sums + 2 * c, a0);
        addTo(squares + 2 * c, b0);
      }
    }
  }
}

/** Mean and variance of `count` values a channel from their sums: into the constants, and (the variance unbiased) into batch [2][C]. */
export function batchNormStatistics(
  floats: i32,
  count: i32,
  epsilon: f64,
  shift: usize,
  sums: usize,
  w: usize,
  batch: usize,
  constants: usize,
): void {
  const row = (<usize>floats) << 2;
  const m = <f64>count;
  for (let c: usize = 0; c < row; c += 4) {
    const offset = load<f64>(sums + 2 * c) / m;
    const mean = <f64>load<f32>(shift + c) + offset;
    const variance = max<f64>(0, load<f64>(sums + ((<usize>floats) << 3) + 2 * c) / m - offset * offset);
    store<f32>(batch + c, <f32>mean);
    store<f32>(batch + row + c, <f32>(count > 1 ? (variance * m) / (m - 1) : variance));
    normaliseBy(constants, row, c, mean, variance, epsilon, w);
  }
}

/** The constants from running [2][C]: evaluation. */
export function batchNormRunning(floats: i32, epsilon: f64, running: usize, w: usize, constants: usize): void {
  const row = (<usize>floats) << 2;
  for (let c: usize = 0; c < row; c += 4)
    normaliseBy(constants, row, c, load<f32>(running + c), load<f32>(running + row + c), epsilon, w);
}

// @ts-ignore: decorator
@inline
function normaliseBy(constants: usize, row: usize, c: usize, mean: f64, variance: f64, epsilon: f64, w: usize): void {
  const inverse = 1 / sqrt<f64>(variance + epsilon);
  store<f32>(constants + MEAN * row + c, <f32>mean);
  store<f32>(constants + INVERSE * row + c, <f32>inverse);
  store<f32>(constants + SCALE * row + c, <f32>(<f64>load<f32>(w + c) * inverse));
}

/** y = max(floor, scale·(x - mean) + bias); floor is 0 for a ReLU, else -Infinity. x and y are laid out alike. */
export function batchNormForward(
  n: i32,
  rows: i32,
  columns: i32,
  floats: i32,
  floor: f32,
  x: usize,
  xSample: usize,
  xRow: usize,
  xPixel: usize,
  y: usize,
  constants: usize,
  bias: usize,
): void {
  const bytes = (<usize>floats) << 2,
    width = <usize>columns * xPixel;
  const means = constants + MEAN * bytes,
    scales = constants + SCALE * bytes;
  const least = f32x4.splat(floor);
  const shift = y - x;
  for (let s = 0; s < n; s++) {
    for (let r = 0; r < rows; r++) {
      const row = x + <usize>s * xSample + <usize>r * xRow;
      let c: usize = 0;
      for (; c + 32 <= bytes; c += 32) {
        const mean0 = v128.load(means + c),
          mean1 = v128.load(means + c, 16),
          scale0 = v128.load(scales + c),
          scale1 = v128.load(scales + c, 16);
        const bias0 = v128.load(bias + c),
          bias1 = v128.load(bias + c, 16);
        const end = row + c + width;
        for (let p = row + c; p < end; p += xPixel) {
          const v0 = affine(v128.load(p), mean0, scale0, bias0),
            v1 = affine(v128.load(p, 16), mean1, scale1, bias1);
          storePair(p + shift, f32x4.pmax(v0, least), f32x4.pmax(v1, least));
        }
      }
      if (c < bytes) {
        const mean0 = v128.load(means + c),
          scale0 = v128.load(scales + c),
          bias0 = v128.load(bias + c);
        const end = row + c + width;
        for (let p = row + c; p < end; p += xPixel)
          v128.store(p + shift, f32x4.pmax(affine(v128.load(p), mean0, scale0, bias0), least));
      }
    }
  }
}

// @ts-ignore: decorator
@inline
export function affine(x: v128, mean: v128, scale: v128, bias: v128): v128 {
  return f32x4.add(f32x4.mul(f32x4.sub(x, mean), scale), bias);
}

/** dy where the output, computed again from d = x - mean with the same roundings, lies above `least`, else 0. */
// @ts-ignore: decorator
@inline
function alive(dy: v128, d: v128, scale: v128, bias: v128, least: v128): v128 {
  return v128.and(dy, f32x4.gt(f32x4.add(f32x4.mul(d, scale), bias), least));
}

/** sums [2][C] (Float64, and room for 32 bytes) = Σ g and Σ g·(x - mean), with g = dy, or 0 behind a dead ReLU: its output is computed again, which is cheaper than reading it. */
export function batchNormGradientSums(
  n: i32,
  rows: i32,
  columns: i32,
  floats: i32,
  floor: f32,
  x: usize,
  xSample: usize,
  xRow: usize,
  xPixel: usize,
  dy: usize,
  dySample: usize,
  dyRow: usize,
  dyPixel: usize,
  constants: usize,
  bias: usize,
  sums: usize,
): void {
  const products = sums + ((<usize>floats) << 3),
    room = sums + ((<usize>floats) << 4);
  memory.fill(sums, 0, (<usize>floats) << 4);
  const bytes = (<usize>floats) << 2,
    width = <usize>columns * xPixel;
  const means = constants + MEAN * bytes,
    scales = constants + SCALE * bytes;
  const zero = f32x4.splat(0),
    least = f32x4.splat(floor);
  for (let s = 0; s < n; s++) {
    for (let r = 0; r < rows; r++) {
      const row = x + <usize>s * xSample + <usize>r * xRow;
      const line = dy + <usize>s * dySample + <usize>r * dyRow;
      let c: usize = 0;
      for (; c + 32 <= bytes; c += 32) {
        const mean0 = v128.load(means + c),
          mean1 = v128.load(means + c, 16),
          scale0 = v128.load(scales + c),
          scale1 = v128.load(scales + c, 16);
        const bias0 = v128.load(bias + c),
          bias1 = v128.load(bias + c, 16);
        let a0 = zero,
          a1 = zero,
          b0 = zero,
          b1 = zero;
        let q = line + c;
        const end = row + c + width;
        for (let p = row + c; p < end; p += xPixel) {
          const d0 = f32x4.sub(v128.load(p), mean0),
            d1 = f32x4.sub(v128.load(p, 16), mean1);
          const g0 = alive(v128.load(q), d0, scale0, bias0, least),
            g1 = alive(v128.load(q, 16), d1, scale1, bias1, least);
          a0 = f32x4.add(a0, g0);
          a1 = f32x4.add(a1, g1);
          b0 = f32x4.add(b0, f32x4.mul(g0, d0));
          b1 = f32x4.add(b1, f32x4.mul(g1, d1));
          q += dyPixel;
        }
        const total = sums + 2 * c,
          product = products + 2 * c;
        addPairTo(total, a0, a1, room);
        addPairTo(product, b0, b1, room);
      }
      if (c < bytes) {
        const mean0 = v128.load(means + c),
          scale0 = v128.load(scales + c),
          bias0 = v128.load(bias + c);
        let a0 = zero,
          b0 = zero;
        let q = line + c;
        const end = row + c + width;
        for (let p = row + c; p < end; p += xPixel) {
          const d0 = f32x4.sub(v128.load(p), mean0);
          const g0 = alive(v128.load(q), d0, scale0, bias0, least);
          a0 = f32x4.add(a0, g0);
          b0 = f32x4.add(b0, f32x4.mul(g0, d0));
          q += dyPixel;
        }
        addTo(sums + 2 * c, a0);
        addTo(products + 2 * c, b0);
      }
    }
  }
}

/**
 * From the sums: db and dw (added to, or overwritten where `fresh`), and for dx the means of g and of g·(x - mean), the latter
 * times 1/(variance + ε); both 0 in evaluation (`count` 0), where the statistics are constants.
 */
export function batchNormParameterGradients(
  floats: i32,
  count: i32,
  fresh: bool,
  sums: usize,
  dw: usize,
  db: usize,
  constants: usize,
): void {
  const row = (<usize>floats) << 2;
  const share: f64 = count > 0 ? 1 / <f64>count : 0;
  for (let c: usize = 0; c < row; c += 4) {
    const sum = load<f64>(sums + 2 * c),
      product = load<f64>(sums + ((<usize>floats) << 3) + 2 * c);
    const inverse = <f64>load<f32>(constants + INVERSE * row + c);
    store<f32>(db + c, <f32>(fresh ? sum : <f64>load<f32>(db + c) + sum));
    store<f32>(dw + c, <f32>(fresh ? product * inverse : <f64>load<f32>(dw + c) + product * inverse));
    store<f32>(constants + MEAN_GRADIENT * row + c, <f32>(sum * share));
    store<f32>(constants + SLOPE * row + c, <f32>(product * share * inverse * inverse));
  }
}

/** dx = scale·(g - mean of g - (x - mean)·slope). x, dy and dx are laid out alike; dx may be dy. */
export function batchNormBackward(
  n: i32,
  rows: i32,
  columns: i32,
  floats: i32,
  floor: f32,
  x: usize,
  xSample: usize,
  xRow: usize,
  xPixel: usize,
  dy: usize,
  dx: usize,
  constants: usize,
  bias: usize,
): void {
  const bytes = (<usize>floats) << 2,
    width = <usize>columns * xPixel;
  const least = f32x4.splat(floor);
  const toGradient = dy - x,
    toResult = dx - x;
  for (let s = 0; s < n; s++) {
    for (let r = 0; r < rows; r++) {
      const row = x + <usize>s * xSample + <usize>r * xRow;
      let c: usize = 0;
      for (; c + 32 <= bytes; c += 32)
        backwardRow(true, row + c, width, xPixel, toGradient, toResult, constants + c, bytes, bias + c, least);
      if (c < bytes)
        backwardRow(false, row + c, width, xPixel, toGradient, toResult, constants + c, bytes, bias + c, least);
    }
  }
}

/** A row of pixels of batchNormBackward, eight channels wide, or four where not `both`; the constants of these begin at k. */
// @ts-ignore: decorator
@inline
function backwardRow(
  both: bool,
  p: usize,
  width: usize,
  xPixel: usize,
  toGradient: usize,
  toResult: usize,
  k: usize,
  bytes: usize,
  bias: usize,
  least: v128,
): void {
  const at: usize = both ? 16 : 0;
  const mean0 = v128.load(k + MEAN * bytes),
    mean1 = v128.load(k + MEAN * bytes + at),
    scale0 = v128.load(k + SCALE * bytes),
    scale1 = v128.load(k + SCALE * bytes + at),
    bias0 = v128.load(bias),
    bias1 = v128.load(bias + at);
  const meanGradient0 = v128.load(k + MEAN_GRADIENT * bytes),
    meanGradient1 = v128.load(k + MEAN_GRADIENT * bytes + at),
    slope0 = v128.load(k + SLOPE * bytes),
    slope1 = v128.load(k + SLOPE * bytes + at);
  for (const end = p + width; p < end; p += xPixel) {
    const d0 = f32x4.sub(v128.load(p), mean0);
    const g0 = alive(v128.load(p + toGradient), d0, scale0, bias0, least);
    const dx0 = inputGradient(g0, d0, scale0, meanGradient0, slope0);
    if (both) {
      const d1 = f32x4.sub(v128.load(p, 16), mean1);
      const g1 = alive(v128.load(p + toGradient, 16), d1, scale1, bias1, least);
      storePair(p + toResult, dx0, inputGradient(g1, d1, scale1, meanGradient1, slope1));
    } else v128.store(p + toResult, dx0);
  }
}

// @ts-ignore: decorator
@inline
export function inputGradient(g: v128, d: v128, scale: v128, meanGradient: v128, slope: v128): v128 {
  return f32x4.mul(scale, f32x4.sub(f32x4.sub(g, meanGradient), f32x4.mul(d, slope)));
}
