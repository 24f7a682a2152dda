/** Networks on fixed pseudo-random weights and inputs, for comparing kernel sets and gradients. */
import { buildOn } from "../../src/core/network/create-network.js";
import { layersBlueprint, type Blueprint } from "../../src/core/network/blueprint.js";
import type { Kernels } from "../../src/core/kernels/kernels.js";
import { createOptimizer, type Optimizer, type OptimizerSpec } from "../../src/core/optimizers/table.js";
import type { KernelsName } from "../../src/core/config.js";
import type { LayerSpec } from "../../src/core/layers/table.js";
import { WatchedArena } from "./watched-arena.js";
import { Network } from "../../src/core/network/network.js";
import { forEachPlace, type Tensor } from "../../src/core/kernels/tensor.js";
import { RandomStream } from "../../src/core/numeric/random.js";

export interface Case {
  name: string;
  layers: LayerSpec[];
  height: number;
  width: number;
  /** 1 by default. */
  channels?: number;
  batch: number;
  shardSize?: number;
  /** Exactly zero input pixels, as a fraction. */
  zeros?: number;
}

const conv = (channels: number, kernel = 3, padding = 1): LayerSpec => ({ kind: "conv2d", channels, kernel, padding });
const pool = (size = 2): LayerSpec => ({ kind: "maxPool2d", size });
const relu: LayerSpec = { kind: "relu" };
const flatten: LayerSpec = { kind: "flatten" };
const dense = (units: number): LayerSpec => ({ kind: "dense", units });
const norm: LayerSpec = { kind: "batchNorm", momentum: 0.1, epsilon: 1e-5 };
const bare = (channels: number, kernel = 3, padding = 1, stride = 1): LayerSpec => ({
  kind: "conv2d",
  channels,
  kernel,
  padding,
  stride,
  bias: false,
});
const add = (span: number): LayerSpec => ({ kind: "add", span });
const silu: LayerSpec = { kind: "silu" };
const gelu: LayerSpec = { kind: "gelu" };
const leaky = (slope = 0.1): LayerSpec => ({ kind: "leakyRelu", slope });
const dropout = (rate = 0.4): LayerSpec => ({ kind: "dropout", rate });
const maximum: LayerSpec = { kind: "globalMaxPool2d" };
const average: LayerSpec = { kind: "globalAveragePool2d" };
const block = (channels: number): LayerSpec[] => [bare(channels), norm, relu, bare(channels), norm, relu, add(6)];

