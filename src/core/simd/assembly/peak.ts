// The calibration kernels of the benchmark.
import { storePair } from "./pairs";

/**
 * What the processor's SIMD units do at most, multiplying and adding in equal parts: `steps` times, six chains of four
 * lanes are multiplied by x and six are added c to, twice. The chains do not depend on one another (a multiplication and
 * an addition in one chain would wait for each other) and stay in registers; nothing is loaded or stored. 96 operations
 * a step. x near 1 keeps the numbers normal. Returns a sum over the chains, so that none is dead code.
 */
export function peak(steps: i32, x: f32, c: f32): f32 {
  const factor = f32x4.splat(x),
    term = f32x4.splat(c);
  let m0 = factor,
    m1 = factor,
    m2 = factor,
    m3 = factor,
    m4 = factor,
    m5 = factor;
  let a0 = term,
    a1 = term,
    a2 = term,
    a3 = term,
    a4 = term,
    a5 = term;
  for (let i = 0; i < steps; i++) {
    m0 = f32x4.mul(m0, factor);
    a0 = f32x4.add(a0, term);
    m1 = f32x4.mul(m1, factor);
    a1 = f32x4.add(a1, term);
    m2 = f32x4.mul(m2, factor);
    a2 = f32x4.add(a2, term);
    m3 = f32x4.mul(m3, factor);
    a3 = f32x4.add(a3, term);
    m4 = f32x4.mul(m4, factor);
    a4 = f32x4.add(a4, term);
    m5 = f32x4.mul(m5, factor);
    a5 = f32x4.add(a5, term);
    m0 = f32x4.mul(m0, factor);
    a0 = f32x4.add(a0, term);
    m1 = f32x4.mul(m1, factor);
    a1 = f32x4.add(a1, term);
    m2 = f32x4.mul(m2, factor);
    a2 = f32x4.add(a2, term);
    m3 = f32x4.mul(m3, factor);
    a3 = f32x4.add(a3, term);
    m4 = f32x4.mul(m4, factor);
    a4 = f32x4.add(a4, term);
    m5 = f32x4.mul(m5, factor);
    a5 = f32x4.add(a5, term);
  }
  const m = f32x4.add(f32x4.add(f32x4.add(m0, m1), f32x4.add(m2, m3)), f32x4.add(m4, m5));
  const a = f32x4.add(f32x4.add(f32x4.add(a0, a1), f32x4.add(a2, a3)), f32x4.add(a4, a5));
  return f32x4.extract_lane(f32x4.add(m, a), 0);
}

/** Room for the chains' last values. */
const LAST = memory.data(384, 32);

/**
 * The same where V8 makes 256-bit operations of pairs: six pairs of chains are multiplied, six added to, once a step, as many
 * chains as 256-bit units can take turns at. Again 96 operations a step. Without pairing they are too many for the registers.
 */
export function peakOfPairs(steps: i32, x: f32, c: f32): f32 {
  const factor = f32x4.splat(x),
    term = f32x4.splat(c);
  let m0 = factor,
    n0 = factor,
    m1 = factor,
    n1 = factor,
    m2 = factor,
    n2 = factor,
    m3 = factor,
    n3 = factor,
    m4 = factor,
    n4 = factor,
    m5 = factor,
    n5 = factor;
  let a0 = term,
    b0 = term,
    a1 = term,
    b1 = term,
    a2 = term,
    b2 = term,
    a3 = term,
    b3 = term,
    a4 = term,
    b4 = term,
    a5 = term,
    b5 = term;
  for (let i = 0; i < steps; i++) {
    m0 = f32x4.mul(m0, factor);
    n0 = f32x4.mul(n0, factor);
    a0 = f32x4.add(a0, term);
    b0 = f32x4.add(b0, term);
    m1 = f32x4.mul(m1, factor);
    n1 = f32x4.mul(n1, factor);
    a1 = f32x4.add(a1, term);
    b1 = f32x4.add(b1, term);
    m2 = f32x4.mul(m2, factor);
    n2 = f32x4.mul(n2, factor);
    a2 = f32x4.add(a2, term);
    b2 = f32x4.add(b2, term);
    m3 = f32x4.mul(m3, factor);
    n3 = f32x4.mul(n3, factor);
    a3 = f32x4.add(a3, term);
    b3 = f32x4.add(b3, term);
    m4 = f32x4.mul(m4, factor);
    n4 = f32x4.mul(n4, factor);
    a4 = f32x4.add(a4, term);
    b4 = f32x4.add(b4, term);
    m5 = f32x4.mul(m5, factor);
    n5 = f32x4.mul(n5, factor);
    a5 = f32x4.add(a5, term);
    b5 = f32x4.add(b5, term);
  }
  storePair(LAST, m0, n0);
  storePair(LAST + 32, a0, b0);
  storePair(LAST + 64, m1, n1);
  storePair(LAST + 96, a1, b1);
  storePair(LAST + 128, m2, n2);
  storePair(LAST + 160, a2, b2);
  storePair(LAST + 192, m3, n3);
  storePair(LAST + 224, a3, b3);
  storePair(LAST + 256, m4, n4);
  storePair(LAST + 288, a4, b4);
  storePair(LAST + 320, m5, n5);
  storePair(LAST + 352, a5, b5);
  let sum = v128.load(LAST);
  for (let at: usize = 16; at < 384; at += 16) sum = f32x4.add(sum, v128.load(LAST + at));
  return f32x4.extract_lane(sum, 0);
}
