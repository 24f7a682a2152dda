/** The simd kernels against the reference ones at the sizes that people use, shape by shape. */
import fc from "fast-check";
import { describe, it } from "vitest";
import { optimizerSpecSchema } from "../../../src/core/config.js";
import { type BlockSpec } from "../../../src/core/models/blocks.js";
import { compareNetworks } from "../compare-networks.js";

type PlainSpec = Exclude<BlockSpec, { kind: "residual" }>;

const sgd = optimizerSpecSchema.parse({ kind: "sgd" });
const flatten: BlockSpec = { kind: "flatten" };
const relu: PlainSpec = { kind: "relu" };
const pool: PlainSpec = { kind: "maxPool2d", size: 2 };
const norm: PlainSpec = { kind: "batchNorm", momentum: 0.1, epsilon: 0.5 };
const dense = (units: number): BlockSpec => ({ kind: "dense", units });
const conv = (channels: number, kernel = 3, padding = 1, stride = 1): PlainSpec => ({
  kind: "conv2d",
  channels,
  kernel,
  padding,
  ...(stride > 1 ? { stride } : {}),
});
const residual = (...layers: PlainSpec[]): BlockSpec => ({ kind: "residual", layers });

/** Grey images of 28 × 28 unless told otherwise. */
function compare(layers: BlockSpec[], batch: number, side = 28, channels = 1): void {
  compareNetworks({ layers, batch, optimizer: sgd, zeros: 0.4, channels, height: side, width: side });
}

describe("dense layers", () => {
  const batches = [1, 16, 64, 65];
  const widths = [1, 4, 5, 12, 16, 17, 20, 31, 32, 33, 52, 53, 64, 100, 128, 150, 256, 300, 511, 512, 513, 1000, 1024];
  it.each(widths.map((width, i) => ({ width, batch: batches[i % 4] })))(
    "784 → $width → 10, batch $batch",
    ({ width, batch }) => compare([flatten, dense(width), relu, dense(10)], batch),
  );

  it.each(batches)("784 → 256 → 300 → 10, batch %i", (batch) =>
    compare([flatten, dense(256), relu, dense(300), relu, dense(10)], batch),
  );

  it.each([
    [8, 576],
    [16, 784],
    [32, 1568],
    [128, 1152],
  ])("%i channels of pooled images as a vector (%i), on 64, 128 and 300 units", (channels) => {
    const side = channels === 128 ? 3 : channels === 8 ? 17 : 14;
    for (const [units, batch] of [
      [64, 16],
      [128, 17],
      [300, 1],
    ])
      compare([conv(channels, 1, 0), pool, flatten, dense(units), relu, dense(10)], batch, side);
  });

  it("any number of inputs on any number of units", () => {
    const sides = fc.record({
      channels: fc.integer({ min: 1, max: 32 }),
      side: fc.integer({ min: 1, max: 8 }),
      units: fc.integer({ min: 17, max: 1024 }),
      batch: fc.integer({ min: 1, max: 5 }),
    });
    fc.assert(
      fc.property(sides, ({ channels, side, units, batch }) =>
        compare([conv(channels, 1, 0), flatten, dense(units), relu, dense(10)], batch, side),
      ),
      { numRuns: 15, seed: 4 },
    );
  });
});

describe("convolutions before whatever can follow", () => {
  const channels = [1, 3, 4, 5, 17, 33];
  const narrow = [1, 3, 4, 5, 9];
  /** By the channels that come in. */
  const successors: Record<string, (c: number) => BlockSpec[]> = {
    "relu, pool": () => [relu, pool],
    "relu, pool of 3": () => [relu, { kind: "maxPool2d", size: 3 }],
    pool: () => [pool],
    "batchNorm, relu, pool": () => [norm, relu, pool],
    "batchNorm, relu": () => [norm, relu],
    "silu, convolution 3×3, relu, pool": () => [{ kind: "silu" }, conv(6), relu, pool],
    "convolution 3×3 unpadded": () => [conv(5, 3, 0)],
    "relu, convolution 5×5, relu, pool": () => [relu, conv(5, 5, 2), relu, pool],
    "a residual block with a fused convolution after it": (c) => [
      residual(conv(c), norm, relu, conv(c)),
      relu,
      conv(8),
      relu,
      pool,
    ],
    "a residual block of wide halo": (c) => [residual(conv(c, 7, 3)), conv(4), relu, pool],
    "global maximum": () => [{ kind: "globalMaxPool2d" }],
    "global average": () => [relu, { kind: "globalAveragePool2d" }],
  };
  const shapes = [1, 2, 3, 4, 5, 7].flatMap((kernel) =>
    Array.from({ length: kernel }, (_, padding) => ({ kernel, padding })),
  );

  it.each(Object.entries(successors).map(([name, after], nth) => ({ name, after, nth })))("$name", ({ after, nth }) => {
    shapes.forEach(({ kernel, padding }, i) => {
      const c = kernel > 4 ? narrow[i % narrow.length] : channels[i % channels.length];
      const stride = 2 + (i % 2);
      const tail = [
        ...after(c),
        ...(after(c).some(({ kind }) => kind.startsWith("global")) ? [] : [flatten]),
        dense(10),
      ];
      // As the first layer, on the image itself; and on channels, with stride 1 and another. A shape has one place before
      // each successor, and all three before every three of them.
      const places = [
        () => compare([conv(c, kernel, padding), ...tail], 3, 9),
        () => compare([conv(narrow[(i + 3) % 5], 1, 0), relu, conv(c, kernel, padding), ...tail], 2, 10),
        () => compare([conv(4), conv(c, kernel, padding, stride), ...tail], 2, 7 * stride),
      ];
      places[(i + nth) % 3]();
    });
  });
});

