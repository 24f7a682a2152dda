/** The vectorised exponential and the logarithm of src/core/simd/assembly/math.ts against Float64 and exact arithmetic. */
import { describe, expect, it } from "vitest";
import * as math from "../../../src/core/numeric/math.js";
import { RandomStream } from "../../../src/core/numeric/random.js";
import { simdMemory } from "../../../src/core/simd/kernels.js";
import { exactLog, real, ulps } from "../exact.js";

const CAPACITY = 4096;
const X = 4096;
const Y = X + CAPACITY * 4;
const { arena, exports } = simdMemory(Y + CAPACITY * 4);

/** e^x of many floats, as the kernels take it. */
function exponentials(x: Float32Array): Float32Array {
  const y = new Float32Array(x.length);
  for (let start = 0; start < x.length; start += CAPACITY) {
    const part = x.subarray(start, start + CAPACITY);
    arena.floats.set(part, X / 4);
    exports.exponentials(Math.ceil(part.length / 4) * 4, X, Y);
    y.set(arena.floats.subarray(Y / 4, Y / 4 + part.length), start);
  }
  return y;
}

/** |got - expected| in units of the last place of Float32 at `expected`. */
const ulps32 = (got: number, expected: number): number =>
  Math.abs(got - expected) / 2 ** Math.max(Math.floor(Math.log2(expected)) - 23, -149);

const word = new DataView(new ArrayBuffer(4));
/** A float of a binary exponent, its fraction's leading bits `index`, the others random. */
function float(sign: 0 | 1, exponent: number, index: number, indexBits: number, random: RandomStream): number {
  word.setUint32(
    0,
    ((sign << 31) | ((exponent + 127) << 23) | (index << (23 - indexBits)) | random.below(2 ** (23 - indexBits))) >>> 0,
  );
  return word.getFloat32(0);
}

describe("exp4", () => {
  it("is within 1 ulp over [-87, 88]: every exponent of x, and densely", () => {
    const random = new RandomStream("init", 21);
    const points: number[] = [0, -0, -87, 88];
    for (let exponent = -127; exponent <= 6; exponent++)
      for (let index = 0; index < 2048; index++)
        for (const sign of [0, 1] as const) points.push(float(sign, exponent, index, 11, random));
    for (let i = 0; i <= 400_000; i++) points.push(-87 + (175 * i) / 400_000);
    // Where the reduction changes from one multiple of ln 2 to the next.
    for (let k = -126; k <= 127; k++)
      for (let i = -8; i <= 8; i++) points.push((k - 0.5) * Math.LN2 * (1 + i * 2 ** -24));
    const x = Float32Array.from(points).filter((value) => value >= -87 && value <= 88);
    expect(x.length).toBeGreaterThan(900_000);
    const y = exponentials(x);
    let worst = 0;
    let at = 0;
    for (let i = 0; i < x.length; i++) {
      const error = ulps32(y[i], math.exp(x[i]));
      if (!(error <= worst)) [worst, at] = [error, x[i]];
      if (error !== error) break;
    }
    if (process.env.MEASURE) console.log(`exp4: ${worst} ulp at ${at}`);
    if (!(worst <= 1)) expect.fail(`exp4(${at}): got an error of ${worst} ulp, expected at most 1`);
  });

  it("is exact at 0, grows with x, and treats every lane alike", () => {
    expect([...exponentials(Float32Array.of(0, -0, 0, 0))]).toEqual([1, 1, 1, 1]);
    const x = Float32Array.from({ length: 4000 }, (_, i) => -87 + (i * 175) / 4000);
    const y = exponentials(x);
    for (let i = 1; i < x.length; i++) expect(y[i]).toBeGreaterThan(y[i - 1]);
    const shifted = exponentials(x.subarray(1));
    expect(shifted).toEqual(y.subarray(1));
  });

  it("keeps NaN", () => {
    const y = exponentials(Float32Array.of(NaN, 1, NaN, 2));
    expect([Number.isNaN(y[0]), Number.isNaN(y[1]), Number.isNaN(y[2]), Number.isNaN(y[3])]).toEqual([
      true,
      false,
      true,
      false,
    ]);
  });
});

describe("log", () => {
  it("is within 0.85 ulp (Float64) of the true logarithm, the same bits as src/core/numeric/math.ts, over every exponent of Float32", () => {
    const random = new RandomStream("init", 22);
    const points: number[] = [1, 2, 10, 3.4028234663852886e38, 2 ** -126];
    for (let exponent = -126; exponent <= 127; exponent++)
      for (let index = 0; index < 256; index++) points.push(float(0, exponent, index, 8, random));
    // A softmax's sum lies in [1, classes]; its logarithm is small where one class is all but certain.
    for (let i = 1; i < 3000; i++) points.push(1 + i * 2 ** -23, Math.fround(1 + (9 * i) / 3000));
    let worst = 0;
    for (const [i, x] of points.entries()) {
      const got = exports.log(x);
      if (got !== math.log(x)) expect.fail(`log(${x}): got ${got}, expected ${math.log(x)}`);
      if (i % 4 !== 0) continue;
      const error = x === 1 ? Math.abs(got) : ulps(got, exactLog(real(x)));
      if (!(error <= 0.85)) expect.fail(`log(${x}): got an error of ${error} ulp, expected at most 0.85`);
      worst = Math.max(worst, error);
    }
    if (process.env.MEASURE) console.log(`log: ${worst} ulp`);
  });

  it("of NaN and Infinity is themselves", () => {
    expect([exports.log(NaN), exports.log(Infinity)]).toEqual([NaN, Infinity]);
  });
});
