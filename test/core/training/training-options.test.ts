/** What training can do beyond the homework: shards, weight averages, held-out samples, flipped evaluation, statistics. */
import { SMALL, smallDataset, trained } from "../trained.js";
import { describe, expect, it } from "vitest";
import { buildOn } from "../../../src/core/network/create-network.js";
import { BatchSum } from "../../../src/core/training/batch-sum.js";
import {
  trainConfigSchema,
  type KernelsName,
  type TrainConfig,
  type TrainConfigInput,
} from "../../../src/core/config.js";
import type { Dataset, Samples } from "../../../src/core/data/dataset.js";
import { evaluate } from "../../../src/core/training/evaluate.js";
import type { Network } from "../../../src/core/network/network.js";
import { CellPasses } from "../../../src/core/training/passes.js";
import type { TrainState } from "../../../src/core/training/result.js";
import { soloRunner } from "../../../src/core/training/shard-runner.js";
import { splitSamples } from "../../../src/core/data/splits.js";
import { floatsOf, plainArena } from "../../../src/core/kernels/tensor.js";
import { train } from "../../../src/core/training/train.js";
import { buildNetwork, buildCell, cellBuilder } from "../../../src/core/training/build.js";
import { WeightAverage } from "../../../src/core/training/weight-average.js";
import { referenceKernels } from "../../../src/core/reference/reference.js";
import { expectClose, flat } from "../networks.js";

const dataset = smallDataset(150, 40);
const both: KernelsName[] = ["simd", "reference"];
const cnn: TrainConfigInput["model"] = { kind: "cnn", channels: [4, 5] };
/** With batch normalisation of 5 channels, which are padded to 8, a residual block and dropout. */
const normalised: TrainConfigInput["model"] = {
  kind: "layers",
  name: "normalised",
  layers: [
    { kind: "maxPool2d", size: 2 },
    { kind: "conv2d", channels: 5, bias: false },
    { kind: "batchNorm", momentum: 0.3 },
    { kind: "relu" },
    { kind: "residual", layers: [{ kind: "conv2d", channels: 5 }, { kind: "relu" }] },
    { kind: "globalAveragePool2d" },
    { kind: "dropout", rate: 0.1 },
    { kind: "dense", units: 10 },
  ],
};

function config(overrides: Partial<TrainConfigInput> = {}): TrainConfig {
  return trainConfigSchema.parse({
    model: { kind: "mlp", hidden: [10] },
    optimizer: { kind: "nesterov", lr: 0.02 },
    epochs: 3,
    batchSize: 32,
    trainLimit: 70,
    testLimit: 25,
    ...overrides,
  });
}

const run = (cell: TrainConfig, data: Dataset = dataset, resume?: TrainState): ReturnType<typeof trained> =>
  trained(cell, data, resume);

/** Gradient and figures of the first batch of epoch 1. */
function firstBatch(
  cell: TrainConfig,
  precision: "float32" | "float64",
): { gradient: Float64Array; loss: number; correct: number } {
  const { network, state } = buildOn(cell.kernels, cellBuilder(cell, dataset), { precision });
  network.initialise(cell.seed);
  const sum = new BatchSum(network, state.gradientSum);
  sum.begin();
  soloRunner(new CellPasses(cell, network, splitSamples(cell, dataset))).batch(
    { epoch: 1, start: 0, n: cell.batchSize },
    sum,
  );
  return { gradient: flat(network, sum.gradient), loss: sum.loss, correct: sum.correct };
}

describe("augmentation", () => {
  it("`until` counts in epochs of the cell: the first two thirds are augmented, the last third is plain", () => {
    const shift = { shift: 3 };
    const losses = (overrides: Partial<TrainConfigInput>): number[] =>
      run(config(overrides)).result.curve.map(({ trainLoss }) => trainLoss);
    const [whole, part, none] = [
      losses({ augment: shift }),
      losses({ augment: { ...shift, until: 0.5 } }),
      losses({ augment: { ...shift, until: 0 } }),
    ];
    expect(part.slice(0, 2)).toEqual(whole.slice(0, 2));
    expect(part[2]).not.toBe(whole[2]);
    expect(none).toEqual(losses({}));
  });
});

