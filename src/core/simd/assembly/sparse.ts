// Sparse accumulation. A list holds entries of 8 bytes, (address of a row of floats, multiplier); half the
// pixels of an image, half of what a ReLU lets through and seven of eight gradients behind a pooled ReLU are
// exactly 0, and a list leaves them out. Sums run in list order, so their rounding is fixed.

/** out[0 … 4·width) += Σ multiplier · row[0 … 4·width), in `width` ≤ 7 accumulators: with one load each, V8 keeps no more in registers. */
// @ts-ignore: decorator
@inline
function accumulateTile(width: i32, list: usize, end: usize, offset: usize, out: usize): void {
  let a0 = v128.load(out), a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0, a6 = a0;
  if (width > 1) a1 = v128.load(out, 16);
  if (width > 2) a2 = v128.load(out, 32);
  if (width > 3) a3 = v128.load(out, 48);
  if (width > 4) a4 = v128.load(out, 64);
  if (width > 5) a5 = v128.load(out, 80);
  if (width > 6) a6 = v128.load(out, 96);
  while (list < end) {
    const row = <usize>load<u32>(list) + offset;
    const m = v128.load32_splat(list, 4);
    // Loads from the last accumulator to the first: in this order V8 keeps them all in registers.
    if (width > 6) a6 = f32x4.add(a6, f32x4.mul(m, v128.load(row, 96)));
    if (width > 5) a5 = f32x4.add(a5, f32x4.mul(m, v128.load(row, 80)));
    if (width > 4) a4 = f32x4.add(a4, f32x4.mul(m, v128.load(row, 64)));
    if (width > 3) a3 = f32x4.add(a3, f32x4.mul(m, v128.load(row, 48)));
    if (width > 2) a2 = f32x4.add(a2, f32x4.mul(m, v128.load(row, 32)));
    if (width > 1) a1 = f32x4.add(a1, f32x4.mul(m, v128.load(row, 16)));
    a0 = f32x4.add(a0, f32x4.mul(m, v128.load(row)));
    list += 8;
  }
  v128.store(out, a0);
  if (width > 1) v128.store(out, a1, 16);
  if (width > 2) v128.store(out, a2, 32);
  if (width > 3) v128.store(out, a3, 48);
  if (width > 4) v128.store(out, a4, 64);
  if (width > 5) v128.store(out, a5, 80);
  if (width > 6) v128.store(out, a6, 96);
}

/** The widths of the tiles that cut `vectors` into as few and as equal parts of at most `most` as possible: the first `more` are one wider. */
// @ts-ignore: decorator
@inline
export function tiles(vectors: i32, most: i32): i32 {
  return (vectors + most - 1) / most;
}

export function accumulate(width: i32, list: usize, end: usize, offset: usize, out: usize): void {
  switch (width) {
    case 7: accumulateTile(7, list, end, offset, out); break;
    case 6: accumulateTile(6, list, end, offset, out); break;
    case 5: accumulateTile(5, list, end, offset, out); break;
    case 4: accumulateTile(4, list, end, offset, out); break;
    case 3: accumulateTile(3, list, end, offset, out); break;
    case 2: accumulateTile(2, list, end, offset, out); break;
    default: accumulateTile(1, list, end, offset, out);
  }
}

/** row[0 … 4·width) += multiplier · source[0 … 4·width) for every entry: `width` ≤ 12 vectors of the source stay in registers. */
// @ts-ignore: decorator
@inline
function scatterTile(width: i32, list: usize, end: usize, offset: usize, source: usize): void {
  const s0 = v128.load(source);
  const s1 = width > 1 ? v128.load(source, 16) : s0, s2 = width > 2 ? v128.load(source, 32) : s0, s3 = width > 3 ? v128.load(source, 48) : s0;
  const s4 = width > 4 ? v128.load(source, 64) : s0, s5 = width > 5 ? v128.load(source, 80) : s0, s6 = width > 6 ? v128.load(source, 96) : s0;
  const s7 = width > 7 ? v128.load(source, 112) : s0, s8 = width > 8 ? v128.load(source, 128) : s0, s9 = width > 9 ? v128.load(source, 144) : s0;
  const s10 = width > 10 ? v128.load(source, 160) : s0, s11 = width > 11 ? v128.load(source, 176) : s0;
  while (list < end) {
    const row = <usize>load<u32>(list) + offset;
    const m = v128.load32_splat(list, 4);
    v128.store(row, f32x4.add(v128.load(row), f32x4.mul(m, s0)));
    if (width > 1) v128.store(row, f32x4.add(v128.load(row, 16), f32x4.mul(m, s1)), 16);
    if (width > 2) v128.store(row, f32x4.add(v128.load(row, 32), f32x4.mul(m, s2)), 32);
    if (width > 3) v128.store(row, f32x4.add(v128.load(row, 48), f32x4.mul(m, s3)), 48);
    if (width > 4) v128.store(row, f32x4.add(v128.load(row, 64), f32x4.mul(m, s4)), 64);
    if (width > 5) v128.store(row, f32x4.add(v128.load(row, 80), f32x4.mul(m, s5)), 80);
    if (width > 6) v128.store(row, f32x4.add(v128.load(row, 96), f32x4.mul(m, s6)), 96);
    if (width > 7) v128.store(row, f32x4.add(v128.load(row, 112), f32x4.mul(m, s7)), 112);
    if (width > 8) v128.store(row, f32x4.add(v128.load(row, 128), f32x4.mul(m, s8)), 128);
    if (width > 9) v128.store(row, f32x4.add(v128.load(row, 144), f32x4.mul(m, s9)), 144);
    if (width > 10) v128.store(row, f32x4.add(v128.load(row, 160), f32x4.mul(m, s10)), 160);
    if (width > 11) v128.store(row, f32x4.add(v128.load(row, 176), f32x4.mul(m, s11)), 176);
    list += 8;
  }
}

