/**
 * The transcendental functions that reach weights or metrics. Math.exp and its like may differ between
 * engines; these use only + - * /, comparisons and bit patterns, which IEEE 754 fixes to the last bit.
 */

const word = new DataView(new ArrayBuffer(8));

/** x · 2^k for integer k, exact unless the result is subnormal. */
function scaleByPowerOfTwo(x: number, k: number): number {
  if (k < -1022) return scaleByPowerOfTwo(x * 2.2250738585072014e-308, k + 1022);
  if (k > 1023) return scaleByPowerOfTwo(x * 8.98846567431158e307, k - 1023);
  word.setUint32(0, (k + 1023) << 20);
  word.setUint32(4, 0);
  return x * word.getFloat64(0);
}

const LN2_HIGH = 6.9314718036912381649e-1;
const LN2_LOW = 1.90821492927058770002e-10;

/** e^x in Float64, error below 0.9 ulp (test/core/numeric/math.test.ts). Reduction and polynomial of FreeBSD's msun (`e_exp.c`). */
export function exp(x: number): number {
  if (x !== x) return x;
  if (x > 709.782712893384) return Infinity;
  if (x < -745.1332191019411) return 0;
  const k = Math.round(x * 1.442695040888963387);
  const high = x - k * LN2_HIGH;
  const low = k * LN2_LOW;
  const r = high - low;
  const t = r * r;
  const c =
    r -
    t *
      (1.66666666666666019037e-1 +
        t *
          (-2.77777777770155933842e-3 +
            t * (6.61375632143793436117e-5 + t * (-1.6533902205465251539e-6 + t * 4.13813679705723846039e-8))));
  return scaleByPowerOfTwo(1 - (low - (r * c) / (2 - c) - high), k);
}

/** Natural logarithm in Float64, error below 0.85 ulp (test/core/numeric/math.test.ts). Reduction and polynomial of FreeBSD's msun (`e_log.c`). */
export function log(x: number): number {
  if (x !== x || x < 0) return NaN;
  if (x === 0) return -Infinity;
  if (x === Infinity) return x;
  let k = 0;
  if (x < 2.2250738585072014e-308) {
    x *= 18014398509481984;
    k = -54;
  }
  word.setFloat64(0, x);
  let high = word.getUint32(0);
  k += (high >>> 20) - 1023;
  high &= 0xfffff;
  // Bring the mantissa into [sqrt(1/2), sqrt(2)).
  const carry = (high + 0x95f64) & 0x100000;
  word.setUint32(0, high | (carry ^ 0x3ff00000));
  k += carry >>> 20;
  const f = word.getFloat64(0) - 1;
  if (f === 0) return k * LN2_HIGH + k * LN2_LOW;
  const s = f / (2 + f);
  const z = s * s;
  const w = z * z;
  const even = w * (3.999999999940941908e-1 + w * (2.222219843214978396e-1 + w * 1.531383769920937332e-1));
  const odd =
    z *
    (6.66666666666673513e-1 +
      w * (2.857142874366239149e-1 + w * (1.818357216161805012e-1 + w * 1.479819860511658591e-1)));
  const half = 0.5 * f * f;
  return k * LN2_HIGH - (half - (s * (half + even + odd) + k * LN2_LOW) - f);
}

/**
 * log(1 + x) in Float64 for x ≥ -1, error below 1.5 ulp (test/core/numeric/math.test.ts): with u = 1 + x rounded and c what the
 * rounding lost, log(u + c) = log u + log(1 + c/u), and c/u is so small that it is its own logarithm.
 */
export function log1p(x: number): number {
  const u = 1 + x;
  if (u === 1) return x;
  if (u === 0 || u === Infinity) return log(u);
  return log(u) + (x - (u - 1)) / u;
}

/** base^n for an integer n ≥ 0, by repeated squaring; error below n ulp where no intermediate result is subnormal. */
export function integerPower(base: number, n: number): number {
  let result = 1;
  for (let factor = base; n > 0; n = Math.floor(n / 2), factor *= factor) if (n % 2 === 1) result *= factor;
  return result;
}

/**
 * sin(x + quarterTurns·π/2) for |x| ≤ 2^20, NaN beyond. x is reduced to |r + tail| ≤ π/4 by subtracting k·π/2 in four
 * parts: the first three have 33 bits, so that their products with k are exact. Polynomials of FreeBSD's msun
 * (`k_sin.c`, `k_cos.c`).
 */
function sineFrom(x: number, quarterTurns: number): number {
  if (!(Math.abs(x) <= 1048576)) return NaN;
  let r = x;
  let tail = 0;
  let k = 0;
  if (Math.abs(x) > 0.7853981633974483) {
    k = Math.round(x * 6.36619772367581382433e-1);
    const a = x - k * 1.57079632673412561417;
    const b = a - k * 6.0771005063039659766e-11;
    const c = b - k * 2.0222662487111664558e-21;
    // What the roundings of b and c lost, and the last part.
    const lost =
      a - b - k * 6.0771005063039659766e-11 + (b - c - k * 2.0222662487111664558e-21) - k * 8.47842766036889956997e-32;
    r = c + lost;
    tail = c - r + lost;
  }
  const turns = (k + quarterTurns) & 3;
  const z = r * r;
  const w = z * z;
  let result: number;
  if (turns % 2 === 0) {
    const p =
      8.33333333332248946124e-3 +
      z * (-1.98412698298579493134e-4 + z * 2.75573137070700676789e-6) +
      z * w * (-2.50507602534068634195e-8 + z * 1.58969099521155010221e-10);
    const cube = z * r;
    result = r - (z * (0.5 * tail - cube * p) - tail - cube * -1.66666666666666324348e-1);
  } else {
    const p =
      z * (4.16666666666666019037e-2 + z * (-1.38888888888741095749e-3 + z * 2.48015872894767294178e-5)) +
      w * w * (-2.75573143513906633035e-7 + z * (2.0875723212981748279e-9 + z * -1.13596475577881948265e-11));
    const half = 0.5 * z;
    const rest = 1 - half;
    result = rest + (1 - rest - half + (z * p - r * tail));
  }
  return turns < 2 ? result : -result;
}

/** Sine of x radians in Float64 for |x| ≤ 2^20 (NaN beyond), error below 0.9 ulp (test/core/numeric/math.test.ts). */
export function sine(x: number): number {
  return sineFrom(x, 0);
}

/** Cosine of x radians in Float64 for |x| ≤ 2^20 (NaN beyond), error below 0.9 ulp (test/core/numeric/math.test.ts). */
export function cosine(x: number): number {
  return sineFrom(x, 1);
}

/** 1 / (1 + e^−z), without overflow for any z. */
export function sigmoid(z: number): number {
  if (z >= 0) return 1 / (1 + exp(-z));
  const e = exp(z);
  return e / (1 + e);
}

/** The least multiple that is not below n. */
export const roundUp = (n: number, multiple: number): number => Math.ceil(n / multiple) * multiple;