describe("shards", () => {
  const subjects = [
    { kernels: "reference", precision: "float64", tolerance: 1e-13 },
    { kernels: "reference", precision: "float32", tolerance: 1e-5 },
    { kernels: "simd", precision: "float32", tolerance: 1e-5 },
  ] as const;

  it.each(subjects)(
    "their gradients sum to the batch's ($kernels, $precision)",
    ({ kernels, precision, tolerance }) => {
      for (const model of [config().model, cnn]) {
        const whole = firstBatch(config({ kernels, model, batchSize: 30 }), precision);
        for (const shardSize of [1, 7, 15, 30, 64]) {
          const sharded = firstBatch(config({ kernels, model, batchSize: 30, shardSize }), precision);
          expectClose(`gradient in shards of ${shardSize}`, sharded.gradient, whole.gradient, tolerance);
          expectClose(`loss in shards of ${shardSize}`, [sharded.loss], [whole.loss], tolerance);
          expect(sharded.correct).toBe(whole.correct);
        }
      }
    },
  );

  it("of the first batch do not take over what the batch before left", () => {
    const cell = config({ shardSize: 8 });
    const { network, state } = buildCell(cell, dataset);
    const sum = new BatchSum(network, state.gradientSum);
    const runner = soloRunner(new CellPasses(cell, network, splitSamples(cell, dataset)));
    const gradient = (): Float64Array => {
      sum.begin();
      runner.batch({ epoch: 1, start: 0, n: 32 }, sum);
      return flat(network, sum.gradient);
    };
    expect(gradient()).toEqual(gradient());
  });
});

describe("the same bits, resumed from each epoch", () => {
  const everything: Partial<TrainConfigInput> = {
    shardSize: 8,
    validation: 20,
    weightAverage: 0.95,
    clipNorm: 0.5,
    labelSmoothing: 0.1,
    evaluateFlipped: true,
    schedule: { kind: "oneCycle" },
    augment: { shift: 2, flip: true },
    prune: { easy: 0.6 },
    optimizer: { kind: "nesterov", lr: 0.1, weightDecay: 0.01 },
  };

  const subjects = [
    ...both.flatMap((kernels) => [config().model, cnn].map((model) => ({ kernels, model }))),
    { kernels: "simd" as const, model: normalised },
    { kernels: "reference" as const, model: normalised },
  ];
  it.each(subjects)("$kernels, $model.kind", ({ kernels, model }) => {
    for (const changes of [
      everything,
      { ...everything, shardSize: undefined, optimizer: { kind: "adam", lr: 0.01, weightDecay: 0.1 } as const },
    ]) {
      const cell = config({ kernels, model, ...changes });
      const first = run(cell);
      expect(run(cell).result).toEqual(first.result);
      for (const state of first.states) expect(run(cell, dataset, state).result).toEqual(first.result);
      // The averages are part of the state: with the weights in their place the numbers differ.
      const [{ average, ...state }] = first.states;
      const running = state.statistics ?? new Float32Array(0);
      expect(running.length).toBe(model.kind === "layers" ? 2 * 8 : 0);
      expect(average!.length).toBe(state.weights.length + running.length);
      const own = Float32Array.from([...state.weights, ...running]);
      expect(run(cell, dataset, { ...state, average: own }).result.weights).not.toEqual(first.result.weights);
      // So is what pruning saw.
      expect(
        run(cell, dataset, { ...state, average, seen: state.seen!.map((score) => 1 - score) }).result.weights,
      ).not.toEqual(first.result.weights);
      // So are the running statistics.
      if (state.statistics)
        expect(
          run(cell, dataset, { ...state, average, statistics: running.map((value) => value + 1) }).result.curve,
        ).not.toEqual(first.result.curve);
    }
  });

  it("each setting changes the weights", () => {
    const weights = (changes: Partial<TrainConfigInput>): string =>
      run(config({ ...everything, ...changes })).result.weights.join();
    const all = weights({});
    for (const setting of [
      "shardSize",
      "validation",
      "weightAverage",
      "clipNorm",
      "labelSmoothing",
      "schedule",
      "augment",
      "prune",
    ])
      expect(weights({ [setting]: undefined }), setting).not.toBe(all);
    expect(weights({ optimizer: { kind: "nesterov", lr: 0.1 } })).not.toBe(all);
    expect(weights({ evaluateFlipped: undefined })).toBe(all);
  });
});

