/** What tests of golden values share: the formula of inputs, labels and starting weights, and passes on them. make_golden.py has the formula in Python. */
import fs from "node:fs";
import type { Network } from "../../src/core/network/network.js";
import { forEachPlace } from "../../src/core/kernels/tensor.js";
import type { Tensor } from "../../src/core/kernels/tensor.js";

/** A file of test/golden. */
export const goldenFile = (name: string): Buffer => fs.readFileSync(new URL(`../golden/${name}`, import.meta.url));

export const readGolden = (name: string): unknown => JSON.parse(goldenFile(name).toString());

function mix(x: number): number {
  x ^= x >>> 16;
  x = Math.imul(x, 0x7feb352d);
  x ^= x >>> 15;
  x = Math.imul(x, 0x846ca68b);
  return (x ^ (x >>> 16)) >>> 0;
}

export const hash = (stream: number, i: number): number => mix((Math.imul(i, 0x9e3779b9) + mix(stream)) | 0);

export interface FormulaCase {
  seed: number;
  height: number;
  width: number;
  classes: number;
  batch: number;
}

export function formulaBatch(
  { seed, height, width, classes, batch }: FormulaCase,
  step: number,
): { images: Uint8Array; labels: Uint8Array } {
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

export function formulaWeights(seed: number, network: Network): Float32Array {
  return Float32Array.from(
    network.parameters.layouts.flatMap(({ shape, fanIn }, t) =>
      Array.from(
        { length: shape.reduce((a, b) => a * b) },
        (_, i) => ((hash(1000 * seed + t, i) / 2 ** 32) * 2 - 1) / Math.sqrt(fanIn),
      ),
    ),
  );
}

/** Logits and mean loss of the batch of a step; leaves its gradients in the network. */
export function pass(test: FormulaCase, network: Network, step: number): { logits: number[]; loss: number } {
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
export function elements(network: Network, flat: Tensor): number[][] {
  return network.parameters.layouts.map((layout) => {
    const part: number[] = [];
    forEachPlace(layout, (i) => part.push(flat.get(i)));
    return part;
  });
}

/** Fails where a number differs from its golden value by more than tolerance × the largest golden value; NaN fails. */
export function compare(what: string, got: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  if (got.length !== expected.length)
    throw new Error(`${what}: got ${got.length} numbers, expected ${expected.length}`);
  let largest = 0;
  for (let i = 0; i < expected.length; i++) largest = Math.max(largest, Math.abs(expected[i]));
  for (let i = 0; i < expected.length; i++)
    if (!(Math.abs(got[i] - expected[i]) <= tolerance * largest))
      throw new Error(
        `${what}[${i}]: got ${got[i]}, expected ${expected[i]} within ${(tolerance * largest).toExponential(1)}`,
      );
}
