// Convolution 3×3 (padding 1), ReLU and 2×2 max-pooling in one. N samples, C channels in, O out, P × Q pooled pixels.
// Forward keeps, per pooled output, the address of the window (its first input pixel) that won; backward then needs
// only that window, and nothing where the ReLU is dead: gradients go through lists per output channel.
import { accumulate, append4, scatter, tiles } from "./sparse";

/** Pools four neighbouring sums (reading order), adds the bias, applies the ReLU; the first of equals wins. */
// @ts-ignore: decorator
@inline
export function poolEpilogue(a0: v128, a1: v128, a2: v128, a3: v128, bias: v128, window: usize, xRow: usize, xPixel: usize, y: usize, winner: usize): void {
  const top = f32x4.pmax(a0, a1), bottom = f32x4.pmax(a2, a3);
  const below = f32x4.gt(bottom, top);
  const right = v128.bitselect(f32x4.gt(a3, a2), f32x4.gt(a1, a0), below);
  const address = i32x4.add(v128.and(below, i32x4.splat(<i32>xRow)), v128.and(right, i32x4.splat(<i32>xPixel)));
  v128.store(winner, i32x4.add(i32x4.splat(<i32>window), address));
  v128.store(y, f32x4.pmax(f32x4.add(f32x4.pmax(top, bottom), bias), f32x4.splat(0)));
}

/**
 * Filters of one input channel, w [O][3][4] (rows padded to four), transformed for Winograd's F(2×2, 3×3) into
 * [⌈O/4⌉][16][4]: U = G w Gᵀ with G = (1 0 0; ½ ½ ½; ½ -½ ½; 0 0 1).
 */
export function packSingleChannel(outputs: i32, w: usize, packed: usize): void {
  for (let o = 0; o < outputs; o++) {
    const filter = w + <usize>o * 48;
    const to = packed + <usize>((o >> 2) * 256 + (o & 3) * 4);
    for (let i = 0; i < 4; i++) {
      let a = columnTap(filter, i), b = columnTap(filter + 4, i), c = columnTap(filter + 8, i);
      const row = to + <usize>i * 64;
      store<f32>(row, a);
      store<f32>(row, <f32>0.5 * (a + b + c), 16);
      store<f32>(row, <f32>0.5 * (a - b + c), 32);
      store<f32>(row, c, 48);
    }
  }
}

/** Row i of G times the column of three taps, 16 bytes apart, at `w`. */
function columnTap(w: usize, i: i32): f32 {
  const a = load<f32>(w), b = load<f32>(w, 16), c = load<f32>(w, 32);
  return i === 0 ? a : i === 1 ? <f32>0.5 * (a + b + c) : i === 2 ? <f32>0.5 * (a - b + c) : c;
}

/** (a - c, b + c, c - b, b - d) of the lanes (a, b, c, d): one row of the input transform Bᵀ of F(2, 3). */
// @ts-ignore: decorator
@inline
function input2(t: v128): v128 {
  const signs = i32x4(0x80000000, 0, 0x80000000, 0x80000000);
  return f32x4.add(v128.shuffle<f32>(t, t, 0, 1, 2, 1), v128.xor(v128.shuffle<f32>(t, t, 2, 2, 1, 3), signs));
}

/**
 * Forward from one input channel (pixels 4 bytes apart), by Winograd's F(2×2, 3×3): a pooling window is one tile, whose
 * four sums take 16 products instead of 36. Where all sixteen pixels are 0 (a third of FashionMNIST) so are the sums, and
 * the winner is noted as 0: no gradient flows to the weights. `scratch`: 64 bytes.
 */
