/** Softmax cross-entropy of extreme logits against PyTorch's in Float64 (test/golden/make_extreme_logits.py), on both kernel sets. */
import { describe, expect, it } from "vitest";
import type { Kernels } from "../../../src/core/kernels/kernels.js";
import { referenceKernels } from "../../../src/core/reference/reference.js";
import { simdKernels, simdMemory } from "../../../src/core/simd/kernels.js";
import { plainArena } from "../../../src/core/kernels/tensor.js";
import { readGolden } from "../golden.js";

/** Non-finite numbers are strings. */
type Written = number | string;

interface Case {
  name: string;
  logits: Written[];
  label: number;
  smoothing: number;
  loss: Written;
  gradient: Written[];
  predicted: number;
  confidence: Written;
}

const { cases } = readGolden("extreme_logits.json") as { cases: Case[] };

/** The sum of targets times logits of 1e4 rounds by some 1e-12 in Float64; probabilities are Float32 in the other sets. */
const sets: { name: string; tolerance: number; kernels: () => Kernels }[] = [
  { name: "reference, float64", tolerance: 1e-11, kernels: () => referenceKernels(plainArena(1 << 16, "float64")) },
  { name: "reference, float32", tolerance: 2e-7, kernels: () => referenceKernels(plainArena(1 << 16, "float32")) },
  {
    name: "simd",
    tolerance: 5e-7,
    kernels() {
      const { arena, exports } = simdMemory(1 << 16);
      return simdKernels(arena, exports);
    },
  },
];

/** Probabilities are at most 1, losses may be huge: each is compared with what it is in size, or with 1. Non-finite ones must be equal. */
function expectNear(what: string, got: number, written: Written, tolerance: number): void {
  const expected = Number(written);
  if (!Number.isFinite(expected)) expect(got, what).toBe(expected);
  else if (!(Math.abs(got - expected) <= tolerance * Math.max(1, Math.abs(expected))))
    expect.fail(`${what}: got ${got}, expected ${expected}`);
}

describe.each(sets)("softmax cross-entropy ($name)", ({ kernels, tolerance }) => {
  it.each(cases)("$name", ({ logits, label, smoothing, loss, gradient, predicted, confidence }) => {
    const set = kernels();
    const [z, dz] = [set.arena.vectors(1, logits.length), set.arena.vectors(1, logits.length)];
    const operation = set.softmaxCrossEntropy(z, dz);
    operation.smoothing = smoothing;
    operation.labels[0] = label;
    logits.forEach((logit, c) => z.set(0, c, Number(logit)));
    expectNear("loss", operation.run(1, 1), loss, tolerance);
    gradient.forEach((expected, c) => expectNear(`gradient[${c}]`, dz.get(0, c), expected, tolerance));
    expect(operation.predicted[0]).toBe(predicted);
    expectNear("confidence", operation.confidence.get(0), confidence, tolerance);
  });
});
