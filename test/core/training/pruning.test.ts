/** Which samples an epoch leaves out, and what the others count. */
import { describe, expect, it } from "vitest";
import { trainConfigSchema, type KernelsName, type TrainConfigInput } from "../../../src/core/config.js";
import type { Network } from "../../../src/core/network/network.js";
import { CellPasses } from "../../../src/core/training/passes.js";
import { Pruning, epochSamples, trainingSamples } from "../../../src/core/training/pruning.js";
import { splitSamples } from "../../../src/core/data/splits.js";
import { train } from "../../../src/core/training/train.js";
import { buildNetwork } from "../../../src/core/training/build.js";
import { drawSyntheticDataset } from "../../../src/sweeps/data/synthetic.js";
import { flat } from "../networks.js";

const COUNT = 100;
const spec = { easy: 0.6, skip: 0.75, until: 0.8 };
const EPOCHS = 10;

/** A pruning that has seen sample i with the score that `score` gives it. */
function seen(score: (sample: number) => number): Pruning {
  const pruning = new Pruning(spec, COUNT);
  for (let i = 0; i < COUNT; i++) pruning.see(i, score(i));
  pruning.settle();
  return pruning;
}
const shuffled = Uint32Array.from({ length: COUNT }, (_, i) => (37 * i + 5) % COUNT);
const pass = (epoch: number, seed = 0) => ({ seed, epoch, epochs: EPOCHS });

describe("an epoch", () => {
  it("has as many samples as it says: all in the first and in the last ones", () => {
    const pruning = seen((i) => i / COUNT);
    const counts = Array.from({ length: EPOCHS }, (_, i) =>
      epochSamples({ prune: spec, epochs: EPOCHS }, COUNT, i + 1),
    );
    expect(counts).toEqual([100, 55, 55, 55, 55, 55, 55, 55, 100, 100]);
    counts.forEach((count, i) => expect(pruning.epoch(shuffled, pass(i + 1)).order.length).toBe(count));
    expect(epochSamples({ epochs: EPOCHS }, COUNT, 2)).toBe(COUNT);
    expect([1, 3, EPOCHS].map((epochs) => trainingSamples({ prune: spec, epochs: EPOCHS }, COUNT, epochs))).toEqual([
      100, 210, 685,
    ]);
    expect(trainingSamples({ prune: spec, epochs: EPOCHS }, COUNT)).toBe(685);
    expect(trainingSamples({ epochs: EPOCHS }, COUNT, 3)).toBe(300);
    expect(pruning.epoch(shuffled, pass(1))).toEqual({ order: shuffled });
  });

  it("leaves out easy samples only, keeps the order of the others, and weighs them by what they stand for", () => {
    // 40 to 99 are the easy ones.
    const { order, weights } = seen((i) => i / COUNT).epoch(shuffled, pass(2));
    const kept = new Set(order);
    expect([...order]).toEqual([...shuffled].filter((sample) => kept.has(sample)));
    for (let i = 0; i < 40; i++) expect(kept.has(i)).toBe(true);
    for (const sample of order) expect(weights![sample]).toBe(Math.fround(sample < 40 ? 0.55 : (0.55 * 60) / 15));
    expect([...order].reduce((sum, sample) => sum + weights![sample], 0)).toBeCloseTo(order.length, 5);
  });

  it("draws anew: over many epochs every sample counts the same", () => {
    const pruning = seen((i) => i / COUNT);
    const sums = new Float64Array(COUNT);
    const draws = 3000;
    for (let seed = 0; seed < draws; seed++) {
      const { order, weights } = pruning.epoch(shuffled, pass(2, seed));
      for (const sample of order) sums[sample] += weights![sample] / draws;
    }
    // One standard deviation of an easy sample's is 0.55 · √3 / √3000 = 0.017.
    for (const sum of sums) expect(Math.abs(sum - 0.55)).toBeLessThan(0.075);
  });

  it("goes by what was seen before it began; of equals the first are the easy ones", () => {
    const pruning = seen(() => 0.5);
    const before = pruning.epoch(shuffled, pass(3)).order;
    for (let i = 60; i < COUNT; i++) expect(before).toContain(i);
    for (let i = 0; i < COUNT; i++) pruning.see(i, i);
    expect(pruning.epoch(shuffled, pass(3)).order).toEqual(before);
    pruning.settle();
    expect(pruning.epoch(shuffled, pass(3)).order).not.toEqual(before);
  });
});

