/** Figures that promise to lie in [0, 1]. */
import { layersBlueprint } from "../../../src/core/network/blueprint.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { symmetricBeta } from "../../../src/core/augment/mix.js";
import { createNetwork } from "../../../src/core/network/create-network.js";
import { trainConfigSchema, type KernelsName } from "../../../src/core/config.js";
import { RandomStream } from "../../../src/core/numeric/random.js";
import { train } from "../../../src/core/training/train.js";
import { tinyDataset } from "../../sweeps/fixtures.js";

const both: KernelsName[] = ["simd", "reference"];
const SEED = 20260801;

describe.each(both)("accuracies (%s)", (kernels) => {
  it("of epochs that leave samples out, whose weights are rounded", () => {
    const part = fc.integer({ min: 1, max: 19 }).map((twentieths) => twentieths / 20);
    let perfect = 0;
    fc.assert(
      fc.property(fc.integer({ min: 20, max: 60 }), part, part, (trainLimit, easy, skip) => {
        const cell = trainConfigSchema.parse({
          model: { kind: "mlp", hidden: [] },
          optimizer: { kind: "nesterov", lr: 0.05 },
          epochs: 4,
          batchSize: 8,
          trainLimit,
          testLimit: 8,
          kernels,
          prune: { easy, skip, until: 1 },
        });
        for (const event of train(cell, tinyDataset()))
          if (event.kind === "epoch") {
            const { trainAccuracy } = event.metrics;
            expect(trainAccuracy).toBeGreaterThanOrEqual(0);
            expect(trainAccuracy).toBeLessThanOrEqual(1);
            if (trainAccuracy === 1) perfect += 1;
          }
      }),
      { seed: SEED, numRuns: 40 },
    );
    expect(perfect).toBeGreaterThan(10);
  });
});

describe.each(both)("the probability of the predicted class (%s)", (kernels) => {
  it("is at least the smallest that wins, or NaN where a logit is no number or infinite", () => {
    const [batch, classes] = [3, 5];
    const network = createNetwork(
      kernels,
      layersBlueprint([{ kind: "flatten" }, { kind: "dense", units: classes }], { height: 1, width: 1, channels: 1 }),
      { batchSize: batch },
    );
    const { logits, loss } = network;
    const logit = fc.oneof(
      fc.float({ noDefaultInfinity: true, noNaN: true }),
      fc.float({ min: -4, max: 4, noNaN: true }),
      fc.constantFrom(0, -0, 1e-45, 3.4e38, -3.4e38),
      fc.constantFrom(NaN, Infinity, -Infinity),
    );
    fc.assert(
      fc.property(fc.array(logit, { minLength: batch * classes, maxLength: batch * classes }), (values) => {
        values.forEach((value, i) => logits.set(Math.floor(i / classes), i % classes, value));
        loss.run(batch, 0);
        for (let s = 0; s < batch; s++) {
          const row = values.slice(s * classes, (s + 1) * classes);
          const confidence = loss.confidence.get(s);
          // An infinitely low logit alone takes no part.
          if (
            row.some((value) => Number.isNaN(value) || value === Infinity) ||
            row.every((value) => value === -Infinity)
          )
            expect(confidence).toBeNaN();
          else {
            expect(confidence).toBeGreaterThanOrEqual(Math.fround(1 / classes) - 1e-7);
            expect(confidence).toBeLessThanOrEqual(1);
          }
        }
      }),
      { seed: SEED, numRuns: 2000 },
    );
  });
});

it("the share of a mixed image, for any α and any random numbers", () => {
  const grain = fc.oneof(fc.nat(2 ** 32 - 1), fc.constantFrom(0, 1, 2 ** 30, 2 ** 31, 3 * 2 ** 30, 2 ** 32 - 1));
  fc.assert(
    fc.property(fc.double({ min: 1e-300, max: 10, noNaN: true }), grain, grain, (alpha, first, second) => {
      const numbers = [first, second].map((integer) => integer / 2 ** 32);
      const share = symmetricBeta(alpha, { uniform: () => numbers.shift() } as unknown as RandomStream);
      expect(share).toBeGreaterThanOrEqual(0);
      expect(share).toBeLessThanOrEqual(1);
    }),
    { seed: SEED, numRuns: 5000 },
  );
});
