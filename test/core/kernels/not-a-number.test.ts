/** A NaN must be seen: whatever takes a maximum hands it on, as PyTorch does. */
import { describe, expect, it } from "vitest";
import type { Kernels, Operation, Pass } from "../../../src/core/kernels/kernels.js";
import { referenceKernels } from "../../../src/core/reference/reference.js";
import { simdKernels, simdMemory } from "../../../src/core/simd/kernels.js";
import { plainArena, type Tensor } from "../../../src/core/kernels/tensor.js";

const BYTES = 1 << 20;
const pass: Pass = { training: false, seed: 0, epoch: 1, start: 0, progress: 0 };
const sets: Record<string, () => Kernels> = {
  reference: () => referenceKernels(plainArena(BYTES, "float32")),
  simd: () => {
    const { arena, exports } = simdMemory(BYTES);
    return simdKernels(arena, exports);
  },
};

interface Bound {
  operation: Operation;
  y: Tensor;
}

/** Parameters of `count` channels: weights of 1, biases of 0; mean 0 and variance 1. */
function normalisation({ arena }: Kernels, count: number) {
  const flat = (value: number): Tensor => {
    const t = arena.tensor([count], [1], Math.ceil(count / 4) * 4);
    for (let c = 0; c < count; c++) t.set(c, value);
    return t;
  };
  const statistics = (): Tensor => arena.tensor([2, count], [4, 1], 8);
  const running = statistics();
  for (let c = 0; c < count; c++) running.set(1, c, 1);
  return { w: flat(1), dw: flat(0), b: flat(0), db: flat(0), running, batch: statistics(), epsilon: 0 };
}

/** Layers with a maximum over windows of 2 × 2 of an image of 4 × 4 × 4, but the first two, which take more; the convolution's has two Winograd tiles a side. */
const layers: Record<
  string,
  { only?: string; mixes?: boolean; side?: number; bind: (kernels: Kernels, x: Tensor) => Bound }
> = {
  "max-pooling 4×4": { bind: (k, x) => pooled(k, x, 1, (y) => k.maxPool2d({ x, y, dy: y }, 4)) },
  "global max-pooling": {
    bind: (k, x) => {
      const y = k.arena.vectors(1, 4);
      return { operation: k.globalMaxPool2d({ x, y, dy: y }), y };
    },
  },
  "max-pooling 2×2": { bind: (k, x) => pooled(k, x, 2, (y) => k.maxPool2d({ x, y, dy: y }, 2)) },
  "batchNorm, relu, pool in one": {
    only: "simd",
    bind: (k, x) => pooled(k, x, 2, (y) => k.fused!.batchNormReluPool({ x, y, dy: y, ...normalisation(k, 4) }, pass)),
  },
  "convolution, relu, pool in one": {
    only: "simd",
    mixes: true,
    side: 8,
    bind: (k, x) => {
      const w = k.arena.tensor([4, 3, 3, 4], [36, 12, 4, 1], 144);
      for (let o = 0; o < 4; o++) w.set(o, 1, 1, o, 1);
      return pooled(k, x, 4, (y) =>
        k.fused!.convReluPool({ x, w, dw: w, b: normalisation(k, 4).b, db: normalisation(k, 4).db, y, dy: y }),
      );
    },
  },
};

function pooled({ arena }: Kernels, _: Tensor, side: number, bind: (y: Tensor) => Operation): Bound {
  const y = arena.images(1, side, side, 4, 4, 0);
  return { operation: bind(y), y };
}

describe.each(Object.keys(sets))("%s", (set) => {
  it.each(Object.entries(layers).filter(([, { only }]) => only === undefined || only === set))(
    "%s",
    (_, { bind, mixes, side = 4 }) => {
      for (let place = 0; place < side * side; place++) {
        const kernels = sets[set]();
        const x = kernels.arena.images(1, side, side, 4, 4, 1);
        for (let r = 0; r < side; r++)
          for (let q = 0; q < side; q++)
            for (let c = 0; c < 4; c++)
              x.set(0, r, q, c, c === 2 && r * side + q === place ? NaN : 1 + ((r * 5 + q * 3 + c) % 7));
        const { operation, y } = bind(kernels, x);
        operation.refresh?.();
        operation.forward(1);
        const at = (c: number, pixel = place): number =>
          y.shape.length === 2 ? y.get(0, c) : y.get(0, ...window(pixel, side, y.shape[1]), c);
        expect(at(2), `NaN at pixel ${place}`).toBeNaN();
        // A convolution's window is wider than its pixel: those beside it see the NaN, too, also from the next tile.
        if (mixes)
          for (const beside of [place % side > 0 ? place - 1 : place, place >= side ? place - side : place])
            expect(at(2, beside), `NaN at pixel ${place}, seen from ${beside}`).toBeNaN();
        // A convolution takes all channels, also times 0.
        if (!mixes) expect(at(1), `none in another channel, NaN at pixel ${place}`).toBeGreaterThan(0);
      }
    },
  );

  it("[1, NaN, 5, 6]", () => {
    const kernels = sets[set]();
    const x = kernels.arena.images(1, 2, 2, 1, 4, 0);
    [1, NaN, 5, 6].forEach((value, i) => x.set(0, i >> 1, i & 1, 0, value));
    const { operation, y } = pooled(kernels, x, 1, (out) => kernels.maxPool2d({ x, y: out, dy: out }, 2));
    operation.forward(1);
    expect(y.get(0, 0, 0, 0)).toBeNaN();
  });
});

/** Row and column of the pooled pixel that a pixel falls into. */
const window = (place: number, side: number, pooled: number): [number, number] => [
  Math.floor((Math.floor(place / side) * pooled) / side),
  Math.floor(((place % side) * pooled) / side),
];
