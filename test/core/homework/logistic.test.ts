import fc from "fast-check";
import ndarray from "ndarray";
import { describe, expect, it } from "vitest";
import {
  gradient,
  logisticLoss,
  predict,
  stableLogisticLoss,
  zeros,
  type LogisticWeights,
  type Matrix,
} from "../../../src/core/homework/logistic.js";
import { sigmoid } from "../../../src/core/numeric/math.js";
import { RandomStream } from "../../../src/core/numeric/random.js";

const D = 5;
const K = 6;

function random(stream: RandomStream, ...shape: number[]): Matrix {
  const out = zeros(...shape);
  for (let i = 0; i < out.data.length; i++) out.data[i] = 2 * stream.uniform() - 1;
  return out;
}

function example(batch: number, key = 1): { X: Matrix; y: Matrix; W: LogisticWeights } {
  const stream = new RandomStream("init", key);
  const y = zeros(batch);
  for (let i = 0; i < batch; i++) y.set(i, stream.below(2));
  return { X: random(stream, batch, D), y, W: { w_1: random(stream, D, K), w_2: random(stream, K, 1) } };
}

describe("predict", () => {
  it("has the homework's shapes", () => {
    const { X, W } = example(4);
    const { z_1, z_2, y_hat } = predict(X, W);
    expect([z_1.shape, z_2.shape, y_hat.shape]).toEqual([[4, K], [4], [4]]);
  });

  it("equals the formula, sample by sample", () => {
    const { X, W } = example(3);
    const { z_1, z_2, y_hat } = predict(X, W);
    for (let i = 0; i < 3; i++) {
      let logit = 0;
      for (let k = 0; k < K; k++) {
        let z = 0;
        for (let d = 0; d < D; d++) z += X.get(i, d) * W.w_1.get(d, k);
        expect(z_1.get(i, k)).toBeCloseTo(z, 14);
        logit += W.w_2.get(k, 0) / (1 + Math.exp(-z));
      }
      expect(z_2.get(i)).toBeCloseTo(logit, 14);
      expect(y_hat.get(i)).toBeCloseTo(1 / (1 + Math.exp(-logit)), 14);
    }
  });

  it("takes strided views", () => {
    const { X, W } = example(6);
    const every = predict(X.step(2, 1), W).z_2;
    const all = predict(X, W).z_2;
    expect([0, 1, 2].map((i) => every.get(i))).toEqual([0, 2, 4].map((i) => all.get(i)));
  });

  it("names both shapes when they do not fit", () => {
    expect(() => predict(zeros(2, 4), example(2).W)).toThrow("Cannot multiply 2×4 by 5×6.");
  });
});

describe("the logistic loss", () => {
  const vector = (...values: number[]) => ndarray(Float64Array.from(values));

  it("is NaN as written for ŷ = 0, y = 0, since 0 · log 0 is", () => {
    expect(logisticLoss(vector(0, 0), vector(0, 0))).toBeNaN();
  });

  it("is exactly 0 in its stable form for z = −10^10, y = 0", () => {
    expect(stableLogisticLoss(vector(0, 0, 0), vector(-1e10, -1e10, -1e10))).toBe(0);
  });

  it("grows linearly where the prediction is wrong", () => {
    expect(stableLogisticLoss(vector(1), vector(-1e10))).toBe(1e10);
    expect(stableLogisticLoss(vector(0), vector(1e10))).toBe(1e10);
  });

  it("has one value in both forms where both exist", () => {
    fc.assert(
      fc.property(fc.double({ min: -15, max: 15, noNaN: true }), fc.constantFrom(0, 1), (z, y) => {
        const difference = Math.abs(
          stableLogisticLoss(vector(y), vector(z)) - logisticLoss(vector(y), vector(sigmoid(z))),
        );
        expect(difference <= 1e-8).toBe(true);
      }),
    );
  });

  it("is finite for every finite logit", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constantFrom(0, 1), (z, y) => {
        const loss = stableLogisticLoss(vector(y), vector(z));
        expect(Number.isFinite(loss) && loss >= 0).toBe(true);
      }),
    );
  });
});

describe("gradient", () => {
  it.each([1, 2, 3])("agrees with central differences (example %i)", (key) => {
    const { X, y, W } = example(8, key);
    const analytic = gradient(X, y, W);
    const step = 1e-6;
    for (const name of ["w_1", "w_2"] as const) {
      const weights = W[name];
      for (let i = 0; i < weights.data.length; i++) {
        const kept = weights.data[i];
        const lossAt = (w: number) => {
          weights.data[i] = w;
          return stableLogisticLoss(y, predict(X, W).z_2);
        };
        const numeric = (lossAt(kept + step) - lossAt(kept - step)) / (2 * step);
        weights.data[i] = kept;
        const error = Math.abs(analytic[name].data[i] - numeric) / Math.max(1e-8, Math.abs(numeric));
        expect(error <= 1e-6, `${name}[${i}]: got ${analytic[name].data[i]}, expected ${numeric}`).toBe(true);
      }
    }
  });

  it("of a batch is the mean of its samples' gradients", () => {
    const { X, y, W } = example(5);
    const whole = gradient(X, y, W);
    const single = [0, 1, 2, 3, 4].map((i) => gradient(X.lo(i, 0).hi(1, D), y.lo(i).hi(1), W));
    for (const name of ["w_1", "w_2"] as const)
      for (let i = 0; i < whole[name].data.length; i++)
        expect(whole[name].data[i]).toBeCloseTo(single.reduce((sum, g) => sum + g[name].data[i], 0) / 5, 15);
  });

  it("is finite where the naive loss is not", () => {
    const { X, y, W } = example(4);
    for (let i = 0; i < K; i++) W.w_2.set(i, 0, -1e10);
    expect([...gradient(X, y, W).w_2.data].every(Number.isFinite)).toBe(true);
  });
});
