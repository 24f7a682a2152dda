// The one-dimensional transforms of Winograd's F(4, 3) and F(6, 3) (Lavin and Gray, 2016). Those of images take eight channels at a
// time, a pair of vectors, those of filters four. A two-dimensional transform applies one down, from vectors `step` bytes apart
// into the scratch, then across, from the scratch to vectors `step` bytes apart. The scratch has lines of eight pairs, so that its
// addresses are immediate offsets and need no registers. `gradient` and `collect` are the transposes of `output` and `filter`.
import { storePair } from "./pairs";

/** Bytes of a line of the scratch. */
export const LINE: usize = 256;
/** Bytes of a pair of vectors. */
export const PAIR: usize = 32;

/** Where the next vectors to be transformed are. */
// @ts-ignore: decorator
@inline
function source(down: bool, p: usize, step: usize): usize {
  return p + (down ? step : PAIR);
}

/** Where the next transformed vectors go: down all lines are offsets from the first. */
// @ts-ignore: decorator
@inline
function target(down: bool, q: usize, step: usize): usize {
  return down ? q : q + step;
}

/** Stores a pair as line k of the scratch, or at q. */
// @ts-ignore: decorator
@inline
function put(down: bool, k: i32, q: usize, low: v128, high: v128): void {
  if (!down || k === 0) {
    storePair(q, low, high);
  } else if (k === 1) {
    v128.store(q, high, 272);
    v128.store(q, low, 256);
  } else if (k === 2) {
    v128.store(q, high, 528);
    v128.store(q, low, 512);
  } else if (k === 3) {
    v128.store(q, high, 784);
    v128.store(q, low, 768);
  } else if (k === 4) {
    v128.store(q, high, 1040);
    v128.store(q, low, 1024);
  } else if (k === 5) {
    v128.store(q, high, 1296);
    v128.store(q, low, 1280);
  } else if (k === 6) {
    v128.store(q, high, 1552);
    v128.store(q, low, 1536);
  } else {
    v128.store(q, high, 1808);
    v128.store(q, low, 1792);
  }
}

/** The sum of even and odd part, then their difference: lines k and k + 1 of a transform, in both vectors of a pair. */
// @ts-ignore: decorator
@inline
function butterfly(down: bool, k: i32, q: usize, step: usize, e0: v128, f0: v128, e1: v128, f1: v128): void {
  put(down, k, q, f32x4.add(e0, f0), f32x4.add(e1, f1));
  put(down, k + 1, target(down, q, step), f32x4.sub(e0, f0), f32x4.sub(e1, f1));
}

// Constants in all lanes, from memory: V8 makes an immediate vector anew wherever it is used, in three instructions, or
// seven where it is one of a pair.
const C32 = memory.data<f32>([32]),
  C16 = memory.data<f32>([16]),
  C8 = memory.data<f32>([8]),
  C5_25 = memory.data<f32>([5.25]),
  C5 = memory.data<f32>([5]),
  C4_25 = memory.data<f32>([4.25]),
  C4 = memory.data<f32>([4]),
  C2_5 = memory.data<f32>([2.5]),
  C2 = memory.data<f32>([2]),
  C1_25 = memory.data<f32>([1.25]),
  HALF = memory.data<f32>([0.5]),
  QUARTER = memory.data<f32>([0.25]),
  EIGHTH = memory.data<f32>([0.125]),
  SIXTEENTH = memory.data<f32>([0.0625]),
  THIRTY_SECOND = memory.data<f32>([0.03125]);

/** x + c·y */
// @ts-ignore: decorator
@inline
function plus(x: v128, c: v128, y: v128): v128 {
  return f32x4.add(x, f32x4.mul(c, y));
}

/** x - c·y */
// @ts-ignore: decorator
@inline
function minus(x: v128, c: v128, y: v128): v128 {
  return f32x4.sub(x, f32x4.mul(c, y));
}

