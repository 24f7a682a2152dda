// The core's own transcendental functions, vectorised. Only IEEE 754 basic operations: the same bits everywhere.

/**
 * e^x for x in [-87, 88], four lanes: Cody and Waite reduction to |r| ≤ ln 2 / 2, then the minimax polynomial of
 * Cephes' expf. Error below 1 ulp (test/core/kernels/simd-math.test.ts).
 */
// @ts-ignore: decorator
@inline
export function exp4(x: v128): v128 {
  // Rounded to whole numbers by the addition: f32x4.nearest would do the same, but does not pair.
  const whole = f32x4.splat(12582912);
  const k = f32x4.sub(f32x4.add(f32x4.mul(x, f32x4.splat(1.44269504)), whole), whole);
  let r = f32x4.sub(x, f32x4.mul(k, f32x4.splat(0.693359375)));
  r = f32x4.sub(r, f32x4.mul(k, f32x4.splat(-2.1219444e-4)));
  let p = f32x4.splat(1.98756915e-4);
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.3981999507e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(8.3334519073e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(4.1665795894e-2));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.6666665459e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(5.0000001201e-1));
  p = f32x4.add(f32x4.add(f32x4.mul(f32x4.mul(p, r), r), r), f32x4.splat(1));
  return f32x4.mul(p, i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(k), i32x4.splat(127)), 23));
}

/** Natural logarithm in Float64 of a positive, normal x (NaN and Infinity give themselves); the same formula as src/core/numeric/math.ts. */
export function log(x: f64): f64 {
  if (!(x < Infinity)) return x;
  const bits = reinterpret<u64>(x);
  let high = (<u32>(bits >> 32)) & 0xfffff;
  const carry = (high + 0x95f64) & 0x100000;
  const k = <f64>(<i32>(<u32>(bits >> 52)) - 1023 + <i32>(carry >> 20));
  high |= carry ^ 0x3ff00000;
  const f = reinterpret<f64>(((<u64>high) << 32) | (bits & 0xffffffff)) - 1;
  const s = f / (2 + f);
  const z = s * s;
  const w = z * z;
  const even = w * (3.999999999940941908e-1 + w * (2.222219843214978396e-1 + w * 1.531383769920937332e-1));
  const odd =
    z *
    (6.66666666666673513e-1 +
      w * (2.857142874366239149e-1 + w * (1.818357216161805012e-1 + w * 1.479819860511658591e-1)));
  const half = 0.5 * f * f;
  return k * 6.9314718036912381649e-1 - (half - (s * (half + even + odd) + k * 1.90821492927058770002e-10) - f);
}

/** y = e^x over n floats, a multiple of 4: exp4 for its test. */
export function exponentials(n: i32, x: usize, y: usize): void {
  for (let i = 0; i < n; i += 4) v128.store(y + ((<usize>i) << 2), exp4(v128.load(x + ((<usize>i) << 2))));
}
