// Products over lists (lists.ts): sums of rows, each times its multiplier, or rows added to in turn. Sums run in list
// order, so their rounding is fixed.
import { columnLists } from "./lists";

/** Vectors that one tile accumulates at most: with a multiplier and a product the registers are full. */
export const WIDEST = 13;

/** Rows of zeros for sums that start afresh. */
export const ZEROS = memory.data(WIDEST << 4, 16);

/** The widths of the tiles that cut `vectors` into as few and as equal parts of at most `most` as possible: the first `more` are one wider. */
// @ts-ignore: decorator
@inline
export function tiles(vectors: i32, most: i32): i32 {
  return (vectors + most - 1) / most;
}

/** out[0 … 4·width) = from[0 … 4·width) + Σ multiplier · row[0 … 4·width), for each of `count` lists. */
// @ts-ignore: decorator
@inline
function accumulateTile(
  width: i32,
  count: i32,
  bounds: usize,
  boundsPitch: usize,
  offset: usize,
  from: usize,
  fromPitch: usize,
  out: usize,
  outPitch: usize,
): void {
  for (let i = 0; i < count; i++) {
    let list = <usize>load<u32>(bounds);
    const end = <usize>load<u32>(bounds, 4);
    let a0 = v128.load(from),
      a1 = a0,
      a2 = a0,
      a3 = a0,
      a4 = a0,
      a5 = a0,
      a6 = a0,
      a7 = a0,
      a8 = a0,
      a9 = a0,
      a10 = a0,
      a11 = a0,
      a12 = a0;
    if (width > 1) a1 = v128.load(from, 16);
    if (width > 2) a2 = v128.load(from, 32);
    if (width > 3) a3 = v128.load(from, 48);
    if (width > 4) a4 = v128.load(from, 64);
    if (width > 5) a5 = v128.load(from, 80);
    if (width > 6) a6 = v128.load(from, 96);
    if (width > 7) a7 = v128.load(from, 112);
    if (width > 8) a8 = v128.load(from, 128);
    if (width > 9) a9 = v128.load(from, 144);
    if (width > 10) a10 = v128.load(from, 160);
    if (width > 11) a11 = v128.load(from, 176);
    if (width > 12) a12 = v128.load(from, 192);
    while (list < end) {
      const row = <usize>load<u32>(list) + offset;
      const m = v128.load32_splat(list, 4);
      // Rows are loaded in the order in which the sums are stored below: V8 then loads each vector just before its product.
      a0 = f32x4.add(a0, f32x4.mul(m, v128.load(row)));
      if (width > 1) a1 = f32x4.add(a1, f32x4.mul(m, v128.load(row, 16)));
      if (width > 2) a2 = f32x4.add(a2, f32x4.mul(m, v128.load(row, 32)));
      if (width > 3) a3 = f32x4.add(a3, f32x4.mul(m, v128.load(row, 48)));
      if (width > 4) a4 = f32x4.add(a4, f32x4.mul(m, v128.load(row, 64)));
      if (width > 5) a5 = f32x4.add(a5, f32x4.mul(m, v128.load(row, 80)));
      if (width > 6) a6 = f32x4.add(a6, f32x4.mul(m, v128.load(row, 96)));
      if (width > 7) a7 = f32x4.add(a7, f32x4.mul(m, v128.load(row, 112)));
      if (width > 8) a8 = f32x4.add(a8, f32x4.mul(m, v128.load(row, 128)));
      if (width > 9) a9 = f32x4.add(a9, f32x4.mul(m, v128.load(row, 144)));
      if (width > 10) a10 = f32x4.add(a10, f32x4.mul(m, v128.load(row, 160)));
      if (width > 11) a11 = f32x4.add(a11, f32x4.mul(m, v128.load(row, 176)));
      if (width > 12) a12 = f32x4.add(a12, f32x4.mul(m, v128.load(row, 192)));
      list += 8;
    }
    v128.store(out, a0);
    if (width > 1) v128.store(out, a1, 16);
    if (width > 2) v128.store(out, a2, 32);
    if (width > 3) v128.store(out, a3, 48);
    if (width > 4) v128.store(out, a4, 64);
    if (width > 5) v128.store(out, a5, 80);
    if (width > 6) v128.store(out, a6, 96);
    if (width > 7) v128.store(out, a7, 112);
    if (width > 8) v128.store(out, a8, 128);
    if (width > 9) v128.store(out, a9, 144);
    if (width > 10) v128.store(out, a10, 160);
    if (width > 11) v128.store(out, a11, 176);
    if (width > 12) v128.store(out, a12, 192);
    bounds += boundsPitch;
    from += fromPitch;
    out += outPitch;
  }
}

