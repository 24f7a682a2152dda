// Products of row-major matrices whose rows are padded to a multiple of 4 floats. Strides are in bytes.
// Each output is one chain of additions over ascending k, so its bits do not depend on tiles or tails.

/** One row × 8 columns: y = bias + Σ_k x[k]·w[k]. */
// @ts-ignore: decorator
@inline
function row1(x: usize, w: usize, wStride: usize, k: i32, bias: usize, y: usize, both: bool): void {
  let a0 = v128.load(bias), a1 = both ? v128.load(bias, 16) : a0;
  for (let i = 0; i < k; i++) {
    const s = v128.load32_splat(x);
    a0 = f32x4.add(a0, f32x4.mul(s, v128.load(w)));
    if (both) a1 = f32x4.add(a1, f32x4.mul(s, v128.load(w, 16)));
    x += 4;
    w += wStride;
  }
  v128.store(y, a0);
  if (both) v128.store(y, a1, 16);
}

/** y[n, m] = bias[m] + x[n, k] · w[k, m]; m counts floats and is a multiple of 4. */
export function matmul(n: i32, k: i32, m: i32, x: usize, xStride: usize, w: usize, wStride: usize, bias: usize, y: usize, yStride: usize): void {
  for (let j = 0; j < m; j += 8) {
    const both = j + 8 <= m;
    const column = <usize>j << 2;
    let s = 0;
    if (both) {
      for (; s + 4 <= n; s += 4) {
        let x0 = x + <usize>s * xStride, x1 = x0 + xStride, x2 = x1 + xStride, x3 = x2 + xStride;
        let b0 = v128.load(bias + column), b1 = v128.load(bias + column, 16);
        let a0 = b0, a1 = b1, a2 = b0, a3 = b1, a4 = b0, a5 = b1, a6 = b0, a7 = b1;
        let p = w + column;
        for (let i = 0; i < k; i++) {
          const w0 = v128.load(p), w1 = v128.load(p, 16);
          let t = v128.load32_splat(x3);
          a6 = f32x4.add(a6, f32x4.mul(t, w0)); a7 = f32x4.add(a7, f32x4.mul(t, w1));
          t = v128.load32_splat(x2);
          a4 = f32x4.add(a4, f32x4.mul(t, w0)); a5 = f32x4.add(a5, f32x4.mul(t, w1));
          t = v128.load32_splat(x1);
          a2 = f32x4.add(a2, f32x4.mul(t, w0)); a3 = f32x4.add(a3, f32x4.mul(t, w1));
          t = v128.load32_splat(x0);
          a0 = f32x4.add(a0, f32x4.mul(t, w0)); a1 = f32x4.add(a1, f32x4.mul(t, w1));
          x0 += 4; x1 += 4; x2 += 4; x3 += 4;
          p += wStride;
        }
        let q = y + <usize>s * yStride + column;
        v128.store(q, a0); v128.store(q, a1, 16); q += yStride;
        v128.store(q, a2); v128.store(q, a3, 16); q += yStride;
        v128.store(q, a4); v128.store(q, a5, 16); q += yStride;
        v128.store(q, a6); v128.store(q, a7, 16);
      }
      for (; s < n; s++) row1(x + <usize>s * xStride, w + column, wStride, k, bias + column, y + <usize>s * yStride + column, true);
    } else {
      for (; s < n; s++) row1(x + <usize>s * xStride, w + column, wStride, k, bias + column, y + <usize>s * yStride + column, false);
    }
  }
}

/** c[k, m] += xᵀ[k, n] · y[n, m]; m counts floats and is a multiple of 4. */
export function matmulTransposed(n: i32, k: i32, m: i32, x: usize, xStride: usize, y: usize, yStride: usize, c: usize, cStride: usize): void {
  for (let i = 0; i < k; i += 4) {
    const rows = min(4, k - i);
    for (let j = 0; j < m; j += 8) {
      const both = j + 8 <= m;
      let q0 = c + <usize>i * cStride + (<usize>j << 2);
      // Rows past the last one are computed on the last one's address and not stored.
      let q1 = rows > 1 ? q0 + cStride : q0, q2 = rows > 2 ? q1 + cStride : q1, q3 = rows > 3 ? q2 + cStride : q2;
      const second = both ? <usize>16 : 0;
      let a0 = v128.load(q0), a1 = v128.load(q0 + second), a2 = v128.load(q1), a3 = v128.load(q1 + second);
      let a4 = v128.load(q2), a5 = v128.load(q2 + second), a6 = v128.load(q3), a7 = v128.load(q3 + second);
      let px = x + (<usize>i << 2), py = y + (<usize>j << 2);
      for (let s = 0; s < n; s++) {
        const y0 = v128.load(py), y1 = v128.load(py + second);
        let t = v128.load32_splat(px, 12);
        a6 = f32x4.add(a6, f32x4.mul(t, y0)); a7 = f32x4.add(a7, f32x4.mul(t, y1));
        t = v128.load32_splat(px, 8);
        a4 = f32x4.add(a4, f32x4.mul(t, y0)); a5 = f32x4.add(a5, f32x4.mul(t, y1));
        t = v128.load32_splat(px, 4);
        a2 = f32x4.add(a2, f32x4.mul(t, y0)); a3 = f32x4.add(a3, f32x4.mul(t, y1));
        t = v128.load32_splat(px);
        a0 = f32x4.add(a0, f32x4.mul(t, y0)); a1 = f32x4.add(a1, f32x4.mul(t, y1));
        px += xStride;
        py += yStride;
      }
      if (rows > 3) { v128.store(q3, a6); if (both) v128.store(q3, a7, 16); }
      if (rows > 2) { v128.store(q2, a4); if (both) v128.store(q2, a5, 16); }
      if (rows > 1) { v128.store(q1, a2); if (both) v128.store(q1, a3, 16); }
      v128.store(q0, a0);
      if (both) v128.store(q0, a1, 16);
    }
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

/** t[j, i] = w[i, j] for i < rows, j < columns. */
export function transpose(rows: i32, columns: i32, w: usize, wStride: usize, t: usize, tStride: usize): void {
  for (let i = 0; i < rows; i++) {
    let q = t + (<usize>i << 2);
    for (let j = 0; j < columns; j++) {
      store<f32>(q, load<f32>(w + (<usize>j << 2)));
      q += tStride;
    }
    w += wStride;
  }
}