/** Shapes that reach every path: tails of 4 and 8, odd sizes, the 7→3 pooling, one channel, short batches. */
export const cases: Case[] = [
  { name: "dense", layers: [flatten, dense(10)], height: 3, width: 3, batch: 5 },
  {
    name: "dense, tails of four and eight",
    layers: [flatten, dense(13), relu, dense(6), relu, dense(3)],
    height: 5,
    width: 3,
    batch: 7,
  },
  { name: "dense, one sample", layers: [flatten, dense(8), relu, dense(2)], height: 2, width: 2, batch: 1 },
  {
    name: "homework's MLP, narrow",
    layers: [flatten, dense(20), relu, dense(20), relu, dense(10)],
    height: 28,
    width: 28,
    batch: 9,
    zeros: 0.5,
  },
  { name: "conv without pooling", layers: [conv(3), relu, flatten, dense(4)], height: 5, width: 6, batch: 3 },
  { name: "conv on conv", layers: [conv(5), conv(6), relu, flatten, dense(4)], height: 6, width: 5, batch: 2 },
  { name: "conv 1×1", layers: [conv(4), relu, conv(9, 1, 0), relu, flatten, dense(3)], height: 4, width: 4, batch: 3 },
  {
    name: "conv 5×5, unpadded 2×2",
    layers: [conv(4, 5, 2), relu, conv(7, 2, 0), flatten, dense(3)],
    height: 7,
    width: 6,
    batch: 3,
  },
  {
    name: "one output channel between convolutions",
    layers: [conv(1), relu, conv(2), flatten, dense(3)],
    height: 4,
    width: 5,
    batch: 2,
  },
  {
    name: "conv, relu, pool",
    layers: [conv(8), relu, pool(), flatten, dense(5)],
    height: 8,
    width: 8,
    batch: 4,
    zeros: 0.4,
  },
  {
    name: "7→3 pooling",
    layers: [conv(4), relu, pool(), conv(12), relu, pool(), flatten, dense(10)],
    height: 14,
    width: 15,
    batch: 5,
  },
  {
    name: "pool before relu",
    layers: [conv(6), pool(), relu, conv(5), pool(3), flatten, dense(4)],
    height: 13,
    width: 12,
    batch: 3,
  },
  { name: "pool first", layers: [pool(), conv(4), relu, flatten, dense(4)], height: 6, width: 6, batch: 3 },
  {
    name: "widths below four",
    layers: [conv(4), relu, pool(), conv(4), relu, pool(), flatten, dense(3)],
    height: 5,
    width: 4,
    batch: 2,
  },
  {
    name: "homework's CNN, narrow",
    layers: [conv(4), relu, pool(), conv(8), relu, pool(), conv(12), relu, pool(), flatten, dense(10)],
    height: 28,
    width: 28,
    batch: 18,
    zeros: 0.5,
  },
  {
    name: "stride 2, no bias",
    layers: [
      conv(5),
      { kind: "conv2d", channels: 6, kernel: 3, padding: 1, stride: 2, bias: false },
      relu,
      { kind: "conv2d", channels: 3, kernel: 1, padding: 0, stride: 2, bias: false },
      flatten,
      dense(4),
    ],
    height: 9,
    width: 8,
    batch: 3,
  },
  {
    name: "stride 3 of an unpadded 4×4, first layer without bias",
    layers: [
      { kind: "conv2d", channels: 4, kernel: 3, padding: 1, bias: false },
      relu,
      pool(),
      { kind: "conv2d", channels: 7, kernel: 4, padding: 0, stride: 3 },
      flatten,
      dense(4),
    ],
    height: 17,
    width: 19,
    batch: 3,
  },
  {
    name: "batchNorm of vectors",
    layers: [flatten, dense(7), norm, relu, dense(9), norm, dense(3)],
    height: 3,
    width: 4,
    batch: 11,
  },
  {
    name: "batchNorm first, on the input and on its vector",
    layers: [norm, relu, conv(3), relu, flatten, norm, dense(3)],
    height: 5,
    width: 4,
    batch: 12,
  },
  {
    name: "batchNorm, five channels, odd sizes",
    layers: [bare(5), norm, relu, bare(6), norm, flatten, dense(4)],
    height: 7,
    width: 5,
    batch: 5,
  },
  {
    name: "batchNorm, relu, pool of odd sizes",
    layers: [bare(5), norm, relu, pool(), bare(9), norm, relu, pool(), flatten, dense(4)],
    height: 15,
    width: 6,
    batch: 6,
    zeros: 0.3,
  },
  {
    name: "batchNorm, pool of 3, pool of 2 without relu",
    layers: [conv(4), norm, relu, pool(3), conv(4), norm, pool(), flatten, dense(4)],
    height: 13,
    width: 12,
    batch: 4,
  },
  {
    name: "silu, gelu, leaky",
    layers: [silu, conv(5), silu, conv(6, 5, 1), gelu, bare(3), leaky(), maximum, dense(4), gelu, dense(3), silu],
    height: 7,
    width: 6,
    batch: 4,
  },
  { name: "global pools", layers: [conv(6), relu, maximum, dense(4)], height: 5, width: 6, batch: 4 },
  {
    name: "global average of the input, leaky of slope 0",
    layers: [average, dense(5), leaky(0), dense(3)],
    height: 4,
    width: 3,
    batch: 6,
  },
  { name: "global maximum of the input", layers: [maximum, dense(5), relu, dense(3)], height: 4, width: 3, batch: 6 },
  {
    name: "dropout of images and vectors",
    layers: [conv(5), dropout(), relu, dropout(0.2), average, dropout(), dense(6), silu, dropout(), dense(3)],
    height: 5,
    width: 4,
    batch: 7,
  },
  {
    name: "residual block",
    layers: [conv(5), relu, conv(5), relu, conv(5), relu, add(4), pool(), flatten, dense(3)],
    height: 7,
    width: 6,
    batch: 4,
  },
  {
    name: "residual blocks within each other and end to end",
    layers: [
      conv(4),
      relu,
      conv(4),
      relu,
      add(2),
      add(3),
      relu,
      conv(4),
      add(1),
      silu,
      add(1),
      add(4),
      flatten,
      dense(3),
    ],
    height: 4,
    width: 5,
    batch: 3,
  },
  {
    name: "residual block around the input, and of a layer that works in place",
    layers: [conv(1), add(1), relu, add(1), conv(4), relu, relu, add(1), leaky(), add(1), add(1), flatten, dense(3)],
    height: 5,
    width: 4,
    batch: 3,
  },
  {
    name: "residual blocks of vectors",
    layers: [
      flatten,
      relu,
      add(1),
      dense(12),
      relu,
      dense(12),
      relu,
      add(2),
      norm,
      relu,
      add(2),
      dropout(),
      add(1),
      dense(3),
    ],
    height: 4,
    width: 3,
    batch: 5,
  },
  {
    name: "residual blocks of unlike halos",
    layers: [conv(4), conv(4, 5, 2), conv(4, 1, 0), add(2), conv(4, 1, 0), add(1), relu, average, dense(3)],
    height: 6,
    width: 5,
    batch: 3,
  },
  {
    name: "an image that a block skips from between batchNorm, relu and pool",
    layers: [
      bare(4),
      norm,
      relu,
      add(1),
      relu,
      pool(),
      bare(4),
      norm,
      relu,
      conv(4),
      add(2),
      pool(),
      flatten,
      dense(3),
    ],
    height: 8,
    width: 8,
    batch: 3,
  },
  {
    name: "residual network, narrow",
    layers: [
      bare(3),
      norm,
      relu,
      bare(6),
      norm,
      relu,
      pool(),
      ...block(6),
      bare(12),
      norm,
      relu,
      pool(),
      ...block(12),
      maximum,
      dropout(0.2),
      dense(10),
    ],
    height: 14,
    width: 13,
    batch: 4,
    zeros: 0.4,
  },
  {
    name: "residual network with gelu, strides and global average",
    layers: [
      bare(5),
      norm,
      gelu,
      bare(8, 3, 1, 2),
      norm,
      silu,
      bare(8),
      norm,
      gelu,
      add(3),
      bare(8, 1, 0, 2),
      norm,
      leaky(),
      average,
      dense(10),
    ],
    height: 14,
    width: 11,
    batch: 6,
    zeros: 0.4,
  },
  {
    name: "three channels: conv, relu, pool",
    layers: [conv(8), relu, pool(), conv(5), relu, pool(), flatten, dense(4)],
    height: 14,
    width: 11,
    channels: 3,
    batch: 5,
  },
  {
    name: "three channels: dense, with zeros",
    layers: [flatten, dense(18), relu, dense(3)],
    height: 5,
    width: 7,
    channels: 3,
    batch: 9,
    zeros: 0.5,
  },
  {
    name: "three channels: conv 5×5 in strides, then a block",
    layers: [bare(6, 5, 2, 2), norm, silu, ...block(6), maximum, dense(4)],
    height: 9,
    width: 8,
    channels: 3,
    batch: 4,
  },
  {
    name: "three channels, normalised and pooled as they are",
    layers: [norm, relu, pool(), leaky(), conv(7, 1, 0), average, dense(3)],
    height: 6,
    width: 7,
    channels: 3,
    batch: 4,
  },
  {
    name: "a block of the three channels themselves",
    layers: [conv(3), relu, add(2), pool(3), flatten, dense(4)],
    height: 7,
    width: 8,
    channels: 3,
    batch: 3,
  },
  {
    name: "five channels: dropout, conv, global pooling",
    layers: [dropout(), conv(4), gelu, maximum, dense(3)],
    height: 6,
    width: 5,
    channels: 5,
    batch: 3,
  },
  {
    name: "layers that work in place where their input must survive: each begins a block",
    layers: [
      conv(4),
      ...[relu, leaky(), dropout()].flatMap((layer): LayerSpec[] => [layer, conv(4), add(2)]),
      average,
      dense(3),
    ],
    height: 5,
    width: 6,
    batch: 3,
  },
];

