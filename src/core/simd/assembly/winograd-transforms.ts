// The one-dimensional transforms of Winograd's F(4, 3) and F(6, 3) (Lavin and Gray, 2016), four channels at a time: vectors
// are read `ps` bytes apart from p and written `qs` apart to q (addresses by chained additions: one instruction each).
// Two-dimensional ones apply them down, then across. `gradient` and `collect` are the transposes of `output` and `filter`.

// @ts-ignore: decorator
@inline
function c(x: f32): v128 {
  return f32x4.splat(x);
}

/** One-dimensional input transform Bᵀ for length 4: six vectors `ps` bytes apart to six `qs` apart. */
// @ts-ignore: decorator
@inline
export function input4(p: usize, ps: usize, q: usize, qs: usize): void {
  const p1 = p + ps, p2 = p1 + ps, p3 = p2 + ps, p4 = p3 + ps, p5 = p4 + ps;
  const q1 = q + qs, q2 = q1 + qs, q3 = q2 + qs, q4 = q3 + qs, q5 = q4 + qs;
  const x0 = v128.load(p), x1 = v128.load(p1), x2 = v128.load(p2), x3 = v128.load(p3), x4 = v128.load(p4), x5 = v128.load(p5);
  v128.store(q, f32x4.add(f32x4.sub(f32x4.mul(c(4), x0), f32x4.mul(c(5), x2)), x4));
  let e = f32x4.sub(x4, f32x4.mul(c(4), x2)), f = f32x4.sub(x3, f32x4.mul(c(4), x1));
  v128.store(q1, f32x4.add(e, f));
  v128.store(q2, f32x4.sub(e, f));
  e = f32x4.sub(x4, x2);
  f = f32x4.mul(c(2), f32x4.sub(x3, x1));
  v128.store(q3, f32x4.add(e, f));
  v128.store(q4, f32x4.sub(e, f));
  v128.store(q5, f32x4.add(f32x4.sub(f32x4.mul(c(4), x1), f32x4.mul(c(5), x3)), x5));
}

/** One-dimensional output transform Aᵀ for length 4: six vectors to four. */
// @ts-ignore: decorator
@inline
export function output4(p: usize, ps: usize, q: usize, qs: usize): void {
  const p1 = p + ps, p2 = p1 + ps, p3 = p2 + ps, p4 = p3 + ps, p5 = p4 + ps;
  const q1 = q + qs, q2 = q1 + qs, q3 = q2 + qs;
  const m0 = v128.load(p), m1 = v128.load(p1), m2 = v128.load(p2), m3 = v128.load(p3), m4 = v128.load(p4), m5 = v128.load(p5);
  const s1 = f32x4.add(m1, m2), d1 = f32x4.sub(m1, m2), s2 = f32x4.add(m3, m4), d2 = f32x4.sub(m3, m4);
  v128.store(q, f32x4.add(f32x4.add(m0, s1), s2));
  v128.store(q1, f32x4.add(d1, f32x4.mul(c(2), d2)));
  v128.store(q2, f32x4.add(s1, f32x4.mul(c(4), s2)));
  v128.store(q3, f32x4.add(f32x4.add(d1, m5), f32x4.mul(c(8), d2)));
}

/** One-dimensional filter transform G for length 4: three vectors to six. */
// @ts-ignore: decorator
@inline
export function filter4(p: usize, ps: usize, q: usize, qs: usize): void {
  const p1 = p + ps, p2 = p1 + ps;
  const q1 = q + qs, q2 = q1 + qs, q3 = q2 + qs, q4 = q3 + qs, q5 = q4 + qs;
  const g0 = v128.load(p), g1 = v128.load(p1), g2 = v128.load(p2);
  v128.store(q, f32x4.mul(c(0.25), g0));
  let e = f32x4.mul(c(-1.0 / 6.0), f32x4.add(g0, g2)), f = f32x4.mul(c(-1.0 / 6.0), g1);
  v128.store(q1, f32x4.add(e, f));
  v128.store(q2, f32x4.sub(e, f));
  e = f32x4.add(f32x4.mul(c(1.0 / 24.0), g0), f32x4.mul(c(1.0 / 6.0), g2));
  f = f32x4.mul(c(1.0 / 12.0), g1);
  v128.store(q3, f32x4.add(e, f));
  v128.store(q4, f32x4.sub(e, f));
  v128.store(q5, g2);
}