describe("weight average", () => {
  it.each(both)(
    "is the exponential moving average of the weights after every step, early steps weighing more (%s)",
    (kernels) => {
      // One step an epoch, so that every step's weights are seen.
      const cell = config({ kernels, batchSize: 100, epochs: 12, weightAverage: 0.5 });
      const { parameters } = buildNetwork(cell, dataset);
      const expected = Float64Array.from(parameters.pack(parameters.values));
      const { states, result } = run(cell);
      const decays: number[] = [];
      states.forEach(({ weights, average }, i) => {
        const decay = Math.min(0.5, (2 + i) / (11 + i));
        decays.push(decay);
        weights.forEach((value, j) => (expected[j] = decay * expected[j] + (1 - decay) * value));
        expectClose(`average after step ${i + 1}`, average!, expected, 1e-6);
      });
      expect(decays[0]).toBeCloseTo(2 / 11, 12);
      expect(decays.at(-1)).toBe(0.5);
      expect(result.weights).toEqual(states.at(-1)!.average);
    },
  );

  it.each(both)("is what is evaluated, and leaves the training alone (%s)", (kernels) => {
    const cell = config({ kernels, weightAverage: 0.9, model: cnn });
    const { states, result } = run(cell);
    const plain = run(config({ kernels, model: cnn }));
    states.forEach((state, i) => {
      expect(state.weights).toEqual(plain.states[i].weights);
      const network = buildNetwork(cell, dataset);
      network.parameters.unpack(state.average!, network.parameters.values);
      network.refresh();
      expect(evaluate(network, splitSamples(cell, dataset).test)).toMatchObject({
        loss: result.curve[i].testLoss,
        accuracy: result.curve[i].testAccuracy,
      });
      expect(result.curve[i].testLoss).not.toBe(plain.result.curve[i].testLoss);
    });
  });
});

describe("held-out samples", () => {
  const cell = config({ validation: 20, model: cnn });

  it("are the last ones: training sees those before, the curve is theirs", () => {
    const { result, states } = run(cell);
    const fewer = run(config({ trainLimit: 50, model: cnn }));
    expect(result.weights).toEqual(fewer.result.weights);
    const heldOut: Samples = {
      count: 20,
      images: dataset.train.images.slice(50 * SMALL ** 2, 70 * SMALL ** 2),
      labels: dataset.train.labels.slice(50, 70),
    };
    const network = buildNetwork(cell, dataset);
    states.forEach(({ weights }, i) => {
      network.parameters.unpack(weights, network.parameters.values);
      network.refresh();
      const { loss, accuracy } = evaluate(network, heldOut)!;
      const { trainLoss, trainAccuracy } = fewer.result.curve[i];
      expect(result.curve[i]).toEqual({
        epoch: i + 1,
        trainLoss,
        trainAccuracy,
        validationLoss: loss,
        validationAccuracy: accuracy,
      });
    });
    const { loss, accuracy, confusion, mistakes } = evaluate(network, { ...dataset.test, count: 25 })!;
    expect(result.test).toEqual({ loss, accuracy });
    expect([result.confusion, result.mistakes]).toEqual([confusion, mistakes]);
    expect(fewer.result.test).toBeUndefined();
  });

  it("keep the test set out of everything but the last figures", () => {
    let reads = 0;
    // Counted where the labels are handed out: by whoever takes the test set.
    const counted: Samples = {
      ...dataset.test,
      get labels() {
        reads += 1;
        return dataset.test.labels;
      },
    };
    const other: Dataset = {
      ...dataset,
      test: {
        ...dataset.test,
        images: dataset.test.images.map((pixel) => 255 - pixel),
        labels: dataset.test.labels.map((label) => 9 - label),
      },
    };
    const { result, states } = run(cell);
    const changed = run(cell, other);
    expect(changed.result.curve).toEqual(result.curve);
    expect(changed.result.steps).toEqual(result.steps);
    expect(changed.states).toEqual(states);
    expect(changed.result.weights).toEqual(result.weights);
    expect(changed.result.test).not.toEqual(result.test);
    // A test set whose labels cannot be read before the last epoch's end.
    const training = train({ ...cell, testLimit: undefined }, { ...dataset, test: counted });
    let epochs = 0;
    for (let next = training.next(); !next.done; next = training.next()) {
      expect(reads).toBe(0);
      if (next.value.kind === "epoch") epochs += 1;
    }
    expect(epochs).toBe(3);
    expect(reads).toBeGreaterThan(0);
  });

  it("must leave some to train on", () => {
    expect(() => run(config({ validation: 70 }))).toThrow(
      expect.objectContaining({
        name: "InputError",
        message: "validation: got 70, expected fewer than the 70 training images; hold out fewer, or raise trainLimit",
      }),
    );
    expect(run(config({ validation: 69, epochs: 1 })).result.status).toBe("done");
  });
});