export interface Sample {
  images: Uint8Array;
  labels: Uint8Array;
  order: Uint32Array;
}

/** Random images and labels. */
export function samples(
  { height, width, channels = 1, zeros = 0 }: Case,
  count: number,
  classes: number,
  seed = 1,
): Sample {
  const random = new RandomStream("init", 77, seed);
  const images = Uint8Array.from({ length: count * height * width * channels }, () =>
    random.uniform() < zeros ? 0 : random.below(256),
  );
  const labels = Uint8Array.from({ length: count }, () => random.below(classes));
  return { images, labels, order: Uint32Array.from({ length: count }, (_, i) => i) };
}

/** The blueprint of a case. */
export const blueprintOf = ({ layers, height, width, channels = 1 }: Omit<Case, "name" | "batch">): Blueprint =>
  layersBlueprint(layers, { height, width, channels });

/** Kernels in an arena of the size that `build` needs; the simd ones are watched: what they write beyond their memory fails by name. */
export function watched<T>(kernels: KernelsName, precision: "float32" | "float64", build: (kernels: Kernels) => T): T {
  return buildOn(kernels, build, { precision, ...(kernels === "simd" ? { Memory: WatchedArena } : {}) });
}

/** A network on watched kernels. */
export function network(test: Case, kernels: KernelsName, precision: "float32" | "float64" = "float32"): Network {
  const plan = blueprintOf(test);
  return filled(
    watched(kernels, precision, (set) => new Network(set, plan, { batchSize: test.batch, shardSize: test.shardSize })),
  );
}

