// Products of row-major matrices whose rows are padded to a multiple of 4 floats. Strides are in bytes. Each output is
// one chain of additions over ascending k, so its bits do not depend on tiles. Register tiles are 4 rows × 8 floats, or
// × 12 for the last columns (ten classes are padded to twelve). Rows missing in the last tile repeat its last row.
import { storePair } from "./pairs";

/** The first `vectors` of three. */
// @ts-ignore: decorator
@inline
function storeRow(vectors: i32, row: usize, a: v128, b: v128, c: v128): void {
  if (vectors > 1) storePair(row, a, b);
  else v128.store(row, a);
  if (vectors > 2) v128.store(row, c, 32);
}

/** Four rows of y = bias + x · w, `vectors` (1 to 3) × 4 columns wide. */
// @ts-ignore: decorator
@inline
function productTile(
  vectors: i32,
  k: i32,
  x0: usize,
  x1: usize,
  x2: usize,
  x3: usize,
  w: usize,
  wStride: usize,
  bias: usize,
  y0: usize,
  y1: usize,
  y2: usize,
  y3: usize,
): void {
  const b0 = v128.load(bias),
    b1 = vectors > 1 ? v128.load(bias, 16) : b0,
    b2 = vectors > 2 ? v128.load(bias, 32) : b0;
  let a0 = b0,
    a1 = b1,
    a2 = b2,
    a3 = b0,
    a4 = b1,
    a5 = b2,
    a6 = b0,
    a7 = b1,
    a8 = b2,
    a9 = b0,
    a10 = b1,
    a11 = b2;
  for (let i = 0; i < k; i++) {
    const w0 = v128.load(w),
      w1 = vectors > 1 ? v128.load(w, 16) : w0,
      w2 = vectors > 2 ? v128.load(w, 32) : w0;
    let t = v128.load32_splat(x3);
    a9 = f32x4.add(a9, f32x4.mul(t, w0));
    if (vectors > 1) a10 = f32x4.add(a10, f32x4.mul(t, w1));
    if (vectors > 2) a11 = f32x4.add(a11, f32x4.mul(t, w2));
    t = v128.load32_splat(x2);
    a6 = f32x4.add(a6, f32x4.mul(t, w0));
    if (vectors > 1) a7 = f32x4.add(a7, f32x4.mul(t, w1));
    if (vectors > 2) a8 = f32x4.add(a8, f32x4.mul(t, w2));
    t = v128.load32_splat(x1);
    a3 = f32x4.add(a3, f32x4.mul(t, w0));
    if (vectors > 1) a4 = f32x4.add(a4, f32x4.mul(t, w1));
    if (vectors > 2) a5 = f32x4.add(a5, f32x4.mul(t, w2));
    t = v128.load32_splat(x0);
    a0 = f32x4.add(a0, f32x4.mul(t, w0));
    if (vectors > 1) a1 = f32x4.add(a1, f32x4.mul(t, w1));
    if (vectors > 2) a2 = f32x4.add(a2, f32x4.mul(t, w2));
    x0 += 4;
    x1 += 4;
    x2 += 4;
    x3 += 4;
    w += wStride;
  }
  storeRow(vectors, y0, a0, a1, a2);
  storeRow(vectors, y1, a3, a4, a5);
  storeRow(vectors, y2, a6, a7, a8);
  storeRow(vectors, y3, a9, a10, a11);
}

/** Width in vectors of the next tile of `left` floats: 2, but 3 for the last 12 and 1 for the last 4. */
// @ts-ignore: decorator
@inline
function tileVectors(left: i32): i32 {
  return left === 12 ? 3 : left === 4 ? 1 : 2;
}