describe("evaluation over several views", () => {
  /** The samples moved (right, down), with zeros coming in, and mirrored first. */
  const moved = ({ count, images, labels }: Samples, dx: number, dy: number, mirror: boolean): Samples => ({
    count,
    labels,
    images: images.map((_, at) => {
      const [x, y] = [(at % SMALL) - dx, Math.floor((at % SMALL ** 2) / SMALL) - dy];
      return x < 0 || x >= SMALL || y < 0 || y >= SMALL
        ? 0
        : images[at - (at % SMALL ** 2) + SMALL * y + (mirror ? SMALL - 1 - x : x)];
    }),
  });
  const cross = [
    [0, 0],
    [2, 0],
    [-2, 0],
    [0, 2],
    [0, -2],
  ];
  const views: [Partial<TrainConfigInput>, [number, number, boolean][]][] = [
    [
      { evaluateFlipped: true },
      [
        [0, 0, false],
        [0, 0, true],
      ],
    ],
    [{ evaluateShifted: 2 }, cross.map(([dx, dy]) => [dx, dy, false])],
    [
      { evaluateFlipped: true, evaluateShifted: 2 },
      [false, true].flatMap((mirror) => cross.map(([dx, dy]): [number, number, boolean] => [dx, dy, mirror])),
    ],
  ];
  const cases = both.flatMap((kernels) =>
    views.flatMap(([options, moves]) => [0, 1].map((permutation) => ({ kernels, options, moves, permutation }))),
  );

  it.each(cases)(
    "takes the mean of their logits ($kernels, $options, permutation $permutation)",
    ({ kernels, options, moves, permutation }) => {
      const network = buildNetwork(config({ kernels, model: cnn, permutation, batchSize: 9, ...options }), dataset);
      const order = Uint32Array.from({ length: 9 }, (_, i) => 8 - i);
      const each = moves.map((move) => {
        const { images, labels } = moved(dataset.test, ...move);
        network.forward(images, labels, order, 0, 9, 0);
        return Array.from({ length: 90 }, (_, i) => network.logits.get(Math.floor(i / 10), i % 10));
      });
      network.pass.progress = 1;
      const loss = network.evaluate(dataset.test.images, dataset.test.labels, order, 0, 9);
      let expected = 0;
      for (let j = 0; j < 9; j++) {
        const z = Array.from({ length: 10 }, (_, c) =>
          Math.fround(each.reduce((sum, logits) => sum + logits[10 * j + c], 0) * (1 / each.length)),
        );
        z.forEach((value, c) => expect(network.logits.get(j, c)).toBe(value));
        expect(network.loss.predicted[j]).toBe(z.indexOf(Math.max(...z)));
        expected += Math.log(z.reduce((sum, value) => sum + Math.exp(value), 0)) - z[dataset.test.labels[order[j]]];
      }
      expect(Math.abs(loss - expected)).toBeLessThan(1e-5);
      expect(new Set(each.map((logits) => logits.join())).size).toBe(moves.length);
    },
  );

  it.each(both)("shifted ones count in the last epoch only (%s)", (kernels) => {
    const curve = (options: Partial<TrainConfigInput>) =>
      run(config({ kernels, epochs: 3, evaluateFlipped: true, validation: 20, ...options })).result.curve.map(
        ({ validationLoss }) => validationLoss,
      );
    const [plain, shifted] = [curve({}), curve({ evaluateShifted: 1 })];
    expect(shifted.slice(0, 2)).toEqual(plain.slice(0, 2));
    expect(shifted[2]).not.toBe(plain[2]);
  });

  it.each(both)("does not tell a set from its mirror image (%s)", (kernels) => {
    const network = buildNetwork(config({ kernels, model: cnn, evaluateFlipped: true, evaluateShifted: 1 }), dataset);
    network.pass.progress = 1;
    const { confusion, loss } = evaluate(network, dataset.test)!;
    const other = evaluate(network, moved(dataset.test, 0, 0, true))!;
    expect(other.confusion).toEqual(confusion);
    expect(Math.abs(other.loss - loss)).toBeLessThan(1e-6);
    expect(evaluate(buildNetwork(config({ kernels, model: cnn }), dataset), dataset.test)!.loss).not.toBe(loss);
  });

  it("refuses a shift that leaves nothing of the image", () => {
    expect(() => run(config({ evaluateShifted: SMALL }))).toThrow(
      expect.objectContaining({
        name: "InputError",
        message: `evaluateShifted: got ${SMALL}, expected less than ${SMALL}, the image's shorter side; shift by fewer pixels`,
      }),
    );
  });
});