export function singleChannelForward(
  n: i32, rows: i32, columns: i32, outputs: i32, x: usize, xSample: usize, xRow: usize, packed: usize, bias: usize,
  y: usize, ySample: usize, yRow: usize, yPixel: usize, winner: usize, scratch: usize,
): void {
  const channels = <usize>outputs << 2;
  for (let s = 0; s < n; s++) {
    for (let r = 0; r < rows; r++) {
      let p = x + <usize>s * xSample + <usize>(2 * r) * xRow;
      let q = y + <usize>s * ySample + <usize>r * yRow;
      const end = q + <usize>columns * yPixel;
      while (q < end) {
        const d0 = v128.load(p), d1 = v128.load(p + xRow), d2 = v128.load(p + 2 * xRow), d3 = v128.load(p + 3 * xRow);
        if (v128.any_true(v128.or(v128.or(d0, d1), v128.or(d2, d3)))) {
          v128.store(scratch, input2(f32x4.sub(d0, d2)));
          v128.store(scratch, input2(f32x4.add(d1, d2)), 16);
          v128.store(scratch, input2(f32x4.sub(d2, d1)), 32);
          v128.store(scratch, input2(f32x4.sub(d1, d3)), 48);
          let w = packed;
          for (let c: usize = 0; c < channels; c += 16) {
            // Output transform, first down each column (upper and lower row of the sums), then across.
            let a = f32x4.mul(v128.load32_splat(scratch, 16), v128.load(w, 64)), b = f32x4.mul(v128.load32_splat(scratch, 32), v128.load(w, 128));
            const u0 = f32x4.add(f32x4.add(f32x4.mul(v128.load32_splat(scratch), v128.load(w)), a), b), l0 = f32x4.sub(f32x4.sub(a, b), f32x4.mul(v128.load32_splat(scratch, 48), v128.load(w, 192)));
            a = f32x4.mul(v128.load32_splat(scratch, 20), v128.load(w, 80)); b = f32x4.mul(v128.load32_splat(scratch, 36), v128.load(w, 144));
            const u1 = f32x4.add(f32x4.add(f32x4.mul(v128.load32_splat(scratch, 4), v128.load(w, 16)), a), b), l1 = f32x4.sub(f32x4.sub(a, b), f32x4.mul(v128.load32_splat(scratch, 52), v128.load(w, 208)));
            a = f32x4.mul(v128.load32_splat(scratch, 24), v128.load(w, 96)); b = f32x4.mul(v128.load32_splat(scratch, 40), v128.load(w, 160));
            const u2 = f32x4.add(f32x4.add(f32x4.mul(v128.load32_splat(scratch, 8), v128.load(w, 32)), a), b), l2 = f32x4.sub(f32x4.sub(a, b), f32x4.mul(v128.load32_splat(scratch, 56), v128.load(w, 224)));
            a = f32x4.mul(v128.load32_splat(scratch, 28), v128.load(w, 112)); b = f32x4.mul(v128.load32_splat(scratch, 44), v128.load(w, 176));
            const u3 = f32x4.add(f32x4.add(f32x4.mul(v128.load32_splat(scratch, 12), v128.load(w, 48)), a), b), l3 = f32x4.sub(f32x4.sub(a, b), f32x4.mul(v128.load32_splat(scratch, 60), v128.load(w, 240)));
            poolEpilogue(
              f32x4.add(f32x4.add(u0, u1), u2), f32x4.sub(f32x4.sub(u1, u2), u3), f32x4.add(f32x4.add(l0, l1), l2), f32x4.sub(f32x4.sub(l1, l2), l3),
              v128.load(bias + c), p, xRow, 4, q + c, winner + c,
            );
            w += 256;
          }
        } else {
          for (let c: usize = 0; c < channels; c += 16) {
            v128.store(q + c, f32x4.pmax(v128.load(bias + c), f32x4.splat(0)));
            v128.store(winner + c, f32x4.splat(0));
          }
        }
        p += 8;
        q += yPixel;
        winner += yPixel;
      }
    }
  }
}

/**
 * dw [O][3][4] += Σ gradient · window, over the lists: the three rows of a filter for even and for odd entries, as six
 * independent sums keep the adders busy.
 */