/** y[n, m] = bias[m] + x[n, k] · w[k, m]; m counts floats and is a multiple of 4. */
export function matmul(
  n: i32,
  k: i32,
  m: i32,
  x: usize,
  xStride: usize,
  w: usize,
  wStride: usize,
  bias: usize,
  y: usize,
  yStride: usize,
): void {
  let left = m;
  while (left > 0) {
    const vectors = tileVectors(left);
    for (let s = 0; s < n; s += 4) {
      const x0 = x + <usize>s * xStride,
        x1 = s + 1 < n ? x0 + xStride : x0,
        x2 = s + 2 < n ? x1 + xStride : x1,
        x3 = s + 3 < n ? x2 + xStride : x2;
      const y0 = y + <usize>s * yStride,
        y1 = s + 1 < n ? y0 + yStride : y0,
        y2 = s + 2 < n ? y1 + yStride : y1,
        y3 = s + 3 < n ? y2 + yStride : y2;
      if (vectors === 2) productTile(2, k, x0, x1, x2, x3, w, wStride, bias, y0, y1, y2, y3);
      else if (vectors === 3) productTile(3, k, x0, x1, x2, x3, w, wStride, bias, y0, y1, y2, y3);
      else productTile(1, k, x0, x1, x2, x3, w, wStride, bias, y0, y1, y2, y3);
    }
    const bytes = (<usize>vectors) << 4;
    w += bytes;
    bias += bytes;
    y += bytes;
    left -= vectors << 2;
  }
}

/** Four rows (from the columns x … x + 3 of x) of c += xᵀ · y, `vectors` × 4 columns wide. */
// @ts-ignore: decorator
@inline
function transposedTile(
  vectors: i32,
  n: i32,
  x: usize,
  xStride: usize,
  y: usize,
  yStride: usize,
  c0: usize,
  c1: usize,
  c2: usize,
  c3: usize,
): void {
  let a0 = v128.load(c0),
    a3 = v128.load(c1),
    a6 = v128.load(c2),
    a9 = v128.load(c3);
  let a1 = a0,
    a2 = a0,
    a4 = a0,
    a5 = a0,
    a7 = a0,
    a8 = a0,
    a10 = a0,
    a11 = a0;
  if (vectors > 1) {
    a1 = v128.load(c0, 16);
    a4 = v128.load(c1, 16);
    a7 = v128.load(c2, 16);
    a10 = v128.load(c3, 16);
  }
  if (vectors > 2) {
    a2 = v128.load(c0, 32);
    a5 = v128.load(c1, 32);
    a8 = v128.load(c2, 32);
    a11 = v128.load(c3, 32);
  }
  // Rows past the last column of x read padding of x, and repeat the last row's address.
  const d1 = c1 === c0 ? 0 : 4,
    d2 = c2 === c1 ? d1 : d1 + 4,
    d3 = c3 === c2 ? d2 : d2 + 4;
  let x1 = x + d1,
    x2 = x + d2,
    x3 = x + d3;
  for (let s = 0; s < n; s++) {
    const y0 = v128.load(y),
      y1 = vectors > 1 ? v128.load(y, 16) : y0,
      y2 = vectors > 2 ? v128.load(y, 32) : y0;
    let t = v128.load32_splat(x3);
    a9 = f32x4.add(a9, f32x4.mul(t, y0));
    if (vectors > 1) a10 = f32x4.add(a10, f32x4.mul(t, y1));
    if (vectors > 2) a11 = f32x4.add(a11, f32x4.mul(t, y2));
    t = v128.load32_splat(x2);
    a6 = f32x4.add(a6, f32x4.mul(t, y0));
    if (vectors > 1) a7 = f32x4.add(a7, f32x4.mul(t, y1));
    if (vectors > 2) a8 = f32x4.add(a8, f32x4.mul(t, y2));
    t = v128.load32_splat(x1);
    a3 = f32x4.add(a3, f32x4.mul(t, y0));
    if (vectors > 1) a4 = f32x4.add(a4, f32x4.mul(t, y1));
    if (vectors > 2) a5 = f32x4.add(a5, f32x4.mul(t, y2));
    t = v128.load32_splat(x);
    a0 = f32x4.add(a0, f32x4.mul(t, y0));
    if (vectors > 1) a1 = f32x4.add(a1, f32x4.mul(t, y1));
    if (vectors > 2) a2 = f32x4.add(a2, f32x4.mul(t, y2));
    x += xStride;
    x1 += xStride;
    x2 += xStride;
    x3 += xStride;
    y += yStride;
  }
  storeRow(vectors, c0, a0, a1, a2);
  storeRow(vectors, c1, a3, a4, a5);
  storeRow(vectors, c2, a6, a7, a8);
  storeRow(vectors, c3, a9, a10, a11);
}