/** Input transform for length 6: eight vectors to eight. */
// @ts-ignore: decorator
@inline
export function input6(p: usize, ps: usize, q: usize, qs: usize): void {
  const p1 = p + ps, p2 = p1 + ps, p3 = p2 + ps, p4 = p3 + ps, p5 = p4 + ps, p6 = p5 + ps, p7 = p6 + ps;
  const q1 = q + qs, q2 = q1 + qs, q3 = q2 + qs, q4 = q3 + qs, q5 = q4 + qs, q6 = q5 + qs, q7 = q6 + qs;
  const x0 = v128.load(p), x1 = v128.load(p1), x2 = v128.load(p2), x3 = v128.load(p3);
  const x4 = v128.load(p4), x5 = v128.load(p5), x6 = v128.load(p6), x7 = v128.load(p7);
  v128.store(q, f32x4.add(f32x4.sub(x0, x6), f32x4.mul(c(5.25), f32x4.sub(x4, x2))));
  let e = f32x4.sub(f32x4.add(x2, x6), f32x4.mul(c(4.25), x4)), f = f32x4.sub(f32x4.add(x1, x5), f32x4.mul(c(4.25), x3));
  v128.store(q1, f32x4.add(e, f));
  v128.store(q2, f32x4.sub(e, f));
  e = f32x4.sub(f32x4.add(x6, f32x4.mul(c(0.25), x2)), f32x4.mul(c(1.25), x4));
  f = f32x4.add(f32x4.sub(f32x4.mul(c(0.5), x1), f32x4.mul(c(2.5), x3)), f32x4.mul(c(2), x5));
  v128.store(q3, f32x4.add(e, f));
  v128.store(q4, f32x4.sub(e, f));
  e = f32x4.sub(f32x4.add(x6, f32x4.mul(c(4), x2)), f32x4.mul(c(5), x4));
  f = f32x4.add(f32x4.sub(f32x4.mul(c(2), x1), f32x4.mul(c(2.5), x3)), f32x4.mul(c(0.5), x5));
  v128.store(q5, f32x4.add(e, f));
  v128.store(q6, f32x4.sub(e, f));
  v128.store(q7, f32x4.add(f32x4.sub(x7, x1), f32x4.mul(c(5.25), f32x4.sub(x3, x5))));
}

/** Output transform for length 6: eight vectors to six. */
// @ts-ignore: decorator
@inline
export function output6(p: usize, ps: usize, q: usize, qs: usize): void {
  const p1 = p + ps, p2 = p1 + ps, p3 = p2 + ps, p4 = p3 + ps, p5 = p4 + ps, p6 = p5 + ps, p7 = p6 + ps;
  const q1 = q + qs, q2 = q1 + qs, q3 = q2 + qs, q4 = q3 + qs, q5 = q4 + qs;
  const m0 = v128.load(p), m1 = v128.load(p1), m2 = v128.load(p2), m3 = v128.load(p3);
  const m4 = v128.load(p4), m5 = v128.load(p5), m6 = v128.load(p6), m7 = v128.load(p7);
  const s1 = f32x4.add(m1, m2), d1 = f32x4.sub(m1, m2), s2 = f32x4.add(m3, m4), d2 = f32x4.sub(m3, m4), s3 = f32x4.add(m5, m6), d3 = f32x4.sub(m5, m6);
  v128.store(q, f32x4.add(f32x4.add(m0, s1), f32x4.add(s2, s3)));
  v128.store(q1, f32x4.add(f32x4.add(d1, f32x4.mul(c(2), d2)), f32x4.mul(c(0.5), d3)));
  v128.store(q2, f32x4.add(f32x4.add(s1, f32x4.mul(c(4), s2)), f32x4.mul(c(0.25), s3)));
  v128.store(q3, f32x4.add(f32x4.add(d1, f32x4.mul(c(8), d2)), f32x4.mul(c(0.125), d3)));
  v128.store(q4, f32x4.add(f32x4.add(s1, f32x4.mul(c(16), s2)), f32x4.mul(c(0.0625), s3)));
  v128.store(q5, f32x4.add(f32x4.add(f32x4.add(d1, m7), f32x4.mul(c(32), d2)), f32x4.mul(c(0.03125), d3)));
}

