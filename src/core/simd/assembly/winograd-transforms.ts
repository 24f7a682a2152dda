// Winograd's one-dimensional transforms F(4, 3) and F(6, 3) (Lavin and Gray, 2016) of images, eight channels at a time. A
// two-dimensional transform applies one down, from pairs of vectors `step` bytes apart into the scratch, then across, from the scratch
// to pairs `step` bytes apart. That of gradients: winograd-gradient-transforms.ts.
import {
  C32,
  C16,
  C8,
  C5_25,
  C5,
  C4_25,
  C4,
  C2_5,
  C2,
  C1_25,
  HALF,
  QUARTER,
  EIGHTH,
  SIXTEENTH,
  THIRTY_SECOND,
  source,
  target,
  put,
  butterfly,
  plus,
  minus,
} from "./winograd-lines";

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