const dataset = drawSyntheticDataset(60, 20);
const config = (overrides: Partial<TrainConfigInput>) =>
  trainConfigSchema.parse({
    model: { kind: "mlp", hidden: [12] },
    optimizer: { kind: "sgd", lr: 0.05 },
    batchSize: 16,
    epochs: 6,
    prune: spec,
    ...overrides,
  });
const both: KernelsName[] = ["simd", "reference"];

describe.each(both)("a training with it (%s)", (kernels) => {
  it("sees the probability of the label where it is what the network says, else 0", () => {
    const cell = config({ kernels });
    const network = buildNetwork(cell, dataset);
    const passes = new CellPasses(cell, network, splitSamples(cell, dataset));
    const batch = { epoch: 1, start: 16, n: 16 };
    passes.shard(batch, 16, true);
    const { predicted, labels, confidence } = network.loss;
    const scores = Array.from({ length: 16 }, (_, j) => (predicted[j] === labels[j] ? confidence.get(j) : 0));
    const latest = passes.pruning!.seen.latest;
    expect([...latest].filter((score) => score !== 0).sort()).toEqual(scores.filter((score) => score !== 0).sort());
    expect(new Set(scores.map((score) => score > 0)).size).toBe(2);
  });

  it("weighs gradient, loss and hits", () => {
    const cell = config({ kernels, prune: undefined });
    const network = buildNetwork(cell, dataset);
    const { images, labels } = dataset.train;
    const weights = Float32Array.from({ length: 60 }, (_, i) => [1, 0.25, 3][i % 3]);
    const run = (network: Network, order: number[], weights?: Float32Array) => {
      Object.assign(network.pass, { training: true, weights });
      const loss = network.forward(images, labels, Uint32Array.from(order), 0, order.length, 0.5);
      const correct = network.correct(order.length);
      network.backward(order.length, true);
      return { loss, correct, gradient: flat(network, network.parameters.gradients) };
    };
    const order = Array.from({ length: 9 }, (_, i) => i * 6 + (i % 3));
    const expected = { loss: 0, correct: 0, gradient: new Float64Array(0) };
    for (const sample of order) {
      const one = run(network, [sample]);
      expected.loss += weights[sample] * one.loss;
      expected.correct += weights[sample] * one.correct;
      expected.gradient = one.gradient.map((value, i) => weights[sample] * value + (expected.gradient[i] ?? 0));
    }
    const all = run(network, order, weights);
    expect(all.loss).toBeCloseTo(expected.loss, 4);
    expect(all.correct).toBe(expected.correct);
    all.gradient.forEach((value, i) => expect(Math.abs(value - expected.gradient[i])).toBeLessThan(2e-6));
    // Without weights all count 1 again.
    expect(run(network, order).loss).not.toBeCloseTo(all.loss, 2);
  });

  it("takes as many steps as its epochs have, and its schedule ends with them", () => {
    const steps = (overrides: Partial<TrainConfigInput>): number[] => {
      const states: number[] = [];
      for (const event of train(config({ kernels, ...overrides }), dataset))
        if (event.kind === "epoch") states.push(event.state().step);
      return states;
    };
    // 60 samples are 4 batches; without 27 of 36 easy ones 33 are left, which are 3.
    expect(steps({ schedule: { kind: "cosine" } })).toEqual([4, 7, 10, 13, 16, 20]);
    expect(steps({ prune: undefined })).toEqual([4, 8, 12, 16, 20, 24]);
  });
});
