/** A model built from its layer list: tensors, operations, and the passes over them. */
import ndarray from "ndarray";
import { modelLayers, type LayerSpec, type ModelSpec } from "./config.js";
import { InputError } from "./input-error.js";
import type { GatherOperation, Kernels, LossOperation, Operation, Pass } from "./kernels.js";
import { ParameterArrays, countElements, forEachElement, layoutParameters, type Shape } from "./parameters.js";
import { RandomStream } from "./random.js";
import { roundUp, type Tensor } from "./tensor.js";

/** Samples that go through a convolutional model at once: their activations stay in the L2 cache. */
const MICRO_BATCH = 16;

/** Input shape of every layer, then the output shape of the last. @throws InputError where a layer does not fit. */
export function layerShapes(layers: LayerSpec[], height: number, width: number): Shape[] {
  const shapes: Shape[] = [{ kind: "image", height, width, channels: 1, pitch: 1 }];
  layers.forEach((spec, i) => {
    const x = shapes[i];
    const misfit = (got: string, want: string): InputError =>
      new InputError(`model: layer ${i + 1} (${spec.kind}) got ${got}, expected ${want}; change the layers before it`);
    switch (spec.kind) {
      case "relu":
        shapes.push(x);
        break;
      case "flatten":
        shapes.push({ kind: "vector", size: x.kind === "vector" ? x.size : x.height * x.width * x.channels });
        break;
      case "dense":
        if (x.kind !== "vector") throw misfit("an image", "a vector, as a flatten layer gives");
        shapes.push({ kind: "vector", size: spec.units });
        break;
      case "conv2d": {
        if (x.kind !== "image") throw misfit("a vector", "an image");
        if (spec.padding >= spec.kernel) throw misfit(`padding ${spec.padding} for kernel ${spec.kernel}`, "a padding below the kernel size");
        const shrink = spec.kernel - 1 - 2 * spec.padding;
        if (x.height <= shrink || x.width <= shrink) throw misfit(`an image of ${x.height}×${x.width}`, `more than ${shrink} pixels a side`);
        shapes.push({ kind: "image", height: x.height - shrink, width: x.width - shrink, channels: spec.channels, pitch: roundUp(spec.channels, 4) });
        break;
      }
      case "maxPool2d":
        if (x.kind !== "image") throw misfit("a vector", "an image");
        if (x.height < spec.size || x.width < spec.size) throw misfit(`an image of ${x.height}×${x.width}`, `at least ${spec.size} pixels a side`);
        shapes.push({ ...x, height: Math.floor(x.height / spec.size), width: Math.floor(x.width / spec.size), pitch: roundUp(x.channels, 4) });
        break;
    }
  });
  return shapes;
}

/**
 * Number of trainable parameters of a model for images of height × width: 89,610 for the homework's MLP
 * and 29,066 for its CNN. @throws InputError where the layers do not fit together.
 */
export function countParameters(model: ModelSpec, height: number, width: number, classes: number): number {
  const layers = modelLayers(model, classes);
  return countElements(layoutParameters(layers, layerShapes(layers, height, width)).layouts);
}

export interface NetworkOptions {
  layers: LayerSpec[];
  height: number;
  width: number;
  /** The largest batch; a model with convolutions takes it in micro-batches. */
  batchSize: number;
  /** Samples that go forward and backward at once, whatever the model; absent: its own choice. */
  shardSize?: number;
  /** Arrays as long as the parameters to keep beside them. */
  stateCount: number;
  permutation?: Uint32Array;
}

export class Network {
  readonly parameters: ParameterArrays;
  /** To be set before `forward`. */
  readonly pass: Pass = { training: true, seed: 0, epoch: 1, start: 0 };
  /** Running statistics, flat: mean and variance of every batch normalisation, layer by layer. Evaluation normalises by them. */
  readonly statistics: Tensor;
  /** The same of the samples that went forward last in training (variances unbiased); whoever trains folds them into `statistics`. */
  readonly shardStatistics: Tensor;
  readonly classes: number;
  /** Samples that one forward pass takes at most. */
  readonly microBatch: number;
  readonly logits: Tensor;
  readonly loss: LossOperation;
  private readonly input: GatherOperation;
  private readonly operations: Operation[] = [];

