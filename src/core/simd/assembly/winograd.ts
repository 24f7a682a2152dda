// Winograd convolution F(h×w, 3×3), h and w each 4 or 6 (Lavin and Gray, "Fast algorithms for convolutional neural
// networks", 2016): input tiles of (h+2)·(w+2) pixels and the filters are transformed, multiplied point by point (a matrix
// product over channels at each of the (h+2)·(w+2) points), and transformed back: 64 products for 36 outputs, 48 for 24
// or 36 for 16, instead of 9 for 1. Any even length from 4 is a sum of sixes and fours, so tiles never overlap.
import { poolEpilogue } from "./conv-relu-pool";

// @ts-ignore: decorator
@inline
function c(x: f32): v128 {
  return f32x4.splat(x);
}

/** One-dimensional input transform Bᵀ for length 4: six vectors `ps` bytes apart to six `qs` apart. */
// @ts-ignore: decorator
@inline
function input4(p: usize, ps: usize, q: usize, qs: usize): void {
  const x0 = v128.load(p), x1 = v128.load(p + ps), x2 = v128.load(p + 2 * ps), x3 = v128.load(p + 3 * ps), x4 = v128.load(p + 4 * ps), x5 = v128.load(p + 5 * ps);
  v128.store(q, f32x4.add(f32x4.sub(f32x4.mul(c(4), x0), f32x4.mul(c(5), x2)), x4));
  let e = f32x4.sub(x4, f32x4.mul(c(4), x2)), f = f32x4.sub(x3, f32x4.mul(c(4), x1));
  v128.store(q + qs, f32x4.add(e, f));
  v128.store(q + 2 * qs, f32x4.sub(e, f));
  e = f32x4.sub(x4, x2);
  f = f32x4.mul(c(2), f32x4.sub(x3, x1));
  v128.store(q + 3 * qs, f32x4.add(e, f));
  v128.store(q + 4 * qs, f32x4.sub(e, f));
  v128.store(q + 5 * qs, f32x4.add(f32x4.sub(f32x4.mul(c(4), x1), f32x4.mul(c(5), x3)), x5));
}

/** One-dimensional output transform Aᵀ for length 4: six vectors to four. */
// @ts-ignore: decorator
@inline
function output4(p: usize, ps: usize, q: usize, qs: usize): void {
  const m0 = v128.load(p), m1 = v128.load(p + ps), m2 = v128.load(p + 2 * ps), m3 = v128.load(p + 3 * ps), m4 = v128.load(p + 4 * ps), m5 = v128.load(p + 5 * ps);
  const s1 = f32x4.add(m1, m2), d1 = f32x4.sub(m1, m2), s2 = f32x4.add(m3, m4), d2 = f32x4.sub(m3, m4);
  v128.store(q, f32x4.add(f32x4.add(m0, s1), s2));
  v128.store(q + qs, f32x4.add(d1, f32x4.mul(c(2), d2)));
  v128.store(q + 2 * qs, f32x4.add(s1, f32x4.mul(c(4), s2)));
  v128.store(q + 3 * qs, f32x4.add(f32x4.add(d1, m5), f32x4.mul(c(8), d2)));
}

/** One-dimensional filter transform G for length 4: three vectors to six. */
// @ts-ignore: decorator
@inline
function filter4(p: usize, ps: usize, q: usize, qs: usize): void {
  const g0 = v128.load(p), g1 = v128.load(p + ps), g2 = v128.load(p + 2 * ps);
  v128.store(q, f32x4.mul(c(0.25), g0));
  let e = f32x4.mul(c(-1.0 / 6.0), f32x4.add(g0, g2)), f = f32x4.mul(c(-1.0 / 6.0), g1);
  v128.store(q + qs, f32x4.add(e, f));
  v128.store(q + 2 * qs, f32x4.sub(e, f));
  e = f32x4.add(f32x4.mul(c(1.0 / 24.0), g0), f32x4.mul(c(1.0 / 6.0), g2));
  f = f32x4.mul(c(1.0 / 12.0), g1);
  v128.store(q + 3 * qs, f32x4.add(e, f));
  v128.store(q + 4 * qs, f32x4.sub(e, f));
  v128.store(q + 5 * qs, g2);
}

