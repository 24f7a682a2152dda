/** What layers promise beside their gradients: statistics, evaluation, dropout's draws, numbers far out. */
import { describe, expect, it } from "vitest";
import { createNetwork } from "../../../src/core/network/create-network.js";
import type { KernelsName } from "../../../src/core/config.js";
import type { LayerSpec } from "../../../src/core/layers/table.js";
import { modelLayers } from "../../../src/core/models/table.js";
import type { Network } from "../../../src/core/network/network.js";
import { referenceKernels } from "../../../src/core/reference/reference.js";
import { planLayers } from "../../../src/core/network/blueprint.js";
import { simdKernels, simdMemory } from "../../../src/core/simd/kernels.js";
import { plainArena } from "../../../src/core/kernels/tensor.js";
import { expectClose, flat, gradients, network, samples, type Case, blueprintOf } from "../networks.js";

const both: KernelsName[] = ["reference", "simd"];
const conv: LayerSpec = { kind: "conv2d", channels: 5, kernel: 3, padding: 1, bias: false };
const norm: LayerSpec = { kind: "batchNorm", momentum: 0.1, epsilon: 1e-5 };
const relu: LayerSpec = { kind: "relu" };
const dense = (units: number): LayerSpec => ({ kind: "dense", units });
const pool: LayerSpec = { kind: "globalAveragePool2d" };

function logits(
  net: Network,
  { images, labels, order }: ReturnType<typeof samples>,
  start: number,
  n: number,
): number[] {
  net.pass.start = start;
  net.forward(images, labels, order, start, n, 1);
  return Array.from({ length: n * net.classes }, (_, i) =>
    net.logits.get(Math.floor(i / net.classes), i % net.classes),
  );
}