/** Filter transform for length 6: three vectors to eight. */
// @ts-ignore: decorator
@inline
export function filter6(p: usize, ps: usize, q: usize, qs: usize): void {
  const p1 = p + ps, p2 = p1 + ps;
  const q1 = q + qs, q2 = q1 + qs, q3 = q2 + qs, q4 = q3 + qs, q5 = q4 + qs, q6 = q5 + qs, q7 = q6 + qs;
  const g0 = v128.load(p), g1 = v128.load(p1), g2 = v128.load(p2);
  v128.store(q, g0);
  let e = f32x4.mul(c(-2.0 / 9.0), f32x4.add(g0, g2)), f = f32x4.mul(c(-2.0 / 9.0), g1);
  v128.store(q1, f32x4.add(e, f));
  v128.store(q2, f32x4.sub(e, f));
  e = f32x4.add(f32x4.mul(c(1.0 / 90.0), g0), f32x4.mul(c(2.0 / 45.0), g2));
  f = f32x4.mul(c(1.0 / 45.0), g1);
  v128.store(q3, f32x4.add(e, f));
  v128.store(q4, f32x4.sub(e, f));
  e = f32x4.add(f32x4.mul(c(32.0 / 45.0), g0), f32x4.mul(c(8.0 / 45.0), g2));
  f = f32x4.mul(c(16.0 / 45.0), g1);
  v128.store(q5, f32x4.add(e, f));
  v128.store(q6, f32x4.sub(e, f));
  v128.store(q7, g2);
}

/** Transpose of the output transform for length 4: four vectors to six. */
// @ts-ignore: decorator
@inline
export function gradient4(p: usize, ps: usize, q: usize, qs: usize): void {
  const p1 = p + ps, p2 = p1 + ps, p3 = p2 + ps;
  const q1 = q + qs, q2 = q1 + qs, q3 = q2 + qs, q4 = q3 + qs, q5 = q4 + qs;
  const y0 = v128.load(p), y1 = v128.load(p1), y2 = v128.load(p2), y3 = v128.load(p3);
  v128.store(q, y0);
  let e = f32x4.add(y0, y2), f = f32x4.add(y1, y3);
  v128.store(q1, f32x4.add(e, f));
  v128.store(q2, f32x4.sub(e, f));
  e = f32x4.add(y0, f32x4.mul(c(4), y2));
  f = f32x4.add(f32x4.mul(c(2), y1), f32x4.mul(c(8), y3));
  v128.store(q3, f32x4.add(e, f));
  v128.store(q4, f32x4.sub(e, f));
  v128.store(q5, y3);
}

/** Transpose of the filter transform for length 4: six vectors to three. */
// @ts-ignore: decorator
@inline
export function collect4(p: usize, ps: usize, q: usize, qs: usize): void {
  const p1 = p + ps, p2 = p1 + ps, p3 = p2 + ps, p4 = p3 + ps, p5 = p4 + ps;
  const q1 = q + qs, q2 = q1 + qs;
  const u0 = v128.load(p), u1 = v128.load(p1), u2 = v128.load(p2), u3 = v128.load(p3), u4 = v128.load(p4), u5 = v128.load(p5);
  const s1 = f32x4.mul(c(-1.0 / 6.0), f32x4.add(u1, u2)), s2 = f32x4.add(u3, u4);
  v128.store(q, f32x4.add(f32x4.add(f32x4.mul(c(0.25), u0), s1), f32x4.mul(c(1.0 / 24.0), s2)));
  v128.store(q1, f32x4.add(f32x4.mul(c(-1.0 / 6.0), f32x4.sub(u1, u2)), f32x4.mul(c(1.0 / 12.0), f32x4.sub(u3, u4))));
  v128.store(q2, f32x4.add(f32x4.add(s1, f32x4.mul(c(1.0 / 6.0), s2)), u5));
}

