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
