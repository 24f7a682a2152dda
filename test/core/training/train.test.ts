/** The training loop: determinism, resumption, cancellation, divergence, and what its figures mean. */
import { describe, expect, it } from "vitest";
import {
  trainConfigSchema,
  type KernelsName,
  type TrainConfig,
  type TrainConfigInput,
} from "../../../src/core/config.js";
import type { Dataset, Samples } from "../../../src/core/data/dataset.js";
import { evaluate } from "../../../src/core/training/evaluate.js";
import { InputError } from "../../../src/core/input-error.js";
import type { TrainEvent, TrainResult, TrainState } from "../../../src/core/training/result.js";
import { train, type TrainOptions } from "../../../src/core/training/train.js";
import { buildNetwork } from "../../../src/core/training/build.js";
import { SMALL, smallDataset } from "../trained.js";

const dataset = smallDataset(150, 40);
const both: KernelsName[] = ["simd", "reference"];
type Model = TrainConfigInput["model"];
const models: Record<"mlp" | "cnn", Model> = {
  mlp: { kind: "mlp", hidden: [10] },
  cnn: { kind: "cnn", channels: [4, 5] },
};
const optimizers = {
  sgd: { kind: "sgd", lr: 0.1 },
  nesterov: { kind: "nesterov", lr: 0.02 },
  adam: { kind: "adam", lr: 0.01 },
  muon: { kind: "muon" },
} as const;
const none = { kind: "sgd", lr: 1e-40 } as const;

function config(overrides: Partial<TrainConfigInput> = {}): TrainConfig {
  return trainConfigSchema.parse({
    model: models.mlp,
    optimizer: optimizers.nesterov,
    epochs: 3,
    batchSize: 32,
    trainLimit: 70,
    testLimit: 25,
    ...overrides,
  });
}

interface Run {
  result: TrainResult | undefined;
  events: TrainEvent[];
  /** The state at each epoch's end, as a worker's message would carry it. */
  states: TrainState[];
}

function run(cell: TrainConfig, data: Dataset = dataset, options: TrainOptions = {}): Run {
  const training = train(cell, data, options);
  const events: TrainEvent[] = [];
  const states: TrainState[] = [];
  for (;;) {
    const next = training.next();
    if (next.done) return { result: next.value, events, states };
    events.push(next.value);
    if (next.value.kind === "epoch") states.push(structuredClone(next.value.state()));
  }
}

function finished(cell: TrainConfig, data?: Dataset, options?: TrainOptions): TrainResult {
  const { result } = run(cell, data, options);
  if (!result) throw new Error("got no result, expected one");
  return result;
}

/** All of a result to the last bit: 0 differs from -0, but any NaN equals any other, as processors and engines choose its bits. */
function bits(result: TrainResult): unknown {
  const hex = (value: number): string =>
    Number.isNaN(value) ? "NaN" : Buffer.from(Float64Array.of(value).buffer).toString("hex");
  const text = (_: string, value: unknown): unknown => (typeof value === "number" ? hex(value) : value);
  return {
    ...JSON.parse(JSON.stringify({ ...result, weights: undefined }, text)),
    weights: Array.from(result.weights, hex).join(),
  };
}

const every = both.flatMap((kernels) =>
  Object.keys(models).flatMap((model) => Object.keys(optimizers).map((optimizer) => ({ kernels, model, optimizer }))),
) as { kernels: KernelsName; model: keyof typeof models; optimizer: keyof typeof optimizers }[];