/** Input transform Bᵀ for length 4: six vectors to six. */
// @ts-ignore: decorator
@inline
function input4(down: bool, p: usize, q: usize, step: usize): void {
  const p1 = source(down, p, step),
    p2 = source(down, p1, step),
    p3 = source(down, p2, step),
    p4 = source(down, p3, step),
    p5 = source(down, p4, step);
  const q1 = target(down, q, step),
    q2 = target(down, q1, step),
    q3 = target(down, q2, step),
    q4 = target(down, q3, step),
    q5 = target(down, q4, step);
  const a0 = v128.load(p),
    b0 = v128.load(p, 16),
    a2 = v128.load(p2),
    b2 = v128.load(p2, 16),
    a4 = v128.load(p4),
    b4 = v128.load(p4, 16);
  const c4 = v128.load32_splat(C4),
    c5 = v128.load32_splat(C5);
  put(down, 0, q, f32x4.add(minus(f32x4.mul(c4, a0), c5, a2), a4), f32x4.add(minus(f32x4.mul(c4, b0), c5, b2), b4));
  const a1 = v128.load(p1),
    b1 = v128.load(p1, 16),
    a3 = v128.load(p3),
    b3 = v128.load(p3, 16);
  butterfly(down, 1, q1, step, minus(a4, c4, a2), minus(a3, c4, a1), minus(b4, c4, b2), minus(b3, c4, b1));
  const c2 = v128.load32_splat(C2);
  butterfly(
    down,
    3,
    q3,
    step,
    f32x4.sub(a4, a2),
    f32x4.mul(c2, f32x4.sub(a3, a1)),
    f32x4.sub(b4, b2),
    f32x4.mul(c2, f32x4.sub(b3, b1)),
  );
  const a5 = v128.load(p5),
    b5 = v128.load(p5, 16);
  put(down, 5, q5, f32x4.add(minus(f32x4.mul(c4, a1), c5, a3), a5), f32x4.add(minus(f32x4.mul(c4, b1), c5, b3), b5));
}

/** Input transform for length 6: eight vectors to eight. */
// @ts-ignore: decorator
@inline
function input6(down: bool, p: usize, q: usize, step: usize): void {
  const p1 = source(down, p, step),
    p2 = source(down, p1, step),
    p3 = source(down, p2, step),
    p4 = source(down, p3, step),
    p5 = source(down, p4, step),
    p6 = source(down, p5, step),
    p7 = source(down, p6, step);
  const q1 = target(down, q, step),
    q2 = target(down, q1, step),
    q3 = target(down, q2, step),
    q4 = target(down, q3, step),
    q5 = target(down, q4, step),
    q6 = target(down, q5, step),
    q7 = target(down, q6, step);
  const a0 = v128.load(p),
    b0 = v128.load(p, 16),
    a2 = v128.load(p2),
    b2 = v128.load(p2, 16),
    a4 = v128.load(p4),
    b4 = v128.load(p4, 16),
    a6 = v128.load(p6),
    b6 = v128.load(p6, 16);
  const c5_25 = v128.load32_splat(C5_25);
  put(down, 0, q, plus(f32x4.sub(a0, a6), c5_25, f32x4.sub(a4, a2)), plus(f32x4.sub(b0, b6), c5_25, f32x4.sub(b4, b2)));
  const a1 = v128.load(p1),
    b1 = v128.load(p1, 16),
    a3 = v128.load(p3),
    b3 = v128.load(p3, 16),
    a5 = v128.load(p5),
    b5 = v128.load(p5, 16);
  const c4_25 = v128.load32_splat(C4_25);
  butterfly(
    down,
    1,
    q1,
    step,
    minus(f32x4.add(a2, a6), c4_25, a4),
    minus(f32x4.add(a1, a5), c4_25, a3),
    minus(f32x4.add(b2, b6), c4_25, b4),
    minus(f32x4.add(b1, b5), c4_25, b3),
  );
  const quarter = v128.load32_splat(QUARTER),
    c1_25 = v128.load32_splat(C1_25),
    half = v128.load32_splat(HALF),
    c2_5 = v128.load32_splat(C2_5),
    c2 = v128.load32_splat(C2);
  butterfly(
    down,
    3,
    q3,
    step,
    minus(plus(a6, quarter, a2), c1_25, a4),
    plus(minus(f32x4.mul(half, a1), c2_5, a3), c2, a5),
    minus(plus(b6, quarter, b2), c1_25, b4),
    plus(minus(f32x4.mul(half, b1), c2_5, b3), c2, b5),
  );
  const c4 = v128.load32_splat(C4),
    c5 = v128.load32_splat(C5);
  butterfly(
    down,
    5,
    q5,
    step,
    minus(plus(a6, c4, a2), c5, a4),
    plus(minus(f32x4.mul(c2, a1), c2_5, a3), half, a5),
    minus(plus(b6, c4, b2), c5, b4),
    plus(minus(f32x4.mul(c2, b1), c2_5, b3), half, b5),
  );
  const a7 = v128.load(p7),
    b7 = v128.load(p7, 16);
  put(
    down,
    7,
    q7,
    plus(f32x4.sub(a7, a1), c5_25, f32x4.sub(a3, a5)),
    plus(f32x4.sub(b7, b1), c5_25, f32x4.sub(b3, b5)),
  );
}

