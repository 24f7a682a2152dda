/** The core's transcendental functions against values computed in exact arithmetic (./exact.ts). */
import { describe, expect, it } from "vitest";
import { cosine, exp, integerPower, log, log1p, sine } from "../../../src/core/numeric/math.js";
import { RandomStream } from "../../../src/core/numeric/random.js";
import { exactExp, exactLog, exactPower, exactSine, onePlus, real, ulps, type Real } from "../exact.js";

const random = new RandomStream("init", 5);
const word = new DataView(new ArrayBuffer(8));

/** A positive double of random bits with a binary exponent in [low, high]; -1023 is that of the subnormal numbers. */
function ofExponent(low: number, high: number): number {
  word.setUint32(0, ((1023 + low + random.below(high - low + 1)) << 20) | random.below(1 << 20));
  word.setUint32(4, random.uint32());
  return word.getFloat64(0);
}
const between = (low: number, high: number): number => low + (high - low) * random.uniform();

/** The `steps` doubles on either side of a positive x, and x. */
function neighbours(x: number, steps = 3): number[] {
  word.setFloat64(0, x);
  const bits = word.getBigUint64(0);
  return Array.from({ length: 2 * steps + 1 }, (_, i) => {
    word.setBigUint64(0, bits + BigInt(i - steps));
    return word.getFloat64(0);
  });
}

/** The largest error of f over the points, in ulp, and where it is; a NaN counts as the worst. */
function worst(points: number[], f: (x: number) => number, truth: (x: Real) => Real): { error: number; x: number } {
  let found = { error: 0, x: NaN };
  for (const x of points) {
    const error = ulps(f(x), truth(real(x)));
    if (!(error <= found.error)) found = { error, x };
    if (error !== error) break;
  }
  return found;
}

/** Prints the measured error with MEASURE=1. */
function expectWithin(name: string, bound: number, { error, x }: { error: number; x: number }): void {
  if (process.env.MEASURE) console.log(`${name}: ${error} ulp at ${x}`);
  if (!(error <= bound)) expect.fail(`${name}(${x}): got an error of ${error} ulp, expected at most ${bound}`);
}

describe("the reference arithmetic", () => {
  it("gives known digits", () => {
    // e, ln 10 and √2 to 50 digits.
    const digits = ({ mantissa, exponent }: Real): string => ((mantissa * 10n ** 50n) >> BigInt(-exponent)).toString();
    expect(digits(exactExp(real(1)))).toBe("271828182845904523536028747135266249775724709369995");
    expect(digits(exactLog(real(10)))).toBe("230258509299404568401799145468436420760110148862877");
    expect(digits(exactExp({ mantissa: exactLog(real(2)).mantissa, exponent: exactLog(real(2)).exponent - 1 }))).toBe(
      "141421356237309504880168872420969807856967187537694",
    );
  });

  it("exp and log are inverse, also of very small and very large numbers", () => {
    for (const x of [5e-324, 1e-300, 0.3, 1 + 2 ** -52, 1 - 2 ** -53, 7, 1.7e308])
      expect(ulps(x, exactExp(exactLog(real(x))))).toBeLessThan(1e-10);
  });
});