describe("the same bits", () => {
  it.each(every)(
    "again, and resumed from each epoch: $model, $optimizer, $kernels",
    ({ kernels, model, optimizer }) => {
      const cell = config({ kernels, model: models[model], optimizer: optimizers[optimizer] });
      const first = run(cell);
      const again = run(cell);
      const expected = bits(first.result as TrainResult);
      expect(bits(again.result as TrainResult)).toEqual(expected);
      expect(first.states.map(({ epoch, step }) => [epoch, step])).toEqual([
        [1, 3],
        [2, 6],
        [3, 9],
      ]);
      for (const resume of first.states) {
        const { result, events } = run(cell, dataset, { resume });
        expect(bits(result as TrainResult)).toEqual(expected);
        expect(events.filter(({ kind }) => kind === "epoch").length).toBe(3 - resume.epoch);
      }
      // Momentum, moments and step number are part of the state: without them the numbers differ.
      if (optimizer !== "sgd") {
        const { weights, optimizer: kept } = first.states[0];
        expect(kept.length).toBe(weights.length * (optimizer === "adam" ? 2 : 1));
        expect(
          bits(finished(cell, dataset, { resume: { ...first.states[0], optimizer: new Float32Array(kept.length) } })),
        ).not.toEqual(expected);
      }
    },
  );

  it("whether or not anybody asks for states, and however often", () => {
    const training = train(config(), dataset);
    let next = training.next();
    for (; !next.done; next = training.next())
      if (next.value.kind === "epoch") expect(next.value.state()).toEqual(next.value.state());
    expect(bits(next.value as TrainResult)).toEqual(bits(finished(config())));
  });

  it("a state is a copy: what comes later leaves it alone", () => {
    const training = train(config(), dataset);
    const states: { live: TrainState; then: TrainState }[] = [];
    for (let next = training.next(); !next.done; next = training.next())
      if (next.value.kind === "epoch") {
        const live = next.value.state();
        states.push({ live, then: structuredClone(live) });
      }
    expect(states.length).toBeGreaterThan(1);
    for (const { live, then } of states) expect(live).toEqual(then);
  });

  it("differ between seeds, and between batch sizes", () => {
    const expected = bits(finished(config()));
    expect(bits(finished(config({ seed: 1 })))).not.toEqual(expected);
    expect(bits(finished(config({ batchSize: 31 })))).not.toEqual(expected);
  });
});

describe("what cells share", () => {
  const bySample = (samples: Samples): Samples => ({
    ...samples,
    images: samples.images.map((_, at) => (37 * Math.floor(at / SMALL ** 2)) & 255),
  });
  /** Every image one grey: the same under every permutation. */
  const greys: Dataset = { ...dataset, train: bySample(dataset.train), test: bySample(dataset.test) };

  it.each(both)("optimizers and permutations start from the same weights (%s)", (kernels) => {
    for (const model of Object.values(models)) {
      const weights = (overrides: Partial<TrainConfigInput>): string => {
        const { parameters } = buildNetwork(config({ kernels, model, ...overrides }), dataset);
        return parameters.pack(parameters.values).join();
      };
      const expected = weights({});
      for (const optimizer of Object.values(optimizers)) expect(weights({ optimizer })).toBe(expected);
      for (const permutation of [1, 2]) expect(weights({ permutation })).toBe(expected);
      expect(weights({ seed: 1 })).not.toBe(expected);
    }
  });

  it.each(both)("optimizers see the same batches (%s)", (kernels) => {
    const still = { lr: 1e-40 };
    const losses = Object.values(optimizers).map(
      (optimizer) =>
        finished(
          config({
            kernels,
            optimizer: { ...optimizer, ...still, ...(optimizer.kind === "muon" ? { others: still } : {}) },
          }),
        ).steps.loss,
    );
    expect(losses[0].length).toBe(9);
    expect(new Set(losses[0]).size).toBe(9);
    for (const other of losses) expect(other).toEqual(losses[0]);
  });

  it.each(both)("permutations see the same batches (%s)", (kernels) => {
    const losses = (permutation: number, seed = 0): number[] =>
      finished(config({ kernels, permutation, seed, model: models.cnn }), greys).steps.loss;
    expect(losses(1)).toEqual(losses(0));
    expect(losses(1, 1)).not.toEqual(losses(1, 0));
  });

  it.each(both)("a permutation changes a CNN's numbers (%s)", (kernels) => {
    const results = [0, 1, 2].map((permutation) =>
      finished(config({ kernels, permutation, model: models.cnn, epochs: 1 })),
    );
    expect(new Set(results.map(({ curve }) => curve[0].trainLoss)).size).toBe(3);
  });
});