export function singleChannelWeightGradient(outputs: i32, xRow: usize, lists: usize, capacity: usize, ends: usize, dw: usize): void {
  // The fourth float of a weight row is padding: it saw the pixel beside the window.
  const taps = i32x4(-1, -1, -1, 0);
  for (let o = 0; o < outputs; o++) {
    let list = lists;
    const end = <usize>load<u32>(ends);
    // A list of odd length gets one more entry of gradient 0.
    store<u32>(end, load<u32>(list));
    store<u32>(end, 0, 4);
    let a0 = v128.load(dw), a1 = v128.load(dw, 16), a2 = v128.load(dw, 32);
    let b0 = f32x4.splat(0), b1 = b0, b2 = b0;
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
    lists += capacity;
    ends += 4;
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
 * a dead ReLU (y = 0) are; db += their sum. `ends` [O padded to 4] takes the lists' ends; 32 bytes beyond an end are written.
 */
export function windowLists(n: i32, rows: i32, columns: i32, outputs: i32, y: usize, dy: usize, sample: usize, row: usize, pixel: usize, winner: usize, lists: usize, capacity: usize, ends: usize, db: usize): void {
  const shift = dy - y;
  const zero = f32x4.splat(0);
  for (let o = 0; o < outputs; o += 4) {
    let l0 = lists, l1 = l0 + capacity, l2 = l1 + capacity, l3 = l2 + capacity;
    let at = winner + (<usize>o << 2);
    let sum = v128.load(db);
    for (let s = 0; s < n; s++) {
      for (let r = 0; r < rows; r++) {
        let p = y + <usize>s * sample + <usize>r * row + (<usize>o << 2);
        for (let q = 0; q < columns; q += 4) {
          // Four pixels × four channels, transposed: one vector of pixels for each channel's list.
          let a = alive(p, shift), b = q + 1 < columns ? alive(p + pixel, shift) : zero, c = q + 2 < columns ? alive(p + 2 * pixel, shift) : zero, d = q + 3 < columns ? alive(p + 3 * pixel, shift) : zero;
          sum = f32x4.add(f32x4.add(f32x4.add(f32x4.add(sum, a), b), c), d);
          // Past a row's end these read the next row's winners (or beyond the last): their gradients are 0.
          const wa = v128.load(at), wb = v128.load(at + pixel), wc = v128.load(at + 2 * pixel), wd = v128.load(at + 3 * pixel);
          // Windows noted as 0 are all zero and contribute nothing; images are full of them, side by side.
          a = v128.and(a, i32x4.ne(wa, zero)); b = v128.and(b, i32x4.ne(wb, zero)); c = v128.and(c, i32x4.ne(wc, zero)); d = v128.and(d, i32x4.ne(wd, zero));
          if (v128.any_true(v128.or(v128.or(a, b), v128.or(c, d)))) {
            let e = v128.shuffle<f32>(a, b, 0, 4, 1, 5), f = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
            let g = v128.shuffle<f32>(wa, wb, 0, 4, 1, 5), h = v128.shuffle<f32>(wc, wd, 0, 4, 1, 5);
            l0 = append4(l0, v128.shuffle<f32>(g, h, 0, 1, 4, 5), v128.shuffle<f32>(e, f, 0, 1, 4, 5));
            l1 = append4(l1, v128.shuffle<f32>(g, h, 2, 3, 6, 7), v128.shuffle<f32>(e, f, 2, 3, 6, 7));
            e = v128.shuffle<f32>(a, b, 2, 6, 3, 7); f = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
            g = v128.shuffle<f32>(wa, wb, 2, 6, 3, 7); h = v128.shuffle<f32>(wc, wd, 2, 6, 3, 7);
            l2 = append4(l2, v128.shuffle<f32>(g, h, 0, 1, 4, 5), v128.shuffle<f32>(e, f, 0, 1, 4, 5));
            l3 = append4(l3, v128.shuffle<f32>(g, h, 2, 3, 6, 7), v128.shuffle<f32>(e, f, 2, 3, 6, 7));
          }
          p += 4 * pixel;
          at += <usize>min(4, columns - q) * pixel;
        }
      }
    }
    v128.store(db, sum);
    store<u32>(ends, <u32>l0);
    store<u32>(ends, <u32>l1, 4);
    store<u32>(ends, <u32>l2, 8);
    store<u32>(ends, <u32>l3, 12);
    ends += 16;
    db += 16;
    lists += 4 * capacity;
  }
}

/** dw [O][3][3C] += Σ gradient · window, over the lists. */
export function windowWeightGradient(outputs: i32, vectors: i32, xRow: usize, lists: usize, capacity: usize, ends: usize, dw: usize): void {
  const parts = tiles(vectors, 6);
  const width = vectors / parts, wider = vectors % parts;
  for (let o = 0; o < outputs; o++) {
    const end = <usize>load<u32>(ends);
    let offset: usize = 0;
    for (let ky = 0; ky < 3; ky++) {
      let column = offset;
      for (let part = 0; part < parts; part++) {
        const w = part < wider ? width + 1 : width;
        accumulate(w, lists, end, column, dw);
        column += <usize>w << 4;
        dw += <usize>w << 4;
      }
      offset += xRow;
    }
    lists += capacity;
    ends += 4;
  }
}

/** dx's window += gradient · w [O][3][3C], over the lists; `shift` leads from an address in x to the same place in dx. */
export function windowInputGradient(outputs: i32, vectors: i32, xRow: usize, shift: usize, lists: usize, capacity: usize, ends: usize, w: usize): void {
  const parts = tiles(vectors, 12);
  const width = vectors / parts, wider = vectors % parts;
  for (let o = 0; o < outputs; o++) {
    const end = <usize>load<u32>(ends);
    let offset = shift;
    for (let ky = 0; ky < 3; ky++) {
      let column = offset;
      for (let part = 0; part < parts; part++) {
        const v = part < wider ? width + 1 : width;
        scatter(v, lists, end, column, w);
        column += <usize>v << 4;
        w += <usize>v << 4;
      }
      offset += xRow;
    }
    lists += capacity;
    ends += 4;
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