describe("exp", () => {
  it("is within 0.9 ulp wherever its result is normal", () => {
    const points = [
      ...neighbours(709.782712893384).filter((x) => x <= 709.782712893384),
      ...neighbours(708.3964185322641)
        .map((x) => -x)
        .filter((x) => x > -708.396418532264),
      0,
      -0,
      5e-324,
      -5e-324,
      1e-300,
    ];
    for (let i = 0; i < 20_000; i++) points.push(between(-708.39, 709.78));
    for (let i = 0; i < 10_000; i++) points.push((i % 2 ? 1 : -1) * ofExponent(-60, 8));
    for (let i = 0; i < 5_000; i++)
      points.push(
        ...neighbours(Math.abs((random.below(2000) - 1000) * 0.34657359027997264), 1).map((x) => (i % 2 ? x : -x)),
      );
    expectWithin(
      "exp",
      0.9,
      worst(
        points.filter((x) => x < 709.78271289338409 && x > -708.3964),
        exp,
        exactExp,
      ),
    );
  });

  it("is within 0.9 ulp where its result is subnormal", () => {
    const points = Array.from({ length: 10_000 }, () => between(-745.13, -708.3964));
    expectWithin("exp", 0.9, worst([...points, -745.133219101941], exp, exactExp));
  });

  it.each([
    [0, 1],
    [-0, 1],
    [Infinity, Infinity],
    [-Infinity, 0],
    [NaN, NaN],
    [5e-324, 1],
    [-5e-324, 1],
    [709.7827128933841, Infinity],
    [1e308, Infinity],
    [-745.1332191019412, 0],
    [-1e308, 0],
  ])("exp(%d) = %d", (x, y) => {
    expect(exp(x)).toBe(y);
  });

  it("is finite up to the largest double's logarithm, positive down to half the smallest's", () => {
    expect(exp(709.782712893384)).toBeLessThan(Infinity);
    expect(exp(-745.1332191019411)).toBe(5e-324);
  });
});

describe("log", () => {
  it("is within 0.85 ulp over all positive doubles", () => {
    const points = [
      5e-324,
      1e-323,
      2 ** -1022,
      ...neighbours(2 ** -1022),
      Number.MAX_VALUE,
      ...neighbours(1, 200).filter((x) => x !== 1),
      ...neighbours(Math.SQRT1_2, 50),
      ...neighbours(Math.SQRT2, 50),
      ...neighbours(2, 50),
    ];
    for (let i = 0; i < 15_000; i++) points.push(ofExponent(-1023, 1023));
    for (let i = 0; i < 15_000; i++) points.push(between(0.5, 2));
    for (let i = 0; i < 10_000; i++) points.push(1 + (i % 2 ? 0.4 : -0.4) * ofExponent(-50, -1));
    expectWithin(
      "log",
      0.85,
      worst(
        points.filter((x) => x !== 1),
        log,
        exactLog,
      ),
    );
  });

  it.each([
    [1, 0],
    [0, -Infinity],
    [-0, -Infinity],
    [Infinity, Infinity],
    [-1, NaN],
    [-5e-324, NaN],
    [-Infinity, NaN],
    [NaN, NaN],
  ])("log(%d) = %d", (x, y) => {
    expect(log(x)).toBe(y);
  });
});

describe("log1p", () => {
  it("is within 1.5 ulp over all doubles above -1", () => {
    const points = [
      5e-324,
      -5e-324,
      2 ** -1022,
      ...neighbours(2 ** -53),
      ...neighbours(2 ** -53).map((x) => -x),
      ...neighbours(2 ** -52),
      -1 + 2 ** -53,
      -1 + 2 ** -52,
      2 ** 53 + 2,
      Number.MAX_VALUE,
    ];
    for (let i = 0; i < 10_000; i++) points.push(ofExponent(-1023, 1023));
    for (let i = 0; i < 15_000; i++) points.push(ofExponent(-60, 4));
    for (let i = 0; i < 15_000; i++) points.push(-ofExponent(-60, -1));
    for (let i = 0; i < 5_000; i++) points.push(-1 + ofExponent(-53, -2), (i % 2 ? 1 : -1) * ofExponent(-54, -49));
    expectWithin(
      "log1p",
      1.5,
      worst(points, log1p, (x) => exactLog(onePlus(x))),
    );
  });

  it.each([
    [0, 0],
    [-0, -0],
    [-1, -Infinity],
    [Infinity, Infinity],
    [-2, NaN],
    [-Infinity, NaN],
    [NaN, NaN],
  ])("log1p(%d) = %d", (x, y) => {
    expect(log1p(x)).toBe(y);
  });
});

