// Both kernel sets against PyTorch: logits, loss, every gradient, ten steps of every optimizer.
// The values, the script that made them and the formula of the inputs stand in test/golden.
import fs from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { createNetwork } from "../../src/core/backend.js";
import type { KernelsName, ModelSpec, OptimizerSpec } from "../../src/core/config.js";
import { modelLayers } from "../../src/core/models.js";
import type { Network } from "../../src/core/network.js";
import { optimizerStep, stateCount } from "../../src/core/optimizers/optimizer.js";
import { forEachPlace } from "../../src/core/tensor.js";
import type { Floats, Tensor } from "../../src/core/tensor.js";
import { winogradSlack } from "./networks.js";

type Precision = "double" | "single";

/** A place in golden.bin: offset in bytes, length in numbers of the section's precision. */
interface Place {
  offset: number;
  length: number;
}

interface Case {
  name: string;
  seed: number;
  height: number;
  width: number;
  classes: number;
  batch: number;
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

const golden = new URL("../golden/", import.meta.url);
const { cases } = JSON.parse(fs.readFileSync(new URL("golden.json", golden), "utf8")) as { cases: Case[] };
const bytes = gunzipSync(fs.readFileSync(new URL("golden.bin.gz", golden)));
const numbers = Uint8Array.from(bytes).buffer;

function values(precision: Precision, { offset, length }: Place): Floats {
  return precision === "double" ? new Float64Array(numbers, offset, length) : new Float32Array(numbers, offset, length);
}

// The formula of inputs, labels and starting weights; make_golden.py has the same in Python.

function mix(x: number): number {
  x ^= x >>> 16;
  x = Math.imul(x, 0x7feb352d);
  x ^= x >>> 15;
  x = Math.imul(x, 0x846ca68b);
  return (x ^ (x >>> 16)) >>> 0;
}

const hash = (stream: number, i: number): number => mix((Math.imul(i, 0x9e3779b9) + mix(stream)) | 0);

function formulaBatch({ seed, height, width, classes, batch }: Case, step: number): { images: Uint8Array; labels: Uint8Array } {
  const images = new Uint8Array(batch * height * width);
  const labels = new Uint8Array(batch);
  for (let sample = 0; sample < batch; sample++) {
    const border = Math.floor(Math.min(height, width) / 9) + (sample % 3);
    for (let y = border; y < height - border; y++)
      for (let x = border; x < width - border; x++) {
        const i = (sample * height + y) * width + x;
        const h = hash(1000 * seed + 500 + step, i);
        images[i] = h % 8 === 0 ? 0 : 1 + ((h >>> 8) % 255);
      }
    labels[sample] = hash(1000 * seed + 700 + step, sample) % classes;
  }
  return { images, labels };
}

function formulaWeights(seed: number, network: Network): Float32Array {
  return Float32Array.from(
    network.parameters.layouts.flatMap(({ shape, fanIn }, t) =>
      Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => ((hash(1000 * seed + t, i) / 2 ** 32) * 2 - 1) / Math.sqrt(fanIn)),
    ),
  );
}

// Running Handgrad on a case

function start(test: Case, { kernels, precision }: Subject, stateArrays: number): Network {
  const { model, height, width, classes, batch, seed } = test;
  const network = createNetwork(
    kernels,
    { layers: modelLayers(model, classes), height, width, batchSize: batch, stateCount: stateArrays },
    precision === "double" ? "float64" : "float32",
  );
  network.parameters.unpack(formulaWeights(seed, network), network.parameters.values);
  network.refresh();
  return network;
}

/** Logits and mean loss of the batch of a step; leaves its gradients in the network. */
function pass(test: Case, network: Network, step: number): { logits: number[]; loss: number } {
  const { images, labels } = formulaBatch(test, step);
  const order = Uint32Array.from({ length: test.batch }, (_, i) => i);
  const logits: number[] = [];
  let loss = 0;
  for (let done = 0; done < test.batch; done += network.microBatch) {
    const n = Math.min(network.microBatch, test.batch - done);
    loss += network.forward(images, labels, order, done, n, 1 / test.batch);
    for (let j = 0; j < n; j++) for (let c = 0; c < test.classes; c++) logits.push(network.logits.get(j, c));
    network.backward(n, done === 0);
  }
  return { logits, loss: loss / test.batch };
}

/** A flat array's elements parameter by parameter, without padding and without rounding. */
function elements(network: Network, flat: Tensor): number[][] {
  return network.parameters.layouts.map((layout) => {
    const part: number[] = [];
    forEachPlace(layout, (i) => part.push(flat.get(i)));
    return part;
  });
}

