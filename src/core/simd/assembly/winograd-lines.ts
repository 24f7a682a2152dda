// What Winograd's one-dimensional transforms are written in: pairs of vectors, eight channels, as lines of a scratch or at a
// pitch, and constants. The scratch has lines of eight pairs, so that its addresses are immediate offsets and need no registers.
import { storePair } from "./pairs";

/** Bytes of a line of the scratch. */
export const LINE: usize = 256;
/** Bytes of a pair of vectors. */
export const PAIR: usize = 32;

/** Where the next vectors to be transformed are. */
// @ts-ignore: decorator
@inline
export function source(down: bool, p: usize, step: usize): usize {
  return p + (down ? step : PAIR);
}

/** Where the next transformed vectors go: down all lines are offsets from the first. */
// @ts-ignore: decorator
@inline
export function target(down: bool, q: usize, step: usize): usize {
  return down ? q : q + step;
}

/** Stores a pair as line k of the scratch, or at q. */
// @ts-ignore: decorator
@inline
export function put(down: bool, k: i32, q: usize, low: v128, high: v128): void {
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
export function butterfly(down: bool, k: i32, q: usize, step: usize, e0: v128, f0: v128, e1: v128, f1: v128): void {
  put(down, k, q, f32x4.add(e0, f0), f32x4.add(e1, f1));
  put(down, k + 1, target(down, q, step), f32x4.sub(e0, f0), f32x4.sub(e1, f1));
}

// Constants in all lanes, from memory: V8 makes an immediate vector anew wherever it is used, in three instructions, or
// seven where it is one of a pair.
export const C32 = memory.data<f32>([32]),
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
export function plus(x: v128, c: v128, y: v128): v128 {
  return f32x4.add(x, f32x4.mul(c, y));
}

/** x - c·y */
// @ts-ignore: decorator
@inline
export function minus(x: v128, c: v128, y: v128): v128 {
  return f32x4.sub(x, f32x4.mul(c, y));
}
