/** Winograd convolution, operation by operation, against the reference convolution in Float64. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Conv2dTensors, Kernels, Operation } from "../../../src/core/kernels/kernels.js";
import { RandomStream } from "../../../src/core/numeric/random.js";
import { referenceKernels } from "../../../src/core/reference/reference.js";
import { simdKernels, simdMemory } from "../../../src/core/simd/kernels.js";
import { fitsWinograd } from "../../../src/core/simd/winograd-convolution.js";
import { tilesOf } from "../../../src/core/simd/winograd-tiles.js";
import { Arena, forEachPlace, plainArena, type Tensor } from "../../../src/core/kernels/tensor.js";
import { roundUp } from "../../../src/core/numeric/math.js";
import { expectClose } from "../networks.js";

interface Shape {
  samples: number;
  height: number;
  width: number;
  channels: number;
  outputs: number;
  bias: boolean;
  padding: number;
}

/** The tensors of one convolution as a network lays them out, and the operation bound to them. */
function bind(
  kernels: Kernels,
  { samples, height, width, channels, outputs, bias, padding }: Shape,
): { t: Conv2dTensors; operation: Operation } {
  const { arena } = kernels;
  const [from, to] = [roundUp(channels, 4), roundUp(outputs, 4)];
  const shrink = 2 * padding - 2;
  const weight = (): Tensor =>
    arena.tensor([outputs, 3, 3, channels], [9 * from, 3 * from, from, 1], outputs * 9 * from);
  const vector = (): Tensor => arena.tensor([outputs], [1], to);
  const t: Conv2dTensors = {
    x: arena.images(samples, height, width, channels, from, padding),
    dx: arena.images(samples, height, width, channels, from, padding),
    w: weight(),
    dw: weight(),
    ...(bias ? { b: vector(), db: vector() } : {}),
    y: arena.images(samples, height + shrink, width + shrink, outputs, to, 2 - padding),
    dy: arena.images(samples, height + shrink, width + shrink, outputs, to, 2 - padding),
    stride: 1,
    padding,
  };
  return { t, operation: kernels.conv2d(t) };
}

const values = (t: Tensor | undefined): number[] => {
  const found: number[] = [];
  if (t) forEachPlace(t, (place) => found.push(t.data[place]));
  return found;
};

function fill(t: Conv2dTensors): void {
  (["x", "w", "b", "dy"] as const).forEach((name, key) => {
    const tensor = t[name];
    const random = new RandomStream("init", 5, key);
    if (tensor) forEachPlace(tensor, (place) => (tensor.data[place] = Math.fround(2 * random.uniform() - 1)));
  });
}

/** Rounding of Float32 grows with the number of addends and with the transforms' factors, up to 32. */
const TOLERANCE = 2e-5;

function compare(shape: Shape): void {
  const dry = simdKernels(new Arena());
  bind(dry, shape);
  const memory = simdMemory(dry.arena.bytes);
  const simd = bind(simdKernels(memory.arena, memory.exports), shape);
  expect(fitsWinograd(simd.t)).toBe(true);
  const measured = new Arena(new Float64Array(0));
  bind(referenceKernels(measured), shape);
  const reference = bind(referenceKernels(plainArena(measured.bytes, "float64")), shape);
  for (const { t, operation } of [simd, reference]) {
    fill(t);
    operation.refresh?.();
  }
  // All samples fresh, then one sample added to the gradients: nothing of the first pass may shine through.
  for (const [n, fresh] of [
    [shape.samples, true],
    [1, false],
  ] as const) {
    for (const { operation } of [simd, reference]) {
      operation.forward(n);
      operation.backward(n, fresh);
    }
    for (const name of ["y", "dx", "dw", "db"] as const)
      expectClose(name, values(simd.t[name]), values(reference.t[name]), TOLERANCE);
  }
}

describe("tiles", () => {
  it("cover every length from 4 once", () => {
    for (let length = 4; length <= 64; length++) {
      const covered = new Array<number>(length).fill(0);
      for (const { start, length: side, count, skip } of tilesOf(length))
        for (let k = 0; k < count; k++) for (let i = skip; i < side; i++) covered[start + k * side + i] += 1;
      expect(covered, `length ${length}`).toEqual(new Array<number>(length).fill(1));
      for (const { start, length: side, count } of tilesOf(length))
        expect(start + count * side).toBeLessThanOrEqual(length);
    }
  });
});

describe("Winograd against reference", () => {
  it.each<[string, Shape]>([
    ["28 × 28", { samples: 3, height: 28, width: 28, channels: 8, outputs: 16, bias: false, padding: 1 }],
    ["14 × 14 with bias", { samples: 5, height: 14, width: 14, channels: 12, outputs: 20, bias: true, padding: 1 }],
    ["7 × 7, tiles overlapping", { samples: 9, height: 7, width: 7, channels: 16, outputs: 8, bias: true, padding: 1 }],
    ["the smallest", { samples: 1, height: 4, width: 4, channels: 4, outputs: 1, bias: true, padding: 1 }],
    [
      "5 × 9, channels not multiples of four",
      { samples: 4, height: 5, width: 9, channels: 7, outputs: 11, bias: true, padding: 1 },
    ],
    ["26 × 26 to 24 × 24", { samples: 2, height: 26, width: 26, channels: 8, outputs: 12, bias: false, padding: 0 }],
  ])("%s", (_, shape) => compare(shape));

  it("property: any shape", () => {
    const shape = fc.record({
      samples: fc.integer({ min: 1, max: 5 }),
      height: fc.integer({ min: 6, max: 15 }),
      width: fc.integer({ min: 6, max: 15 }),
      channels: fc.integer({ min: 2, max: 13 }),
      outputs: fc.integer({ min: 1, max: 19 }),
      bias: fc.boolean(),
      padding: fc.integer({ min: 0, max: 2 }),
    });
    fc.assert(fc.property(shape, compare), { seed: 6, numRuns: 25 });
  });
});
