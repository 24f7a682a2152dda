// Optimizer steps and their arithmetic over flat arrays of `length` floats, a multiple of 16; the formulas: src/core/reference/flat.ts.
import { SMALLEST_SECOND_MOMENT, SMALLEST_VELOCITY } from "../../kernels/constants";

/** y += a·x */
export function addScaled(length: i32, y: usize, x: usize, a: f32): void {
  const factor = f32x4.splat(a);
  for (let i = 0; i < length; i += 4) {
    v128.store(y, f32x4.add(v128.load(y), f32x4.mul(factor, v128.load(x))));
    y += 16;
    x += 16;
  }
}

/** x *= a */
export function scale(length: i32, x: usize, a: f32): void {
  const factor = f32x4.splat(a);
  for (let i = 0; i < length; i += 4) {
    v128.store(x, f32x4.mul(factor, v128.load(x)));
    x += 16;
  }
}

/** e += rest·(p - e) */
export function blend(length: i32, e: usize, p: usize, rest: f32): void {
  const factor = f32x4.splat(rest);
  for (let i = 0; i < length; i += 4) {
    const old = v128.load(e);
    v128.store(e, f32x4.add(old, f32x4.mul(factor, f32x4.sub(v128.load(p), old))));
    e += 16;
    p += 16;
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
    v128.store(p, f32x4.sub(v128.load(p), f32x4.mul(rate, v128.load(g))));
    v128.store(p, f32x4.sub(v128.load(p, 16), f32x4.mul(rate, v128.load(g, 16))), 16);
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

export function momentum(length: i32, p: usize, g: usize, v: usize, lr: f32, mu: f32, nesterov: bool): void {
  const rate = f32x4.splat(lr),
    decay = f32x4.splat(mu),
    smallest = f32x4.splat(<f32>SMALLEST_VELOCITY);
  for (let i = 0; i < length; i += 4) {
    const gradient = v128.load(g);
    const velocity = flush(f32x4.add(f32x4.mul(decay, v128.load(v)), gradient), smallest);
    v128.store(v, velocity);
    const direction = nesterov ? f32x4.add(gradient, f32x4.mul(decay, velocity)) : velocity;
    v128.store(p, f32x4.sub(v128.load(p), f32x4.mul(rate, direction)));
    p += 16;
    g += 16;
    v += 16;
  }
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
  for (let i = 0; i < length; i += 4) {
    const gradient = v128.load(g);
    const first = flush(f32x4.add(f32x4.mul(b1, v128.load(m)), f32x4.mul(c1, gradient)), smallest);
    const second = flush(
      f32x4.add(f32x4.mul(b2, v128.load(v)), f32x4.mul(f32x4.mul(c2, gradient), gradient)),
      smallestSquare,
    );
    v128.store(m, first);
    v128.store(v, second);
    const denominator = f32x4.add(f32x4.mul(f32x4.sqrt(second), root), eps);
    v128.store(p, f32x4.sub(v128.load(p), f32x4.div(f32x4.mul(step, first), denominator)));
    p += 16;
    g += 16;
    m += 16;
    v += 16;
  }
}
