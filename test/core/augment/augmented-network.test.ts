/** Augmentation inside a network: same input bits in both kernel sets, whatever the batches; labels of mixed samples. */
import { layersBlueprint } from "../../../src/core/network/blueprint.js";
import { describe, expect, it } from "vitest";
import { createNetwork } from "../../../src/core/network/create-network.js";
import { augmentSpecSchema, type AugmentSpec, type KernelsName } from "../../../src/core/config.js";
import { type LayerSpec } from "../../../src/core/layers/table.js";
import type { Kernels } from "../../../src/core/kernels/kernels.js";
import { Network, type NetworkOptions } from "../../../src/core/network/network.js";
import { pixelPermutation } from "../../../src/core/data/permutation.js";
import { RandomStream } from "../../../src/core/numeric/random.js";
import { referenceKernels } from "../../../src/core/reference/reference.js";
import { simdKernels, simdMemory } from "../../../src/core/simd/kernels.js";
import { plainArena, type Tensor } from "../../../src/core/kernels/tensor.js";
import { gradients, type Sample } from "../networks.js";

const both: KernelsName[] = ["reference", "simd"];
const [height, width, classes, count] = [10, 7, 4, 40];
const pixels = height * width;
const layers: LayerSpec[] = [{ kind: "flatten" }, { kind: "dense", units: classes }];
const convolution: LayerSpec[] = [{ kind: "conv2d", channels: 4, kernel: 3, padding: 1 }, { kind: "relu" }, ...layers];
const everything = augmentSpecSchema.parse({
  shift: 2,
  flip: true,
  rotate: 20,
  scale: 0.2,
  erase: { least: 2, most: 5 },
  mixup: 0.4,
  cutmix: 1,
});

const random = new RandomStream("init", 60);
const data: Sample = {
  images: Uint8Array.from({ length: count * pixels }, () => random.below(256)),
  labels: Uint8Array.from({ length: count }, () => random.below(classes)),
  order: Uint32Array.from({ length: count }, (_, i) => i),
};
random.shuffle(data.order);

interface Watched {
  network: Network;
  /** Samples of the input tensor, in pixel order. */
  input(n: number): number[][];
}

/** A network whose input tensor can be read. */
function watched(name: KernelsName, options: Partial<NetworkOptions> = {}): Watched {
  const memory = name === "simd" ? simdMemory(1 << 20) : undefined;
  const kernels: Kernels = memory
    ? simdKernels(memory.arena, memory.exports)
    : referenceKernels(plainArena(1 << 20, "float32"));
  let input: Tensor | undefined;
  const gather: Kernels["gather"] = (x, ...rest) => kernels.gather((input = x), ...rest);
  const network = new Network({ ...kernels, gather }, layersBlueprint(layers, { height, width, channels: 1 }), {
    batchSize: 16,
    ...options,
  });
  network.initialise(2);
  Object.assign(network.pass, { seed: 9, epoch: 3 });
  const at = (j: number, i: number): number => (input as Tensor).get(j, Math.floor(i / width), i % width, 0);
  return {
    network,
    input: (n) => Array.from({ length: n }, (_, j) => Array.from({ length: pixels }, (_, i) => at(j, i))),
  };
}

/** Input, labels, partners and shares of all samples, sorted by index, taken in batches of n. */
function epoch({ network, input }: Watched, n: number, { images, labels, order }: Sample = data): unknown[] {
  const seen: unknown[] = [];
  for (let start = 0; start < count; start += n) {
    const m = Math.min(n, count - start);
    network.forward(images, labels, order, start, m, 1);
    const { loss } = network;
    input(m).forEach(
      (values, j) => (seen[order[start + j]] = [values, loss.labels[j], loss.partners[j], loss.shares.get(j)]),
    );
  }
  return seen;
}

