// The one-dimensional transforms of Winograd's F(4, 3) and F(6, 3) (Lavin and Gray, 2016), four channels at a time. A two-dimensional
// transform applies one down, from vectors `step` bytes apart into the scratch, then across, from the scratch to vectors `step`
// bytes apart. The scratch has lines of eight vectors, so that its addresses are immediate offsets and need no registers.
// `gradient` and `collect` are the transposes of `output` and `filter`.

/** Bytes of a line of the scratch. */
export const LINE: usize = 128;

// @ts-ignore: decorator
@inline
function c(x: f32): v128 {
  return f32x4.splat(x);
}

/** Input transform Bᵀ for length 4: six vectors to six. */
// @ts-ignore: decorator
@inline
export function input4(down: bool, p: usize, q: usize, step: usize): void {
  const x0 = v128.load(p);
  const x1 = down ? v128.load((p += step)) : v128.load(p, 16),
    x2 = down ? v128.load((p += step)) : v128.load(p, 32);
  const x3 = down ? v128.load((p += step)) : v128.load(p, 48),
    x4 = down ? v128.load((p += step)) : v128.load(p, 64);
  const x5 = down ? v128.load((p += step)) : v128.load(p, 80);
  let r: v128;
  v128.store(q, f32x4.add(f32x4.sub(f32x4.mul(c(4), x0), f32x4.mul(c(5), x2)), x4));
  let e = f32x4.sub(x4, f32x4.mul(c(4), x2)),
    f = f32x4.sub(x3, f32x4.mul(c(4), x1));
  r = f32x4.add(e, f);
  if (down) v128.store(q, r, 128);
  else v128.store((q += step), r);
  r = f32x4.sub(e, f);
  if (down) v128.store(q, r, 256);
  else v128.store((q += step), r);
  e = f32x4.sub(x4, x2);
  f = f32x4.mul(c(2), f32x4.sub(x3, x1));
  r = f32x4.add(e, f);
  if (down) v128.store(q, r, 384);
  else v128.store((q += step), r);
  r = f32x4.sub(e, f);
  if (down) v128.store(q, r, 512);
  else v128.store((q += step), r);
  r = f32x4.add(f32x4.sub(f32x4.mul(c(4), x1), f32x4.mul(c(5), x3)), x5);
  if (down) v128.store(q, r, 640);
  else v128.store((q += step), r);
}

/** Output transform Aᵀ for length 4: six vectors to four. */
// @ts-ignore: decorator
@inline
export function output4(down: bool, p: usize, q: usize, step: usize): void {
  const x0 = v128.load(p);
  const x1 = down ? v128.load((p += step)) : v128.load(p, 16),
    x2 = down ? v128.load((p += step)) : v128.load(p, 32);
  const x3 = down ? v128.load((p += step)) : v128.load(p, 48),
    x4 = down ? v128.load((p += step)) : v128.load(p, 64);
  const x5 = down ? v128.load((p += step)) : v128.load(p, 80);
  let r: v128;
  const s1 = f32x4.add(x1, x2),
    d1 = f32x4.sub(x1, x2),
    s2 = f32x4.add(x3, x4),
    d2 = f32x4.sub(x3, x4);
  v128.store(q, f32x4.add(f32x4.add(x0, s1), s2));
  r = f32x4.add(d1, f32x4.mul(c(2), d2));
  if (down) v128.store(q, r, 128);
  else v128.store((q += step), r);
  r = f32x4.add(s1, f32x4.mul(c(4), s2));
  if (down) v128.store(q, r, 256);
  else v128.store((q += step), r);
  r = f32x4.add(f32x4.add(d1, x5), f32x4.mul(c(8), d2));
  if (down) v128.store(q, r, 384);
  else v128.store((q += step), r);
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
  if (down) v128.store(q, r, 128);
  else v128.store((q += step), r);
  r = f32x4.sub(e, f);
  if (down) v128.store(q, r, 256);
  else v128.store((q += step), r);
  e = f32x4.add(f32x4.mul(c(1.0 / 24.0), x0), f32x4.mul(c(1.0 / 6.0), x2));
  f = f32x4.mul(c(1.0 / 12.0), x1);
  r = f32x4.add(e, f);
  if (down) v128.store(q, r, 384);
  else v128.store((q += step), r);
  r = f32x4.sub(e, f);
  if (down) v128.store(q, r, 512);
  else v128.store((q += step), r);
  if (down) v128.store(q, x2, 640);
  else v128.store((q += step), x2);
}

