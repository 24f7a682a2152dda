import { copy } from "./activations";
import { zero } from "./maps";
import { matmul, matmulTransposed, transpose } from "./matmul";
import { scale, sumOfSquares } from "./optimizers";

/** p = a·1 + b·g + c·g²; all of `size` rows of `width` floats, g² given. */
function polynomial(size: i32, width: i32, g: usize, square: usize, p: usize, a: f32, b: f32, c: f32): void {
  const b4 = f32x4.splat(b),
    c4 = f32x4.splat(c);
  const row = (<usize>width) << 2;
  for (let i = 0; i < size; i++) {
    for (let at: usize = 0; at < row; at += 16)
      v128.store(p + at, f32x4.add(f32x4.mul(b4, v128.load(g + at)), f32x4.mul(c4, v128.load(square + at))));
    const diagonal = p + ((<usize>i) << 2);
    store<f32>(diagonal, load<f32>(diagonal) + a);
    g += row;
    square += row;
    p += row;
  }
}

/**
 * x ← about U·Vᵀ of its singular value decomposition; the arithmetic: src/core/reference/orthogonalize.ts.
 * `columns` is a multiple of 4. Square matrices have `size` rows of `width` floats, size rounded up to a multiple of 4:
 * g, q, p, square and product are room for one each, y for a matrix as large as x or its transpose, zeros for a row.
 */
export function orthogonalize(
  rows: i32,
  columns: i32,
  x: usize,
  steps: i32,
  a: f32,
  b: f32,
  c: f32,
  g: usize,
  q: usize,
  p: usize,
  square: usize,
  product: usize,
  y: usize,
  zeros: usize,
): void {
  const wide = rows <= columns;
  const size = wide ? rows : columns;
  const width = (size + 3) & ~3;
  const floats = size * width;
  const bytes = (<usize>width) << 2,
    xBytes = (<usize>columns) << 2;
  const norm = sumOfSquares(rows * columns, x);
  scale(rows * columns, x, norm === 0 ? 0 : <f32>(1 / Math.sqrt(norm)));
  if (wide) {
    transpose(rows, columns, x, xBytes, y, bytes);
    matmul(size, columns, width, x, xBytes, y, bytes, zeros, g, bytes);
  } else {
    zero(g, floats << 2);
    matmulTransposed(rows, columns, columns, x, xBytes, x, xBytes, g, bytes);
  }
  for (let step = 0; step < steps; step++) {
    matmul(size, size, width, g, bytes, g, bytes, zeros, square, bytes);
    polynomial(size, width, g, square, p, a, b, c);
    if (step === 0) copy(floats, p, q);
    else {
      matmul(size, size, width, p, bytes, q, bytes, zeros, product, bytes);
      const free = q;
      q = product;
      product = free;
    }
    if (step < steps - 1) {
      matmul(size, size, width, p, bytes, g, bytes, zeros, product, bytes);
      matmul(size, size, width, product, bytes, p, bytes, zeros, g, bytes);
    }
  }
  if (wide) matmul(size, size, columns, q, bytes, x, xBytes, zeros, y, xBytes);
  else matmul(rows, size, columns, x, xBytes, q, bytes, zeros, y, xBytes);
  copy(rows * columns, y, x);
}