describe("figures", () => {
  it.each(both)("of the training set are means over samples, the short last batch included (%s)", (kernels) => {
    // With steps of no size the weights stay, and each sample's loss can be taken by itself.
    for (const model of Object.values(models)) {
      const cell = config({ kernels, model, optimizer: none, epochs: 1 });
      const { curve, steps } = finished(cell);
      const net = buildNetwork(cell, dataset);
      const order = Uint32Array.from({ length: 70 }, (_, i) => i);
      let loss = 0;
      let right = 0;
      for (let i = 0; i < 70; i++) {
        net.forward(dataset.train.images, dataset.train.labels, order, i, 1, 1);
        const z = Array.from({ length: 10 }, (_, c) => net.logits.get(0, c));
        const sum = z.reduce((total, value) => total + Math.exp(value), 0);
        loss += Math.log(sum) - z[dataset.train.labels[i]];
        right += z.indexOf(Math.max(...z)) === dataset.train.labels[i] ? 1 : 0;
      }
      expect(Math.abs(curve[0].trainLoss - loss / 70)).toBeLessThan(2e-7);
      expect(curve[0].trainAccuracy).toBe(right / 70);
      const [a, b, c] = steps.loss;
      expect(Math.abs((32 * a + 32 * b + 6 * c) / 70 - loss / 70)).toBeLessThan(2e-7);
      // The mean of the batches' means is another number.
      expect(Math.abs((a + b + c) / 3 - loss / 70)).toBeGreaterThan(1e-4);
    }
  });

  it.each(both)("a short batch's gradient is the mean over the samples it has (%s)", (kernels) => {
    const weights = (batchSize: number): Float32Array =>
      finished(config({ kernels, batchSize, trainLimit: 6, epochs: 2 })).weights;
    expect(weights(6)).toEqual(weights(32));
  });

  it.each(both)("of the test set come after the epoch, from the weights as they are then (%s)", (kernels) => {
    const cell = config({ kernels, model: models.cnn });
    const { result, states } = run(cell);
    const net = buildNetwork(cell, dataset);
    states.forEach(({ weights }, i) => {
      net.parameters.unpack(weights, net.parameters.values);
      net.refresh();
      const evaluation = evaluate(net, { ...dataset.test, count: 25 });
      expect(evaluation).toMatchObject({ loss: result?.curve[i].testLoss, accuracy: result?.curve[i].testAccuracy });
    });
    const { confusion, mistakes, curve } = result as TrainResult;
    const total = confusion.flat().reduce((a, b) => a + b, 0);
    const right = confusion.reduce((sum, row, label) => sum + row[label], 0);
    expect(total).toBe(25);
    expect(right / total).toBe(curve[2].testAccuracy);
    confusion.forEach((row, label) =>
      expect(row.reduce((a, b) => a + b, 0)).toBe(
        dataset.test.labels.subarray(0, 25).filter((l) => l === label).length,
      ),
    );
    expect(mistakes.length).toBe(25 - right);
    for (const [i, { index, label, predicted, confidence }] of mistakes.entries()) {
      expect(dataset.test.labels[index]).toBe(label);
      expect(predicted).not.toBe(label);
      expect(confidence).toBeGreaterThan(0.1 - 1e-6);
      expect(confidence).toBeLessThanOrEqual(i === 0 ? 1 : mistakes[i - 1].confidence);
    }
  });

  it.each(every)("the loss falls: $model, $optimizer, $kernels", ({ kernels, model, optimizer }) => {
    const { curve, status } = finished(
      config({ kernels, model: models[model], optimizer: optimizers[optimizer], epochs: 20, batchSize: 16 }),
    );
    expect(status).toBe("done");
    expect(curve[curve.length - 1].trainLoss).toBeLessThan(0.95 * curve[0].trainLoss);
  });

  it("learns: a CNN fits 150 images", () => {
    const { curve } = finished(
      config({
        model: { kind: "cnn", channels: [8, 16] },
        optimizer: { kind: "adam", lr: 0.01 },
        epochs: 80,
        trainLimit: 150,
      }),
    );
    expect(curve[79].trainAccuracy).toBeGreaterThan(0.97);
  });

  it("keeps at most 400 step losses, of evenly spaced steps from the first on", () => {
    const all = finished(config({ epochs: 100, batchSize: 8, trainLimit: 30, optimizer: optimizers.sgd }));
    expect(all.steps).toMatchObject({ every: 1 });
    expect(all.steps.loss.length).toBe(400);
    const thinned = finished(config({ epochs: 101, batchSize: 8, trainLimit: 30, optimizer: optimizers.sgd }));
    expect(thinned.steps.every).toBe(2);
    expect(thinned.steps.loss.length).toBe(202);
    expect(thinned.steps.loss.slice(0, 200)).toEqual(all.steps.loss.filter((_, i) => i % 2 === 0));
  });
});

