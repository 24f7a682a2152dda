// Convolution 3×3 (padding 1), ReLU and 2×2 max-pooling in one. N samples, C channels in, O out, P × Q pooled pixels.
// Forward keeps, per pooled output, the address of the window (its first input pixel) that won; backward then needs
// only that window, and nothing where the ReLU is dead: gradients go through lists per output channel.
import { append4, storeBounds } from "./lists";
import { accumulate, scatter, tiles, WIDEST } from "./sparse";

/** The larger of two; NaN where one is, unlike pmax, which prefers its first operand. */
// @ts-ignore: decorator
@inline
function larger(a: v128, b: v128): v128 {
  return v128.or(f32x4.pmax(a, b), f32x4.pmax(b, a));
}

/** The larger of four neighbouring sums (reading order), plus bias, through the ReLU. */
// @ts-ignore: decorator
@inline
export function pooled(a0: v128, a1: v128, a2: v128, a3: v128, bias: v128): v128 {
  return f32x4.pmax(f32x4.add(larger(larger(a0, a1), larger(a2, a3)), bias), f32x4.splat(0));
}

/** The address of the window that the largest of the four sums belongs to; the first of equals wins. */
// @ts-ignore: decorator
@inline
export function poolWinner(a0: v128, a1: v128, a2: v128, a3: v128, window: usize, xRow: usize, xPixel: usize): v128 {
  const below = f32x4.gt(larger(a2, a3), larger(a0, a1));
  const right = v128.bitselect(f32x4.gt(a3, a2), f32x4.gt(a1, a0), below);
  const address = i32x4.add(v128.and(below, i32x4.splat(<i32>xRow)), v128.and(right, i32x4.splat(<i32>xPixel)));
  return i32x4.add(i32x4.splat(<i32>window), address);
}

/** Packs w [O][3][4] (one input channel, rows padded to four) into [⌈O/4⌉][9][4]. */
export function packSingleChannel(outputs: i32, w: usize, packed: usize): void {
  for (let o = 0; o < outputs; o += 4)
    for (let tap = 0; tap < 9; tap++)
      for (let j = 0; j < 4; j++) {
        store<f32>(packed, o + j < outputs ? load<f32>(w + <usize>((o + j) * 12 + (tap / 3) * 4 + (tap % 3)) * 4) : 0);
        packed += 4;
      }
}

/** Two roundings, never a fused one. */
// @ts-ignore: decorator
@inline
function multiplyAdd(sum: v128, x: v128, y: v128): v128 {
  return f32x4.add(sum, f32x4.mul(x, y));
}

/**
 * Forward from one input channel (pixels 4 bytes apart): the nine taps of four filters stay in registers. Where all
 * sixteen pixels of the windows are 0 (a third of FashionMNIST) so are the sums, and the winner is noted as 0: no gradient flows to the weights.
 */