/** c[k, m] += xᵀ[k, n] · y[n, m]; m counts floats and is a multiple of 4. */
export function matmulTransposed(
  n: i32,
  k: i32,
  m: i32,
  x: usize,
  xStride: usize,
  y: usize,
  yStride: usize,
  c: usize,
  cStride: usize,
): void {
  let left = m;
  while (left > 0) {
    const vectors = tileVectors(left);
    for (let i = 0; i < k; i += 4) {
      const c0 = c + <usize>i * cStride,
        c1 = i + 1 < k ? c0 + cStride : c0,
        c2 = i + 2 < k ? c1 + cStride : c1,
        c3 = i + 3 < k ? c2 + cStride : c2;
      const p = x + ((<usize>i) << 2);
      if (vectors === 2) transposedTile(2, n, p, xStride, y, yStride, c0, c1, c2, c3);
      else if (vectors === 3) transposedTile(3, n, p, xStride, y, yStride, c0, c1, c2, c3);
      else transposedTile(1, n, p, xStride, y, yStride, c0, c1, c2, c3);
    }
    const bytes = (<usize>vectors) << 4;
    y += bytes;
    c += bytes;
    left -= vectors << 2;
  }
}

/** sums[m] += Σ over n rows; m counts floats and is a multiple of 4. */
export function addColumnSums(n: i32, m: i32, y: usize, yStride: usize, sums: usize): void {
  for (let j = 0; j < m; j += 4) {
    let a = v128.load(sums);
    let p = y;
    for (let s = 0; s < n; s++) {
      a = f32x4.add(a, v128.load(p));
      p += yStride;
    }
    v128.store(sums, a);
    sums += 16;
    y += 16;
  }
}

/** t[j, i] = w[i, j] for i < rows, j < columns: 4 × 4 blocks; both matrices are padded to multiples of 4, and w's padding holds zeros. */
export function transpose(rows: i32, columns: i32, w: usize, wStride: usize, t: usize, tStride: usize): void {
  for (let i = 0; i < rows; i += 4) {
    const r0 = w + <usize>i * wStride;
    const zero = f32x4.splat(0);
    for (let j = 0; j < columns; j += 4) {
      const at = (<usize>j) << 2;
      const a = v128.load(r0 + at);
      const b = i + 1 < rows ? v128.load(r0 + wStride + at) : zero,
        c = i + 2 < rows ? v128.load(r0 + 2 * wStride + at) : zero,
        d = i + 3 < rows ? v128.load(r0 + 3 * wStride + at) : zero;
      const x = v128.shuffle<f32>(a, b, 0, 4, 1, 5),
        y = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
      const z = v128.shuffle<f32>(a, b, 2, 6, 3, 7),
        u = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
      let q = t + <usize>j * tStride + ((<usize>i) << 2);
      v128.store(q, v128.shuffle<f32>(x, y, 0, 1, 4, 5));
      q += tStride;
      if (j + 1 < columns) v128.store(q, v128.shuffle<f32>(x, y, 2, 3, 6, 7));
      q += tStride;
      if (j + 2 < columns) v128.store(q, v128.shuffle<f32>(z, u, 0, 1, 4, 5));
      q += tStride;
      if (j + 3 < columns) v128.store(q, v128.shuffle<f32>(z, u, 2, 3, 6, 7));
    }
  }
}