/** Transpose of the output transform for length 6: six vectors to eight. */
// @ts-ignore: decorator
@inline
export function gradient6(p: usize, ps: usize, q: usize, qs: usize): void {
  const p1 = p + ps, p2 = p1 + ps, p3 = p2 + ps, p4 = p3 + ps, p5 = p4 + ps;
  const q1 = q + qs, q2 = q1 + qs, q3 = q2 + qs, q4 = q3 + qs, q5 = q4 + qs, q6 = q5 + qs, q7 = q6 + qs;
  const y0 = v128.load(p), y1 = v128.load(p1), y2 = v128.load(p2), y3 = v128.load(p3), y4 = v128.load(p4), y5 = v128.load(p5);
  v128.store(q, y0);
  let e = f32x4.add(f32x4.add(y0, y2), y4), f = f32x4.add(f32x4.add(y1, y3), y5);
  v128.store(q1, f32x4.add(e, f));
  v128.store(q2, f32x4.sub(e, f));
  e = f32x4.add(f32x4.add(y0, f32x4.mul(c(4), y2)), f32x4.mul(c(16), y4));
  f = f32x4.add(f32x4.add(f32x4.mul(c(2), y1), f32x4.mul(c(8), y3)), f32x4.mul(c(32), y5));
  v128.store(q3, f32x4.add(e, f));
  v128.store(q4, f32x4.sub(e, f));
  e = f32x4.add(f32x4.add(y0, f32x4.mul(c(0.25), y2)), f32x4.mul(c(0.0625), y4));
  f = f32x4.add(f32x4.add(f32x4.mul(c(0.5), y1), f32x4.mul(c(0.125), y3)), f32x4.mul(c(0.03125), y5));
  v128.store(q5, f32x4.add(e, f));
  v128.store(q6, f32x4.sub(e, f));
  v128.store(q7, y5);
}

/** Transpose of the filter transform for length 6: eight vectors to three. */
// @ts-ignore: decorator
@inline
export function collect6(p: usize, ps: usize, q: usize, qs: usize): void {
  const p1 = p + ps, p2 = p1 + ps, p3 = p2 + ps, p4 = p3 + ps, p5 = p4 + ps, p6 = p5 + ps, p7 = p6 + ps;
  const q1 = q + qs, q2 = q1 + qs;
  const u0 = v128.load(p), u1 = v128.load(p1), u2 = v128.load(p2), u3 = v128.load(p3);
  const u4 = v128.load(p4), u5 = v128.load(p5), u6 = v128.load(p6), u7 = v128.load(p7);
  const s1 = f32x4.mul(c(-2.0 / 9.0), f32x4.add(u1, u2)), s2 = f32x4.add(u3, u4), s3 = f32x4.add(u5, u6);
  v128.store(q, f32x4.add(f32x4.add(u0, s1), f32x4.add(f32x4.mul(c(1.0 / 90.0), s2), f32x4.mul(c(32.0 / 45.0), s3))));
  const d = f32x4.add(f32x4.mul(c(-2.0 / 9.0), f32x4.sub(u1, u2)), f32x4.mul(c(1.0 / 45.0), f32x4.sub(u3, u4)));
  v128.store(q1, f32x4.add(d, f32x4.mul(c(16.0 / 45.0), f32x4.sub(u5, u6))));
  v128.store(q2, f32x4.add(f32x4.add(s1, u7), f32x4.add(f32x4.mul(c(2.0 / 45.0), s2), f32x4.mul(c(8.0 / 45.0), s3))));
}
