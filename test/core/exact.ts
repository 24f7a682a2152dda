/** Reference values of transcendental functions in BigInt fixed-point arithmetic, and distances from them in ulp. */

/** A real number as mantissa · 2^exponent; the functions here carry over 150 correct leading bits. */
export interface Real {
  mantissa: bigint;
  exponent: number;
}

/** Fraction bits of the fixed-point arithmetic. */
const BITS = 220;
const ONE = 1n << BigInt(BITS);

const shift = (x: bigint, by: number): bigint => (by >= 0 ? x << BigInt(by) : x >> BigInt(-by));
const bitLength = (x: bigint): number =>
  (x < 0n ? -x : x).toString(16).length * 4 - Math.clz32(parseInt((x < 0n ? -x : x).toString(16)[0], 16)) + 28;

/** Σ y^(2j+1)/(2j+1) = atanh(y) for |y| < 1, in fixed point with `bits` fraction bits. */
function atanh(y: bigint, bits: number): bigint {
  const square = (y * y) >> BigInt(bits);
  let sum = 0n;
  for (let power = y, j = 1n; power !== 0n && power !== -1n; power = (power * square) >> BigInt(bits), j += 2n)
    sum += power / j;
  return sum;
}

/** ln 2 = 18 atanh(1/26) - 2 atanh(1/4801) + 8 atanh(1/8749) */
const LN2 = 18n * atanh(ONE / 26n, BITS) - 2n * atanh(ONE / 4801n, BITS) + 8n * atanh(ONE / 8749n, BITS);

/** Fixed point of twice as many bits for the circle: near a multiple of π/2 the leading bits cancel. */
const CIRCLE_BITS = 2 * BITS;

/** Σ (-1)^j / ((2j+1)·n^(2j+1)) = atan(1/n) */
function inverseTangent(n: bigint): bigint {
  let sum = 0n;
  for (let power = (1n << BigInt(CIRCLE_BITS)) / n, j = 1n; power !== 0n; power /= n * n, j += 2n)
    sum += j % 4n === 1n ? power / j : -(power / j);
  return sum;
}

/** π/2 = 8 atan(1/5) - 2 atan(1/239) (Machin) */
const QUARTER_TURN = 8n * inverseTangent(5n) - 2n * inverseTangent(239n);

/** A finite double, exactly. */
export function real(x: number): Real {
  const word = new DataView(new ArrayBuffer(8));
  word.setFloat64(0, x);
  const bits = word.getBigUint64(0);
  const biased = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xfffffffffffffn;
  const magnitude = biased === 0 ? fraction : fraction | 0x10000000000000n;
  return { mantissa: bits >> 63n ? -magnitude : magnitude, exponent: Math.max(biased, 1) - 1075 };
}

/** e^x of a real number below 2^20. */
export function exactExp({ mantissa, exponent }: Real): Real {
  const x = shift(mantissa, BITS + exponent);
  const k = (x + LN2 / 2n) / LN2 - (x + LN2 / 2n < 0n ? 1n : 0n);
  // Taylor's series at r / 2^8, then eight squarings.
  const r = (x - k * LN2) >> 8n;
  let sum = ONE;
  for (let term = ONE, j = 1n; term !== 0n && term !== -1n; j++) {
    term = ((term * r) >> BigInt(BITS)) / j;
    sum += term;
  }
  for (let i = 0; i < 8; i++) sum = (sum * sum) >> BigInt(BITS);
  return { mantissa: sum, exponent: Number(k) - BITS };
}

/** ln x of a positive real number. */
export function exactLog({ mantissa, exponent }: Real): Real {
  let k = bitLength(mantissa);
  // mantissa · 2^-k lies in [1/2, 1); bring it into [√½, √2).
  if (2n * mantissa * mantissa < 1n << BigInt(2 * k)) k -= 1;
  const above = mantissa - (1n << BigInt(k));
  const turns = k + exponent;
  // Near 1 the result is as small as x - 1: as many more bits keep the relative precision.
  const bits = BITS + Math.max(0, k - bitLength(above === 0n ? 1n : above));
  const fraction = 2n * atanh((above << BigInt(bits)) / (mantissa + (1n << BigInt(k))), bits);
  return { mantissa: fraction + shift(BigInt(turns) * LN2, bits - BITS), exponent: -bits };
}

/** sin(x + quarterTurns·π/2) of a real number between 2^-150 and 2^100 in size. */
export function exactSine({ mantissa, exponent }: Real, quarterTurns = 0): Real {
  const x = shift(mantissa, CIRCLE_BITS + exponent) + BigInt(quarterTurns) * QUARTER_TURN;
  // sin(x) = (-1)^k sin(x - kπ), |x - kπ| ≤ π/2.
  const half = 2n * QUARTER_TURN;
  let k = (x + QUARTER_TURN) / half;
  if (x + QUARTER_TURN < 0n) k -= 1n;
  const r = x - k * half;
  const square = (r * r) >> BigInt(CIRCLE_BITS);
  let sum = 0n;
  for (let term = r, j = 1n; term !== 0n && term !== -1n; j += 2n) {
    sum += term;
    term = -((term * square) >> BigInt(CIRCLE_BITS)) / ((j + 1n) * (j + 2n));
  }
  return { mantissa: k % 2n === 0n ? sum : -sum, exponent: -CIRCLE_BITS };
}

/** 1 + x, exactly. */
export function onePlus({ mantissa, exponent }: Real): Real {
  if (exponent >= 0) return { mantissa: (mantissa << BigInt(exponent)) + 1n, exponent: 0 };
  return { mantissa: mantissa + (1n << BigInt(-exponent)), exponent };
}

/** base^n, every product cut to 256 bits. */
export function exactPower(base: Real, n: number): Real {
  const cut = ({ mantissa, exponent }: Real): Real => {
    const excess = Math.max(0, bitLength(mantissa) - 256);
    return { mantissa: shift(mantissa, -excess), exponent: exponent + excess };
  };
  const times = (a: Real, b: Real): Real =>
    cut({ mantissa: a.mantissa * b.mantissa, exponent: a.exponent + b.exponent });
  let result: Real = { mantissa: 1n, exponent: 0 };
  for (let factor = base, left = n; left > 0; left = Math.floor(left / 2), factor = times(factor, factor))
    if (left % 2 === 1) result = times(result, factor);
  return result;
}

/** |got - expected| in units of the last place of `expected` in Float64 (subnormal numbers share one unit); NaN where got is not finite. */
export function ulps(got: number, expected: Real): number {
  if (!Number.isFinite(got)) return NaN;
  if (expected.mantissa === 0n) return got === 0 ? 0 : Infinity;
  const unit = Math.max(bitLength(expected.mantissa) + expected.exponent - 53, -1074);
  const { mantissa, exponent } = real(got);
  // In 2^-40 units of the last place.
  const difference = shift(mantissa, exponent - unit + 40) - shift(expected.mantissa, expected.exponent - unit + 40);
  return Math.abs(Number(difference)) / 2 ** 40;
}