/**
 * out = from + Σ multiplier · row over the entries of each of `count` lists, `width` ≤ WIDEST vectors of the rows from
 * byte `offset` on. A list's first entry and its end stand at `bounds`; out and from may be the same.
 */
export function accumulate(
  width: i32,
  count: i32,
  bounds: usize,
  boundsPitch: usize,
  offset: usize,
  from: usize,
  fromPitch: usize,
  out: usize,
  outPitch: usize,
): void {
  switch (width) {
    case 13:
      accumulateTile(13, count, bounds, boundsPitch, offset, from, fromPitch, out, outPitch);
      break;
    case 12:
      accumulateTile(12, count, bounds, boundsPitch, offset, from, fromPitch, out, outPitch);
      break;
    case 11:
      accumulateTile(11, count, bounds, boundsPitch, offset, from, fromPitch, out, outPitch);
      break;
    case 10:
      accumulateTile(10, count, bounds, boundsPitch, offset, from, fromPitch, out, outPitch);
      break;
    case 9:
      accumulateTile(9, count, bounds, boundsPitch, offset, from, fromPitch, out, outPitch);
      break;
    case 8:
      accumulateTile(8, count, bounds, boundsPitch, offset, from, fromPitch, out, outPitch);
      break;
    case 7:
      accumulateTile(7, count, bounds, boundsPitch, offset, from, fromPitch, out, outPitch);
      break;
    case 6:
      accumulateTile(6, count, bounds, boundsPitch, offset, from, fromPitch, out, outPitch);
      break;
    case 5:
      accumulateTile(5, count, bounds, boundsPitch, offset, from, fromPitch, out, outPitch);
      break;
    case 4:
      accumulateTile(4, count, bounds, boundsPitch, offset, from, fromPitch, out, outPitch);
      break;
    case 3:
      accumulateTile(3, count, bounds, boundsPitch, offset, from, fromPitch, out, outPitch);
      break;
    case 2:
      accumulateTile(2, count, bounds, boundsPitch, offset, from, fromPitch, out, outPitch);
      break;
    default:
      accumulateTile(1, count, bounds, boundsPitch, offset, from, fromPitch, out, outPitch);
  }
}

/** row[0 … 4·width) += multiplier · source[0 … 4·width) for every entry: `width` ≤ 12 vectors of the source stay in registers. */
// @ts-ignore: decorator
@inline
function scatterTile(width: i32, list: usize, end: usize, offset: usize, source: usize): void {
  const s0 = v128.load(source);
  const s1 = width > 1 ? v128.load(source, 16) : s0,
    s2 = width > 2 ? v128.load(source, 32) : s0,
    s3 = width > 3 ? v128.load(source, 48) : s0;
  const s4 = width > 4 ? v128.load(source, 64) : s0,
    s5 = width > 5 ? v128.load(source, 80) : s0,
    s6 = width > 6 ? v128.load(source, 96) : s0;
  const s7 = width > 7 ? v128.load(source, 112) : s0,
    s8 = width > 8 ? v128.load(source, 128) : s0,
    s9 = width > 9 ? v128.load(source, 144) : s0;
  const s10 = width > 10 ? v128.load(source, 160) : s0,
    s11 = width > 11 ? v128.load(source, 176) : s0;
  while (list < end) {
    const row = <usize>load<u32>(list) + offset;
    const m = v128.load32_splat(list, 4);
    // Upper halves of pairs are stored first, and no load lies between the two stores (README.md, "Pairs").
    let low = f32x4.add(v128.load(row), f32x4.mul(m, s0));
    if (width > 1) v128.store(row, f32x4.add(v128.load(row, 16), f32x4.mul(m, s1)), 16);
    v128.store(row, low);
    if (width > 2) low = f32x4.add(v128.load(row, 32), f32x4.mul(m, s2));
    if (width > 3) v128.store(row, f32x4.add(v128.load(row, 48), f32x4.mul(m, s3)), 48);
    if (width > 2) v128.store(row, low, 32);
    if (width > 4) low = f32x4.add(v128.load(row, 64), f32x4.mul(m, s4));
    if (width > 5) v128.store(row, f32x4.add(v128.load(row, 80), f32x4.mul(m, s5)), 80);
    if (width > 4) v128.store(row, low, 64);
    if (width > 6) low = f32x4.add(v128.load(row, 96), f32x4.mul(m, s6));
    if (width > 7) v128.store(row, f32x4.add(v128.load(row, 112), f32x4.mul(m, s7)), 112);
    if (width > 6) v128.store(row, low, 96);
    if (width > 8) low = f32x4.add(v128.load(row, 128), f32x4.mul(m, s8));
    if (width > 9) v128.store(row, f32x4.add(v128.load(row, 144), f32x4.mul(m, s9)), 144);
    if (width > 8) v128.store(row, low, 128);
    if (width > 10) low = f32x4.add(v128.load(row, 160), f32x4.mul(m, s10));
    if (width > 11) v128.store(row, f32x4.add(v128.load(row, 176), f32x4.mul(m, s11)), 176);
    if (width > 10) v128.store(row, low, 160);
    list += 8;
  }
}

