/** Batch normalisation of a single value is refused: exactly where a training pass would do it. */
import { cellBlueprint } from "../../../src/core/training/build.js";
import fc from "fast-check";
import { afterEach, describe, expect, it, test, vi } from "vitest";
import { trainConfigSchema, type TrainConfig, type TrainConfigInput } from "../../../src/core/config.js";
import type { Dataset, Samples } from "../../../src/core/data/dataset.js";
import { Network } from "../../../src/core/network/network.js";
import { checkNormalisation } from "../../../src/core/training/normalisation.js";
import { trainingCount } from "../../../src/core/data/splits.js";
import { train } from "../../../src/core/training/train.js";

afterEach(() => void vi.restoreAllMocks());

type Layers = Extract<TrainConfigInput["model"], { kind: "layers" }>["layers"];

function images(train: number, height: number, width: number): Dataset {
  const samples = (count: number): Samples => ({
    count,
    images: Uint8Array.from({ length: count * height * width }, (_, i) => (i * 89) % 251),
    labels: Uint8Array.from({ length: count }, (_, i) => i % 2),
  });
  return {
    name: "two",
    digest: "d".repeat(64),
    height,
    width,
    channels: 1,
    classNames: ["a", "b"],
    train: samples(train),
    test: samples(2),
  };
}

function config(layers: Layers, overrides: Partial<TrainConfigInput> = {}): TrainConfig {
  return trainConfigSchema.parse({
    model: { kind: "layers", name: "small", layers },
    optimizer: { kind: "sgd" },
    epochs: 1,
    kernels: "reference",
    ...overrides,
  });
}

const norm = { kind: "batchNorm" } as const;
const flatten = { kind: "flatten" } as const;
const dense = { kind: "dense", units: 2 } as const;
/** Both normalise, so their batches go through in the same passes: one a vector, the other two pixels. */
const vectors: Layers = [flatten, dense, norm, dense];
const pixels: Layers = [norm, flatten, dense];

function refusal(cell: TrainConfig, dataset: Dataset): string | undefined {
  try {
    checkNormalisation(cell, dataset, cellBlueprint(cell, dataset));
    return undefined;
  } catch (error) {
    expect((error as Error).name).toBe("InputError");
    return (error as Error).message;
  }
}

/** Samples of every training pass of a training, as the network got them. */
function trainingPasses(cell: TrainConfig, dataset: Dataset): number[] {
  const forward = vi.spyOn(Network.prototype, "forward");
  const training = train(cell, dataset);
  while (!training.next().done);
  // Evaluation passes ask for no gradient: their scale is 0.
  const passes = forward.mock.calls.filter(([, , , , , scale]) => scale > 0).map(([, , , , n]) => n);
  forward.mockRestore();
  return passes;
}

test("a training is refused exactly where one of its passes has one sample, and every value that is suggested works", () => {
  const share = fc.integer({ min: 1, max: 19 }).map((twentieths) => twentieths / 20);
  const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
    fc.option(arbitrary, { nil: undefined });
  const cells = fc.record({
    count: fc.integer({ min: 1, max: 30 }),
    batchSize: fc.integer({ min: 1, max: 20 }),
    shardSize: maybe(fc.integer({ min: 1, max: 24 })),
    epochs: fc.integer({ min: 1, max: 4 }),
    trainLimit: maybe(fc.integer({ min: 1, max: 50 })),
    validation: maybe(fc.integer({ min: 1, max: 20 })),
    prune: maybe(fc.record({ easy: share, skip: share, until: share })),
  });
  const outcomes = { refused: 0, pruned: 0, accepted: 0, suggestions: 0 };
  fc.assert(
    fc.property(cells, ({ count, ...options }) => {
      const dataset = images(count, 1, 2);
      fc.pre(trainingCount(options, dataset) > 0);
      const hasOne = (changes: Partial<TrainConfigInput> = {}): boolean =>
        trainingPasses(config(pixels, { ...options, ...changes }), dataset).includes(1);
      const message = refusal(config(vectors, options), dataset);
      expect(message !== undefined).toBe(hasOne());
      if (message === undefined) {
        outcomes.accepted += 1;
        train(config(vectors, options), dataset).next();
        return;
      }
      outcomes.refused += 1;
      if (message.includes("prune")) outcomes.pruned += 1;
      expect(() => train(config(vectors, options), dataset).next()).toThrow(message);
      const [, remedy] = message.split("; ");
      const values = [...remedy.matchAll(/(\w+) to (\d+)/g)];
      if (values.length === 0) {
        expect(remedy).toBe("train on more images");
        expect(trainingCount(options, dataset)).toBe(1);
      }
      for (const [, field, value] of values) {
        expect(hasOne({ ...(remedy.startsWith("take") ? { shardSize: undefined } : {}), [field]: Number(value) })).toBe(
          false,
        );
        outcomes.suggestions += 1;
      }
    }),
    { seed: 20260801, numRuns: 120 },
  );
  for (const [outcome, times] of Object.entries(outcomes)) expect(times, outcome).toBeGreaterThan(2);
});

