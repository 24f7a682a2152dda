// Winograd convolution F(h×w, 3×3), h and w each 4 or 6 (Lavin and Gray, "Fast algorithms for convolutional neural
// networks", 2016): input tiles of (h+2)·(w+2) pixels and the filters are transformed, multiplied point by point (a matrix
// product over channels at each of the (h+2)·(w+2) points), and transformed back: 64 products for 36 outputs, 48 for 24
// or 36 for 16, instead of 9 for 1. Any even length from 4 is a sum of sixes and fours, so tiles never overlap.
import { pooled, poolWinner } from "./conv-relu-pool";
import { storePair } from "./pairs";
import { filter4, filter6 } from "./winograd-filter-transforms";
import { LINE, PAIR } from "./winograd-lines";
import { inputTransform, outputTransform } from "./winograd-transforms";

/**
 * U from w [O][3][3][C] (C padded to 4): both axes of each filter transformed; [C][8] for each block of eight filters, `block`
 * bytes apart, at each point, `point` bytes apart. Blocks of four filters × four channels are transposed first, so that
 * every vector holds one channel of four filters, as U wants them. `scratch`: 36 vectors and `height + 2` lines.
 */
export function winogradFilters(
  outputs: i32,
  channels: i32,
  height: i32,
  width: i32,
  w: usize,
  u: usize,
  block: usize,
  point: usize,
  scratch: usize,
): void {
  const tap = (<usize>channels) << 2,
    filter: usize = 9 * tap;
  const zero = f32x4.splat(0);
  const half = scratch + 36 * 16;
  for (let o = 0; o < outputs; o += 4) {
    for (let i = 0; i < channels; i += 4) {
      let p = w + <usize>o * filter + ((<usize>i) << 2);
      for (let k: usize = 0; k < 9; k++) {
        const a = v128.load(p),
          b = o + 1 < outputs ? v128.load(p + filter) : zero,
          g = o + 2 < outputs ? v128.load(p + 2 * filter) : zero,
          d = o + 3 < outputs ? v128.load(p + 3 * filter) : zero;
        const x = v128.shuffle<f32>(a, b, 0, 4, 1, 5),
          y = v128.shuffle<f32>(g, d, 0, 4, 1, 5);
        const z = v128.shuffle<f32>(a, b, 2, 6, 3, 7),
          v = v128.shuffle<f32>(g, d, 2, 6, 3, 7);
        const t = scratch + k * 16;
        v128.store(t, v128.shuffle<f32>(x, y, 0, 1, 4, 5));
        v128.store(t, v128.shuffle<f32>(x, y, 2, 3, 6, 7), 144);
        v128.store(t, v128.shuffle<f32>(z, v, 0, 1, 4, 5), 288);
        v128.store(t, v128.shuffle<f32>(z, v, 2, 3, 6, 7), 432);
        p += tap;
      }
      for (let j = 0; j < 4; j++) {
        const taps = scratch + <usize>j * 144;
        let d = u + <usize>(o >> 3) * block + <usize>((i + j) * 8 + (o & 4)) * 4;
        for (let kx: usize = 0; kx < 3; kx++) {
          if (height === 4) filter4(true, taps + kx * 16, half + kx * 16, 48);
          else filter6(true, taps + kx * 16, half + kx * 16, 48);
        }
        for (let r = 0; r < height + 2; r++) {
          if (width === 4) filter4(false, half + <usize>r * LINE, d, point);
          else filter6(false, half + <usize>r * LINE, d, point);
          d += <usize>(width + 2) * point;
        }
      }
    }
  }
}

/**
 * Transforms the windows of one tile, `tile` bytes of channels each, to d at every point, `step` bytes from one eight channels to
 * the next. Of an odd number of fours the last eight reach 16 bytes too far, in the windows and at d.
 */