/** Input transform for length 6: eight vectors to eight. */
// @ts-ignore: decorator
@inline
export function input6(down: bool, p: usize, q: usize, step: usize): void {
  const x0 = v128.load(p);
  const x1 = down ? v128.load((p += step)) : v128.load(p, 16),
    x2 = down ? v128.load((p += step)) : v128.load(p, 32);
  const x3 = down ? v128.load((p += step)) : v128.load(p, 48),
    x4 = down ? v128.load((p += step)) : v128.load(p, 64);
  const x5 = down ? v128.load((p += step)) : v128.load(p, 80),
    x6 = down ? v128.load((p += step)) : v128.load(p, 96);
  const x7 = down ? v128.load((p += step)) : v128.load(p, 112);
  let r: v128;
  v128.store(q, f32x4.add(f32x4.sub(x0, x6), f32x4.mul(c(5.25), f32x4.sub(x4, x2))));
  let e = f32x4.sub(f32x4.add(x2, x6), f32x4.mul(c(4.25), x4)),
    f = f32x4.sub(f32x4.add(x1, x5), f32x4.mul(c(4.25), x3));
  r = f32x4.add(e, f);
  if (down) v128.store(q, r, 128);
  else v128.store((q += step), r);
  r = f32x4.sub(e, f);
  if (down) v128.store(q, r, 256);
  else v128.store((q += step), r);
  e = f32x4.sub(f32x4.add(x6, f32x4.mul(c(0.25), x2)), f32x4.mul(c(1.25), x4));
  f = f32x4.add(f32x4.sub(f32x4.mul(c(0.5), x1), f32x4.mul(c(2.5), x3)), f32x4.mul(c(2), x5));
  r = f32x4.add(e, f);
  if (down) v128.store(q, r, 384);
  else v128.store((q += step), r);
  r = f32x4.sub(e, f);
  if (down) v128.store(q, r, 512);
  else v128.store((q += step), r);
  e = f32x4.sub(f32x4.add(x6, f32x4.mul(c(4), x2)), f32x4.mul(c(5), x4));
  f = f32x4.add(f32x4.sub(f32x4.mul(c(2), x1), f32x4.mul(c(2.5), x3)), f32x4.mul(c(0.5), x5));
  r = f32x4.add(e, f);
  if (down) v128.store(q, r, 640);
  else v128.store((q += step), r);
  r = f32x4.sub(e, f);
  if (down) v128.store(q, r, 768);
  else v128.store((q += step), r);
  r = f32x4.add(f32x4.sub(x7, x1), f32x4.mul(c(5.25), f32x4.sub(x3, x5)));
  if (down) v128.store(q, r, 896);
  else v128.store((q += step), r);
}

/** Output transform for length 6: eight vectors to six. */
// @ts-ignore: decorator
@inline
export function output6(down: bool, p: usize, q: usize, step: usize): void {
  const x0 = v128.load(p);
  const x1 = down ? v128.load((p += step)) : v128.load(p, 16),
    x2 = down ? v128.load((p += step)) : v128.load(p, 32);
  const x3 = down ? v128.load((p += step)) : v128.load(p, 48),
    x4 = down ? v128.load((p += step)) : v128.load(p, 64);
  const x5 = down ? v128.load((p += step)) : v128.load(p, 80),
    x6 = down ? v128.load((p += step)) : v128.load(p, 96);
  const x7 = down ? v128.load((p += step)) : v128.load(p, 112);
  let r: v128;
  const s1 = f32x4.add(x1, x2),
    d1 = f32x4.sub(x1, x2),
    s2 = f32x4.add(x3, x4),
    d2 = f32x4.sub(x3, x4),
    s3 = f32x4.add(x5, x6),
    d3 = f32x4.sub(x5, x6);
  v128.store(q, f32x4.add(f32x4.add(x0, s1), f32x4.add(s2, s3)));
  r = f32x4.add(f32x4.add(d1, f32x4.mul(c(2), d2)), f32x4.mul(c(0.5), d3));
  if (down) v128.store(q, r, 128);
  else v128.store((q += step), r);
  r = f32x4.add(f32x4.add(s1, f32x4.mul(c(4), s2)), f32x4.mul(c(0.25), s3));
  if (down) v128.store(q, r, 256);
  else v128.store((q += step), r);
  r = f32x4.add(f32x4.add(d1, f32x4.mul(c(8), d2)), f32x4.mul(c(0.125), d3));
  if (down) v128.store(q, r, 384);
  else v128.store((q += step), r);
  r = f32x4.add(f32x4.add(s1, f32x4.mul(c(16), s2)), f32x4.mul(c(0.0625), s3));
  if (down) v128.store(q, r, 512);
  else v128.store((q += step), r);
  r = f32x4.add(f32x4.add(f32x4.add(d1, x7), f32x4.mul(c(32), d2)), f32x4.mul(c(0.03125), d3));
  if (down) v128.store(q, r, 640);
  else v128.store((q += step), r);
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
  if (down) v128.store(q, r, 128);
  else v128.store((q += step), r);
  r = f32x4.sub(e, f);
  if (down) v128.store(q, r, 256);
  else v128.store((q += step), r);
  e = f32x4.add(f32x4.mul(c(1.0 / 90.0), x0), f32x4.mul(c(2.0 / 45.0), x2));
  f = f32x4.mul(c(1.0 / 45.0), x1);
  r = f32x4.add(e, f);
  if (down) v128.store(q, r, 384);
  else v128.store((q += step), r);
  r = f32x4.sub(e, f);
  if (down) v128.store(q, r, 512);
  else v128.store((q += step), r);
  e = f32x4.add(f32x4.mul(c(32.0 / 45.0), x0), f32x4.mul(c(8.0 / 45.0), x2));
  f = f32x4.mul(c(16.0 / 45.0), x1);
  r = f32x4.add(e, f);
  if (down) v128.store(q, r, 640);
  else v128.store((q += step), r);
  r = f32x4.sub(e, f);
  if (down) v128.store(q, r, 768);
  else v128.store((q += step), r);
  if (down) v128.store(q, x2, 896);
  else v128.store((q += step), x2);
}

