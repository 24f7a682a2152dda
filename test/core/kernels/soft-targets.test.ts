/** The loss on smoothed and mixed targets: PyTorch's values, central differences, and hard targets as before. */
import fs from "node:fs";
import { describe, expect, it } from "vitest";
import type { Kernels, LossOperation } from "../../../src/core/kernels/kernels.js";
import { exp, log } from "../../../src/core/numeric/math.js";
import { RandomStream } from "../../../src/core/numeric/random.js";
import { referenceKernels } from "../../../src/core/reference/reference.js";
import { simdKernels, simdMemory } from "../../../src/core/simd/kernels.js";
import { plainArena, type Tensor } from "../../../src/core/kernels/tensor.js";
import { expectClose } from "../networks.js";

interface Golden {
  name: string;
  smoothing: number;
  labels: number[];
  partners: number[];
  shares: number[];
  logits: number[][];
  loss: number;
  gradient: number[][];
}
const { cases } = JSON.parse(fs.readFileSync(new URL("../../golden/soft_targets.json", import.meta.url), "utf8")) as {
  cases: Golden[];
};

const sets: Record<string, { kernels: () => Kernels; tolerance: number }> = {
  "reference, Float64": { kernels: () => referenceKernels(plainArena(1 << 16, "float64")), tolerance: 1e-14 },
  "reference, Float32": { kernels: () => referenceKernels(plainArena(1 << 16, "float32")), tolerance: 5e-7 },
  simd: {
    kernels() {
      const { arena, exports } = simdMemory(1 << 16);
      return simdKernels(arena, exports);
    },
    tolerance: 5e-7,
  },
};

interface Bound {
  loss: LossOperation;
  z: Tensor;
  dz: Tensor;
}

function bind(
  kernels: Kernels,
  { smoothing, labels, partners, shares, logits }: Omit<Golden, "name" | "loss" | "gradient">,
): Bound {
  const [samples, classes] = [logits.length, logits[0].length];
  const [z, dz] = [kernels.arena.vectors(samples, classes), kernels.arena.vectors(samples, classes)];
  const loss = kernels.softmaxCrossEntropy(z, dz);
  loss.smoothing = smoothing;
  for (let s = 0; s < samples; s++) {
    loss.labels[s] = labels[s];
    loss.partners[s] = partners[s];
    loss.shares.set(s, shares[s]);
    for (let c = 0; c < classes; c++) z.set(s, c, logits[s][c]);
  }
  return { loss, z, dz };
}

const elements = (t: Tensor): number[] =>
  Array.from({ length: t.shape[0] * t.shape[1] }, (_, i) => t.get(Math.floor(i / t.shape[1]), i % t.shape[1]));

describe.each(Object.entries(sets))("soft targets (%s)", (_, { kernels, tolerance }) => {
  it.each(cases)("equal PyTorch's: $name", (test) => {
    const { loss, dz } = bind(kernels(), test);
    const n = test.logits.length;
    expectClose("loss", [loss.run(n, 1 / n)], [test.loss], tolerance);
    expectClose("gradient", elements(dz), test.gradient.flat(), tolerance);
    expect([...loss.predicted]).toEqual(test.logits.map((row) => row.indexOf(Math.max(...row))));
  });

  it("are hard where nothing is smoothed and nothing mixed, whatever the partner, to the last bit", () => {
    const hard = cases[0];
    const classes = hard.logits[0].length;
    const run = (change: (loss: LossOperation) => void): unknown => {
      const { loss, dz } = bind(kernels(), hard);
      change(loss);
      return [loss.run(hard.logits.length, 0.2), elements(dz)];
    };
    const before = run(() => undefined);
    expect(run((loss) => loss.partners.fill(classes - 1))).toEqual(before);
    // A sample mixed with its own class has the label's target, up to rounding.
    expectClose(
      "mixed with itself",
      (
        run((loss) => {
          loss.partners.set(loss.labels);
          loss.shares.set(0, 0.25);
        }) as [number, number[]]
      )[1],
      (before as [number, number[]])[1],
      2e-7,
    );
    expect(run((loss) => (loss.smoothing = 0.1))).not.toEqual(before);
  });

  it("start hard: smoothing 0, every share 1", () => {
    const set = kernels();
    const { smoothing, shares } = set.softmaxCrossEntropy(set.arena.vectors(5, 3), set.arena.vectors(5, 3));
    expect([smoothing, ...Array.from({ length: 5 }, (_, s) => shares.get(s))]).toEqual([0, 1, 1, 1, 1, 1]);
  });
});

describe("soft targets (reference, Float64)", () => {
  const random = new RandomStream("init", 31);
  const samples = 4;
  const classes = 5;
  const soft = {
    smoothing: 0.2,
    labels: [0, 3, 4, 1],
    partners: [2, 3, 0, 0],
    shares: [0.3, 0.6, 1, 0],
    logits: Array.from({ length: samples }, () => Array.from({ length: classes }, () => 6 * random.uniform() - 3)),
  };

  it("have the gradient of central differences", () => {
    const { loss, z, dz } = bind(sets["reference, Float64"].kernels(), soft);
    loss.run(samples, 1);
    const analytic = elements(dz);
    for (let s = 0; s < samples; s++)
      for (let c = 0; c < classes; c++) {
        const at = (value: number): number => (z.set(s, c, value), loss.run(samples, 1));
        const value = z.get(s, c);
        const numeric = (at(value + 1e-5) - at(value - 1e-5)) / 2e-5;
        z.set(s, c, value);
        if (!(Math.abs(numeric - analytic[s * classes + c]) <= 1e-9))
          expect.fail(`gradient[${s}, ${c}]: got ${analytic[s * classes + c]}, central difference ${numeric}`);
      }
  });

  it("are -Σ target · log softmax, as the interface says", () => {
    const { loss } = bind(sets["reference, Float64"].kernels(), soft);
    let expected = 0;
    soft.logits.forEach((row, s) => {
      const sum = row.reduce((total, logit) => total + exp(logit), 0);
      row.forEach((logit, c) => {
        const hard =
          soft.shares[s] * Number(c === soft.labels[s]) + (1 - soft.shares[s]) * Number(c === soft.partners[s]);
        expected -= (0.8 * hard + 0.2 / classes) * (logit - log(sum));
      });
    });
    expectClose("loss", [loss.run(samples, 1)], [expected], 1e-14);
  });
});