export function scatter(width: i32, list: usize, end: usize, offset: usize, source: usize): void {
  switch (width) {
    case 12: scatterTile(12, list, end, offset, source); break;
    case 11: scatterTile(11, list, end, offset, source); break;
    case 10: scatterTile(10, list, end, offset, source); break;
    case 9: scatterTile(9, list, end, offset, source); break;
    case 8: scatterTile(8, list, end, offset, source); break;
    case 7: scatterTile(7, list, end, offset, source); break;
    case 6: scatterTile(6, list, end, offset, source); break;
    case 5: scatterTile(5, list, end, offset, source); break;
    case 4: scatterTile(4, list, end, offset, source); break;
    case 3: scatterTile(3, list, end, offset, source); break;
    case 2: scatterTile(2, list, end, offset, source); break;
    default: scatterTile(1, list, end, offset, source);
  }
}

/** For each 4-bit mask, the byte shuffle that moves the lanes whose bit is set to the front, in order. */
const COMPACT = memory.data<u8>([
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  0, 1, 2, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  4, 5, 6, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  0, 1, 2, 3, 4, 5, 6, 7, 0, 0, 0, 0, 0, 0, 0, 0,
  8, 9, 10, 11, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  0, 1, 2, 3, 8, 9, 10, 11, 0, 0, 0, 0, 0, 0, 0, 0,
  4, 5, 6, 7, 8, 9, 10, 11, 0, 0, 0, 0, 0, 0, 0, 0,
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 0, 0, 0, 0,
  12, 13, 14, 15, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  0, 1, 2, 3, 12, 13, 14, 15, 0, 0, 0, 0, 0, 0, 0, 0,
  4, 5, 6, 7, 12, 13, 14, 15, 0, 0, 0, 0, 0, 0, 0, 0,
  0, 1, 2, 3, 4, 5, 6, 7, 12, 13, 14, 15, 0, 0, 0, 0,
  8, 9, 10, 11, 12, 13, 14, 15, 0, 0, 0, 0, 0, 0, 0, 0,
  0, 1, 2, 3, 8, 9, 10, 11, 12, 13, 14, 15, 0, 0, 0, 0,
  4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0, 0, 0, 0,
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
], 16);

/** Appends the non-zero ones of four (row address, value) entries without a branch, as zeros come in no order; returns the list's new end. Writes 32 bytes. */
// @ts-ignore: decorator
@inline
export function append4(list: usize, rows: v128, values: v128): usize {
  const mask = i32x4.bitmask(f32x4.ne(values, f32x4.splat(0)));
  const shuffle = v128.load(COMPACT + (<usize>mask << 4));
  const r = i8x16.swizzle(rows, shuffle), v = i8x16.swizzle(values, shuffle);
  v128.store(list, v128.shuffle<i32>(r, v, 0, 4, 1, 5));
  v128.store(list, v128.shuffle<i32>(r, v, 2, 6, 3, 7), 16);
  return list + (<usize>popcnt(mask) << 3);
}

/**
 * Lists of the non-zero entries of each row of x [n, k], pointing at rows of a matrix: entry i is (matrix + i rows, x[i]).
 * Every `chunk` columns (a multiple of 4) a boundary is noted in `bounds` [n][chunks + 1]; row s's list starts at
 * lists + s·capacity, and 32 bytes beyond its end are written. Rows of x are padded with zeros to a multiple of 4.
 */