/** Input transform for length 6: eight vectors to eight. */
// @ts-ignore: decorator
@inline
function input6(p: usize, ps: usize, q: usize, qs: usize): void {
  const x0 = v128.load(p), x1 = v128.load(p + ps), x2 = v128.load(p + 2 * ps), x3 = v128.load(p + 3 * ps);
  const x4 = v128.load(p + 4 * ps), x5 = v128.load(p + 5 * ps), x6 = v128.load(p + 6 * ps), x7 = v128.load(p + 7 * ps);
  v128.store(q, f32x4.add(f32x4.sub(x0, x6), f32x4.mul(c(5.25), f32x4.sub(x4, x2))));
  let e = f32x4.sub(f32x4.add(x2, x6), f32x4.mul(c(4.25), x4)), f = f32x4.sub(f32x4.add(x1, x5), f32x4.mul(c(4.25), x3));
  v128.store(q + qs, f32x4.add(e, f));
  v128.store(q + 2 * qs, f32x4.sub(e, f));
  e = f32x4.sub(f32x4.add(x6, f32x4.mul(c(0.25), x2)), f32x4.mul(c(1.25), x4));
  f = f32x4.add(f32x4.sub(f32x4.mul(c(0.5), x1), f32x4.mul(c(2.5), x3)), f32x4.mul(c(2), x5));
  v128.store(q + 3 * qs, f32x4.add(e, f));
  v128.store(q + 4 * qs, f32x4.sub(e, f));
  e = f32x4.sub(f32x4.add(x6, f32x4.mul(c(4), x2)), f32x4.mul(c(5), x4));
  f = f32x4.add(f32x4.sub(f32x4.mul(c(2), x1), f32x4.mul(c(2.5), x3)), f32x4.mul(c(0.5), x5));
  v128.store(q + 5 * qs, f32x4.add(e, f));
  v128.store(q + 6 * qs, f32x4.sub(e, f));
  v128.store(q + 7 * qs, f32x4.add(f32x4.sub(x7, x1), f32x4.mul(c(5.25), f32x4.sub(x3, x5))));
}

/** Output transform for length 6: eight vectors to six. */
// @ts-ignore: decorator
@inline
function output6(p: usize, ps: usize, q: usize, qs: usize): void {
  const m0 = v128.load(p), m1 = v128.load(p + ps), m2 = v128.load(p + 2 * ps), m3 = v128.load(p + 3 * ps);
  const m4 = v128.load(p + 4 * ps), m5 = v128.load(p + 5 * ps), m6 = v128.load(p + 6 * ps), m7 = v128.load(p + 7 * ps);
  const s1 = f32x4.add(m1, m2), d1 = f32x4.sub(m1, m2), s2 = f32x4.add(m3, m4), d2 = f32x4.sub(m3, m4), s3 = f32x4.add(m5, m6), d3 = f32x4.sub(m5, m6);
  v128.store(q, f32x4.add(f32x4.add(m0, s1), f32x4.add(s2, s3)));
  v128.store(q + qs, f32x4.add(f32x4.add(d1, f32x4.mul(c(2), d2)), f32x4.mul(c(0.5), d3)));
  v128.store(q + 2 * qs, f32x4.add(f32x4.add(s1, f32x4.mul(c(4), s2)), f32x4.mul(c(0.25), s3)));
  v128.store(q + 3 * qs, f32x4.add(f32x4.add(d1, f32x4.mul(c(8), d2)), f32x4.mul(c(0.125), d3)));
  v128.store(q + 4 * qs, f32x4.add(f32x4.add(s1, f32x4.mul(c(16), s2)), f32x4.mul(c(0.0625), s3)));
  v128.store(q + 5 * qs, f32x4.add(f32x4.add(f32x4.add(d1, m7), f32x4.mul(c(32), d2)), f32x4.mul(c(0.03125), d3)));
}

/** Filter transform for length 6: three vectors to eight. */
// @ts-ignore: decorator
@inline
function filter6(p: usize, ps: usize, q: usize, qs: usize): void {
  const g0 = v128.load(p), g1 = v128.load(p + ps), g2 = v128.load(p + 2 * ps);
  v128.store(q, g0);
  let e = f32x4.mul(c(-2.0 / 9.0), f32x4.add(g0, g2)), f = f32x4.mul(c(-2.0 / 9.0), g1);
  v128.store(q + qs, f32x4.add(e, f));
  v128.store(q + 2 * qs, f32x4.sub(e, f));
  e = f32x4.add(f32x4.mul(c(1.0 / 90.0), g0), f32x4.mul(c(2.0 / 45.0), g2));
  f = f32x4.mul(c(1.0 / 45.0), g1);
  v128.store(q + 3 * qs, f32x4.add(e, f));
  v128.store(q + 4 * qs, f32x4.sub(e, f));
  e = f32x4.add(f32x4.mul(c(32.0 / 45.0), g0), f32x4.mul(c(8.0 / 45.0), g2));
  f = f32x4.mul(c(16.0 / 45.0), g1);
  v128.store(q + 5 * qs, f32x4.add(e, f));
  v128.store(q + 6 * qs, f32x4.sub(e, f));
  v128.store(q + 7 * qs, g2);
}

