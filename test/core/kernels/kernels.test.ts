/** The contract of the kernel sets: simd gives what reference gives, for every shape and for short batches. */
import { describe, expect, it } from "vitest";
import fc from "fast-check";
import type { LayerSpec } from "../../../src/core/layers/table.js";
import { optimizerSpecSchema } from "../../../src/core/config.js";
import { InputError } from "../../../src/core/input-error.js";
import {
  cases,
  expectClose,
  flat,
  gradients,
  network,
  samples,
  winogradSlack,
  type Case,
  trainee,
} from "../networks.js";

// A gradient adds up to 15 samples × 17 × 17 pixels in Float32: √4335 roundings of 2^-24 are 4e-6.
// Muon makes the smallest singular values of a gradient up to 485 times as large, and their rounding with them.
// The data of the ten steps holds no tie within a rounding, which would hand a pooling window, and its gradient, to another pixel.
const TOLERANCE = { loss: 1e-6, gradients: 5e-6, logits: 2e-6, steps: 2e-5, muon: 1e-4 };
/** @param slack factor on the tolerances of what rounding reaches by long ways */
function compare(test: Case, slack = winogradSlack(test.layers)): void {
  const reference = network(test, "reference", "float64");
  const simd = network(test, "simd");
  expectClose(
    "initial weights",
    flat(simd, simd.parameters.values),
    flat(reference, reference.parameters.values).map(Math.fround),
    0,
  );
  // Both compute on the same Float32 weights.
  reference.parameters.unpack(simd.parameters.pack(simd.parameters.values), reference.parameters.values);
  reference.refresh();
  const data = samples(test, test.batch, reference.classes);
  // A full batch, then a short one on the same buffers: nothing of the first may shine through.
  for (const n of [test.batch, Math.ceil(test.batch / 2)]) {
    const expected = gradients(reference, data, n);
    const got = gradients(simd, data, n);
    expectClose("loss", [got.loss], [expected.loss], slack * TOLERANCE.loss);
    expectClose("gradients", got.gradients, expected.gradients, slack * TOLERANCE.gradients);
    const last = n - Math.floor((n - 1) / simd.microBatch) * simd.microBatch;
    const logits = (net: typeof simd): number[] =>
      Array.from({ length: last * net.classes }, (_, i) =>
        net.logits.get(Math.floor(i / net.classes), i % net.classes),
      );
    expectClose("logits", logits(simd), logits(reference), slack * TOLERANCE.logits);
    expect([...simd.loss.predicted.subarray(0, last)]).toEqual([...reference.loss.predicted.subarray(0, last)]);
    const statistics = (net: typeof simd, which: "statistics" | "shardStatistics"): number[] =>
      Array.from({ length: net[which].size }, (_, i) => net[which].get(i));
    expectClose(
      "statistics",
      statistics(simd, "shardStatistics"),
      statistics(reference, "shardStatistics"),
      slack * TOLERANCE.gradients,
    );
    // The same batch in evaluation, by the statistics just seen.
    statistics(simd, "shardStatistics").forEach((value, i) =>
      [simd, reference].forEach((net) => net.statistics.set(i, value)),
    );
    for (const net of [simd, reference]) net.pass.training = false;
    const [settled, wanted] = [simd, reference].map((net) => gradients(net, data, n));
    expectClose("loss in evaluation", [settled.loss], [wanted.loss], slack * TOLERANCE.loss);
    expectClose("gradients in evaluation", settled.gradients, wanted.gradients, slack * TOLERANCE.gradients);
    for (const net of [simd, reference]) net.pass.training = true;
  }
}