export function rowLists(n: i32, k: i32, chunk: i32, x: usize, xStride: usize, matrix: usize, stride: usize, lists: usize, capacity: usize, bounds: usize): void {
  const step = i32x4.splat(<i32>stride << 2);
  const first = i32x4.add(i32x4.splat(<i32>matrix), i32x4.mul(i32x4.splat(<i32>stride), i32x4(0, 1, 2, 3)));
  for (let s = 0; s < n; s++) {
    let list = lists;
    let rows = first;
    store<u32>(bounds, <u32>list);
    bounds += 4;
    for (let i = 0; i < k; i += chunk) {
      let p = x + (<usize>i << 2);
      const end = x + (<usize>min(i + chunk, k) << 2);
      while (p < end) {
        list = append4(list, rows, v128.load(p));
        rows = i32x4.add(rows, step);
        p += 16;
      }
      store<u32>(bounds, <u32>list);
      bounds += 4;
    }
    x += xStride;
    lists += capacity;
  }
}

/**
 * Lists of the non-zero entries of each column of x [n, k], pointing at rows of a matrix [n, …]; `ends` [k, padded to a
 * multiple of 4] takes their ends. Four columns at a time, through 4 × 4 transposes.
 */
export function columnLists(n: i32, k: i32, x: usize, xStride: usize, matrix: usize, stride: usize, lists: usize, capacity: usize, ends: usize): void {
  const step = i32x4.splat(<i32>stride << 2);
  const first = i32x4.add(i32x4.splat(<i32>matrix), i32x4.mul(i32x4.splat(<i32>stride), i32x4(0, 1, 2, 3)));
  const zero = f32x4.splat(0);
  for (let i = 0; i < k; i += 4) {
    let l0 = lists, l1 = l0 + capacity, l2 = l1 + capacity, l3 = l2 + capacity;
    let p = x;
    let rows = first;
    for (let s = 0; s < n; s += 4) {
      const a = v128.load(p), b = s + 1 < n ? v128.load(p + xStride) : zero, c = s + 2 < n ? v128.load(p + 2 * xStride) : zero, d = s + 3 < n ? v128.load(p + 3 * xStride) : zero;
      const e = v128.shuffle<f32>(a, b, 0, 4, 1, 5), f = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
      const g = v128.shuffle<f32>(a, b, 2, 6, 3, 7), h = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
      l0 = append4(l0, rows, v128.shuffle<f32>(e, f, 0, 1, 4, 5));
      l1 = append4(l1, rows, v128.shuffle<f32>(e, f, 2, 3, 6, 7));
      l2 = append4(l2, rows, v128.shuffle<f32>(g, h, 0, 1, 4, 5));
      l3 = append4(l3, rows, v128.shuffle<f32>(g, h, 2, 3, 6, 7));
      rows = i32x4.add(rows, step);
      p += 4 * xStride;
    }
    store<u32>(ends, <u32>l0);
    store<u32>(ends, <u32>l1, 4);
    store<u32>(ends, <u32>l2, 8);
    store<u32>(ends, <u32>l3, 12);
    ends += 16;
    x += 16;
    lists += 4 * capacity;
  }
}

/** y[s] = bias + Σ over row s's list, chunk by chunk, so that the matrix rows of a chunk stay in the L1 cache; `vectors` floats/4 wide. */
export function multiplyRowLists(n: i32, vectors: i32, chunks: i32, bounds: usize, bias: usize, y: usize, yStride: usize): void {
  const bytes = <usize>vectors << 4;
  for (let s = 0; s < n; s++) {
    const row = y + <usize>s * yStride;
    for (let at: usize = 0; at < bytes; at += 16) v128.store(row + at, v128.load(bias + at));
  }
  const parts = tiles(vectors, 7);
  const width = vectors / parts, wider = vectors % parts;
  const boundStride = <usize>(chunks + 1) << 2;
  for (let c = 0; c < chunks; c++) {
    let column: usize = 0;
    for (let part = 0; part < parts; part++) {
      const w = part < wider ? width + 1 : width;
      let bound = bounds + (<usize>c << 2);
      let out = y + column;
      for (let s = 0; s < n; s++) {
        accumulate(w, load<u32>(bound), load<u32>(bound, 4), column, out);
        bound += boundStride;
        out += yStride;
      }
      column += <usize>w << 4;
    }
  }
}

/** out[i] += (or = where `fresh`) Σ over list i, for `count` lists at `capacity` bytes from one another. */
export function accumulateLists(count: i32, vectors: i32, fresh: bool, lists: usize, capacity: usize, ends: usize, out: usize, outStride: usize): void {
  const bytes = <usize>vectors << 4;
  const parts = tiles(vectors, 7);
  const width = vectors / parts, wider = vectors % parts;
  for (let i = 0; i < count; i++) {
    const end = <usize>load<u32>(ends);
    if (fresh) for (let at: usize = 0; at < bytes; at += 16) v128.store(out + at, f32x4.splat(0));
    let column: usize = 0;
    for (let part = 0; part < parts; part++) {
      const w = part < wider ? width + 1 : width;
      accumulate(w, lists, end, column, out + column);
      column += <usize>w << 4;
    }
    lists += capacity;
    ends += 4;
    out += outStride;
  }
}