describe.each(both)("batch normalisation (%s)", (kernels) => {
  const test: Case = {
    name: "",
    layers: [conv, norm, relu, conv, norm, relu, { kind: "maxPool2d", size: 2 }, pool, dense(3)],
    height: 6,
    width: 7,
    batch: 8,
  };

  it("begins with gain 1, bias 0, running means 0 and variances 1", () => {
    const net = createNetwork(kernels, blueprintOf(test), { batchSize: 8 });
    net.initialise(1);
    const { layouts, values } = net.parameters;
    const of = (name: string): number[] =>
      layouts
        .filter((layout) => layout.name === name)
        .flatMap((layout) => Array.from({ length: 5 }, (_, c) => net.parameters.view(values, layout).get(c)));
    expect(of("batchNorm 1 weight")).toEqual([1, 1, 1, 1, 1]);
    expect(of("batchNorm 4 bias")).toEqual([0, 0, 0, 0, 0]);
    const zeros = (n: number): number[] => new Array<number>(n).fill(0);
    const layer = [...zeros(8), 1, 1, 1, 1, 1, ...zeros(3)];
    expect(Array.from({ length: net.statistics.size }, (_, i) => net.statistics.get(i))).toEqual([...layer, ...layer]);
  });

  it("gives outputs of mean 0 and variance 1, and hands on mean and unbiased variance, however far the mean lies from 0", () => {
    // Inputs of 200 to 203 in steps of 1: as Float32 sums of squares they would keep few digits of the variance.
    const vectors: Case = { name: "", layers: [{ kind: "flatten" }, dense(4), norm], height: 2, width: 2, batch: 64 };
    const net = createNetwork(kernels, blueprintOf(vectors), { batchSize: 64 });
    net.initialise(1);
    // The dense layer is the identity, times 255: its outputs are the pixels' bytes, plus 10,000.
    const [weight, bias, gain] = net.parameters.layouts;
    const { values } = net.parameters;
    for (let i = 0; i < 4; i++)
      for (let o = 0; o < 4; o++) net.parameters.view(values, weight).set(i, o, i === o ? 255 : 0);
    for (let o = 0; o < 4; o++) net.parameters.view(values, bias).set(o, 10_000);
    for (let o = 0; o < 4; o++) net.parameters.view(values, gain).set(o, 1);
    net.refresh();
    const data = samples(vectors, 64, 4);
    data.images.forEach((byte, i) => (data.images[i] = 200 + (byte & 3)));
    const got = logits(net, data, 0, 64);
    for (let c = 0; c < 4; c++) {
      const bytes = Array.from({ length: 64 }, (_, s) => data.images[4 * s + c]);
      const mean = bytes.reduce((a, b) => a + b) / 64;
      const squares = bytes.reduce((sum, byte) => sum + (byte - mean) * (byte - mean), 0);
      expectClose("mean", [net.shardStatistics.get(c)], [10_000 + mean], 2e-7);
      // A pixel's byte comes back from Float32 within 2^-24·10,000.
      expectClose("variance", [net.shardStatistics.get(4 + c)], [squares / 63], 2e-3);
      expectClose(
        "outputs",
        got.filter((_, i) => i % 4 === c),
        bytes.map((byte) => (byte - mean) / Math.sqrt(squares / 64)),
        2e-3,
      );
    }
  });

  it("the variance of a single value is 0", () => {
    const net = network({ name: "", layers: [pool, norm, dense(2)], height: 2, width: 2, batch: 1 }, kernels);
    gradients(net, samples(test, 1, 2), 1);
    expect(net.shardStatistics.get(4)).toBe(0);
    expect([...flat(net, net.parameters.gradients)].every(Number.isFinite)).toBe(true);
  });

  it("in training a sample's output depends on the others, in evaluation not", () => {
    const net = network(test, kernels);
    const data = samples(test, 8, 3);
    const [whole, alone] = [logits(net, data, 0, 8).slice(6, 12), logits(net, data, 2, 2)];
    expect(() => expectClose("logits", alone, whole, 1e-3)).toThrow();
    const statistics = Array.from({ length: net.shardStatistics.size }, (_, i) => net.shardStatistics.get(i));
    net.pass.training = false;
    expect(logits(net, data, 2, 2)).toEqual(logits(net, data, 0, 8).slice(6, 12));
    expect(Array.from({ length: net.shardStatistics.size }, (_, i) => net.shardStatistics.get(i))).toEqual(statistics);
  });

  it("takes a batch whole, or in shards where told", () => {
    const build = (layers: LayerSpec[], shardSize?: number): number =>
      createNetwork(kernels, blueprintOf({ ...test, layers }), { batchSize: 40, shardSize }).microBatch;
    expect([
      build(test.layers),
      build(test.layers, 32),
      build(test.layers, 64),
      build([conv, pool, dense(3)]),
      build([conv, pool, dense(3)], 8),
    ]).toEqual([40, 32, 40, 16, 8]);
  });
});

describe("dropout", () => {
  const rate = 0.3;
  const test: Case = {
    name: "",
    layers: [{ kind: "flatten" }, { kind: "dropout", rate }, dense(200), { kind: "dropout", rate }],
    height: 10,
    width: 10,
    batch: 50,
  };
  const build = (kernels: KernelsName): Network => {
    const net = network(test, kernels);
    // Every output of the dense layer is 1.
    const { layouts, values } = net.parameters;
    for (let i = 0; i < 100; i++) for (let o = 0; o < 200; o++) net.parameters.view(values, layouts[0]).set(i, o, 0);
    for (let o = 0; o < 200; o++) net.parameters.view(values, layouts[1]).set(o, 1);
    net.refresh();
    return net;
  };
  const data = samples(test, 50, 200);

  it("drops the rate's share and scales the others up", () => {
    const got = logits(build("simd"), data, 0, 50);
    expect(new Set(got)).toEqual(new Set([0, Math.fround(1 / (1 - rate))]));
    const share = got.filter((value) => value === 0).length / got.length;
    expect(Math.abs(share - rate)).toBeLessThan(5 * Math.sqrt((rate * (1 - rate)) / got.length));
  });

  it("draws the same in both kernel sets, and for a sample wherever a batch is cut", () => {
    const [simd, reference] = both.map(build);
    const whole = logits(simd, data, 0, 50);
    expect(logits(reference, data, 0, 50)).toEqual(whole);
    expect([...logits(simd, data, 0, 17), ...logits(simd, data, 17, 33)]).toEqual(whole);
  });

  it("draws anew for every seed, epoch and place", () => {
    const net = build("simd");
    const draws = [
      [0, 1, 0],
      [1, 1, 0],
      [0, 2, 0],
      [0, 1, 1],
    ].map(([seed, epoch, start]) => {
      Object.assign(net.pass, { seed, epoch });
      return logits(net, data, start, 10).join();
    });
    expect(new Set(draws).size).toBe(4);
  });

  it.each(both)("is the identity in evaluation (%s)", (kernels) => {
    const net = build(kernels);
    net.pass.training = false;
    expect(new Set(logits(net, data, 0, 50))).toEqual(new Set([1]));
  });
});