/**
 * U [⌈O/8⌉][points][C][8] from w [O][3][3][C] (C padded to 4): both axes of each filter transformed. Blocks of four
 * filters × four channels are transposed first, so that every vector holds one channel of four filters, as U wants them.
 * `scratch`: 36 + 3·(height+2) vectors.
 */
export function winogradFilters(outputs: i32, channels: i32, height: i32, width: i32, w: usize, u: usize, scratch: usize): void {
  const tap = <usize>channels << 2, filter: usize = 9 * tap;
  const point = <usize>channels << 5;
  const points = <usize>((height + 2) * (width + 2));
  const zero = f32x4.splat(0);
  const half = scratch + 36 * 16;
  for (let o = 0; o < outputs; o += 4) {
    for (let i = 0; i < channels; i += 4) {
      let p = w + <usize>o * filter + (<usize>i << 2);
      for (let k: usize = 0; k < 9; k++) {
        const a = v128.load(p), b = o + 1 < outputs ? v128.load(p + filter) : zero, g = o + 2 < outputs ? v128.load(p + 2 * filter) : zero, d = o + 3 < outputs ? v128.load(p + 3 * filter) : zero;
        const x = v128.shuffle<f32>(a, b, 0, 4, 1, 5), y = v128.shuffle<f32>(g, d, 0, 4, 1, 5);
        const z = v128.shuffle<f32>(a, b, 2, 6, 3, 7), v = v128.shuffle<f32>(g, d, 2, 6, 3, 7);
        const t = scratch + k * 16;
        v128.store(t, v128.shuffle<f32>(x, y, 0, 1, 4, 5));
        v128.store(t, v128.shuffle<f32>(x, y, 2, 3, 6, 7), 144);
        v128.store(t, v128.shuffle<f32>(z, v, 0, 1, 4, 5), 288);
        v128.store(t, v128.shuffle<f32>(z, v, 2, 3, 6, 7), 432);
        p += tap;
      }
      for (let j = 0; j < 4; j++) {
        const taps = scratch + <usize>j * 144;
        let d = u + <usize>(o >> 3) * points * point + <usize>((i + j) * 8 + (o & 4)) * 4;
        for (let kx: usize = 0; kx < 3; kx++) {
          if (height === 4) filter4(taps + kx * 16, 48, half + kx * 16, 48);
          else filter6(taps + kx * 16, 48, half + kx * 16, 48);
        }
        for (let r = 0; r < height + 2; r++) {
          if (width === 4) filter4(half + <usize>r * 48, 16, d, point);
          else filter6(half + <usize>r * 48, 16, d, point);
          d += <usize>(width + 2) * point;
        }
      }
    }
  }
}

/** Four tiles × 8 output channels at one point: products over all channels. */
// @ts-ignore: decorator
@inline
function pointProduct(v: usize, tile: usize, u: usize, channels: i32, m: usize): void {
  let a0 = f32x4.splat(0), a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0, a6 = a0, a7 = a0;
  let v1 = v + tile, v2 = v1 + tile, v3 = v2 + tile;
  const end = u + (<usize>channels << 5);
  while (u < end) {
    const w0 = v128.load(u), w1 = v128.load(u, 16);
    let t = v128.load32_splat(v3);
    a6 = f32x4.add(a6, f32x4.mul(t, w0)); a7 = f32x4.add(a7, f32x4.mul(t, w1));
    t = v128.load32_splat(v2);
    a4 = f32x4.add(a4, f32x4.mul(t, w0)); a5 = f32x4.add(a5, f32x4.mul(t, w1));
    t = v128.load32_splat(v1);
    a2 = f32x4.add(a2, f32x4.mul(t, w0)); a3 = f32x4.add(a3, f32x4.mul(t, w1));
    t = v128.load32_splat(v);
    a0 = f32x4.add(a0, f32x4.mul(t, w0)); a1 = f32x4.add(a1, f32x4.mul(t, w1));
    u += 32;
    v += 4; v1 += 4; v2 += 4; v3 += 4;
  }
  v128.store(m, a0); v128.store(m, a1, 16); v128.store(m, a2, 32); v128.store(m, a3, 48);
  v128.store(m, a4, 64); v128.store(m, a5, 80); v128.store(m, a6, 96); v128.store(m, a7, 112);
}

/** Tiles transformed and multiplied together: their V and one block of their M stay in the L1 cache. */
const GROUP = 16;