export function singleChannelForward(
  n: i32,
  rows: i32,
  columns: i32,
  outputs: i32,
  x: usize,
  xSample: usize,
  xRow: usize,
  packed: usize,
  bias: usize,
  y: usize,
  ySample: usize,
  yRow: usize,
  yPixel: usize,
  winner: usize,
): void {
  const sampleWinners = <usize>(rows * columns) * yPixel;
  for (let s = 0; s < n; s++) {
    let w = packed,
      b = bias;
    for (let o = 0; o < outputs; o += 4) {
      const w0 = v128.load(w),
        w1 = v128.load(w, 16),
        w2 = v128.load(w, 32),
        w3 = v128.load(w, 48),
        w4 = v128.load(w, 64);
      const w5 = v128.load(w, 80),
        w6 = v128.load(w, 96),
        w7 = v128.load(w, 112),
        w8 = v128.load(w, 128);
      const b4 = v128.load(b);
      let out = winner + ((<usize>o) << 2);
      for (let r = 0; r < rows; r++) {
        let p = x + <usize>(2 * r) * xRow;
        let q = y + <usize>r * yRow + ((<usize>o) << 2);
        const end = q + <usize>columns * yPixel;
        while (q < end) {
          const p1 = p + xRow,
            p2 = p1 + xRow,
            p3 = p2 + xRow;
          if (v128.any_true(v128.or(v128.or(v128.load(p), v128.load(p1)), v128.or(v128.load(p2), v128.load(p3))))) {
            // Each pixel is loaded once, for the one to four windows it belongs to.
            let t = v128.load32_splat(p);
            let a0 = f32x4.mul(w0, t);
            t = v128.load32_splat(p, 4);
            a0 = multiplyAdd(a0, w1, t);
            let a1 = f32x4.mul(w0, t);
            t = v128.load32_splat(p, 8);
            a0 = multiplyAdd(a0, w2, t);
            a1 = multiplyAdd(a1, w1, t);
            t = v128.load32_splat(p, 12);
            a1 = multiplyAdd(a1, w2, t);
            t = v128.load32_splat(p1);
            a0 = multiplyAdd(a0, w3, t);
            let a2 = f32x4.mul(w0, t);
            t = v128.load32_splat(p1, 4);
            a0 = multiplyAdd(a0, w4, t);
            a1 = multiplyAdd(a1, w3, t);
            a2 = multiplyAdd(a2, w1, t);
            let a3 = f32x4.mul(w0, t);
            t = v128.load32_splat(p1, 8);
            a0 = multiplyAdd(a0, w5, t);
            a1 = multiplyAdd(a1, w4, t);
            a2 = multiplyAdd(a2, w2, t);
            a3 = multiplyAdd(a3, w1, t);
            t = v128.load32_splat(p1, 12);
            a1 = multiplyAdd(a1, w5, t);
            a3 = multiplyAdd(a3, w2, t);
            t = v128.load32_splat(p2);
            a0 = multiplyAdd(a0, w6, t);
            a2 = multiplyAdd(a2, w3, t);
            t = v128.load32_splat(p2, 4);
            a0 = multiplyAdd(a0, w7, t);
            a1 = multiplyAdd(a1, w6, t);
            a2 = multiplyAdd(a2, w4, t);
            a3 = multiplyAdd(a3, w3, t);
            t = v128.load32_splat(p2, 8);
            a0 = multiplyAdd(a0, w8, t);
            a1 = multiplyAdd(a1, w7, t);
            a2 = multiplyAdd(a2, w5, t);
            a3 = multiplyAdd(a3, w4, t);
            t = v128.load32_splat(p2, 12);
            a1 = multiplyAdd(a1, w8, t);
            a3 = multiplyAdd(a3, w5, t);
            t = v128.load32_splat(p3);
            a2 = multiplyAdd(a2, w6, t);
            t = v128.load32_splat(p3, 4);
            a2 = multiplyAdd(a2, w7, t);
            a3 = multiplyAdd(a3, w6, t);
            t = v128.load32_splat(p3, 8);
            a2 = multiplyAdd(a2, w8, t);
            a3 = multiplyAdd(a3, w7, t);
            t = v128.load32_splat(p3, 12);
            a3 = multiplyAdd(a3, w8, t);
            v128.store(out, poolWinner(a0, a1, a2, a3, p, xRow, 4));
            v128.store(q, pooled(a0, a1, a2, a3, b4));
          } else {
            v128.store(q, f32x4.pmax(b4, f32x4.splat(0)));
            v128.store(out, f32x4.splat(0));
          }
          p += 8;
          q += yPixel;
          out += yPixel;
        }
      }
      w += 144;
      b += 16;
    }
    x += xSample;
    y += ySample;
    winner += sampleWinners;
  }
}

/**
 * dw [O][3][4] += Σ gradient · window, over the lists: the three rows of a filter for even and for odd entries, as six
 * independent sums keep the adders busy.
 */
