// Optimizer steps and their arithmetic over flat arrays of `length` floats, a multiple of 16; the formulas: src/core/reference/flat.ts.
import { SMALLEST_SECOND_MOMENT, SMALLEST_VELOCITY } from "../../kernels/constants";
import { paired, storePair } from "./pairs";

/** y += a·x */
export function addScaled(length: i32, y: usize, x: usize, a: f32): void {
  const factor = f32x4.splat(a);
  for (let i = 0; i < length; i += 8) {
    storePair(
      y,
      f32x4.add(v128.load(y), f32x4.mul(factor, v128.load(x))),
      f32x4.add(v128.load(y, 16), f32x4.mul(factor, v128.load(x, 16))),
    );
    y += 32;
    x += 32;
  }
}

/** x *= a; here `length` is a multiple of 4 only. */
export function scale(length: i32, x: usize, a: f32): void {
  const factor = f32x4.splat(a);
  const end = x + paired(length);
  for (; x < end; x += 32) storePair(x, f32x4.mul(factor, v128.load(x)), f32x4.mul(factor, v128.load(x, 16)));
  if (length & 4) v128.store(x, f32x4.mul(factor, v128.load(x)));
}

/** e + rest·(p - e) */
// @ts-ignore: decorator
@inline
function blended(e: v128, p: v128, rest: v128): v128 {
  return f32x4.add(e, f32x4.mul(rest, f32x4.sub(p, e)));
}

/** e += rest·(p - e) */
export function blend(length: i32, e: usize, p: usize, rest: f32): void {
  const factor = f32x4.splat(rest);
  for (let i = 0; i < length; i += 8) {
    storePair(e, blended(v128.load(e), v128.load(p), factor), blended(v128.load(e, 16), v128.load(p, 16), factor));
    e += 32;
    p += 32;
  }
}

/** Σ x², in four Float64 sums: even and odd elements of the lower and of the upper halves of four. */
export function sumOfSquares(length: i32, x: usize): f64 {
  let low = f64x2.splat(0),
    high = f64x2.splat(0);
  for (let i = 0; i < length; i += 4) {
    const four = v128.load(x);
    const a = f64x2.promote_low_f32x4(four);
    const b = f64x2.promote_low_f32x4(i32x4.shuffle(four, four, 2, 3, 2, 3));
    low = f64x2.add(low, f64x2.mul(a, a));
    high = f64x2.add(high, f64x2.mul(b, b));
    x += 16;
  }
  const both = f64x2.add(low, high);
  return f64x2.extract_lane(both, 0) + f64x2.extract_lane(both, 1);
}

export function sgd(length: i32, p: usize, g: usize, lr: f32): void {
  const rate = f32x4.splat(lr);
  for (let i = 0; i < length; i += 8) {
    storePair(
      p,
      f32x4.sub(v128.load(p), f32x4.mul(rate, v128.load(g))),
      f32x4.sub(v128.load(p, 16), f32x4.mul(rate, v128.load(g, 16))),
    );
    p += 32;
    g += 32;
  }
}

/** x where |x| ≥ threshold, else 0: keeps decaying state out of the subnormal numbers. */
// @ts-ignore: decorator
@inline
function flush(x: v128, threshold: v128): v128 {
  return v128.andnot(x, f32x4.lt(f32x4.abs(x), threshold));
}

/** The new velocity: mu·v + g. */
// @ts-ignore: decorator
@inline
function decayed(v: v128, g: v128, decay: v128, smallest: v128): v128 {
  return flush(f32x4.add(f32x4.mul(decay, v), g), smallest);
}

/** The parameters, moved against `velocity`, or where that leads next with Nesterov. */
// @ts-ignore: decorator
@inline
function moved(p: v128, g: v128, velocity: v128, rate: v128, decay: v128, nesterov: bool): v128 {
  const direction = nesterov ? f32x4.add(g, f32x4.mul(decay, velocity)) : velocity;
  return f32x4.sub(p, f32x4.mul(rate, direction));
}

// @ts-ignore: decorator
@inline
function momentumSteps(length: i32, p: usize, g: usize, v: usize, lr: f32, mu: f32, nesterov: bool): void {
  const rate = f32x4.splat(lr),
    decay = f32x4.splat(mu),
    smallest = f32x4.splat(<f32>SMALLEST_VELOCITY);
  for (let i = 0; i < length; i += 8) {
    const g0 = v128.load(g),
      g1 = v128.load(g, 16);
    const v0 = decayed(v128.load(v), g0, decay, smallest),
      v1 = decayed(v128.load(v, 16), g1, decay, smallest);
    storePair(v, v0, v1);
    storePair(
      p,
      moved(v128.load(p), g0, v0, rate, decay, nesterov),
      moved(v128.load(p, 16), g1, v1, rate, decay, nesterov),
    );
    p += 32;
    g += 32;
    v += 32;
  }
}

export function momentum(length: i32, p: usize, g: usize, v: usize, lr: f32, mu: f32, nesterov: bool): void {
  // Two loops, each without a branch inside: what lies in different blocks does not pair.
  if (nesterov) momentumSteps(length, p, g, v, lr, mu, true);
  else momentumSteps(length, p, g, v, lr, mu, false);
}

export function adam(
  length: i32,
  p: usize,
  g: usize,
  m: usize,
  v: usize,
  beta1: f32,
  beta2: f32,
  rest1: f32,
  rest2: f32,
  stepSize: f32,
  rootScale: f32,
  epsilon: f32,
): void {
  const b1 = f32x4.splat(beta1),
    b2 = f32x4.splat(beta2),
    c1 = f32x4.splat(rest1),
    c2 = f32x4.splat(rest2);
  const step = f32x4.splat(stepSize),
    root = f32x4.splat(rootScale),
    eps = f32x4.splat(epsilon);
  const smallest = f32x4.splat(<f32>SMALLEST_VELOCITY),
    smallestSquare = f32x4.splat(<f32>SMALLEST_SECOND_MOMENT);
  for (let i = 0; i < length; i += 8) {
    const g0 = v128.load(g),
      g1 = v128.load(g, 16);
    const m0 = flush(f32x4.add(f32x4.mul(b1, v128.load(m)), f32x4.mul(c1, g0)), smallest),
      m1 = flush(f32x4.add(f32x4.mul(b1, v128.load(m, 16)), f32x4.mul(c1, g1)), smallest);
    storePair(m, m0, m1);
    const v0 = flush(f32x4.add(f32x4.mul(b2, v128.load(v)), f32x4.mul(f32x4.mul(c2, g0), g0)), smallestSquare),
      v1 = flush(f32x4.add(f32x4.mul(b2, v128.load(v, 16)), f32x4.mul(f32x4.mul(c2, g1), g1)), smallestSquare);
    storePair(v, v0, v1);
    const d0 = f32x4.add(f32x4.mul(f32x4.sqrt(v0), root), eps),
      d1 = f32x4.add(f32x4.mul(f32x4.sqrt(v1), root), eps);
    storePair(
      p,
      f32x4.sub(v128.load(p), f32x4.div(f32x4.mul(step, m0), d0)),
      f32x4.sub(v128.load(p, 16), f32x4.div(f32x4.mul(step, m1), d1)),
    );
    p += 32;
    g += 32;
    m += 32;
    v += 32;
  }
}