describe("what is normalised", () => {
  const pool = (size: number) => ({ kind: "maxPool2d", size }) as const;
  const cases: [name: string, layers: Layers, refused: string | undefined][] = [
    ["vectors behind flatten", [flatten, norm, dense], "layer 2"],
    ["vectors behind dense", [flatten, dense, norm, dense], "layer 3"],
    ["vectors behind a global maximum", [{ kind: "globalMaxPool2d" }, norm, dense], "layer 2"],
    ["vectors behind a global average", [{ kind: "globalAveragePool2d" }, norm, dense], "layer 2"],
    ["images of one pixel", [pool(8), norm, flatten, dense], "layer 2"],
    [
      "vectors in a residual block",
      [flatten, { kind: "residual", layers: [{ kind: "relu" }, norm] }, dense],
      "layer 3",
    ],
    ["images first, then a vector", [norm, flatten, norm, dense], "layer 3"],
    ["images of two by two pixels", [pool(4), norm, flatten, dense], undefined],
    ["images of a row", [{ kind: "conv2d", channels: 2, kernel: 8, padding: 0 }, flatten, dense], undefined],
    ["nothing", [flatten, dense, { kind: "relu" }, dense], undefined],
  ];
  it.each(cases)("%s", (_name, layers, refused) => {
    const message = refusal(config(layers, { batchSize: 16 }), images(33, 8, 8));
    if (refused === undefined) expect(message).toBeUndefined();
    else expect(message).toMatch(`model: ${refused} (batchNorm) got one value to normalise`);
    expect(refusal(config(layers, { batchSize: 16 }), images(34, 8, 8))).toBeUndefined();
  });

  it("a narrow image is more than one value", () => {
    expect(refusal(config([norm, flatten, dense], { batchSize: 16 }), images(33, 1, 2))).toBeUndefined();
    expect(refusal(config([norm, flatten, dense], { batchSize: 16 }), images(33, 1, 1))).toMatch("layer 1");
  });
});

test("the line names what was got, where it comes from, and what to change", () => {
  const got = "model: layer 3 (batchNorm) got one value to normalise, expected at least 2: ";
  const line = (options: Partial<TrainConfigInput>, count = 2049) =>
    refusal(config(vectors, options), images(count, 1, 1));
  expect(line({ batchSize: 32 })).toBe(
    `${got}epochs of 2049 samples in batches of 32 have a pass of 1 sample; set batchSize to 31 or trainLimit to 2048`,
  );
  expect(line({ batchSize: 33, shardSize: 16 }, 3300)).toBe(
    `${got}epochs of 3300 samples in batches of 33 and shards of 16 have a pass of 1 sample; set batchSize to 32 or shardSize to 15`,
  );
  expect(line({ batchSize: 100, trainLimit: 151, validation: 50 })).toBe(
    `${got}epochs of 101 samples (by trainLimit, validation) in batches of 100 have a pass of 1 sample; set batchSize to 99 or trainLimit to 150 or validation to 49`,
  );
  expect(line({ batchSize: 50, epochs: 3, prune: { easy: 0.5, skip: 0.98 } }, 100)).toBe(
    `${got}epochs of 51 samples (by prune) in batches of 50 have a pass of 1 sample; set batchSize to 49 or trainLimit to 98`,
  );
  expect(line({ batchSize: 1, shardSize: 1 })).toBe(
    `${got}epochs of 2049 samples in batches of 1 and shards of 1 have a pass of 1 sample; take shardSize out and set batchSize to 3`,
  );
  expect(line({}, 1)).toBe(`${got}epochs of 1 sample in batches of 64 have a pass of 1 sample; train on more images`);
});
