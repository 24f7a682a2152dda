// Winograd's transforms of filters, `filter` and its transpose `collect`: as those of images (winograd-transforms.ts), but four filters
// at a time, in the lower halves of the scratch's pairs down and side by side across.

// @ts-ignore: decorator
@inline
function c(x: f32): v128 {
  return f32x4.splat(x);
}

/** Filter transform G for length 4: three vectors to six. */
// @ts-ignore: decorator
@inline
export function filter4(down: bool, p: usize, q: usize, step: usize): void {
  const x0 = v128.load(p);
  const x1 = down ? v128.load((p += step)) : v128.load(p, 16),
    x2 = down ? v128.load((p += step)) : v128.load(p, 32);
  let r: v128;
  v128.store(q, f32x4.mul(c(0.25), x0));
  let e = f32x4.mul(c(-1.0 / 6.0), f32x4.add(x0, x2)),
    f = f32x4.mul(c(-1.0 / 6.0), x1);
  r = f32x4.add(e, f);
  if (down) v128.store(q, r, 256);
  else v128.store((q += step), r);
  r = f32x4.sub(e, f);
  if (down) v128.store(q, r, 512);
  else v128.store((q += step), r);
  e = f32x4.add(f32x4.mul(c(1.0 / 24.0), x0), f32x4.mul(c(1.0 / 6.0), x2));
  f = f32x4.mul(c(1.0 / 12.0), x1);
  r = f32x4.add(e, f);
  if (down) v128.store(q, r, 768);
  else v128.store((q += step), r);
  r = f32x4.sub(e, f);
  if (down) v128.store(q, r, 1024);
  else v128.store((q += step), r);
  if (down) v128.store(q, x2, 1280);
  else v128.store((q += step), x2);
}

/** Filter transform for length 6: three vectors to eight. */
// @ts-ignore: decorator
@inline
export function filter6(down: bool, p: usize, q: usize, step: usize): void {
  const x0 = v128.load(p);
  const x1 = down ? v128.load((p += step)) : v128.load(p, 16),
    x2 = down ? v128.load((p += step)) : v128.load(p, 32);
  let r: v128;
  v128.store(q, x0);
  let e = f32x4.mul(c(-2.0 / 9.0), f32x4.add(x0, x2)),
    f = f32x4.mul(c(-2.0 / 9.0), x1);
  r = f32x4.add(e, f);
  if (down) v128.store(q, r, 256);
  else v128.store((q += step), r);
  r = f32x4.sub(e, f);
  if (down) v128.store(q, r, 512);
  else v128.store((q += step), r);
  e = f32x4.add(f32x4.mul(c(1.0 / 90.0), x0), f32x4.mul(c(2.0 / 45.0), x2));
  f = f32x4.mul(c(1.0 / 45.0), x1);
  r = f32x4.add(e, f);
  if (down) v128.store(q, r, 768);
  else v128.store((q += step), r);
  r = f32x4.sub(e, f);
  if (down) v128.store(q, r, 1024);
  else v128.store((q += step), r);
  e = f32x4.add(f32x4.mul(c(32.0 / 45.0), x0), f32x4.mul(c(8.0 / 45.0), x2));
  f = f32x4.mul(c(16.0 / 45.0), x1);
  r = f32x4.add(e, f);
  if (down) v128.store(q, r, 1280);
  else v128.store((q += step), r);
  r = f32x4.sub(e, f);
  if (down) v128.store(q, r, 1536);
  else v128.store((q += step), r);
  if (down) v128.store(q, x2, 1792);
  else v128.store((q += step), x2);
}

/** Transpose of the filter transform for length 4: six vectors to three. */
// @ts-ignore: decorator
@inline
export function collect4(down: bool, p: usize, q: usize, step: usize): void {
  const x0 = v128.load(p);
  const x1 = down ? v128.load((p += step)) : v128.load(p, 16),
    x2 = down ? v128.load((p += step)) : v128.load(p, 32);
  const x3 = down ? v128.load((p += step)) : v128.load(p, 48),
    x4 = down ? v128.load((p += step)) : v128.load(p, 64);
  const x5 = down ? v128.load((p += step)) : v128.load(p, 80);
  let r: v128;
  const s1 = f32x4.mul(c(-1.0 / 6.0), f32x4.add(x1, x2)),
    s2 = f32x4.add(x3, x4);
  v128.store(q, f32x4.add(f32x4.add(f32x4.mul(c(0.25), x0), s1), f32x4.mul(c(1.0 / 24.0), s2)));
  r = f32x4.add(f32x4.mul(c(-1.0 / 6.0), f32x4.sub(x1, x2)), f32x4.mul(c(1.0 / 12.0), f32x4.sub(x3, x4)));
  if (down) v128.store(q, r, 256);
  else v128.store((q += step), r);
  r = f32x4.add(f32x4.add(s1, f32x4.mul(c(1.0 / 6.0), s2)), x5);
  if (down) v128.store(q, r, 512);
  else v128.store((q += step), r);
}

/** Transpose of the filter transform for length 6: eight vectors to three. */
// @ts-ignore: decorator
@inline
export function collect6(down: bool, p: usize, q: usize, step: usize): void {
  const x0 = v128.load(p);
  const x1 = down ? v128.load((p += step)) : v128.load(p, 16),
    x2 = down ? v128.load((p += step)) : v128.load(p, 32);
  const x3 = down ? v128.load((p += step)) : v128.load(p, 48),
    x4 = down ? v128.load((p += step)) : v128.load(p, 64);
  const x5 = down ? v128.load((p += step)) : v128.load(p, 80),
    x6 = down ? v128.load((p += step)) : v128.load(p, 96);
  const x7 = down ? v128.load((p += step)) : v128.load(p, 112);
  let r: v128;
  const s1 = f32x4.mul(c(-2.0 / 9.0), f32x4.add(x1, x2)),
    s2 = f32x4.add(x3, x4),
    s3 = f32x4.add(x5, x6);
  v128.store(q, f32x4.add(f32x4.add(x0, s1), f32x4.add(f32x4.mul(c(1.0 / 90.0), s2), f32x4.mul(c(32.0 / 45.0), s3))));
  const d = f32x4.add(f32x4.mul(c(-2.0 / 9.0), f32x4.sub(x1, x2)), f32x4.mul(c(1.0 / 45.0), f32x4.sub(x3, x4)));
  r = f32x4.add(d, f32x4.mul(c(16.0 / 45.0), f32x4.sub(x5, x6)));
  if (down) v128.store(q, r, 256);
  else v128.store((q += step), r);
  r = f32x4.add(f32x4.add(s1, x7), f32x4.add(f32x4.mul(c(2.0 / 45.0), s2), f32x4.mul(c(8.0 / 45.0), s3)));
  if (down) v128.store(q, r, 512);
  else v128.store((q += step), r);
}