describe("simd against reference", () => {
  it.each(cases)("$name", (test) => compare(test));

  it("property: any stack of layers", () => {
    const layer = fc.oneof(
      fc.record({
        kind: fc.constant("conv2d" as const),
        channels: fc.integer({ min: 1, max: 17 }),
        kernel: fc.integer({ min: 1, max: 4 }),
        padding: fc.integer({ min: 0, max: 2 }),
      }),
      fc.constant<LayerSpec>({ kind: "relu" }),
      fc.record({ kind: fc.constant("maxPool2d" as const), size: fc.integer({ min: 2, max: 3 }) }),
    );
    compareStacks(
      fc.array(
        layer.map((spec) => [spec]),
        { maxLength: 5 },
      ),
      fc.constant({ kind: "flatten" }),
      20,
    );
  });

  it("property: any stack of normalised, activated, strided and residual layers", () => {
    // Rounding grows by 1/√(variance + ε): an ε of ½ bounds it where a channel's few values all but coincide.
    const norm: LayerSpec = { kind: "batchNorm", momentum: 0.1, epsilon: 0.5 };
    const keeping = fc.oneof(
      fc.constantFrom<LayerSpec>(
        norm,
        { kind: "relu" },
        { kind: "silu" },
        { kind: "gelu" },
        { kind: "leakyRelu", slope: 0.2 },
        { kind: "dropout", rate: 0.3 },
      ),
      fc.integer({ min: 1, max: 3 }).map((span): LayerSpec => ({ kind: "add", span })),
    );
    const convolution = fc.record({
      kind: fc.constant("conv2d" as const),
      channels: fc.integer({ min: 1, max: 9 }),
      kernel: fc.integer({ min: 1, max: 4 }),
      padding: fc.integer({ min: 0, max: 2 }),
      stride: fc.integer({ min: 1, max: 3 }),
      bias: fc.boolean(),
    });
    const pooled: LayerSpec[] = [norm, { kind: "relu" }, { kind: "maxPool2d", size: 2 }];
    const residual = fc.integer({ min: 1, max: 9 }).map((channels): LayerSpec[] => {
      const conv: LayerSpec = { kind: "conv2d", channels, kernel: 3, padding: 1, bias: false };
      return [conv, norm, { kind: "relu" }, conv, norm, { kind: "relu" }, { kind: "add", span: 3 }];
    });
    const part = fc.oneof(
      keeping.map((spec) => [spec]),
      convolution.map((spec): LayerSpec[] => [spec]),
      fc.constant(pooled),
      residual,
    );
    const end = fc.constantFrom<LayerSpec>(
      { kind: "flatten" },
      { kind: "globalMaxPool2d" },
      { kind: "globalAveragePool2d" },
    );
    // Averages over samples and pixels cancel: what is left of a sum is small beside its terms, hence beside their rounding.
    compareStacks(fc.array(part, { maxLength: 7 }), end, 21, 8);
  });

  function compareStacks(
    parts: fc.Arbitrary<LayerSpec[][]>,
    end: fc.Arbitrary<LayerSpec>,
    seed: number,
    slack?: number,
  ): void {
    const model = fc.record({
      images: parts.map((list) => list.flat()),
      hidden: fc.array(fc.integer({ min: 1, max: 21 }), { maxLength: 2 }),
      height: fc.integer({ min: 1, max: 17 }),
      width: fc.integer({ min: 1, max: 17 }),
      end,
      batch: fc.integer({ min: 1, max: 19 }),
      classes: fc.integer({ min: 2, max: 11 }),
    });
    let built = 0;
    fc.assert(
      fc.property(model, ({ images, end, hidden, height, width, batch, classes }) => {
        const layers: LayerSpec[] = [
          ...images,
          end,
          ...hidden.flatMap((units): LayerSpec[] => [{ kind: "dense", units }, { kind: "relu" }]),
          { kind: "dense", units: classes },
        ];
        const test: Case = { name: "any", layers, height, width, batch, zeros: 0.3 };
        try {
          network(test, "reference");
        } catch (error) {
          if (error instanceof InputError) return; // layers that do not fit together
          throw error;
        }
        built += 1;
        compare(test, slack);
      }),
      { seed, numRuns: 150 },
    );
    expect(built).toBeGreaterThan(50);
  }

  const optimizers = ["sgd", "nesterov", "adam", "muon"] as const;
  it.each(optimizers.flatMap((kind) => [cases[3], cases[14]].map((test) => ({ kind, test }))))(
    "ten $kind steps: $test.name",
    ({ kind, test }) => {
      const spec = optimizerSpecSchema.parse(kind === "adam" ? { kind, lr: 0.001 } : { kind });
      const run = (kernels: "simd" | "reference"): { losses: number[]; weights: Float64Array } => {
        const { net, optimizer } = trainee(test, kernels, spec, "float64");
        const losses: number[] = [];
        for (let t = 1; t <= 10; t++) {
          losses.push(gradients(net, samples(test, test.batch, net.classes, 40 + t), test.batch).loss);
          optimizer.step(t, spec.lr);
          net.refresh();
        }
        return { losses, weights: flat(net, net.parameters.values) };
      };
      const [got, expected] = [run("simd"), run("reference")];
      const tolerance = TOLERANCE[kind === "muon" ? "muon" : "steps"];
      expectClose("losses", got.losses, expected.losses, tolerance);
      expectClose("weights", got.weights, expected.weights, tolerance);
    },
  );
});