/** A network on watched kernels, and what a training has beside it. */
export interface Trainee {
  net: Network;
  optimizer: Optimizer;
  /** What shards are summed up in, where there are any, else the network's gradients: what the optimizer steps along. */
  gradients: Tensor;
}

/** The same network with an optimizer. */
export function trainee(
  test: Case,
  kernels: KernelsName,
  spec: OptimizerSpec,
  precision: "float32" | "float64" = "float32",
): Trainee {
  const plan = blueprintOf(test);
  const built = watched(kernels, precision, (set) => {
    const net = new Network(set, plan, { batchSize: test.batch, shardSize: test.shardSize });
    const gradients = test.shardSize === undefined ? net.parameters.gradients : net.parameters.allocate();
    const { values, layouts } = net.parameters;
    return { net, gradients, optimizer: createOptimizer(spec, set, { values, gradients, layouts }) };
  });
  filled(built.net);
  return built;
}

/** Initial weights; batch normalisation begins with gain 1 and bias 0, which hide much: anything else. */
function filled(net: Network): Network {
  net.initialise(3);
  const random = new RandomStream("init", 4);
  for (const layout of net.parameters.layouts)
    if (layout.constant !== undefined)
      forEachPlace(layout, (i) =>
        net.parameters.values.set(
          i,
          Math.fround(layout.constant === 1 ? 1.5 * random.uniform() - 0.5 : random.uniform() - 0.5),
        ),
      );
  net.refresh();
  return net;
}

/** Loss sum and gradients of one batch, taken in micro-batches as training does. */
export function gradients(
  net: Network,
  { images, labels, order }: Sample,
  n: number,
): { loss: number; gradients: Float64Array } {
  const { parameters } = net;
  let loss = 0;
  for (let start = 0; start < n; start += net.microBatch) {
    const m = Math.min(net.microBatch, n - start);
    net.pass.start = start;
    loss += net.forward(images, labels, order, start, m, 1 / n);
    net.backward(m, start === 0);
  }
  return { loss: loss / n, gradients: flat(net, parameters.gradients) };
}

/** A flat array of a network's parameters in logical order, unrounded. */
export function flat(net: Network, array: Network["parameters"]["values"]): Float64Array {
  const values: number[] = [];
  for (const layout of net.parameters.layouts) forEachPlace(layout, (at) => values.push(array.get(at)));
  return Float64Array.from(values);
}

/**
 * Factor on the tolerances of the simd set where it convolves by Winograd in all passes: 3×3, not the input and not pooled in one.
 * The transforms multiply by up to 32 and take it back, which costs accuracy in each layer that a gradient passes (Barabasz et
 * al., "Error analysis and improving the accuracy of Winograd convolution", 2020); test/core/kernels/winograd.test.ts bounds one layer's.
 */
export function winogradSlack(layers: LayerSpec[]): number {
  const pooledInOne = (i: number): boolean => {
    const [conv, relu, pool] = layers.slice(i, i + 3);
    return (
      conv.kind === "conv2d" &&
      conv.padding === 1 &&
      relu?.kind === "relu" &&
      pool?.kind === "maxPool2d" &&
      pool.size === 2
    );
  };
  return layers.some((spec, i) => spec.kind === "conv2d" && spec.kernel === 3 && i > 0 && !pooledInOne(i)) ? 4 : 1;
}

/** Fails unless all |got - expected| ≤ tolerance · max(1, largest |expected|); a NaN fails. */
export function expectClose(
  what: string,
  got: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
): void {
  if (got.length !== expected.length) throw new Error(`${what}: got ${got.length} values, expected ${expected.length}`);
  let scale = 0;
  for (let i = 0; i < expected.length; i++) scale = Math.max(scale, Math.abs(expected[i]));
  for (let i = 0; i < expected.length; i++)
    if (!(Math.abs(got[i] - expected[i]) <= tolerance * Math.max(scale, 1e-3)))
      throw new Error(`${what}[${i}]: got ${got[i]}, expected ${expected[i]} (± ${tolerance} × ${scale})`);
}