describe("running statistics", () => {
  it.each(both)("after a batch have moved towards the mean of its shards (%s)", (kernels) => {
    // One batch an epoch, in shards of 16, 16, 16, 16 and 6.
    const cell = config({ kernels, model: normalised, batchSize: 70, shardSize: 16, epochs: 1, augment: { shift: 1 } });
    const network = buildNetwork(cell, dataset);
    const passes = new CellPasses(cell, network, splitSamples(cell, dataset));
    const expected = Float64Array.from(floatsOf(network.statistics), (value) => 0.7 * value);
    for (let start = 0; start < 70; start += 16) {
      const n = Math.min(16, 70 - start);
      passes.shard({ epoch: 1, start, n }, 70, true);
      floatsOf(network.shardStatistics).forEach((value, i) => (expected[i] += 0.3 * (n / 70) * value));
    }
    const { states, result } = run(cell);
    expectClose("statistics", states[0].statistics!, expected, 1e-6);
    expect(states[0].statistics!.subarray(0, 5)).not.toEqual(new Float32Array(5));
    // The result's weights end in them.
    expect(result.weights.subarray(-16)).toEqual(states[0].statistics);
    expect(result.weights.length).toBe(result.parameters + 16);
  });

  it("of a whole batch without shards are that batch's", () => {
    const cell = config({ model: normalised, batchSize: 70, epochs: 1 });
    const network = buildNetwork(cell, dataset);
    expect(network.microBatch).toBe(70);
    const expected = Float64Array.from(floatsOf(network.statistics), (value) => 0.7 * value);
    new CellPasses(cell, network, splitSamples(cell, dataset)).shard({ epoch: 1, start: 0, n: 70 }, 70, true);
    floatsOf(network.shardStatistics).forEach((value, i) => (expected[i] += 0.3 * value));
    expectClose("statistics", run(cell).states[0].statistics!, expected, 1e-6);
  });

  /** What BatchSum and WeightAverage need of a network with two statistics. */
  function stub(): Network {
    const arena = plainArena(65_536, "float64");
    const two = () => arena.tensor([2], [1], 2);
    const values = arena.tensor([16], [1], 16);
    const parameters = {
      values,
      gradients: arena.tensor([16], [1], 16),
      pack: () => new Float32Array(floatsOf(values)),
      unpack: () => undefined,
    };
    return {
      kernels: referenceKernels(arena),
      statistics: two(),
      shardStatistics: two(),
      parameters,
      refresh: () => undefined,
    } as unknown as Network;
  }

  it("move towards the mean over the batch's shards, weighted by their samples", () => {
    const network = stub();
    const running = floatsOf(network.statistics);
    running.set([0, 1]);
    const sum = new BatchSum(network);
    const shards: [number, number, number][] = [
      [8, 2, 3],
      [8, 4, 5],
      [4, -1, 7],
    ];
    for (let batch = 0; batch < 2; batch++) {
      sum.begin();
      for (const [n, mean, variance] of shards) {
        floatsOf(network.shardStatistics).set([mean, variance]);
        sum.add(n, { loss: 0, correct: 0 });
      }
      sum.moveStatistics(Float64Array.of(0.1, 0.5));
    }
    const [mean, variance] = [(8 * 2 + 8 * 4 - 4) / 20, (8 * 3 + 8 * 5 + 4 * 7) / 20];
    expectClose("running statistics", running, [0.9 * 0.1 * mean + 0.1 * mean, 0.25 + 0.75 * variance], 1e-14);
  });

  it("are averaged with the weights, and both are swapped in and out without a trace", () => {
    const network = stub();
    const values = floatsOf(network.parameters.values);
    const running = floatsOf(network.statistics);
    values.fill(1);
    running.set([2, 4]);
    const average = new WeightAverage(network, network.kernels.arena.tensor([16], [1], 16), 0.9);
    average.begin();
    values.fill(12);
    running.set([13, 15]);
    average.update(1);
    const decay = 2 / 11;
    const weight = decay * 1 + (1 - decay) * 12;
    average.swap();
    expectClose("weights", values, new Array<number>(16).fill(weight), 1e-14);
    expectClose("statistics", running, [decay * 2 + (1 - decay) * 13, decay * 4 + (1 - decay) * 15], 1e-14);
    average.swap();
    expect([...values, ...running]).toEqual([...new Array<number>(16).fill(12), 13, 15]);
  });
});