/**
 * Convolution, ReLU and 2×2 max-pooling of down × across tiles of height × width a sample: y and the winners' addresses.
 * `x` is the first pixel of the first tile's first window, `y` and `winner` its first pooled output; `winnerSample` and
 * `winnerRow` are the winners' pitches, a pixel's is y's. `v`: points × (GROUP·C·4 + 64) bytes; `products`: points ×
 * (GROUP·32 + 64); `scratch`: points vectors + 3·GROUP words.
 */
export function winogradForward(
  n: i32, down: i32, across: i32, height: i32, width: i32, channels: i32, outputs: i32, x: usize, xSample: usize, xRow: usize, xPixel: usize,
  u: usize, bias: usize, y: usize, ySample: usize, yRow: usize, yPixel: usize, winner: usize, winnerSample: usize, winnerRow: usize,
  v: usize, products: usize, scratch: usize,
): void {
  const tall = height + 2, wide = width + 2;
  const points = tall * wide;
  const tile = <usize>channels << 2;
  // 64 bytes more than a group needs: strides that are powers of two would map all points onto the same cache sets.
  const vStride: usize = <usize>GROUP * tile + 64, mStride: usize = GROUP * 32 + 64;
  const vLine = <usize>wide * vStride, mLine = <usize>wide * mStride;
  const total = n * down * across;
  const places = scratch + (<usize>points << 4);
  const line = <usize>wide << 4;
  for (let first = 0; first < total; first += GROUP) {
    const count = min(GROUP, total - first);
    for (let i = 0; i < count; i++) {
      const s = <usize>((first + i) / (down * across)), k = (first + i) % (down * across);
      const top = <usize>(k / across * height), left = <usize>(k % across * width);
      const corner = x + s * xSample + top * xRow + left * xPixel;
      const place = places + <usize>i * 12;
      store<u32>(place, <u32>corner);
      store<u32>(place, <u32>(y + s * ySample + (top >> 1) * yRow + (left >> 1) * yPixel), 4);
      store<u32>(place, <u32>(winner + s * winnerSample + (top >> 1) * winnerRow + (left >> 1) * yPixel), 8);
      for (let c4: usize = 0; c4 < tile; c4 += 16) {
        let p = corner + c4, t = scratch;
        for (let q = 0; q < wide; q++) {
          if (height === 4) input4(p, xRow, t, line);
          else input6(p, xRow, t, line);
          p += xPixel;
          t += 16;
        }
        t = scratch;
        let d = v + <usize>i * tile + c4;
        for (let r = 0; r < tall; r++) {
          if (width === 4) input4(t, 16, d, vStride);
          else input6(t, 16, d, vStride);
          t += line;
          d += vLine;
        }
      }
    }
    let filter = u;
    for (let o = 0; o < outputs; o += 8) {
      let d = v, product = products;
      for (let point = 0; point < points; point++) {
        for (let i = 0; i < count; i += 4) pointProduct(d + <usize>i * tile, tile, filter, channels, product + (<usize>i << 5));
        d += vStride;
        product += mStride;
        filter += <usize>channels << 5;
      }
      const end = outputs - o > 4 ? 32 : 16;
      for (let i = 0; i < count; i++) {
        const place = places + <usize>i * 12;
        for (let h: usize = 0; h < <usize>end; h += 16) {
          let p = products + (<usize>i << 5) + h, t = scratch;
          for (let q = 0; q < wide; q++) {
            if (height === 4) output4(p, mLine, t, line);
            else output6(p, mLine, t, line);
            p += mStride;
            t += 16;
          }
          const channel = (<usize>o << 2) + h;
          const b = v128.load(bias + channel);
          t = scratch;
          for (let r: usize = 0; r < <usize>height; r += 2) {
            for (let k = 0; k < 2; k++) {
              if (width === 4) output4(t, 16, t, 16);
              else output6(t, 16, t, 16);
              t += line;
            }
            let at = t - 2 * line;
            let window = <usize>load<u32>(place) + r * xRow;
            let out = <usize>load<u32>(place, 4) + (r >> 1) * yRow + channel;
            let won = <usize>load<u32>(place, 8) + (r >> 1) * winnerRow + channel;
            for (let q = 0; q < width; q += 2) {
              poolEpilogue(v128.load(at), v128.load(at, 16), v128.load(at + line), v128.load(at + line, 16), b, window, xRow, xPixel, out, won);
              window += 2 * xPixel;
              out += yPixel;
              won += yPixel;
              at += 32;
            }
          }
        }
      }
    }
  }
}