describe("limits", () => {
  const cut = (samples: Samples, count: number): Samples => ({
    count,
    images: samples.images.slice(0, count * SMALL ** 2),
    labels: samples.labels.slice(0, count),
  });

  it("train and test on the first samples alone", () => {
    const { result, events } = run(config({ trainLimit: 50, testLimit: 20 }));
    const small: Dataset = { ...dataset, train: cut(dataset.train, 50), test: cut(dataset.test, 20) };
    expect(bits(result as TrainResult)).toEqual(
      bits(finished(config({ trainLimit: undefined, testLimit: undefined }), small)),
    );
    expect(result?.confusion.flat().reduce((a, b) => a + b, 0)).toBe(20);
    expect(
      events
        .filter((event) => event.kind === "progress")
        .map(({ samples, samplesPerEpoch }) => [samples, samplesPerEpoch]),
    ).toEqual([
      [50, 50],
      [50, 50],
      [50, 50],
    ]);
  });

  it("beyond the set mean the whole set", () => {
    const whole = config({ trainLimit: undefined, testLimit: undefined, epochs: 1 });
    expect(bits(finished(config({ trainLimit: 1e6, testLimit: 1e6, epochs: 1 })))).toEqual(bits(finished(whole)));
  });
});

describe("events", () => {
  it("tell how far it is every 50 steps and at each epoch's end", () => {
    const { events } = run(config({ batchSize: 1, trainLimit: 120, epochs: 2 }));
    expect(
      events.map((event) => (event.kind === "progress" ? [event.epoch, event.samples] : event.metrics.epoch)),
    ).toEqual([[1, 50], [1, 100], [1, 120], 1, [2, 30], [2, 80], [2, 120], 2]);
    for (const event of events)
      if (event.kind === "progress")
        expect(event).toMatchObject({ epochs: 2, samplesPerEpoch: 120, loss: expect.any(Number) });
  });
});

describe("cancellation", () => {
  it.each([0, 1, 3, 4])("at question %d ends without a result", (at) => {
    let questions = 0;
    const { result, events } = run(config(), dataset, { cancelled: () => questions++ === at });
    expect(result).toBeUndefined();
    expect(questions).toBe(at + 1);
    expect(events.filter(({ kind }) => kind === "epoch").length).toBe(at < 4 ? 0 : 1);
  });

  it("asked before every batch, in training and testing, and never granted, changes nothing", () => {
    let questions = 0;
    const { result } = run(config(), dataset, { cancelled: () => ++questions < 0 });
    // Three epochs of three batches, then a test of one.
    expect(questions).toBe(3 * (3 + 1));
    expect(bits(result as TrainResult)).toEqual(bits(finished(config())));
  });
});

