// Winograd convolution without pooling, in all three passes: the output, and with the transforms' transposes the gradients.
// Per point of the transformed tiles each pass is one matrix product, over channels or over tiles, of matrices that fit in
// the L1 cache; `group` tiles go together, as many as keep their transforms in the L2 cache (../winograd-convolution.ts).
//   V [points][group][C]   U [points][⌈O/8⌉][C][8]   M [points][group][O padded to 8]   dU [points][C][O padded to 8]
// Points are 64 bytes further apart than they need be: powers of two would map all of them onto the same cache sets.
import { inputTile, productTile, ZEROS } from "./winograd";
import { storePair } from "./pairs";
import { collect4, collect6 } from "./winograd-filter-transforms";
import { LINE, PAIR } from "./winograd-lines";
import { gradientTransform } from "./winograd-gradient-transforms";
import { outputTransform } from "./winograd-transforms";

/** flipped [C][3][3][O] from w [O][3][3][C], turned by 180°: the filters of the input gradient. Pitches in floats. */
export function flipFilters(
  outputs: i32,
  outputPitch: i32,
  channels: i32,
  channelPitch: i32,
  w: usize,
  flipped: usize,
): void {
  for (let o = 0; o < outputs; o++)
    for (let tap = 0; tap < 9; tap++)
      for (let c = 0; c < channels; c++) {
        store<f32>(flipped + ((<usize>((c * 9 + 8 - tap) * outputPitch + o)) << 2), load<f32>(w));
        w += c === channels - 1 ? (<usize>(channelPitch - channels + 1)) << 2 : 4;
      }
}

/**
 * y = bias + x ⋆ w on down × across tiles of height × width (each 4 or 6) a sample. `x` is the first pixel of the first
 * tile's first window, `y` its first output; `bias` is padded to a multiple of 8.
 * `v`, `m`: points × (group·pitch·4 + 64) bytes; `scratch`: 8 lines + group words.
 */
export function winogradConvolve(
  n: i32,
  down: i32,
  across: i32,
  height: i32,
  width: i32,
  channels: i32,
  outputs: i32,
  group: i32,
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
  v: usize,
  m: usize,
  scratch: usize,
): void {
  const tall = height + 2,
    wide = width + 2,
    points = tall * wide;
  const tile = (<usize>channels) << 2,
    blocks = (outputs + 7) >> 3,
    mTile = (<usize>blocks) << 5;
  const vPoint = <usize>group * tile + 64,
    mPoint = <usize>group * mTile + 64,
    mLine = <usize>wide * mPoint;
  const block = (<usize>channels) << 5;
  const places = scratch + 8 * LINE;
  const total = n * down * across;
  for (let first = 0; first < total; first += group) {
    const count = min(group, total - first);
    for (let i = 0; i < count; i++) {
      const s = <usize>((first + i) / (down * across)),
        k = (first + i) % (down * across);
      const top = <usize>((k / across) * height),
        left = <usize>((k % across) * width);
      store<u32>(places + ((<usize>i) << 2), <u32>(y + s * ySample + top * yRow + left * yPixel));
      inputTile(
        height,
        width,
        tile,
        x + s * xSample + top * xRow + left * xPixel,
        xRow,
        xPixel,
        v + <usize>i * tile,
        PAIR,
        vPoint,
        scratch,
      );
    }
    let from = v,
      to = m,
      filters = u;
    for (let point = 0; point < points; point++) {
      // What is added at point (1, 1) is added to every output of the tile.
      const biased = point === wide + 1;
      for (let b = 0; b < blocks; b++) {
        const start = biased ? bias + ((<usize>b) << 5) : ZEROS;
        for (let i = 0; i < count; i += 4)
          productTile(
            from + <usize>i * tile,
            tile,
            filters,
            channels,
            start,
            to + <usize>i * mTile + ((<usize>b) << 5),
            mTile,
          );
        filters += block;
      }
      filters += 64;
      from += vPoint;
      to += mPoint;
    }
    for (let i = 0; i < count; i++) {
      const out = <usize>load<u32>(places + ((<usize>i) << 2));
      for (let c8: usize = 0; c8 < (<usize>outputs) << 2; c8 += PAIR) {
        outputTransform(true, height, wide, m + <usize>i * mTile + c8, mPoint, scratch, PAIR, mLine);
        const to = out + c8;
        if (c8 + PAIR <= (<usize>outputs) << 2) outputTransform(false, width, height, scratch, LINE, to, yRow, yPixel);
        else {
          // The last four channels are no pair: they go across within the scratch, and from there.
          outputTransform(false, width, height, scratch, LINE, scratch, LINE, PAIR);
          for (let r: usize = 0; r < <usize>height; r++)
            for (let q: usize = 0; q < <usize>width; q++)
              v128.store(to + r * yRow + q * yPixel, v128.load(scratch + r * LINE + q * PAIR));
        }
      }
    }
  }
}