/** Output transform Aᵀ for length 4: six vectors to four. */
// @ts-ignore: decorator
@inline
function output4(down: bool, p: usize, q: usize, step: usize): void {
  const p1 = source(down, p, step),
    p2 = source(down, p1, step),
    p3 = source(down, p2, step),
    p4 = source(down, p3, step),
    p5 = source(down, p4, step);
  const q1 = target(down, q, step),
    q2 = target(down, q1, step),
    q3 = target(down, q2, step);
  const a1 = v128.load(p1),
    b1 = v128.load(p1, 16),
    a2 = v128.load(p2),
    b2 = v128.load(p2, 16);
  const s1a = f32x4.add(a1, a2),
    d1a = f32x4.sub(a1, a2),
    s1b = f32x4.add(b1, b2),
    d1b = f32x4.sub(b1, b2);
  const a3 = v128.load(p3),
    b3 = v128.load(p3, 16),
    a4 = v128.load(p4),
    b4 = v128.load(p4, 16);
  const s2a = f32x4.add(a3, a4),
    d2a = f32x4.sub(a3, a4),
    s2b = f32x4.add(b3, b4),
    d2b = f32x4.sub(b3, b4);
  const a0 = v128.load(p),
    b0 = v128.load(p, 16);
  put(down, 0, q, f32x4.add(f32x4.add(a0, s1a), s2a), f32x4.add(f32x4.add(b0, s1b), s2b));
  const c2 = v128.load32_splat(C2);
  put(down, 1, q1, plus(d1a, c2, d2a), plus(d1b, c2, d2b));
  const c4 = v128.load32_splat(C4);
  put(down, 2, q2, plus(s1a, c4, s2a), plus(s1b, c4, s2b));
  const a5 = v128.load(p5),
    b5 = v128.load(p5, 16);
  const c8 = v128.load32_splat(C8);
  put(down, 3, q3, plus(f32x4.add(d1a, a5), c8, d2a), plus(f32x4.add(d1b, b5), c8, d2b));
}