describe("sine and cosine", () => {
  it("the exact ones give known digits", () => {
    // sin 1 and cos 1 to 50 digits.
    const digits = ({ mantissa, exponent }: Real): string => ((mantissa * 10n ** 50n) >> BigInt(-exponent)).toString();
    expect(digits(exactSine(real(1)))).toBe("84147098480789650665250232163029899962256306079837");
    expect(digits(exactSine(real(1), 1))).toBe("54030230586813971740093660744297660373231042061792");
    expect(digits(exactSine(real(1), -3))).toBe("54030230586813971740093660744297660373231042061792");
  });

  it.each([
    ["sine", sine, 0],
    ["cosine", cosine, 1],
  ] as const)("%s is within 0.9 ulp for |x| ≤ 2^20", (name, f, turns) => {
    const points = [2 ** 20, -(2 ** 20), ...neighbours(Math.PI / 4, 20)];
    for (let i = 0; i < 5_000; i++) points.push(between(-Math.PI, Math.PI));
    for (let i = 0; i < 5_000; i++) points.push(between(-1e5, 1e5));
    for (let i = 0; i < 3_000; i++) points.push((i % 2 ? 1 : -1) * ofExponent(-60, 19));
    // Next to multiples of π/2, where the reduction cancels most; k = 1 to 1,000, then scattered ones.
    for (let i = 1; i <= 3_000; i++)
      points.push(...neighbours((i <= 1000 ? i : random.below(660_000)) * (Math.PI / 2), 1));
    expectWithin(
      name,
      0.9,
      worst(points, f, (x) => exactSine(x, turns)),
    );
  });

  it.each([
    [0, 0],
    [-0, -0],
    [5e-324, 5e-324],
    [-1e-300, -1e-300],
    [Math.PI / 2, 1],
    [NaN, NaN],
    [Infinity, NaN],
    [-Infinity, NaN],
    [1048577, NaN],
  ])("sine(%d) = %d", (x, y) => {
    expect(sine(x)).toBe(y);
  });

  it.each([
    [0, 1],
    [-0, 1],
    [5e-324, 1],
    [Math.PI, -1],
    [-Math.PI, -1],
    [2 * Math.PI, 1],
    [NaN, NaN],
    [Infinity, NaN],
    [-1048577, NaN],
  ])("cosine(%d) = %d", (x, y) => {
    expect(cosine(x)).toBe(y);
  });
});

describe("integerPower", () => {
  it("is within n ulp for bases around 1", () => {
    let ratio = 0;
    for (let i = 0; i < 10_000; i++) {
      const n = 1 + random.below(i % 2 ? 40 : 20_000);
      const base = (i % 3 ? 1 : -1) * between(0.97, 1.03);
      const got = integerPower(base, n);
      const error = ulps(got, exactPower(real(base), n));
      if (!(error <= n - 1))
        expect.fail(`integerPower(${base}, ${n}): got ${got}, an error of ${error} ulp, expected at most ${n - 1}`);
      ratio = Math.max(ratio, error / n);
    }
    if (process.env.MEASURE) console.log(`integerPower: ${ratio} n ulp`);
  });

  it.each([
    [0, 0, 1],
    [5, 0, 1],
    [NaN, 0, 1],
    [0, 3, 0],
    [-0, 3, -0],
    [-0, 2, 0],
    [1, 1e15, 1],
    [-1, 1e15 + 1, -1],
    [2, 10, 1024],
    [-2, 3, -8],
    [2, 1023, 2 ** 1023],
    [2, 1024, Infinity],
    [0.5, 1074, 5e-324],
    [0.5, 1075, 0],
    [0.9, 1e9, 0],
    [Infinity, 2, Infinity],
    [-Infinity, 3, -Infinity],
    [NaN, 2, NaN],
    [3, 33, 5559060566555523],
  ])("integerPower(%d, %d) = %d", (base, n, expected) => {
    expect(integerPower(base, n)).toBe(expected);
  });
});