/** Four rows of du += vᵀ · m over `count` tiles, 8 columns wide. Both come in panels of 8 channels, tile after tile. */
// @ts-ignore: decorator
@inline
function gradientTile(v: usize, m: usize, count: i32, d: usize, row: usize): void {
  const d1 = d + row,
    d2 = d1 + row,
    d3 = d2 + row;
  let a0 = v128.load(d),
    a1 = v128.load(d, 16),
    a2 = v128.load(d1),
    a3 = v128.load(d1, 16);
  let a4 = v128.load(d2),
    a5 = v128.load(d2, 16),
    a6 = v128.load(d3),
    a7 = v128.load(d3, 16);
  const end = v + ((<usize>count) << 5);
  while (v < end) {
    const w0 = v128.load(m),
      w1 = v128.load(m, 16);
    let t = v128.load32_splat(v, 12);
    a6 = f32x4.add(a6, f32x4.mul(t, w0));
    a7 = f32x4.add(a7, f32x4.mul(t, w1));
    t = v128.load32_splat(v, 8);
    a4 = f32x4.add(a4, f32x4.mul(t, w0));
    a5 = f32x4.add(a5, f32x4.mul(t, w1));
    t = v128.load32_splat(v, 4);
    a2 = f32x4.add(a2, f32x4.mul(t, w0));
    a3 = f32x4.add(a3, f32x4.mul(t, w1));
    t = v128.load32_splat(v);
    a0 = f32x4.add(a0, f32x4.mul(t, w0));
    a1 = f32x4.add(a1, f32x4.mul(t, w1));
    v += 32;
    m += 32;
  }
  storePair(d, a0, a1);
  storePair(d1, a2, a3);
  storePair(d2, a4, a5);
  storePair(d3, a6, a7);
}

/** The outputs of one tile as pairs of vectors side by side, those before `skipDown`, `skipAcross` as zeros. */
// @ts-ignore: decorator
@inline
function copyTile(
  height: i32,
  width: i32,
  skipDown: i32,
  skipAcross: i32,
  from: usize,
  row: usize,
  pixel: usize,
  to: usize,
): void {
  for (let r = 0; r < height; r++)
    for (let q = 0; q < width; q++) {
      const p = from + <usize>r * row + <usize>q * pixel;
      const at = to + <usize>(r * width + q) * PAIR;
      if (r < skipDown || q < skipAcross) storePair(at, f32x4.splat(0), f32x4.splat(0));
      else storePair(at, v128.load(p), v128.load(p, 16));
    }
}

/**
 * dw [O][3][3][C] += the gradient over down × across tiles of height × width a sample; the first `skipDown` rows and
 * `skipAcross` columns of every tile belong to a tile before it. `v`, `m` as above, but in panels
 * of 8 channels (the last may be half empty) and of 8 outputs, tile after tile; `du`: points × (C·O·4 + 64)
 * bytes; `scratch`: 8 lines + 36 pairs.
 */