/** Output transform for length 6: eight vectors to six. */
// @ts-ignore: decorator
@inline
function output6(down: bool, p: usize, q: usize, step: usize): void {
  const p1 = source(down, p, step),
    p2 = source(down, p1, step),
    p3 = source(down, p2, step),
    p4 = source(down, p3, step),
    p5 = source(down, p4, step),
    p6 = source(down, p5, step),
    p7 = source(down, p6, step);
  const q1 = target(down, q, step),
    q2 = target(down, q1, step),
    q3 = target(down, q2, step),
    q4 = target(down, q3, step),
    q5 = target(down, q4, step);
  const a1 = v128.load(p1),
    b1 = v128.load(p1, 16),
    a2 = v128.load(p2),
    b2 = v128.load(p2, 16);
  const s1a = f32x4.add(a1, a2),
    d1a = f32x4.sub(a1, a2),
    s1b = f32x4.add(b1, b2),
    d1b = f32x4.sub(b1, b2);
  const a3 = v128.load(p3),
    b3 = v128.load(p3, 16),
    a4 = v128.load(p4),
    b4 = v128.load(p4, 16);
  const s2a = f32x4.add(a3, a4),
    d2a = f32x4.sub(a3, a4),
    s2b = f32x4.add(b3, b4),
    d2b = f32x4.sub(b3, b4);
  const a5 = v128.load(p5),
    b5 = v128.load(p5, 16),
    a6 = v128.load(p6),
    b6 = v128.load(p6, 16);
  const s3a = f32x4.add(a5, a6),
    d3a = f32x4.sub(a5, a6),
    s3b = f32x4.add(b5, b6),
    d3b = f32x4.sub(b5, b6);
  const a0 = v128.load(p),
    b0 = v128.load(p, 16);
  put(
    down,
    0,
    q,
    f32x4.add(f32x4.add(a0, s1a), f32x4.add(s2a, s3a)),
    f32x4.add(f32x4.add(b0, s1b), f32x4.add(s2b, s3b)),
  );
  const c2 = v128.load32_splat(C2),
    half = v128.load32_splat(HALF);
  put(down, 1, q1, plus(plus(d1a, c2, d2a), half, d3a), plus(plus(d1b, c2, d2b), half, d3b));
  const c4 = v128.load32_splat(C4),
    quarter = v128.load32_splat(QUARTER);
  put(down, 2, q2, plus(plus(s1a, c4, s2a), quarter, s3a), plus(plus(s1b, c4, s2b), quarter, s3b));
  const c8 = v128.load32_splat(C8),
    eighth = v128.load32_splat(EIGHTH);
  put(down, 3, q3, plus(plus(d1a, c8, d2a), eighth, d3a), plus(plus(d1b, c8, d2b), eighth, d3b));
  const c16 = v128.load32_splat(C16),
    sixteenth = v128.load32_splat(SIXTEENTH);
  put(down, 4, q4, plus(plus(s1a, c16, s2a), sixteenth, s3a), plus(plus(s1b, c16, s2b), sixteenth, s3b));
  const a7 = v128.load(p7),
    b7 = v128.load(p7, 16);
  const c32 = v128.load32_splat(C32),
    thirtySecond = v128.load32_splat(THIRTY_SECOND);
  put(
    down,
    5,
    q5,
    plus(plus(f32x4.add(d1a, a7), c32, d2a), thirtySecond, d3a),
    plus(plus(f32x4.add(d1b, b7), c32, d2b), thirtySecond, d3b),
  );
}

/** Transpose of the output transform for length 4: four vectors to six. */
// @ts-ignore: decorator
@inline
function gradient4(down: bool, p: usize, q: usize, step: usize): void {
  const p1 = source(down, p, step),
    p2 = source(down, p1, step),
    p3 = source(down, p2, step);
  const q1 = target(down, q, step),
    q2 = target(down, q1, step),
    q3 = target(down, q2, step),
    q4 = target(down, q3, step),
    q5 = target(down, q4, step);
  const a0 = v128.load(p),
    b0 = v128.load(p, 16),
    a2 = v128.load(p2),
    b2 = v128.load(p2, 16);
  put(down, 0, q, a0, b0);
  const a1 = v128.load(p1),
    b1 = v128.load(p1, 16),
    a3 = v128.load(p3),
    b3 = v128.load(p3, 16);
  butterfly(down, 1, q1, step, f32x4.add(a0, a2), f32x4.add(a1, a3), f32x4.add(b0, b2), f32x4.add(b1, b3));
  const c4 = v128.load32_splat(C4),
    c2 = v128.load32_splat(C2),
    c8 = v128.load32_splat(C8);
  butterfly(
    down,
    3,
    q3,
    step,
    plus(a0, c4, a2),
    plus(f32x4.mul(c2, a1), c8, a3),
    plus(b0, c4, b2),
    plus(f32x4.mul(c2, b1), c8, b3),
  );
  put(down, 5, q5, a3, b3);
}