describe("residual blocks anywhere", () => {
  const blocks: Record<string, BlockSpec[]> = {
    "on the image": [residual(conv(1)), conv(4), flatten],
    "on the image, of layers without parameters": [
      residual(relu),
      residual({ kind: "gelu" }),
      conv(4),
      relu,
      pool,
      flatten,
    ],
    "on the image, of batchNorm before a fused convolution": [
      residual(norm),
      residual(norm, relu),
      conv(4),
      relu,
      pool,
      flatten,
    ],
    "on the image, one after another": [
      residual(conv(1, 5, 2), relu),
      residual(conv(3), conv(1, 1, 0)),
      pool,
      residual(conv(1)),
      flatten,
    ],
    "of wide layers on vectors": [
      flatten,
      dense(150),
      residual({ kind: "dense", units: 300 }, relu, { kind: "dense", units: 150 }),
      relu,
    ],
    "on the image as a vector": [flatten, residual({ kind: "dense", units: 784 }), relu],
    "between fused convolutions": [
      conv(16),
      relu,
      pool,
      residual(conv(16), relu, conv(16)),
      relu,
      conv(17),
      relu,
      pool,
      flatten,
    ],
  };
  it.each(Object.entries(blocks))("%s", (_, layers) => compare([...layers, dense(10)], 5));
});

describe("a batchNorm on the image itself", () => {
  it("has its gradient through whatever follows", () => {
    for (const after of [
      [conv(4), relu, pool],
      [conv(16, 5, 2), relu, pool],
      [conv(5, 3, 0)],
      [pool, conv(4)],
      [relu, conv(4, 1, 0), relu, pool],
    ])
      compare([norm, ...after, flatten, dense(10)], 3, 12);
  });
});

describe("the homework's models and their neighbours, whole", () => {
  const block = (c: number): BlockSpec[] => [conv(c), relu, pool];
  const wide = (c: number): BlockSpec[] => [conv(c, 5, 2), relu, pool];
  it.each([
    ["three blocks of 16, 32 and 64 channels", [...block(16), ...block(32), ...block(64), flatten]],
    ["the same with 5×5 kernels", [...wide(16), ...wide(32), ...wide(64), flatten]],
    ["a hidden layer behind the blocks", [...block(16), ...block(32), flatten, dense(64), relu]],
    ["5×5 before 3×3 in one block", [conv(16, 5, 2), relu, conv(32), relu, pool, flatten]],
    ["an unpadded first convolution", [conv(16, 3, 0), relu, conv(32), relu, pool, flatten]],
  ] as [string, BlockSpec[]][])("%s", (_, layers) => {
    for (const batch of [1, 5]) compare([...layers, dense(10)], batch);
  });
});

describe("images of 32 × 32 and three channels", () => {
  const last = [flatten, dense(10)];
  it.each<[string, BlockSpec[]]>([
    ["dense layers", [flatten, dense(256), relu, dense(100), relu, dense(10)]],
    ["the homework's CNN", [conv(16), relu, pool, conv(32), relu, pool, conv(64), relu, pool, ...last]],
    ["a residual network", [conv(12), norm, relu, residual(conv(12), norm, relu, conv(12), norm), relu, pool, ...last]],
    ["wide kernels in strides", [conv(24, 7, 3, 2), relu, conv(16, 5, 2), relu, pool, ...last]],
    ["normalised as they are", [norm, conv(8), relu, pool, ...last]],
  ])("%s", (_, layers) => compare(layers, 17, 32, 3));
});
