// Element-wise layers over `floats` floats, a multiple of 4. The formulas: src/core/reference. Zeros stay zeros.
import { exp4 } from "./math";
import { paired, storePair } from "./pairs";

/** max(x, 0); NaN stays NaN: pmax keeps its first operand unless it is smaller. */
// @ts-ignore: decorator
@inline
function relu(x: v128): v128 {
  return f32x4.pmax(x, f32x4.splat(0));
}

export function reluForward(floats: i32, x: usize, y: usize): void {
  let i: usize = 0;
  for (; i < paired(floats); i += 32) storePair(y + i, relu(v128.load(x + i)), relu(v128.load(x + i, 16)));
  if (floats & 4) v128.store(y + i, relu(v128.load(x + i)));
}

/** dy where y > 0, else 0 */
// @ts-ignore: decorator
@inline
function alive(y: v128, dy: v128): v128 {
  return v128.and(dy, f32x4.gt(y, f32x4.splat(0)));
}

export function reluBackward(floats: i32, y: usize, dy: usize, dx: usize): void {
  let i: usize = 0;
  for (; i < paired(floats); i += 32)
    storePair(dx + i, alive(v128.load(y + i), v128.load(dy + i)), alive(v128.load(y + i, 16), v128.load(dy + i, 16)));
  if (floats & 4) v128.store(dx + i, alive(v128.load(y + i), v128.load(dy + i)));
}

/** z where `value` is positive, else slope·z: LeakyReLU of z = value, and its backward pass of z = dy. */
// @ts-ignore: decorator
@inline
function leaky(value: v128, z: v128, slope: v128): v128 {
  return v128.bitselect(z, f32x4.mul(slope, z), f32x4.gt(value, f32x4.splat(0)));
}

export function leakyReluForward(floats: i32, slope: f32, x: usize, y: usize): void {
  leakyReluBackward(floats, slope, x, x, y);
}

export function leakyReluBackward(floats: i32, slope: f32, y: usize, dy: usize, dx: usize): void {
  const factor = f32x4.splat(slope);
  let i: usize = 0;
  for (; i < paired(floats); i += 32)
    storePair(
      dx + i,
      leaky(v128.load(y + i), v128.load(dy + i), factor),
      leaky(v128.load(y + i, 16), v128.load(dy + i, 16), factor),
    );
  if (floats & 4) v128.store(dx + i, leaky(v128.load(y + i), v128.load(dy + i), factor));
}

/** x cut to [-limit, limit]; NaN stays NaN. */
// @ts-ignore: decorator
@inline
function within(x: v128, limit: f32): v128 {
  return f32x4.pmax(f32x4.pmin(x, f32x4.splat(limit)), f32x4.splat(-limit));
}

/** 1 / (1 + e^-z): 0 below -87, where the exponential would leave its range. */
// @ts-ignore: decorator
@inline
function sigmoid(z: v128): v128 {
  const one = f32x4.splat(1);
  const value = f32x4.div(one, f32x4.add(one, exp4(f32x4.neg(within(z, 87)))));
  return v128.andnot(value, f32x4.lt(z, f32x4.splat(-87)));
}

/** x·σ(x) */
// @ts-ignore: decorator
@inline
function silu(x: v128): v128 {
  return f32x4.mul(x, sigmoid(x));
}

export function siluForward(floats: i32, x: usize, y: usize): void {
  let i: usize = 0;
  for (; i < paired(floats); i += 32) storePair(y + i, silu(v128.load(x + i)), silu(v128.load(x + i, 16)));
  if (floats & 4) v128.store(y + i, silu(v128.load(x + i)));
}

/** dy·σ·(1 + x·(1 - σ)) */
// @ts-ignore: decorator
@inline
function siluGradient(x: v128, dy: v128): v128 {
  const one = f32x4.splat(1);
  const gate = sigmoid(x);
  return f32x4.mul(dy, f32x4.mul(gate, f32x4.add(one, f32x4.mul(x, f32x4.sub(one, gate)))));
}