/** Transpose of the output transform for length 6: six vectors to eight. */
// @ts-ignore: decorator
@inline
function gradient6(down: bool, p: usize, q: usize, step: usize): void {
  const p1 = source(down, p, step),
    p2 = source(down, p1, step),
    p3 = source(down, p2, step),
    p4 = source(down, p3, step),
    p5 = source(down, p4, step);
  const q1 = target(down, q, step),
    q2 = target(down, q1, step),
    q3 = target(down, q2, step),
    q4 = target(down, q3, step),
    q5 = target(down, q4, step),
    q6 = target(down, q5, step),
    q7 = target(down, q6, step);
  const a0 = v128.load(p),
    b0 = v128.load(p, 16),
    a2 = v128.load(p2),
    b2 = v128.load(p2, 16),
    a4 = v128.load(p4),
    b4 = v128.load(p4, 16);
  put(down, 0, q, a0, b0);
  const a1 = v128.load(p1),
    b1 = v128.load(p1, 16),
    a3 = v128.load(p3),
    b3 = v128.load(p3, 16),
    a5 = v128.load(p5),
    b5 = v128.load(p5, 16);
  butterfly(
    down,
    1,
    q1,
    step,
    f32x4.add(f32x4.add(a0, a2), a4),
    f32x4.add(f32x4.add(a1, a3), a5),
    f32x4.add(f32x4.add(b0, b2), b4),
    f32x4.add(f32x4.add(b1, b3), b5),
  );
  const c4 = v128.load32_splat(C4),
    c16 = v128.load32_splat(C16),
    c2 = v128.load32_splat(C2),
    c8 = v128.load32_splat(C8),
    c32 = v128.load32_splat(C32);
  butterfly(
    down,
    3,
    q3,
    step,
    plus(plus(a0, c4, a2), c16, a4),
    plus(plus(f32x4.mul(c2, a1), c8, a3), c32, a5),
    plus(plus(b0, c4, b2), c16, b4),
    plus(plus(f32x4.mul(c2, b1), c8, b3), c32, b5),
  );
  const quarter = v128.load32_splat(QUARTER),
    sixteenth = v128.load32_splat(SIXTEENTH),
    half = v128.load32_splat(HALF),
    eighth = v128.load32_splat(EIGHTH),
    thirtySecond = v128.load32_splat(THIRTY_SECOND);
  butterfly(
    down,
    5,
    q5,
    step,
    plus(plus(a0, quarter, a2), sixteenth, a4),
    plus(plus(f32x4.mul(half, a1), eighth, a3), thirtySecond, a5),
    plus(plus(b0, quarter, b2), sixteenth, b4),
    plus(plus(f32x4.mul(half, b1), eighth, b3), thirtySecond, b5),
  );
  put(down, 7, q7, a5, b5);
}

/**
 * `count` times the input transform for `length`, the vectors `pNext` bytes apart, the transformed ones `qNext`. A loop for each
 * length: of two branches in one loop the compiler would join the ends, and the last pair of each were none.
 */
// @ts-ignore: decorator
@inline
export function inputTransform(
  down: bool,
  length: i32,
  count: i32,
  p: usize,
  pNext: usize,
  q: usize,
  qNext: usize,
  step: usize,
): void {
  const end = p + <usize>count * pNext;
  if (length === 4) for (; p < end; p += pNext, q += qNext) input4(down, p, q, step);
  else for (; p < end; p += pNext, q += qNext) input6(down, p, q, step);
}

/** `count` times the output transform for `length`, the vectors `pNext` bytes apart, the transformed ones `qNext`. */
// @ts-ignore: decorator
@inline
export function outputTransform(
  down: bool,
  length: i32,
  count: i32,
  p: usize,
  pNext: usize,
  q: usize,
  qNext: usize,
  step: usize,
): void {
  const end = p + <usize>count * pNext;
  if (length === 4) for (; p < end; p += pNext, q += qNext) output4(down, p, q, step);
  else for (; p < end; p += pNext, q += qNext) output6(down, p, q, step);
}

/** `count` times the transpose of the output transform for `length`, the vectors `pNext` bytes apart, the transformed ones `qNext`. */
// @ts-ignore: decorator
@inline
export function gradientTransform(
  down: bool,
  length: i32,
  count: i32,
  p: usize,
  pNext: usize,
  q: usize,
  qNext: usize,
  step: usize,
): void {
  const end = p + <usize>count * pNext;
  if (length === 4) for (; p < end; p += pNext, q += qNext) gradient4(down, p, q, step);
  else for (; p < end; p += pNext, q += qNext) gradient6(down, p, q, step);
}

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
