/** Networks on fixed pseudo-random weights and inputs, for comparing kernel sets and gradients. */
import { createNetwork } from "../../src/core/backend.js";
import type { KernelsName, LayerSpec } from "../../src/core/config.js";
import type { Network } from "../../src/core/network.js";
import { RandomStream } from "../../src/core/random.js";

export interface Case {
  name: string;
  layers: LayerSpec[];
  height: number;
  width: number;
  batch: number;
  /** Exactly zero input pixels, as a fraction. */
  zeros?: number;
}

const conv = (channels: number, kernel = 3, padding = 1): LayerSpec => ({ kind: "conv2d", channels, kernel, padding });
const pool = (size = 2): LayerSpec => ({ kind: "maxPool2d", size });
const relu: LayerSpec = { kind: "relu" };
const flatten: LayerSpec = { kind: "flatten" };
const dense = (units: number): LayerSpec => ({ kind: "dense", units });

/** Shapes that reach every path: tails of 4 and 8, odd sizes, the 7→3 pooling, one channel, short batches. */
export const cases: Case[] = [
  { name: "dense", layers: [flatten, dense(10)], height: 3, width: 3, batch: 5 },
  { name: "dense, tails of four and eight", layers: [flatten, dense(13), relu, dense(6), relu, dense(3)], height: 5, width: 3, batch: 7 },
  { name: "dense, one sample", layers: [flatten, dense(8), relu, dense(2)], height: 2, width: 2, batch: 1 },
  { name: "homework's MLP, narrow", layers: [flatten, dense(20), relu, dense(20), relu, dense(10)], height: 28, width: 28, batch: 9, zeros: 0.5 },
  { name: "conv without pooling", layers: [conv(3), relu, flatten, dense(4)], height: 5, width: 6, batch: 3 },
  { name: "conv on conv", layers: [conv(5), conv(6), relu, flatten, dense(4)], height: 6, width: 5, batch: 2 },
  { name: "conv 1×1", layers: [conv(4), relu, conv(9, 1, 0), relu, flatten, dense(3)], height: 4, width: 4, batch: 3 },
  { name: "conv 5×5, unpadded 2×2", layers: [conv(4, 5, 2), relu, conv(7, 2, 0), flatten, dense(3)], height: 7, width: 6, batch: 3 },
  { name: "one output channel between convolutions", layers: [conv(1), relu, conv(2), flatten, dense(3)], height: 4, width: 5, batch: 2 },
  { name: "conv, relu, pool", layers: [conv(8), relu, pool(), flatten, dense(5)], height: 8, width: 8, batch: 4, zeros: 0.4 },
  { name: "7→3 pooling", layers: [conv(4), relu, pool(), conv(12), relu, pool(), flatten, dense(10)], height: 14, width: 15, batch: 5 },
  { name: "pool before relu", layers: [conv(6), pool(), relu, conv(5), pool(3), flatten, dense(4)], height: 13, width: 12, batch: 3 },
  { name: "pool first", layers: [pool(), conv(4), relu, flatten, dense(4)], height: 6, width: 6, batch: 3 },
  { name: "widths below four", layers: [conv(4), relu, pool(), conv(4), relu, pool(), flatten, dense(3)], height: 5, width: 4, batch: 2 },
  { name: "homework's CNN, narrow", layers: [conv(4), relu, pool(), conv(8), relu, pool(), conv(12), relu, pool(), flatten, dense(10)], height: 28, width: 28, batch: 18, zeros: 0.5 },
  { name: "stride 2, no bias", layers: [conv(5), { kind: "conv2d", channels: 6, kernel: 3, padding: 1, stride: 2, bias: false }, relu, { kind: "conv2d", channels: 3, kernel: 1, padding: 0, stride: 2, bias: false }, flatten, dense(4)], height: 9, width: 8, batch: 3 },
  { name: "stride 3 of an unpadded 4×4, first layer without bias", layers: [{ kind: "conv2d", channels: 4, kernel: 3, padding: 1, bias: false }, relu, pool(), { kind: "conv2d", channels: 7, kernel: 4, padding: 0, stride: 3 }, flatten, dense(4)], height: 17, width: 19, batch: 3 },
];

export interface Sample {
  images: Uint8Array;
  labels: Uint8Array;
  order: Uint32Array;
}

/** Random images and labels. */
export function samples({ height, width, zeros = 0 }: Case, count: number, classes: number, seed = 1): Sample {
  const random = new RandomStream("init", 77, seed);
  const images = Uint8Array.from({ length: count * height * width }, () => (random.uniform() < zeros ? 0 : random.below(256)));
  const labels = Uint8Array.from({ length: count }, () => random.below(classes));
  return { images, labels, order: Uint32Array.from({ length: count }, (_, i) => i) };
}

export function network(test: Case, kernels: KernelsName, precision: "float32" | "float64" = "float32", stateCount = 0): Network {
  const built = createNetwork(kernels, { ...test, batchSize: test.batch, stateCount }, precision);
  built.initialise(3);
  return built;
}

/** Loss sum and gradients of one batch, taken in micro-batches as training does. */
export function gradients(net: Network, { images, labels, order }: Sample, n: number): { loss: number; gradients: Float64Array } {
  const { parameters } = net;
  let loss = 0;
  for (let start = 0; start < n; start += net.microBatch) {
    const m = Math.min(net.microBatch, n - start);
    loss += net.forward(images, labels, order, start, m, 1 / n);
    net.backward(m, start === 0);
  }
  return { loss: loss / n, gradients: flat(net, parameters.gradients) };
}

/** A flat array of a network's parameters in logical order, unrounded. */
export function flat(net: Network, array: Network["parameters"]["values"]): Float64Array {
  const values: number[] = [];
  for (const { shape, stride, offset } of net.parameters.layouts) {
    const walk = (axis: number, at: number): void => {
      if (axis === shape.length) values.push(array.get(at));
      else for (let i = 0; i < shape[axis]; i++) walk(axis + 1, at + i * stride[axis]);
    };
    walk(0, offset);
  }
  return Float64Array.from(values);
}

/** Fails unless all |got - expected| ≤ tolerance · max(1, largest |expected|); a NaN fails. */
export function expectClose(what: string, got: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  if (got.length !== expected.length) throw new Error(`${what}: got ${got.length} values, expected ${expected.length}`);
  let scale = 0;
  for (let i = 0; i < expected.length; i++) scale = Math.max(scale, Math.abs(expected[i]));
  for (let i = 0; i < expected.length; i++)
    if (!(Math.abs(got[i] - expected[i]) <= tolerance * Math.max(scale, 1e-3)))
      throw new Error(`${what}[${i}]: got ${got[i]}, expected ${expected[i]} (± ${tolerance} × ${scale})`);
}