// @ts-ignore: decorator
@inline
export function inputTile(
  height: i32,
  width: i32,
  tile: usize,
  corner: usize,
  xRow: usize,
  xPixel: usize,
  d: usize,
  step: usize,
  point: usize,
  scratch: usize,
): void {
  const wide = width + 2,
    dLine = <usize>wide * point;
  for (let c8: usize = 0; c8 < tile; c8 += PAIR) {
    inputTransform(true, height, wide, corner + c8, xPixel, scratch, PAIR, xRow);
    inputTransform(false, width, height + 2, scratch, LINE, d, dLine, point);
    d += step;
  }
}

/** Eight floats to start a sum from. */
export const ZEROS = memory.data<f32>([0, 0, 0, 0, 0, 0, 0, 0], 16);

/** Four tiles × 8 output channels at one point: m = start + v · u over all channels; `tile` and `mTile` lead from tile to tile. */
// @ts-ignore: decorator
@inline
export function productTile(
  v: usize,
  tile: usize,
  u: usize,
  channels: i32,
  start: usize,
  m: usize,
  mTile: usize,
): void {
  const s0 = v128.load(start),
    s1 = v128.load(start, 16);
  let a0 = s0,
    a1 = s1,
    a2 = s0,
    a3 = s1,
    a4 = s0,
    a5 = s1,
    a6 = s0,
    a7 = s1;
  let v1 = v + tile,
    v2 = v1 + tile,
    v3 = v2 + tile;
  const end = u + ((<usize>channels) << 5);
  while (u < end) {
    const w0 = v128.load(u),
      w1 = v128.load(u, 16);
    let t = v128.load32_splat(v3);
    a6 = f32x4.add(a6, f32x4.mul(t, w0));
    a7 = f32x4.add(a7, f32x4.mul(t, w1));
    t = v128.load32_splat(v2);
    a4 = f32x4.add(a4, f32x4.mul(t, w0));
    a5 = f32x4.add(a5, f32x4.mul(t, w1));
    t = v128.load32_splat(v1);
    a2 = f32x4.add(a2, f32x4.mul(t, w0));
    a3 = f32x4.add(a3, f32x4.mul(t, w1));
    t = v128.load32_splat(v);
    a0 = f32x4.add(a0, f32x4.mul(t, w0));
    a1 = f32x4.add(a1, f32x4.mul(t, w1));
    u += 32;
    v += 4;
    v1 += 4;
    v2 += 4;
    v3 += 4;
  }
  storePair(m, a0, a1);
  m += mTile;
  storePair(m, a2, a3);
  m += mTile;
  storePair(m, a4, a5);
  storePair(m + mTile, a6, a7);
}

/** Pools two neighbouring pixels of two lines of the scratch: eight channels, or four where not `both`. */
// @ts-ignore: decorator
@inline
function pool(
  both: bool,
  at: usize,
  bias: usize,
  window: usize,
  xRow: usize,
  xPixel: usize,
  y: usize,
  winner: usize,
): void {
  const below = at + LINE;
  const a0 = v128.load(at),
    a1 = v128.load(at, 32),
    a2 = v128.load(below),
    a3 = v128.load(below, 32);
  const low = v128.load(bias);
  if (both) {
    const b0 = v128.load(at, 16),
      b1 = v128.load(at, 48),
      b2 = v128.load(below, 16),
      b3 = v128.load(below, 48);
    const high = v128.load(bias, 16);
    storePair(
      winner,
      poolWinner(a0, a1, a2, a3, window, xRow, xPixel),
      poolWinner(b0, b1, b2, b3, window, xRow, xPixel),
    );
    storePair(y, pooled(a0, a1, a2, a3, low), pooled(b0, b1, b2, b3, high));
  } else {
    v128.store(winner, poolWinner(a0, a1, a2, a3, window, xRow, xPixel));
    v128.store(y, pooled(a0, a1, a2, a3, low));
  }
}

