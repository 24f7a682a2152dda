/** Whole trainings through `train` against PyTorch's (test/golden/make_trainings.py), on both kernel sets. */
import { describe, expect, it } from "vitest";
import {
  trainConfigSchema,
  type KernelsName,
  type TrainConfig,
  type TrainConfigInput,
} from "../../../src/core/config.js";
import type { Dataset, Samples } from "../../../src/core/data/dataset.js";
import type { TrainResult, TrainState } from "../../../src/core/training/result.js";
import { train } from "../../../src/core/training/train.js";
import { buildNetwork } from "../../../src/core/training/build.js";
import { compare, hash, readGolden } from "../golden.js";

interface Values {
  /** Every `stride`-th parameter. */
  weights: number[];
  statistics: number[];
}

interface Training {
  name: string;
  stride: number;
  config: TrainConfigInput;
  /** Training loss and accuracy, test loss and accuracy of every epoch. */
  curve: [number, number, number, number][];
  own: Values;
  evaluated: Values;
  /** Of the first test images, evaluated after the last epoch. */
  logits: number[];
}

const { side, classes, counts, trainings } = readGolden("trainings.json") as {
  side: number;
  classes: number;
  counts: [number, number];
  trainings: Training[];
};

/** The formula of make_trainings.py. */
function samples(split: number): Samples {
  const count = counts[split];
  const labels = Uint8Array.from({ length: count }, (_, sample) => hash(9200 + split, sample) % classes);
  const images = Uint8Array.from({ length: count * side * side }, (_, i) => {
    const [x, y] = [i % side, Math.floor(i / side) % side];
    const h = hash(9100 + split, i);
    if (h % 4 === 0 || Math.min(x, y) < 2 || Math.max(x, y) >= side - 2) return 0;
    const pattern = hash(9000 + labels[Math.floor(i / (side * side))], Math.floor(y / 4) * 7 + Math.floor(x / 4)) % 256;
    return (3 * pattern + ((h >>> 8) % 256)) / 4;
  });
  return { count, images, labels };
}

const dataset: Dataset = {
  name: "formula",
  digest: "",
  height: side,
  width: side,
  channels: 1,
  classNames: Array.from({ length: classes }, (_, label) => `class ${label}`),
  train: samples(0),
  test: samples(1),
};

/** Without a result where it stops after `epochs`, fewer than the training has. */
function run(config: TrainConfig, epochs: number): { result?: TrainResult; state: TrainState } {
  const training = train(config, dataset);
  let state: TrainState | undefined;
  for (;;) {
    const next = training.next();
    if (next.done) return { result: next.value, state: state! };
    if (next.value.kind === "epoch") state = next.value.state();
    if (state?.epoch === epochs && epochs < config.epochs) return { state };
  }
}

/** Logits of the first test images by a training's result, as its last evaluation took them. */
function finalLogits(config: TrainConfig, { weights, parameters }: TrainResult, count: number): number[] {
  const network = buildNetwork(config, dataset);
  network.parameters.unpack(weights.subarray(0, parameters), network.parameters.values);
  network.statistics.data.set(weights.subarray(parameters), network.statistics.offset);
  network.refresh();
  network.pass.progress = 1;
  network.evaluate(
    dataset.test.images,
    dataset.test.labels,
    Uint32Array.from({ length: count }, (_, i) => i),
    0,
    count,
  );
  return Array.from({ length: count * classes }, (_, i) => network.logits.get(Math.floor(i / classes), i % classes));
}

/**
 * Fractions of the largest value of each kind. PyTorch's own Float32 ends within 2e-7 of its Float64 in losses, within 6e-7 in
 * weights and statistics (make_trainings.py prints it); Winograd's convolutions round some times more.
 */
const TOLERANCE = { losses: 5e-7, weights: 5e-6, statistics: 2e-6, logits: 5e-6 };

/**
 * How many of a training's epochs a kernel set trains. The reference kernels are slow at convolutions: of those they train the
 * first epoch, and of pruning, which begins after it, two. What comes later is the same code for both sets.
 */
const epochsOf = (kernels: KernelsName, { model, prune, epochs = 0 }: TrainConfigInput): number =>
  kernels === "simd" || (model as { kind: string }).kind === "mlp" ? epochs : prune ? 2 : 1;

const kernelSets: KernelsName[] = ["reference", "simd"];
describe.each(kernelSets)("a whole training on %s kernels equals PyTorch's", (kernels) => {
  it.each(trainings)("$name", ({ config: input, stride, curve, own, evaluated, logits }) => {
    const config = trainConfigSchema.parse({ ...input, kernels });
    const epochs = epochsOf(kernels, input);
    const { result, state } = run(config, epochs);
    const column = (i: number): number[] => curve.slice(0, epochs).map((epoch) => epoch[i]);
    const every = (weights: Float32Array): Float32Array => weights.filter((_, i) => i % stride === 0);
    compare(
      "training loss",
      state.curve.map(({ trainLoss }) => trainLoss),
      column(0),
      TOLERANCE.losses,
    );
    compare(
      "test loss",
      state.curve.map(({ testLoss }) => testLoss!),
      column(2),
      TOLERANCE.losses,
    );
    // One sample more is 0.7 %; pruning counts them by weights that are Float32.
    compare(
      "training accuracy",
      state.curve.map(({ trainAccuracy }) => trainAccuracy),
      column(1),
      1e-6,
    );
    compare(
      "test accuracy",
      state.curve.map(({ testAccuracy }) => testAccuracy!),
      column(3),
      1e-12,
    );
    if (epochs < config.epochs) return;
    if (!result) throw new Error("got no result, expected one");
    compare("weights", every(state.weights), own.weights, TOLERANCE.weights);
    compare("running statistics", state.statistics ?? [], own.statistics, TOLERANCE.statistics);
    compare(
      "evaluated weights",
      every(result.weights.subarray(0, result.parameters)),
      evaluated.weights,
      TOLERANCE.weights,
    );
    compare(
      "evaluated statistics",
      result.weights.subarray(result.parameters),
      evaluated.statistics,
      TOLERANCE.statistics,
    );
    compare("logits", finalLogits(config, result, logits.length / classes), logits, TOLERANCE.logits);
    expect(result.status).toBe("done");
  });
});