describe("augmented input", () => {
  it.each<[string, AugmentSpec]>([
    ["moves", { shift: 2, flip: true }],
    ["everything", everything],
  ])("has the same bits in both kernel sets: %s", (_, augment) => {
    const permutation = pixelPermutation(3, pixels);
    for (const options of [{ augment }, { augment, permutation }, { augment, layers: convolution }])
      expect(epoch(watched("simd", options), 16)).toEqual(epoch(watched("reference", options), 16));
  });

  it.each(both)("does not depend on batches (%s)", (kernels) => {
    const whole = epoch(watched(kernels, { augment: everything }), 16);
    for (const n of [1, 7]) expect(epoch(watched(kernels, { augment: everything, batchSize: n }), n)).toEqual(whole);
    const network = watched(kernels, { augment: everything });
    epoch(network, 3);
    expect(epoch(network, 16)).toEqual(whole);
  });

  it("without pairs it does not depend on the order either", () => {
    const augment = { ...everything, mixup: undefined, cutmix: undefined };
    expect(epoch(watched("simd", { augment }), 16, { ...data, order: data.order.slice().sort() })).toEqual(
      epoch(watched("simd", { augment }), 16),
    );
  });

  it("changes with seed and epoch, and comes back with them", () => {
    const one = watched("simd", { augment: everything });
    const first = epoch(one, 16);
    for (const key of ["seed", "epoch"] as const) {
      one.network.pass[key] += 1;
      const other = epoch(one, 16);
      expect(other.filter((sample, i) => JSON.stringify(sample) === JSON.stringify(first[i])).length).toBeLessThan(3);
      one.network.pass[key] -= 1;
    }
    expect(epoch(one, 16)).toEqual(first);
  });

  it.each(both)("after `until` only mirrors (%s)", (kernels) => {
    const one = watched(kernels, { augment: { ...everything, until: 0.75 } });
    one.network.pass.progress = 0.74;
    expect(epoch(one, 16)).toEqual(epoch(watched(kernels, { augment: everything }), 16));
    one.network.pass.progress = 0.75;
    expect(epoch(one, 16)).toEqual(epoch(watched(kernels, { augment: { flip: true } }), 16));
  });

  it.each(both)("is there in training passes only, and leaves no mixed target behind (%s)", (kernels) => {
    const one = watched(kernels, { augment: everything, labelSmoothing: 0.1 });
    const plain = watched(kernels);
    epoch(one, 16);
    expect(one.network.loss.smoothing).toBe(0.1);
    one.network.pass.training = false;
    const { images, labels, order } = data;
    expect(one.network.forward(images, labels, order, 0, 16, 1)).toBe(
      plain.network.forward(images, labels, order, 0, 16, 1),
    );
    expect(one.input(16)).toEqual(plain.input(16));
  });

  it.each(both)("an empty spec changes no bit of a gradient (%s)", (name) => {
    const build = (augment?: AugmentSpec): Network => {
      const net = createNetwork(name, layersBlueprint(convolution, { height, width, channels: 1 }), {
        batchSize: 16,
        augment,
      });
      net.initialise(4);
      return net;
    };
    expect(gradients(build({}), data, count)).toEqual(gradients(build(), data, count));
  });

  it.each(both)("the permutation comes last (%s)", (kernels) => {
    const permutation = pixelPermutation(3, pixels);
    const straight = epoch(watched(kernels, { augment: everything }), 16) as [number[], ...unknown[]][];
    const permuted = straight.map(([values, ...rest]) => [values.map((_, i) => values[permutation[i]]), ...rest]);
    expect(epoch(watched(kernels, { augment: everything, permutation }), 16)).toEqual(permuted);
  });

  it("refuses what does not fit the images", () => {
    for (const kernels of both)
      expect(() => watched(kernels, { augment: { shift: 7 } })).toThrow("augment.shift: got 7, expected less than 7");
  });
});

describe("mixed samples", () => {
  /** Images of one value each: which two a mixture is made of can be read off it. */
  const flat: Sample = {
    ...data,
    images: Uint8Array.from({ length: count * pixels }, (_, i) => 6 * Math.floor(i / pixels) + 3),
    labels: data.labels.map((_, i) => i),
  };
  const valueOf = (label: number): number => 6 * label + 3;

  it("carry both labels and the share of the first: mixup", () => {
    const seen = epoch(watched("reference", { augment: { mixup: 1 } }), 16, flat) as [
      number[],
      number,
      number,
      number,
    ][];
    seen.forEach(([values, label, partner, share], i) => {
      expect(label).toBe(i);
      const expected = share * valueOf(label) + (1 - share) * valueOf(partner);
      for (const value of values)
        if (!(Math.abs(value * 255 - expected) <= 0.51))
          expect.fail(`sample ${i}: got ${value * 255}, expected ${expected}`);
    });
    // Partners come from the whole set, at random: 40 draws of 40 hit about 25 different ones.
    expect(new Set(seen.map(([, , partner]) => partner)).size).toBeGreaterThan(15);
  });

  it("carry both labels and the share of the first: cutmix", () => {
    const seen = epoch(watched("reference", { augment: { cutmix: 1 } }), 16, flat) as [
      number[],
      number,
      number,
      number,
    ][];
    for (const [values, label, partner, share] of seen) {
      const bytes = values.map((value) => Math.round(value * 255));
      expect(bytes.every((byte) => byte === valueOf(label) || byte === valueOf(partner))).toBe(true);
      if (label !== partner)
        expect(Math.fround(bytes.filter((byte) => byte === valueOf(label)).length / pixels)).toBeCloseTo(share, 6);
    }
  });

  it("a coin decides where both are asked for", () => {
    let blended = 0;
    const one = watched("simd", { augment: { mixup: 1, cutmix: 1 } });
    for (let t = 1; t <= 20; t++) {
      one.network.pass.epoch = t;
      for (const [values, label, partner] of epoch(one, 16, flat) as [number[], number, number][])
        if (values.some((value) => ![valueOf(label), valueOf(partner)].includes(Math.round(value * 255)))) blended += 1;
    }
    // Half of 800, less the mixtures that cannot be told apart: partner itself or a neighbour, or a share near 0 or 1.
    expect(blended).toBeGreaterThan(320);
    expect(blended).toBeLessThan(460);
  });
});