describe.each(both)("activations far from 0 (%s)", (kernels) => {
  const inputs = [-3e38, -1e20, -1000, -100, -88, -30, -1, -0, 0, 1, 30, 88, 100, 1e20, 3e38, NaN];

  /** Outputs, and input gradients where the outputs' are 1. */
  function evaluate(activation: "silu" | "gelu"): { outputs: number[]; slopes: number[] } {
    const { arena, exports } = simdMemory(1 << 16);
    const set = kernels === "simd" ? simdKernels(arena, exports) : referenceKernels(plainArena(1 << 16, "float32"));
    const [x, dx, y, dy] = [0, 1, 2, 3].map(() => set.arena.vectors(1, inputs.length));
    inputs.forEach((value, i) => {
      x.set(0, i, value);
      dy.set(0, i, 1);
    });
    const operation = set[activation]({ x, dx, y, dy });
    operation.forward(1);
    operation.backward(1, true);
    return { outputs: inputs.map((_, i) => y.get(0, i)), slopes: inputs.map((_, i) => dx.get(0, i)) };
  }

  it.each(["silu", "gelu"] as const)("%s is 0 or x, its slope 0 or 1, and NaN stays", (activation) => {
    const { outputs, slopes } = evaluate(activation);
    inputs.forEach((x, i) => {
      if (Number.isNaN(x)) {
        expect(outputs[i]).toBeNaN();
        expect(slopes[i]).toBeNaN();
      } else if (Math.abs(x) >= 30) {
        expectClose(`of ${x}`, [outputs[i]], [x > 0 ? x : 0], 1e-6);
        expectClose(`slope at ${x}`, [slopes[i]], [x > 0 ? 1 : 0], 1e-6);
      }
    });
    expect([outputs[8], slopes[8]]).toEqual([0, 0.5]);
  });
});

describe("a resnet", () => {
  const plain = {
    kind: "resnet",
    width: 3,
    padded: false,
    residual: true,
    batchNorm: true,
    activation: "relu",
    globalPool: "max",
    dropout: 0,
  } as const;
  it("has one residual block at half and quarter size, and with `blocks` this many at full size too", () => {
    const added = (layers: LayerSpec[]): string[] =>
      planLayers(layers, { height: 28, width: 28, channels: 1 }).flatMap(({ spec, input }) =>
        spec.kind === "add" && input.kind === "image" ? [`${input.height},${input.width},${input.channels}`] : [],
      );
    expect(added(modelLayers(plain, 10))).toEqual(["12,12,6", "6,6,12"]);
    expect(added(modelLayers({ ...plain, blocks: 2 }, 10))).toEqual([
      "26,26,3",
      "26,26,3",
      "12,12,6",
      "12,12,6",
      "6,6,12",
      "6,6,12",
    ]);
    expect(added(modelLayers({ ...plain, blocks: 1, padded: true }, 10))).toEqual(["28,28,3", "14,14,6", "7,7,12"]);
    expect(added(modelLayers({ ...plain, blocks: 2, residual: false }, 10))).toEqual([]);
  });

  it("gives the same bits again, whatever went before", () => {
    const layers = modelLayers({ ...plain, width: 4, padded: true, dropout: 0.2 }, 10);
    const test: Case = { name: "", layers, height: 28, width: 28, batch: 6, zeros: 0.5 };
    const net = network(test, "simd");
    const [first, other] = [samples(test, 6, 10), samples(test, 6, 10, 2)];
    const expected = gradients(net, first, 6);
    for (const n of [1, 4, 6]) gradients(net, other, n);
    expect(gradients(net, first, 6)).toEqual(expected);
  });
});