describe("divergence", () => {
  // Two dense layers without a ReLU between them: no unit can die, so a huge learning rate drives the weights to infinity.
  const dense = [
    { kind: "dense" as const, units: 20 },
    { kind: "dense" as const, units: 10 },
  ];
  const explosive: Record<"mlp" | "cnn", Model> = {
    mlp: {
      kind: "layers",
      name: "mlp",
      layers: [{ kind: "flatten" }, { kind: "dense", units: 20 }, { kind: "relu" }, ...dense],
    },
    cnn: {
      kind: "layers",
      name: "cnn",
      layers: [
        { kind: "conv2d", channels: 4 },
        { kind: "relu" },
        { kind: "maxPool2d" },
        { kind: "conv2d", channels: 5 },
        { kind: "relu" },
        { kind: "maxPool2d" },
        { kind: "flatten" },
        ...dense,
      ],
    },
  };

  it.each(both.flatMap((kernels) => (["mlp", "cnn"] as const).map((model) => ({ kernels, model }))))(
    "is a result: its epoch is recorded and the last ($model, $kernels)",
    ({ kernels, model }) => {
      const cell = config({
        kernels,
        model: explosive[model],
        optimizer: { kind: "nesterov", lr: 10, momentum: 0.9 },
        epochs: 12,
      });
      const { result, states } = run(cell);
      const { status, curve, confusion, weights } = result as TrainResult;
      expect(status).toBe("diverged");
      expect(curve.length).toBeLessThan(12);
      expect(curve.map(({ epoch }) => epoch)).toEqual(curve.map((_, i) => i + 1));
      expect(states.length).toBe(curve.length);
      for (const { trainLoss, testLoss } of curve.slice(0, -1))
        expect(Number.isFinite(trainLoss) && Number.isFinite(testLoss)).toBe(true);
      const last = curve[curve.length - 1];
      expect([last.trainLoss, last.testLoss, ...weights].some((value) => !Number.isFinite(value))).toBe(true);
      expect(confusion.flat().reduce((a, b) => a + b, 0)).toBe(25);
      for (const resume of states) {
        const resumed = run(cell, dataset, { resume });
        expect(bits(resumed.result as TrainResult)).toEqual(bits(result as TrainResult));
        expect(resumed.events.filter(({ kind }) => kind === "epoch").length).toBe(curve.length - resume.epoch);
      }
    },
  );

  it("of a weight alone is seen, also where every loss is finite", () => {
    const cell = config({ model: { kind: "mlp", hidden: [20] }, epochs: 4 });
    const { states } = run(cell);
    // The simd kernels leave out pixels of 0, so a weight of one that is never lit (a corner) reaches no loss.
    const corner = (samples: Samples): boolean =>
      Array.from({ length: samples.count }, (_, i) => samples.images[i * SMALL ** 2]).every((pixel) => pixel === 0);
    expect(corner(dataset.train) && corner(dataset.test)).toBe(true);
    const resume = structuredClone(states[0]);
    resume.weights[0] = 3e38;
    resume.optimizer[0] = -3e38;
    const { status, curve } = finished({ ...cell, optimizer: { kind: "nesterov", lr: 1, momentum: 0.9 } }, dataset, {
      resume,
    });
    expect(Number.isFinite(curve[1].trainLoss)).toBe(true);
    expect([status, curve.length]).toEqual(["diverged", 2]);
  });

  it("is not a collapse to chance", () => {
    const { status, curve } = finished(config({ model: models.cnn, optimizer: { kind: "adam", lr: 1 }, epochs: 5 }));
    expect([status, curve.length]).toEqual(["done", 5]);
  });
});

describe("what does not fit", () => {
  it("is an InputError of one line", () => {
    const short: Model = { kind: "layers", name: "short", layers: [{ kind: "flatten" }, { kind: "dense", units: 7 }] };
    expect(() => finished(config({ model: short }))).toThrow(
      new InputError(
        'model: got 7 outputs after the last layer, expected 10, one a class; end with { "kind": "dense", "units": 10 }',
      ),
    );
    expect(() =>
      finished(config({ model: { kind: "cnn", channels: [2, 2, 2, 2] } }), { ...dataset, height: 14, width: 56 }),
    ).toThrow(InputError);
  });
});