export function scatter(width: i32, list: usize, end: usize, offset: usize, source: usize): void {
  switch (width) {
    case 12:
      scatterTile(12, list, end, offset, source);
      break;
    case 11:
      scatterTile(11, list, end, offset, source);
      break;
    case 10:
      scatterTile(10, list, end, offset, source);
      break;
    case 9:
      scatterTile(9, list, end, offset, source);
      break;
    case 8:
      scatterTile(8, list, end, offset, source);
      break;
    case 7:
      scatterTile(7, list, end, offset, source);
      break;
    case 6:
      scatterTile(6, list, end, offset, source);
      break;
    case 5:
      scatterTile(5, list, end, offset, source);
      break;
    case 4:
      scatterTile(4, list, end, offset, source);
      break;
    case 3:
      scatterTile(3, list, end, offset, source);
      break;
    case 2:
      scatterTile(2, list, end, offset, source);
      break;
    default:
      scatterTile(1, list, end, offset, source);
  }
}

/** y[s] = bias + Σ over row s's list, chunk by chunk, so that the matrix rows of a chunk stay in the L1 cache; `vectors` floats/4 wide. */
export function multiplyRowLists(
  n: i32,
  vectors: i32,
  chunks: i32,
  bounds: usize,
  bias: usize,
  y: usize,
  yStride: usize,
): void {
  const parts = tiles(vectors, WIDEST);
  const width = vectors / parts,
    wider = vectors % parts;
  const pitch = (<usize>(chunks + 1)) << 2;
  for (let c = 0; c < chunks; c++) {
    let column: usize = 0;
    for (let part = 0; part < parts; part++) {
      const w = part < wider ? width + 1 : width;
      const out = y + column;
      accumulate(w, n, bounds, pitch, column, c ? out : bias + column, c ? yStride : 0, out, yStride);
      column += (<usize>w) << 4;
    }
    bounds += 4;
  }
}

/** Columns of x that are listed together: their lists stay in the L1 cache beside y. */
const LISTED_COLUMNS = 32;

/**
 * out [k, m] += (or = where `fresh`) xᵀ · y for x [n, k] and y [n, m], m = 4·vectors, over lists of x's non-zero entries.
 * `lists`: LISTED_COLUMNS · capacity bytes, and 32 more; `bounds`: 2 · LISTED_COLUMNS words.
 */
export function multiplyColumnLists(
  n: i32,
  k: i32,
  vectors: i32,
  fresh: bool,
  x: usize,
  xStride: usize,
  y: usize,
  yStride: usize,
  lists: usize,
  capacity: usize,
  bounds: usize,
  out: usize,
  outStride: usize,
): void {
  const parts = tiles(vectors, WIDEST);
  const width = vectors / parts,
    wider = vectors % parts;
  for (let i = 0; i < k; i += LISTED_COLUMNS) {
    const count = min(LISTED_COLUMNS, k - i);
    columnLists(n, count, x, xStride, y, yStride, lists, capacity, bounds);
    let column: usize = 0;
    for (let part = 0; part < parts; part++) {
      const w = part < wider ? width + 1 : width;
      const to = out + column;
      accumulate(w, count, bounds, 8, column, fresh ? ZEROS : to, fresh ? 0 : outStride, to, outStride);
      column += (<usize>w) << 4;
    }
    x += LISTED_COLUMNS << 2;
    out += <usize>LISTED_COLUMNS * outStride;
  }
}
