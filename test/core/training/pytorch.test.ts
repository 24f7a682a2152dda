// Both kernel sets against PyTorch: logits, loss, every gradient, ten steps of every optimizer.
// The values, the script that made them and the formula of the inputs stand in test/golden.
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { buildOn } from "../../../src/core/network/create-network.js";
import type { KernelsName } from "../../../src/core/config.js";
import type { ModelSpec } from "../../../src/core/models/table.js";
import type { OptimizerSpec } from "../../../src/core/optimizers/table.js";
import { modelLayers } from "../../../src/core/models/table.js";
import { Network } from "../../../src/core/network/network.js";
import { createOptimizer } from "../../../src/core/optimizers/table.js";
import type { Step } from "../../../src/core/optimizers/optimizer.js";
import { blueprint } from "../../../src/core/network/blueprint.js";
import type { Floats } from "../../../src/core/kernels/tensor.js";
import { compare, elements, formulaWeights, goldenFile, pass, readGolden, type FormulaCase } from "../golden.js";
import { winogradSlack } from "../networks.js";

type Precision = "double" | "single";

/** A place in golden.bin: offset in bytes, length in numbers of the section's precision. */
interface Place {
  offset: number;
  length: number;
}

interface Case extends FormulaCase {
  name: string;
  stride: number;
  model: ModelSpec;
  parameters: { name: string; shape: number[] }[];
  double: { loss: number; logits: Place; gradients: Place; statistics?: Place };
  single: { loss: number; logits: Place; gradients: Place; statistics?: Place };
  training: {
    optimizer: OptimizerSpec;
    double: { losses: number[]; weights: Place };
    single: { losses: number[]; weights: Place };
  }[];
}

const { cases } = readGolden("golden.json") as { cases: Case[] };
const numbers = Uint8Array.from(gunzipSync(goldenFile("golden.bin.gz"))).buffer;

function values(precision: Precision, { offset, length }: Place): Floats {
  return precision === "double" ? new Float64Array(numbers, offset, length) : new Float32Array(numbers, offset, length);
}

// Running Handgrad on a case

function start(test: Case, { kernels, precision }: Subject, optimizer: OptimizerSpec): Started {
  const { model, height, width, classes, batch, seed } = test;
  const plan = blueprint(model, { height, width, channels: 1 }, classes);
  const started = buildOn(
    kernels,
    (set) => {
      const network = new Network(set, plan, { batchSize: batch });
      return { network, step: createOptimizer(optimizer, set, network.parameters).step };
    },
    { precision: precision === "double" ? "float64" : "float32" },
  );
  const { network } = started;
  network.parameters.unpack(formulaWeights(seed, network), network.parameters.values);
  network.refresh();
  return started;
}

interface Started {
  network: Network;
  step: Step;
}

/** Mean and variance of every batch normalisation, without padding. */
function statistics({ shardStatistics, parameters }: Network): number[] {
  const channels = parameters.layouts
    .filter(({ name }) => /^batchNorm \d+ bias$/.test(name))
    .map(({ shape }) => shape[0]);
  let start = 0;
  return channels.flatMap((count) =>
    [0, 1].flatMap(() => {
      const part = Array.from({ length: count }, (_, c) => shardStatistics.get(start + c));
      start += Math.ceil(count / 4) * 4;
      return part;
    }),
  );
}

interface Subject {
  kernels: KernelsName;
  precision: Precision;
  /** Tolerances as fractions of the largest golden value of each tensor. */
  forward: number;
  gradient: number;
  /** Ten steps: losses before them, weights after them; Adam's divide by small roots, which amplifies rounding. */
  losses: number;
  weights: number;
  adamWeights: number;
}

const subjects: Subject[] = [
  {
    kernels: "reference",
    precision: "double",
    forward: 1e-14,
    gradient: 3e-14,
    losses: 1e-14,
    weights: 1e-14,
    adamWeights: 1e-12,
  },
  {
    kernels: "reference",
    precision: "single",
    forward: 2e-6,
    gradient: 5e-6,
    losses: 1e-6,
    weights: 2e-6,
    adamWeights: 2e-5,
  },
  {
    kernels: "simd",
    precision: "single",
    forward: 2e-6,
    gradient: 5e-6,
    losses: 1e-6,
    weights: 2e-6,
    adamWeights: 2e-5,
  },
];

/** The training runs to compare, with a name. The slow reference kernels train the big CNN with one optimizer, in one precision: the code is the same. */
function training(
  { name, training }: Case,
  { kernels, precision }: Subject,
): (Case["training"][number] & { name: string })[] {
  const runs = name === "cnn" && kernels === "reference" ? training.slice(0, precision === "double" ? 1 : 0) : training;
  return runs.map((run) => ({
    ...run,
    name: run.optimizer.kind === "sgd" && run.optimizer.momentum > 0 ? "heavy-ball momentum" : run.optimizer.kind,
  }));
}

describe.each(subjects)("$kernels kernels in $precision precision equal PyTorch", (subject) => {
  describe.each(cases)("$name", (test) => {
    const expected = test[subject.precision];

    it("logits, loss and every gradient", () => {
      const { network } = start(test, subject, { kind: "sgd", lr: 0.1, momentum: 0 });
      const { logits, loss } = pass(test, network, 0);
      compare("logits", logits, values(subject.precision, expected.logits), subject.forward);
      compare("loss", [loss], [expected.loss], subject.forward);
      const gradients = elements(network, network.parameters.gradients);
      const all = values(subject.precision, expected.gradients);
      expect(network.parameters.layouts.map(({ shape }) => shape)).toEqual(test.parameters.map(({ shape }) => shape));
      let next = 0;
      gradients.forEach((got, t) => {
        // Behind a batch normalisation gradients all but cancel: PyTorch's own Float32 lies farther from its Float64 there (make_golden.py prints how far).
        const slack = expected.statistics
          ? 4
          : subject.kernels === "simd"
            ? winogradSlack(modelLayers(test.model, test.classes))
            : 1;
        compare(
          `gradient of ${test.parameters[t].name}`,
          got,
          all.subarray(next, next + got.length),
          slack * subject.gradient,
        );
        next += got.length;
      });
      expect(next).toBe(all.length);
      if (expected.statistics)
        compare(
          "means and variances",
          statistics(network),
          values(subject.precision, expected.statistics),
          subject.forward,
        );
    });

    it.each(training(test, subject))("ten steps of $name", ({ optimizer, ...run }) => {
      const { network, step: takeStep } = start(test, subject, optimizer);
      const { values: weights } = network.parameters;
      const { losses, weights: place } = run[subject.precision];
      const got = losses.map((_, step) => {
        const { loss } = pass(test, network, step);
        takeStep(step + 1, optimizer.lr);
        network.refresh();
        return loss;
      });
      compare("loss before step", got, losses, subject.losses);
      const sample = elements(network, weights)
        .flat()
        .filter((_, i) => i % test.stride === 0);
      compare(
        `every ${test.stride}th weight`,
        sample,
        values(subject.precision, place),
        optimizer.kind === "adam" ? subject.adamWeights : subject.weights,
      );
    });
  });
});