export function singleChannelWeightGradient(outputs: i32, xRow: usize, bounds: usize, dw: usize): void {
  // The fourth float of a weight row is padding: it saw the pixel beside the window.
  const taps = i32x4(-1, -1, -1, 0);
  for (let o = 0; o < outputs; o++) {
    let list = <usize>load<u32>(bounds);
    const end = <usize>load<u32>(bounds, 4);
    // A list of odd length gets one more entry of gradient 0.
    store<u32>(end, load<u32>(list));
    store<u32>(end, 0, 4);
    let a0 = v128.load(dw),
      a1 = v128.load(dw, 16),
      a2 = v128.load(dw, 32);
    let b0 = f32x4.splat(0),
      b1 = b0,
      b2 = b0;
    while (list < end) {
      let p = <usize>load<u32>(list);
      let g = v128.load32_splat(list, 4);
      a0 = f32x4.add(a0, f32x4.mul(g, v128.load(p)));
      p += xRow;
      a1 = f32x4.add(a1, f32x4.mul(g, v128.load(p)));
      a2 = f32x4.add(a2, f32x4.mul(g, v128.load(p + xRow)));
      p = <usize>load<u32>(list, 8);
      g = v128.load32_splat(list, 12);
      b0 = f32x4.add(b0, f32x4.mul(g, v128.load(p)));
      p += xRow;
      b1 = f32x4.add(b1, f32x4.mul(g, v128.load(p)));
      b2 = f32x4.add(b2, f32x4.mul(g, v128.load(p + xRow)));
      list += 16;
    }
    v128.store(dw, v128.and(f32x4.add(a0, b0), taps));
    v128.store(dw, v128.and(f32x4.add(a1, b1), taps), 16);
    v128.store(dw, v128.and(f32x4.add(a2, b2), taps), 32);
    dw += 48;
    bounds += 8;
  }
}

/** Gradient of four channels at a pixel: dy where y > 0, else 0. */
// @ts-ignore: decorator
@inline
function alive(y: usize, shift: usize): v128 {
  return v128.and(v128.load(y + shift), f32x4.gt(v128.load(y), f32x4.splat(0)));
}

/**
 * Per output channel, the list of (winning window's address, gradient) of all gradients that are not 0, where those behind
 * a dead ReLU (y = 0) are; db += their sum. `bounds` [O padded to 4][2] takes where the lists start and end; 32 bytes beyond an end are written.
 */
export function windowLists(
  n: i32,
  rows: i32,
  columns: i32,
  outputs: i32,
  y: usize,
  dy: usize,
  sample: usize,
  row: usize,
  pixel: usize,
  winner: usize,
  lists: usize,
  capacity: usize,
  bounds: usize,
  db: usize,
): void {
  const shift = dy - y;
  const zero = f32x4.splat(0);
  for (let o = 0; o < outputs; o += 4) {
    const first = lists + <usize>o * capacity;
    storeBounds(
      bounds + ((<usize>o) << 3),
      first,
      capacity,
      first,
      first + capacity,
      first + 2 * capacity,
      first + 3 * capacity,
    );
  }
  for (let s = 0; s < n; s++) {
    for (let r = 0; r < rows; r++) {
      // All channels of a row before the next: its pixels are then read from the L1 cache but once.
      for (let o = 0; o < outputs; o += 4) {
        const bound = bounds + ((<usize>o) << 3),
          channel = (<usize>o) << 2;
        let l0 = <usize>load<u32>(bound, 4),
          l1 = <usize>load<u32>(bound, 12),
          l2 = <usize>load<u32>(bound, 20),
          l3 = <usize>load<u32>(bound, 28);
        let sum = v128.load(db + channel);
        let p = y + <usize>s * sample + <usize>r * row + channel;
        let at = winner + channel;
        for (let q = 0; q < columns; q += 4) {
          // Four pixels × four channels, transposed: one vector of pixels for each channel's list.
          let a = alive(p, shift),
            b = q + 1 < columns ? alive(p + pixel, shift) : zero,
            c = q + 2 < columns ? alive(p + 2 * pixel, shift) : zero,
            d = q + 3 < columns ? alive(p + 3 * pixel, shift) : zero;
          sum = f32x4.add(f32x4.add(f32x4.add(f32x4.add(sum, a), b), c), d);
          // Past a row's end these read the next row's winners (or beyond the last): their gradients are 0.
          const wa = v128.load(at),
            wb = v128.load(at + pixel),
            wc = v128.load(at + 2 * pixel),
            wd = v128.load(at + 3 * pixel);
          // Windows noted as 0 are all zero and contribute nothing; images are full of them, side by side.
          a = v128.and(a, i32x4.ne(wa, zero));
          b = v128.and(b, i32x4.ne(wb, zero));
          c = v128.and(c, i32x4.ne(wc, zero));
          d = v128.and(d, i32x4.ne(wd, zero));
          if (v128.any_true(v128.or(v128.or(a, b), v128.or(c, d)))) {
            let e = v128.shuffle<f32>(a, b, 0, 4, 1, 5),
              f = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
            let g = v128.shuffle<f32>(wa, wb, 0, 4, 1, 5),
              h = v128.shuffle<f32>(wc, wd, 0, 4, 1, 5);
            l0 = append4(l0, v128.shuffle<f32>(g, h, 0, 1, 4, 5), v128.shuffle<f32>(e, f, 0, 1, 4, 5));
            l1 = append4(l1, v128.shuffle<f32>(g, h, 2, 3, 6, 7), v128.shuffle<f32>(e, f, 2, 3, 6, 7));
            e = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
            f = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
            g = v128.shuffle<f32>(wa, wb, 2, 6, 3, 7);
            h = v128.shuffle<f32>(wc, wd, 2, 6, 3, 7);
            l2 = append4(l2, v128.shuffle<f32>(g, h, 0, 1, 4, 5), v128.shuffle<f32>(e, f, 0, 1, 4, 5));
            l3 = append4(l3, v128.shuffle<f32>(g, h, 2, 3, 6, 7), v128.shuffle<f32>(e, f, 2, 3, 6, 7));
          }
          p += 4 * pixel;
          at += 4 * pixel;
        }
        v128.store(db + channel, sum);
        store<u32>(bound, <u32>l0, 4);
        store<u32>(bound, <u32>l1, 12);
        store<u32>(bound, <u32>l2, 20);
        store<u32>(bound, <u32>l3, 28);
      }
      winner += <usize>columns * pixel;
    }
  }
}

