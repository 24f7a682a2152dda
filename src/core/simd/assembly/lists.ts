// Lists of the entries of a matrix that are not 0: half the pixels of an image, half of what a ReLU lets through and
// seven of eight gradients behind a pooled ReLU are. An entry is 8 bytes, (address of a row of floats, multiplier).

/** For each 4-bit mask, the byte shuffle that moves the lanes whose bit is set to the front, in order. */
const COMPACT = memory.data<u8>(
  [
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 5, 6, 7, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 0, 0, 0, 0, 0, 0, 0, 0, 8, 9, 10, 11, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 1, 2, 3, 8, 9, 10, 11, 0, 0, 0, 0, 0, 0, 0, 0, 4, 5, 6, 7, 8, 9, 10, 11, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1,
    2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 0, 0, 0, 0, 12, 13, 14, 15, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 12, 13,
    14, 15, 0, 0, 0, 0, 0, 0, 0, 0, 4, 5, 6, 7, 12, 13, 14, 15, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 12, 13,
    14, 15, 0, 0, 0, 0, 8, 9, 10, 11, 12, 13, 14, 15, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 8, 9, 10, 11, 12, 13, 14, 15,
    0, 0, 0, 0, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
    15,
  ],
  16,
);

/** Appends the non-zero ones of four (row address, value) entries without a branch, as zeros come in no order; returns the list's new end. Writes 32 bytes. */
// @ts-ignore: decorator
@inline
export function append4(list: usize, rows: v128, values: v128): usize {
  const mask = i32x4.bitmask(f32x4.ne(values, f32x4.splat(0)));
  const shuffle = v128.load(COMPACT + ((<usize>mask) << 4));
  const r = i8x16.swizzle(rows, shuffle),
    v = i8x16.swizzle(values, shuffle);
  v128.store(list, v128.shuffle<i32>(r, v, 0, 4, 1, 5));
  v128.store(list, v128.shuffle<i32>(r, v, 2, 6, 3, 7), 16);
  return list + ((<usize>popcnt(mask)) << 3);
}

/** Notes where four lists, `capacity` bytes from one another, start and end. */
// @ts-ignore: decorator
@inline
export function storeBounds(
  bounds: usize,
  lists: usize,
  capacity: usize,
  end0: usize,
  end1: usize,
  end2: usize,
  end3: usize,
): void {
  store<u32>(bounds, <u32>lists);
  store<u32>(bounds, <u32>end0, 4);
  store<u32>(bounds, <u32>(lists + capacity), 8);
  store<u32>(bounds, <u32>end1, 12);
  store<u32>(bounds, <u32>(lists + 2 * capacity), 16);
  store<u32>(bounds, <u32>end2, 20);
  store<u32>(bounds, <u32>(lists + 3 * capacity), 24);
  store<u32>(bounds, <u32>end3, 28);
}

/**
 * Lists of the non-zero entries of each row of x [n, k], pointing at rows of a matrix: entry i is (matrix + i rows, x[i]).
 * Every `chunk` columns (a multiple of 4) a boundary is noted in `bounds` [n][chunks + 1]; row s's list starts at
 * lists + s·capacity, and 32 bytes beyond its end are written. Rows of x are padded with zeros to a multiple of 4.
 */
export function rowLists(
  n: i32,
  k: i32,
  chunk: i32,
  x: usize,
  xStride: usize,
  matrix: usize,
  stride: usize,
  lists: usize,
  capacity: usize,
  bounds: usize,
): void {
  const step = i32x4.splat((<i32>stride) << 2);
  const first = i32x4.add(i32x4.splat(<i32>matrix), i32x4.mul(i32x4.splat(<i32>stride), i32x4(0, 1, 2, 3)));
  for (let s = 0; s < n; s++) {
    let list = lists;
    let rows = first;
    store<u32>(bounds, <u32>list);
    bounds += 4;
    for (let i = 0; i < k; i += chunk) {
      let p = x + ((<usize>i) << 2);
      const end = x + ((<usize>min(i + chunk, k)) << 2);
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
 * Lists of the non-zero entries of each column of x [n, k], pointing at rows of a matrix [n, …]; `bounds` [k, padded to a
 * multiple of 4][2] takes where they start and end. Four columns at a time, through 4 × 4 transposes.
 */
export function columnLists(
  n: i32,
  k: i32,
  x: usize,
  xStride: usize,
  matrix: usize,
  stride: usize,
  lists: usize,
  capacity: usize,
  bounds: usize,
): void {
  const step = i32x4.splat((<i32>stride) << 2);
  const first = i32x4.add(i32x4.splat(<i32>matrix), i32x4.mul(i32x4.splat(<i32>stride), i32x4(0, 1, 2, 3)));
  const zero = f32x4.splat(0);
  for (let i = 0; i < k; i += 4) {
    let l0 = lists,
      l1 = l0 + capacity,
      l2 = l1 + capacity,
      l3 = l2 + capacity;
    let p = x;
    let rows = first;
    for (let s = 0; s < n; s += 4) {
      const a = v128.load(p),
        b = s + 1 < n ? v128.load(p + xStride) : zero,
        c = s + 2 < n ? v128.load(p + 2 * xStride) : zero,
        d = s + 3 < n ? v128.load(p + 3 * xStride) : zero;
      const e = v128.shuffle<f32>(a, b, 0, 4, 1, 5),
        f = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
      const g = v128.shuffle<f32>(a, b, 2, 6, 3, 7),
        h = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
      l0 = append4(l0, rows, v128.shuffle<f32>(e, f, 0, 1, 4, 5));
      l1 = append4(l1, rows, v128.shuffle<f32>(e, f, 2, 3, 6, 7));
      l2 = append4(l2, rows, v128.shuffle<f32>(g, h, 0, 1, 4, 5));
      l3 = append4(l3, rows, v128.shuffle<f32>(g, h, 2, 3, 6, 7));
      rows = i32x4.add(rows, step);
      p += 4 * xStride;
    }
    storeBounds(bounds, lists, capacity, l0, l1, l2, l3);
    bounds += 32;
    x += 16;
    lists += 4 * capacity;
  }
}