export function winogradWeightGradient(
  n: i32,
  down: i32,
  across: i32,
  height: i32,
  width: i32,
  skipDown: i32,
  skipAcross: i32,
  channels: i32,
  outputs: i32,
  outputPitch: i32,
  group: i32,
  x: usize,
  xSample: usize,
  xRow: usize,
  xPixel: usize,
  dy: usize,
  dySample: usize,
  dyRow: usize,
  dyPixel: usize,
  dw: usize,
  v: usize,
  m: usize,
  du: usize,
  scratch: usize,
): void {
  const tall = height + 2,
    wide = width + 2,
    points = tall * wide;
  const tile = (<usize>channels) << 2,
    blocks = (outputPitch + 7) >> 3,
    mTile = (<usize>blocks) << 5;
  const vPoint = <usize>group * ((tile + 31) & ~31) + 64,
    mPoint = <usize>group * mTile + 64,
    mLine = <usize>wide * mPoint;
  const duPoint = <usize>channels * mTile + 64;
  const patch = scratch + 8 * LINE;
  const overlaps = (skipDown | skipAcross) !== 0;
  const total = n * down * across;
  memory.fill(du, 0, <usize>points * duPoint);
  for (let first = 0; first < total; first += group) {
    const count = min(group, total - first);
    for (let i = 0; i < count; i++) {
      const s = <usize>((first + i) / (down * across)),
        k = (first + i) % (down * across);
      const top = <usize>((k / across) * height),
        left = <usize>((k % across) * width);
      inputTile(
        height,
        width,
        tile,
        x + s * xSample + top * xRow + left * xPixel,
        xRow,
        xPixel,
        v + ((<usize>i) << 5),
        (<usize>group) << 5,
        vPoint,
        scratch,
      );
      const corner = dy + s * dySample + top * dyRow + left * dyPixel;
      for (let c8: usize = 0; c8 < mTile; c8 += PAIR) {
        let p = corner + c8,
          row = dyRow,
          pixel = dyPixel;
        if (overlaps) {
          copyTile(height, width, skipDown, skipAcross, p, row, pixel, patch);
          p = patch;
          row = <usize>width * PAIR;
          pixel = PAIR;
        }
        gradientTransform(true, height, width, p, pixel, scratch, PAIR, row);
        const to = m + c8 * group + ((<usize>i) << 5);
        gradientTransform(false, width, tall, scratch, LINE, to, mLine, mPoint);
      }
    }
    let from = v,
      other = m,
      sum = du;
    for (let point = 0; point < points; point++) {
      let d = sum;
      for (let c: usize = 0; c < tile; c += 16) {
        for (let b: usize = 0; b < mTile; b += 32)
          gradientTile(from + (c & ~31) * group + (c & 16), other + b * group, count, d + b, mTile);
        d += mTile << 2;
      }
      from += vPoint;
      other += mPoint;
      sum += duPoint;
    }
  }
  collectGradient(height, width, channels, outputs, mTile, du, duPoint, dw, scratch);
}

/** dw += Gᵀ dU G, in blocks of four channels × four outputs: vectors hold four outputs until the last transpose. */
function collectGradient(
  height: i32,
  width: i32,
  channels: i32,
  outputs: i32,
  duRow: usize,
  du: usize,
  duPoint: usize,
  dw: usize,
  scratch: usize,
): void {
  const wide = <usize>(width + 2);
  const tap = (<usize>channels) << 2,
    filter: usize = 9 * tap;
  const half = scratch + 36 * 16;
  for (let o = 0; o < outputs; o += 4) {
    const filters = min(4, outputs - o);
    for (let i = 0; i < channels; i += 4) {
      for (let j = 0; j < 4; j++) {
        let p = du + <usize>(i + j) * duRow + ((<usize>o) << 2);
        for (let q: usize = 0; q < wide; q++) {
          if (height === 4) collect4(true, p, half + (q << 4), wide * duPoint);
          else collect6(true, p, half + (q << 4), wide * duPoint);
          p += duPoint;
        }
        const taps = scratch + <usize>j * 144;
        for (let ky: usize = 0; ky < 3; ky++) {
          if (width === 4) collect4(false, half + ky * LINE, taps + ky * 48, 16);
          else collect6(false, half + ky * LINE, taps + ky * 48, 16);
        }
      }
      let q = dw + <usize>o * filter + ((<usize>i) << 2);
      for (let k: usize = 0; k < 9; k++) {
        const t = scratch + k * 16;
        const a = v128.load(t),
          b = v128.load(t, 144),
          c = v128.load(t, 288),
          d = v128.load(t, 432);
        const x = v128.shuffle<f32>(a, b, 0, 4, 1, 5),
          y = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
        const z = v128.shuffle<f32>(a, b, 2, 6, 3, 7),
          w = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
        addTo(q, v128.shuffle<f32>(x, y, 0, 1, 4, 5));
        if (filters > 1) addTo(q + filter, v128.shuffle<f32>(x, y, 2, 3, 6, 7));
        if (filters > 2) addTo(q + 2 * filter, v128.shuffle<f32>(z, w, 0, 1, 4, 5));
        if (filters > 3) addTo(q + 3 * filter, v128.shuffle<f32>(z, w, 2, 3, 6, 7));
        q += tap;
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function addTo(p: usize, value: v128): void {
  v128.store(p, f32x4.add(v128.load(p), value));
}
