// The transposes of the output transforms (winograd-transforms.ts): they transform the gradient of the output.
import {
  C32,
  C16,
  C8,
  C4,
  C2,
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
} from "./winograd-lines";

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