/** Mean and variance of every batch normalisation, without padding. */
function statistics({ shardStatistics, parameters }: Network): number[] {
  const channels = parameters.layouts.filter(({ name }) => /^batchNorm \d+ bias$/.test(name)).map(({ shape }) => shape[0]);
  let start = 0;
  return channels.flatMap((count) =>
    [0, 1].flatMap(() => {
      const part = Array.from({ length: count }, (_, c) => shardStatistics.get(start + c));
      start += Math.ceil(count / 4) * 4;
      return part;
    }),
  );
}

/** Fails where a number differs from its golden value by more than tolerance × the largest golden value; NaN fails. */
function compare(what: string, got: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  if (got.length !== expected.length) throw new Error(`${what}: got ${got.length} numbers, expected ${expected.length}`);
  let largest = 0;
  for (let i = 0; i < expected.length; i++) largest = Math.max(largest, Math.abs(expected[i]));
  for (let i = 0; i < expected.length; i++)
    if (!(Math.abs(got[i] - expected[i]) <= tolerance * largest))
      throw new Error(`${what}[${i}]: got ${got[i]}, expected ${expected[i]} within ${(tolerance * largest).toExponential(1)}`);
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
  { kernels: "reference", precision: "double", forward: 1e-14, gradient: 3e-14, losses: 1e-14, weights: 1e-14, adamWeights: 1e-12 },
  { kernels: "reference", precision: "single", forward: 2e-6, gradient: 5e-6, losses: 1e-6, weights: 2e-6, adamWeights: 2e-5 },
  { kernels: "simd", precision: "single", forward: 2e-6, gradient: 5e-6, losses: 1e-6, weights: 2e-6, adamWeights: 2e-5 },
];

/** The training runs to compare, with a name. The slow reference kernels train the big CNN in one precision: the code is the same. */
function training({ name, training }: Case, { kernels, precision }: Subject): (Case["training"][number] & { name: string })[] {
  if (name === "cnn" && kernels === "reference" && precision === "single") return [];
  return training.map((run) => ({
    ...run,
    name: run.optimizer.kind === "sgd" && run.optimizer.momentum > 0 ? "heavy-ball momentum" : run.optimizer.kind,
  }));
}

describe.each(subjects)("$kernels kernels in $precision precision equal PyTorch", (subject) => {
  describe.each(cases)("$name", (test) => {
    const expected = test[subject.precision];

    it("logits, loss and every gradient", () => {
      const network = start(test, subject, 0);
      const { logits, loss } = pass(test, network, 0);
      compare("logits", logits, values(subject.precision, expected.logits), subject.forward);
      compare("loss", [loss], [expected.loss], subject.forward);
      const gradients = elements(network, network.parameters.gradients);
      const all = values(subject.precision, expected.gradients);
      expect(network.parameters.layouts.map(({ shape }) => shape)).toEqual(test.parameters.map(({ shape }) => shape));
      let next = 0;
      gradients.forEach((got, t) => {
        // Behind a batch normalisation gradients all but cancel: PyTorch's own Float32 lies farther from its Float64 there (make_golden.py prints how far).
        const slack = expected.statistics ? 4 : subject.kernels === "simd" ? winogradSlack(modelLayers(test.model, test.classes)) : 1;
        compare(`gradient of ${test.parameters[t].name}`, got, all.subarray(next, next + got.length), slack * subject.gradient);
        next += got.length;
      });
      expect(next).toBe(all.length);
      if (expected.statistics) compare("means and variances", statistics(network), values(subject.precision, expected.statistics), subject.forward);
    });

    it.each(training(test, subject))("ten steps of $name", ({ optimizer, ...run }) => {
      const network = start(test, subject, stateCount(optimizer));
      const { values: weights, gradients, state } = network.parameters;
      const { losses, weights: place } = run[subject.precision];
      const got = losses.map((_, step) => {
        const { loss } = pass(test, network, step);
        optimizerStep(optimizer, network.kernels.optimizer, weights, gradients, state, step + 1);
        network.refresh();
        return loss;
      });
      compare("loss before step", got, losses, subject.losses);
      const sample = elements(network, weights).flat().filter((_, i) => i % test.stride === 0);
      compare(`every ${test.stride}th weight`, sample, values(subject.precision, place), optimizer.kind === "adam" ? subject.adamWeights : subject.weights);
    });
  });
});