export function siluBackward(floats: i32, x: usize, dy: usize, dx: usize): void {
  let i: usize = 0;
  for (; i < paired(floats); i += 32)
    storePair(
      dx + i,
      siluGradient(v128.load(x + i), v128.load(dy + i)),
      siluGradient(v128.load(x + i, 16), v128.load(dy + i, 16)),
    );
  if (floats & 4) v128.store(dx + i, siluGradient(v128.load(x + i), v128.load(dy + i)));
}

/** 2·√(2/π) */
const GELU_SCALE: f32 = 1.5957691216057308;
const GELU_CUBIC: f32 = 0.044715;
/** Beyond it the sigmoid is 0 or 1 to every bit; x³ must not overflow. */
const FAR: f32 = 30;

/** σ(2·√(2/π)·(x + 0.044715·x³)) for |x| ≤ FAR. */
// @ts-ignore: decorator
@inline
function geluGate(x: v128): v128 {
  const cubic = f32x4.mul(f32x4.mul(f32x4.mul(f32x4.splat(GELU_CUBIC), x), x), x);
  return sigmoid(f32x4.mul(f32x4.splat(GELU_SCALE), f32x4.add(x, cubic)));
}

// @ts-ignore: decorator
@inline
function gelu(x: v128): v128 {
  return f32x4.mul(x, geluGate(within(x, FAR)));
}

export function geluForward(floats: i32, x: usize, y: usize): void {
  let i: usize = 0;
  for (; i < paired(floats); i += 32) storePair(y + i, gelu(v128.load(x + i)), gelu(v128.load(x + i, 16)));
  if (floats & 4) v128.store(y + i, gelu(v128.load(x + i)));
}

/** dy·σ·(1 + x·(1 - σ)·2·√(2/π)·(1 + 3·0.044715·x²)) */
// @ts-ignore: decorator
@inline
function geluGradient(x: v128, dy: v128): v128 {
  const one = f32x4.splat(1);
  const value = within(x, FAR);
  const gate = geluGate(value);
  const inner = f32x4.mul(
    f32x4.splat(GELU_SCALE),
    f32x4.add(one, f32x4.mul(f32x4.mul(f32x4.splat(3 * GELU_CUBIC), value), value)),
  );
  const slope = f32x4.mul(gate, f32x4.add(one, f32x4.mul(f32x4.mul(value, f32x4.sub(one, gate)), inner)));
  return f32x4.mul(dy, slope);
}

export function geluBackward(floats: i32, x: usize, dy: usize, dx: usize): void {
  let i: usize = 0;
  for (; i < paired(floats); i += 32)
    storePair(
      dx + i,
      geluGradient(v128.load(x + i), v128.load(dy + i)),
      geluGradient(v128.load(x + i, 16), v128.load(dy + i, 16)),
    );
  if (floats & 4) v128.store(dx + i, geluGradient(v128.load(x + i), v128.load(dy + i)));
}

/** z = x·y */
export function multiply(floats: i32, x: usize, y: usize, z: usize): void {
  let i: usize = 0;
  for (; i < paired(floats); i += 32)
    storePair(
      z + i,
      f32x4.mul(v128.load(x + i), v128.load(y + i)),
      f32x4.mul(v128.load(x + i, 16), v128.load(y + i, 16)),
    );
  if (floats & 4) v128.store(z + i, f32x4.mul(v128.load(x + i), v128.load(y + i)));
}

/** z = x + y */
export function add(floats: i32, x: usize, y: usize, z: usize): void {
  let i: usize = 0;
  for (; i < paired(floats); i += 32)
    storePair(
      z + i,
      f32x4.add(v128.load(x + i), v128.load(y + i)),
      f32x4.add(v128.load(x + i, 16), v128.load(y + i, 16)),
    );
  if (floats & 4) v128.store(z + i, f32x4.add(v128.load(x + i), v128.load(y + i)));
}

/** y = x */
export function copy(floats: i32, x: usize, y: usize): void {
  memory.copy(y, x, (<usize>floats) << 2);
}
