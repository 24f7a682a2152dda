/** Random networks of the sizes that people use, on images of 28 × 28 and one to five channels: any layers in any order that fits. */
import fc from "fast-check";
import type { BlockSpec } from "../../src/core/models/blocks.js";
import type { LayerSpec } from "../../src/core/layers/table.js";
import type { OptimizerSpec } from "../../src/core/optimizers/table.js";
import { optimizerSpecSchema } from "../../src/core/config.js";
import { InputError } from "../../src/core/input-error.js";
import { planLayers } from "../../src/core/network/blueprint.js";
import { inputShape, type ImageSize, type Shape } from "../../src/core/kernels/shape.js";

export const SIDE = 28;
const CLASSES = 10;

export interface RandomNetwork {
  layers: BlockSpec[];
  batch: number;
  shardSize?: number;
  optimizer: OptimizerSpec;
  /** Exactly zero input pixels, as a fraction. */
  zeros: number;
  /** Of the images, where they are not 28 × 28. */
  height?: number;
  width?: number;
  channels: number;
}

type PlainSpec = Exclude<BlockSpec, { kind: "residual" }>;

/** What one layer is made from, whatever there is before it. */
interface Draw {
  kind: BlockSpec["kind"];
  channels: number;
  units: number;
  kernel: number;
  padding: number;
  stride: number;
  size: number;
  bias: boolean;
  epsilon: number;
  inner: Draw[];
}

type Weighed = [number, BlockSpec["kind"]];
const anywhere: Weighed[] = [
  [4, "relu"],
  [2, "batchNorm"],
  [2, "residual"],
  [1, "leakyRelu"],
  [1, "silu"],
  [1, "gelu"],
  [1, "dropout"],
];
const ofImages: Weighed[] = [...anywhere, [7, "conv2d"], [4, "maxPool2d"]];
const ofVectors: Weighed[] = [...anywhere, [7, "dense"]];

const draw = (kinds: Weighed[], depth = 1): fc.Arbitrary<Draw> =>
  fc.record({
    kind: fc.oneof(...kinds.map(([weight, kind]) => ({ weight, arbitrary: fc.constant(kind) }))),
    channels: fc.constantFrom(1, 2, 3, 4, 5, 8, 12, 16, 17, 32, 33, 64),
    units: fc.oneof(fc.integer({ min: 1, max: 64 }), fc.integer({ min: 65, max: 1024 })),
    kernel: fc.oneof(
      { weight: 2, arbitrary: fc.constant(3) },
      { weight: 3, arbitrary: fc.integer({ min: 1, max: 7 }) },
    ),
    padding: fc.oneof(
      { weight: 2, arbitrary: fc.constant(1) },
      { weight: 3, arbitrary: fc.integer({ min: 0, max: 6 }) },
    ),
    stride: fc.oneof({ weight: 4, arbitrary: fc.constant(1) }, fc.integer({ min: 2, max: 3 })),
    size: fc.oneof({ weight: 3, arbitrary: fc.constant(2) }, fc.integer({ min: 3, max: 8 })),
    bias: fc.boolean(),
    epsilon: fc.constantFrom(0.5, 1e-5),
    inner: depth > 0 ? fc.array(draw(kinds, depth - 1), { minLength: 1, maxLength: 4, size: "max" }) : fc.constant([]),
  });

/** A layer of a draw on that input, if it fits. */
function layerOf(
  { kind, channels, units, kernel, padding, stride, size, bias, epsilon }: Draw,
  x: Shape,
): PlainSpec | undefined {
  const image = x.kind === "image";
  switch (kind) {
    case "conv2d":
      return image
        ? {
            kind,
            channels,
            kernel,
            padding: Math.min(padding, kernel - 1),
            ...(stride > 1 ? { stride } : {}),
            ...(bias ? {} : { bias }),
          }
        : undefined;
    case "dense":
      return image ? undefined : { kind, units };
    case "maxPool2d":
      return image ? { kind, size } : undefined;
    case "globalMaxPool2d":
    case "globalAveragePool2d":
      return image ? { kind } : undefined;
    case "batchNorm":
      // Rounding grows by 1/√(variance + ε): ½ bounds it where a vector's few values all but coincide.
      return { kind, momentum: 0.1, epsilon: image ? epsilon : 0.5 };
    case "dropout":
      return { kind, rate: 0.3 };
    case "leakyRelu":
      return { kind, slope: 0.1 };
    case "residual":
      return undefined;
    default:
      return { kind };
  }
}

const sizeOf = (x: Shape): number => (x.kind === "image" ? x.height * x.width * x.channels : x.size);

/** Multiply-adds of a layer, or the elements that it visits. */
function work(spec: LayerSpec, x: Shape, y: Shape): number {
  if (spec.kind === "dense") return sizeOf(x) * sizeOf(y);
  if (spec.kind === "conv2d" && x.kind === "image") return sizeOf(y) * spec.kernel * spec.kernel * x.channels;
  return sizeOf(x);
}