/** Tiles transformed and multiplied together: their V and one block of their M stay in the L1 cache. */
const GROUP = 16;

/**
 * Convolution, ReLU and 2×2 max-pooling of down × across tiles of height × width a sample: y and the winners' addresses.
 * `x` is the first pixel of the first tile's first window, `y` and `winner` its first pooled output; `winnerSample` and
 * `winnerRow` are the winners' pitches, a pixel's is y's. `v`: points × (GROUP·C·4 + 64) bytes; `products`: points ×
 * (GROUP·32 + 64); `scratch`: 8 lines + 3·GROUP words.
 */
export function winogradForward(
  n: i32,
  down: i32,
  across: i32,
  height: i32,
  width: i32,
  channels: i32,
  outputs: i32,
  x: usize,
  xSample: usize,
  xRow: usize,
  xPixel: usize,
  u: usize,
  bias: usize,
  y: usize,
  ySample: usize,
  yRow: usize,
  yPixel: usize,
  winner: usize,
  winnerSample: usize,
  winnerRow: usize,
  v: usize,
  products: usize,
  scratch: usize,
): void {
  const wide = width + 2;
  const points = (height + 2) * wide;
  const tile = (<usize>channels) << 2;
  // 64 bytes more than a group needs: strides that are powers of two would map all points onto the same cache sets.
  const vStride: usize = <usize>GROUP * tile + 64,
    mStride: usize = GROUP * 32 + 64;
  const mLine = <usize>wide * mStride;
  const total = n * down * across;
  const places = scratch + 8 * LINE;
  for (let first = 0; first < total; first += GROUP) {
    const count = min(GROUP, total - first);
    for (let i = 0; i < count; i++) {
      const s = <usize>((first + i) / (down * across)),
        k = (first + i) % (down * across);
      const top = <usize>((k / across) * height),
        left = <usize>((k % across) * width);
      const corner = x + s * xSample + top * xRow + left * xPixel;
      const place = places + <usize>i * 12;
      store<u32>(place, <u32>corner);
      store<u32>(place, <u32>(y + s * ySample + (top >> 1) * yRow + (left >> 1) * yPixel), 4);
      store<u32>(place, <u32>(winner + s * winnerSample + (top >> 1) * winnerRow + (left >> 1) * yPixel), 8);
      inputTile(height, width, tile, corner, xRow, xPixel, v + <usize>i * tile, PAIR, vStride, scratch);
    }
    let filter = u;
    for (let o = 0; o < outputs; o += 8) {
      let d = v,
        product = products;
      for (let point = 0; point < points; point++) {
        for (let i = 0; i < count; i += 4)
          productTile(d + <usize>i * tile, tile, filter, channels, ZEROS, product + ((<usize>i) << 5), 32);
        d += vStride;
        product += mStride;
        filter += (<usize>channels) << 5;
      }
      const both = outputs - o > 4;
      for (let i = 0; i < count; i++) {
        const place = places + <usize>i * 12;
        outputTransform(true, height, wide, products + ((<usize>i) << 5), mStride, scratch, PAIR, mLine);
        outputTransform(false, width, height, scratch, LINE, scratch, LINE, PAIR);
        const channel = (<usize>o) << 2;
        const b = bias + channel;
        for (let r: usize = 0; r < <usize>height; r += 2) {
          let at = scratch + r * LINE;
          let window = <usize>load<u32>(place) + r * xRow;
          let out = <usize>load<u32>(place, 4) + (r >> 1) * yRow + channel;
          let won = <usize>load<u32>(place, 8) + (r >> 1) * winnerRow + channel;
          for (let q = 0; q < width; q += 2) {
            if (both) pool(true, at, b, window, xRow, xPixel, out, won);
            else pool(false, at, b, window, xRow, xPixel, out, won);
            window += 2 * xPixel;
            out += yPixel;
            won += yPixel;
            at += 2 * PAIR;
          }
        }
      }
    }
  }
}