/** dw [O][3][3C] += Σ gradient · window, over the lists. */
export function windowWeightGradient(outputs: i32, vectors: i32, xRow: usize, bounds: usize, dw: usize): void {
  const parts = tiles(vectors, WIDEST);
  const width = vectors / parts,
    wider = vectors % parts;
  const filter = (<usize>(3 * vectors)) << 4;
  let offset: usize = 0;
  for (let ky = 0; ky < 3; ky++) {
    let column = offset;
    for (let part = 0; part < parts; part++) {
      const w = part < wider ? width + 1 : width;
      accumulate(w, outputs, bounds, 8, column, dw, filter, dw, filter);
      column += (<usize>w) << 4;
      dw += (<usize>w) << 4;
    }
    offset += xRow;
  }
}

/** dx's window += gradient · w [O][3][3C], over the lists; `shift` leads from an address in x to the same place in dx. */
export function windowInputGradient(
  outputs: i32,
  vectors: i32,
  xRow: usize,
  shift: usize,
  bounds: usize,
  w: usize,
): void {
  const parts = tiles(vectors, 12);
  const width = vectors / parts,
    wider = vectors % parts;
  for (let o = 0; o < outputs; o++) {
    const list = <usize>load<u32>(bounds),
      end = <usize>load<u32>(bounds, 4);
    let offset = shift;
    for (let ky = 0; ky < 3; ky++) {
      let column = offset;
      for (let part = 0; part < parts; part++) {
        const v = part < wider ? width + 1 : width;
        scatter(v, list, end, column, w);
        column += (<usize>v) << 4;
        w += (<usize>v) << 4;
      }
      offset += xRow;
    }
    bounds += 8;
  }
}

/** memory.fill for few bytes (a multiple of 16): its call costs more than these stores. */
// @ts-ignore: decorator
@inline
function zero(p: usize, bytes: usize): void {
  for (let at: usize = 0; at < bytes; at += 16) v128.store(p + at, f32x4.splat(0));
}

/** Zeroes the halo of n images: the scatter above writes into it, and nothing may read that. */
export function clearHalo(n: i32, rows: i32, columns: i32, x: usize, sample: usize, row: usize, pixel: usize): void {
  for (let s = 0; s < n; s++) {
    // x is the first pixel inside the halo of width 1.
    zero(x - row - pixel, row);
    zero(x + <usize>rows * row - pixel, row);
    let p = x - pixel;
    for (let r = 0; r < rows; r++) {
      zero(p, pixel);
      zero(p + <usize>(columns + 1) * pixel, pixel);
      p += row;
    }
    x += sample;
  }
}