/** What layers make of an input, one after another; layers that do not fit, or take more than `budget`, are left out. */
class Stack {
  readonly layers: BlockSpec[] = [];

  /** @param flat all layers so far, those of blocks one after another */
  constructor(
    private readonly image: ImageSize,
    public budget: number,
    public shape: Shape = inputShape(image),
    private readonly flat: LayerSpec[] = [],
  ) {}

  add(spec: PlainSpec, budget = this.budget): boolean {
    let y: Shape;
    try {
      y = planLayers([...this.flat, spec], this.image)[this.flat.length].output;
    } catch (error) {
      if (error instanceof InputError) return false;
      throw error;
    }
    const cost = work(spec, this.shape, y);
    // No layer takes it all.
    if (2 * cost > budget) return false;
    this.budget -= cost;
    this.shape = y;
    this.layers.push(spec);
    this.flat.push(spec);
    return true;
  }

  draw(one: Draw): void {
    if (one.kind === "residual") return this.block(one.inner);
    const spec = layerOf(one, this.shape);
    if (spec) this.add(spec);
  }

  /** A residual block: a last layer gives back the channels or the length it began with, where the image kept its size. */
  private block(inner: Draw[]): void {
    const x = this.shape;
    const block = new Stack(this.image, this.budget, x, [...this.flat]);
    for (const one of inner) if (one.kind !== "residual") block.draw(one);
    const y = block.shape;
    if (x.kind !== y.kind || block.layers.length === 0) return;
    if (x.kind === "image" && y.kind === "image") {
      if (x.height !== y.height || x.width !== y.width) return;
      if (x.channels !== y.channels && !block.add({ kind: "conv2d", channels: x.channels, kernel: 3, padding: 1 }))
        return;
    }
    if (x.kind === "vector" && y.kind === "vector" && x.size !== y.size && !block.add({ kind: "dense", units: x.size }))
      return;
    this.budget = block.budget;
    this.shape = block.shape;
    this.layers.push({ kind: "residual", layers: block.layers as PlainSpec[] });
    this.flat.push(...(block.layers as PlainSpec[]), { kind: "add", span: block.layers.length });
  }
}

/** @param most multiply-adds of a batch's forward pass */
export function randomNetworks(most: number): fc.Arbitrary<RandomNetwork> {
  // Seldom Muon, whose reference is slow on wide layers. Adam's first step at 0.1 saturates the softmax: what is left of the
  // gradients is rounding.
  const optimizer = fc
    .constantFrom("sgd", "sgd", "nesterov", "nesterov", "adam", "adam", "muon")
    .map((kind) => optimizerSpecSchema.parse(kind === "adam" ? { kind, lr: 0.001 } : { kind }));
  const some = (kinds: Weighed[], maxLength: number): fc.Arbitrary<Draw[]> =>
    fc.array(draw(kinds), { maxLength, size: "max" });
  return fc
    .record({
      images: some(ofImages, 8),
      end: fc.constantFrom(
        "flatten" as const,
        "flatten" as const,
        "globalMaxPool2d" as const,
        "globalAveragePool2d" as const,
      ),
      vectors: some(ofVectors, 4),
      batch: fc.oneof(fc.constantFrom(1, 16, 17, 64, 65), fc.integer({ min: 2, max: 20 })),
      shard: fc.option(fc.integer({ min: 1, max: 64 })),
      optimizer,
      zeros: fc.constantFrom(0, 0.5),
      channels: fc.constantFrom(1, 1, 1, 2, 3, 4, 5),
    })
    .map(({ images, end, vectors, batch, shard, optimizer, zeros, channels }) => {
      const stack = new Stack({ height: SIDE, width: SIDE, channels }, most / batch);
      for (const one of images) stack.draw(one);
      // Beyond the budget where it must be: a network ends in a vector of logits.
      stack.add({ kind: end }, Infinity);
      for (const one of vectors) stack.draw(one);
      const last: PlainSpec = { kind: "dense", units: CLASSES };
      stack.add(last, Infinity);
      return {
        layers: stack.layers,
        batch,
        ...(shard !== null && shard < batch ? { shardSize: shard } : {}),
        optimizer,
        zeros,
        channels,
      };
    });
}

/** The network as the spec of a sweep of one cell. */
export function specOf({ layers, batch, shardSize, optimizer }: RandomNetwork): string {
  const model = { kind: "layers", name: "found", layers };
  return JSON.stringify({
    name: "found",
    base: {
      model,
      optimizer,
      batchSize: batch,
      ...(shardSize ? { shardSize } : {}),
      epochs: 1,
      trainLimit: 2 * batch,
      testLimit: 100,
    },
  });
}