/** Transpose of the output transform for length 4: four vectors to six. */
// @ts-ignore: decorator
@inline
export function gradient4(down: bool, p: usize, q: usize, step: usize): void {
  const x0 = v128.load(p);
  const x1 = down ? v128.load((p += step)) : v128.load(p, 16),
    x2 = down ? v128.load((p += step)) : v128.load(p, 32);
  const x3 = down ? v128.load((p += step)) : v128.load(p, 48);
  let r: v128;
  v128.store(q, x0);
  let e = f32x4.add(x0, x2),
    f = f32x4.add(x1, x3);
  r = f32x4.add(e, f);
  if (down) v128.store(q, r, 128);
  else v128.store((q += step), r);
  r = f32x4.sub(e, f);
  if (down) v128.store(q, r, 256);
  else v128.store((q += step), r);
  e = f32x4.add(x0, f32x4.mul(c(4), x2));
  f = f32x4.add(f32x4.mul(c(2), x1), f32x4.mul(c(8), x3));
  r = f32x4.add(e, f);
  if (down) v128.store(q, r, 384);
  else v128.store((q += step), r);
  r = f32x4.sub(e, f);
  if (down) v128.store(q, r, 512);
  else v128.store((q += step), r);
  if (down) v128.store(q, x3, 640);
  else v128.store((q += step), x3);
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
  if (down) v128.store(q, r, 128);
  else v128.store((q += step), r);
  r = f32x4.add(f32x4.add(s1, f32x4.mul(c(1.0 / 6.0), s2)), x5);
  if (down) v128.store(q, r, 256);
  else v128.store((q += step), r);
}

/** Transpose of the output transform for length 6: six vectors to eight. */
// @ts-ignore: decorator
@inline
export function gradient6(down: bool, p: usize, q: usize, step: usize): void {
  const x0 = v128.load(p);
  const x1 = down ? v128.load((p += step)) : v128.load(p, 16),
    x2 = down ? v128.load((p += step)) : v128.load(p, 32);
  const x3 = down ? v128.load((p += step)) : v128.load(p, 48),
    x4 = down ? v128.load((p += step)) : v128.load(p, 64);
  const x5 = down ? v128.load((p += step)) : v128.load(p, 80);
  let r: v128;
  v128.store(q, x0);
  let e = f32x4.add(f32x4.add(x0, x2), x4),
    f = f32x4.add(f32x4.add(x1, x3), x5);
  r = f32x4.add(e, f);
  if (down) v128.store(q, r, 128);
  else v128.store((q += step), r);
  r = f32x4.sub(e, f);
  if (down) v128.store(q, r, 256);
  else v128.store((q += step), r);
  e = f32x4.add(f32x4.add(x0, f32x4.mul(c(4), x2)), f32x4.mul(c(16), x4));
  f = f32x4.add(f32x4.add(f32x4.mul(c(2), x1), f32x4.mul(c(8), x3)), f32x4.mul(c(32), x5));
  r = f32x4.add(e, f);
  if (down) v128.store(q, r, 384);
  else v128.store((q += step), r);
  r = f32x4.sub(e, f);
  if (down) v128.store(q, r, 512);
  else v128.store((q += step), r);
  e = f32x4.add(f32x4.add(x0, f32x4.mul(c(0.25), x2)), f32x4.mul(c(0.0625), x4));
  f = f32x4.add(f32x4.add(f32x4.mul(c(0.5), x1), f32x4.mul(c(0.125), x3)), f32x4.mul(c(0.03125), x5));
  r = f32x4.add(e, f);
  if (down) v128.store(q, r, 640);
  else v128.store((q += step), r);
  r = f32x4.sub(e, f);
  if (down) v128.store(q, r, 768);
  else v128.store((q += step), r);
  if (down) v128.store(q, x5, 896);
  else v128.store((q += step), x5);
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
  if (down) v128.store(q, r, 128);
  else v128.store((q += step), r);
  r = f32x4.add(f32x4.add(s1, x7), f32x4.add(f32x4.mul(c(2.0 / 45.0), s2), f32x4.mul(c(8.0 / 45.0), s3)));
  if (down) v128.store(q, r, 256);
  else v128.store((q += step), r);
}