  constructor(
    readonly kernels: Kernels,
    { layers, height, width, batchSize, shardSize, stateCount, permutation }: NetworkOptions,
  ) {
    const { arena } = kernels;
    const shapes = layerShapes(layers, height, width);
    const last = shapes[layers.length];
    if (last.kind !== "vector") throw new InputError("model: the last layer gives an image, expected a vector of logits; end with flatten and dense");
    this.classes = last.size;
    this.microBatch = Math.min(batchSize, shardSize ?? (layers.some(({ kind }) => kind === "conv2d") ? MICRO_BATCH : batchSize));

    const { layouts, length } = layoutParameters(layers, shapes);
    this.parameters = new ParameterArrays(arena, layouts, length, stateCount);
    const of = (layer: number, part: number, flat: Tensor): Tensor =>
      this.parameters.view(flat, layouts.filter((layout) => layout.layer === layer)[part]);

    const statistics = layers.reduce((sum, { kind }, i) => sum + (kind === "batchNorm" ? 2 * channelsOf(shapes[i]) : 0), 0);
    this.statistics = arena.tensor([statistics], [1], statistics);
    this.shardStatistics = arena.tensor([statistics], [1], statistics);

    const batch = this.microBatch;
    const allocate = (shape: Shape, halo: number): Tensor =>
      shape.kind === "vector" ? arena.vectors(batch, shape.size) : arena.images(batch, shape.height, shape.width, shape.channels, shape.pitch, halo);
    const { values, gradients } = this.parameters;

    let x = allocate(shapes[0], haloOfInput(layers, 0));
    this.input = kernels.gather(x, height * width, permutation);
    let dx: Tensor | undefined;
    for (const { kind, first, last } of kernels.fuse(layers, shapes)) {
      const spec = layers[first];
      const output = shapes[last + 1];
      if (kind === "relu") {
        this.operations.push(kernels.relu(dx ? { x, dx, y: x, dy: dx } : { x, y: x, dy: x }));
        continue;
      }
      const flat = kind === "flatten" && asVector(x);
      if (flat) {
        x = flat;
        dx = dx && asVector(dx);
        continue;
      }
      const halo = Math.max(haloOfInput(layers, last + 1), kind === "conv2d" && spec.kind === kind ? spec.kernel - 1 - spec.padding : 0);
      const y = allocate(output, halo);
      const dy = allocate(output, halo);
      if (spec.kind === "conv2d" || spec.kind === "dense") {
        const tensors = { x, dx, w: of(first, 0, values), dw: of(first, 0, gradients), b: of(first, 1, values), db: of(first, 1, gradients), y, dy };
        if (spec.kind === "dense") this.operations.push(kernels.dense(tensors, kind === "denseRelu"));
        else if (kind === "convReluPool") this.operations.push(kernels.convReluPool(tensors));
        else this.operations.push(kernels.conv2d({ ...tensors, padding: spec.padding }));
      } else if (spec.kind === "maxPool2d") this.operations.push(kernels.maxPool2d({ x, dx, y, dy }, spec.size));
      else this.operations.push(kernels.flatten({ x, dx, y, dy }));
      x = y;
      dx = dy;
    }
    if (!dx) throw new InputError("model: no layer has parameters; add a dense layer");
    this.logits = x;
    this.loss = kernels.softmaxCrossEntropy(x, dx);
  }

  /** Weights and biases uniform in ±1/√fanIn, PyTorch's default for both layer types; one stream a layer. */
  initialise(seed: number): void {
    const streams = new Map<number, RandomStream>();
    for (const layout of this.parameters.layouts) {
      let stream = streams.get(layout.layer);
      if (!stream) streams.set(layout.layer, (stream = new RandomStream("init", seed, layout.layer)));
      const bound = 1 / Math.sqrt(layout.fanIn);
      forEachElement(layout, (i) => this.parameters.values.set(i, (2 * stream.uniform() - 1) * bound));
    }
    this.refresh();
  }

  /** To be called after the parameters changed and before the next pass. */
  refresh(): void {
    for (const operation of this.operations) operation.refresh?.();
  }

  /**
   * Forward pass and loss of the samples order[start … start + n), n ≤ microBatch; returns the sum of their losses.
   * Predictions are left in `loss`, the gradient of the logits times `scale` in its tensor.
   */
  forward(images: Uint8Array, labels: Uint8Array, order: Uint32Array, start: number, n: number, scale: number): number {
    this.input.run(images, order, start, n);
    for (let j = 0; j < n; j++) this.loss.labels[j] = labels[order[start + j]];
    for (const operation of this.operations) operation.forward(n);
    return this.loss.run(n, scale);
  }

  /** `forward` for evaluation: predictions and loss by the mean of the logits of every image and its mirror image. */
  forwardFlipped(images: Uint8Array, labels: Uint8Array, order: Uint32Array, start: number, n: number): number {
    this.forward(images, labels, order, start, n, 0);
    const { logits } = this;
    const upright = Float64Array.from({ length: n * this.classes }, (_, i) => logits.get(Math.floor(i / this.classes), i % this.classes));
    this.input.run(images, order, start, n, true);
    for (const operation of this.operations) operation.forward(n);
    upright.forEach((value, i) => {
      const [j, c] = [Math.floor(i / this.classes), i % this.classes];
      logits.set(j, c, (value + logits.get(j, c)) * 0.5);
    });
    return this.loss.run(n, 0);
  }

  /** Backward pass of the samples that went forward last: adds to the parameters' gradients, or overwrites them where `fresh`. */
  backward(n: number, fresh: boolean): void {
    for (let i = this.operations.length - 1; i >= 0; i--) this.operations[i].backward(n, fresh);
  }

  /** How many of the n samples that went forward last were classified rightly. */
  correct(n: number): number {
    const { labels, predicted } = this.loss;
    let count = 0;
    for (let j = 0; j < n; j++) if (labels[j] === predicted[j]) count++;
    return count;
  }
}

/** Channels, or units, of a tensor with its padding. */
export const channelsOf = (shape: Shape): number => (shape.kind === "image" ? shape.pitch : roundUp(shape.size, 4));

/** The halo that layer i needs around its input: the padding of the convolution that reads the buffer, if one does. */
function haloOfInput(layers: LayerSpec[], i: number): number {
  while (layers[i]?.kind === "relu") i++;
  const spec = layers[i];
  return spec?.kind === "conv2d" ? spec.padding : 0;
}

/** The same elements as [N, K] where they lie without gaps within a sample, else undefined. */
function asVector(x: Tensor): Tensor | undefined {
  const [n, h, w, c] = x.shape;
  if (x.shape.length === 2) return x;
  if (x.stride[2] !== c || x.stride[1] !== w * c) return undefined;
  return ndarray(x.data, [n, h * w * c], [x.stride[0], 1], x.offset);
}
