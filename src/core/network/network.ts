/** A blueprint on kernels: tensors, operations, and the passes over them. */
import ops from "ndarray-ops";
import type { Move } from "../augment/augment-image.js";
import { Augmentation } from "../augment/augmentation.js";
import type { AugmentSpec } from "../config.js";
import { InputError } from "../input-error.js";
import type { GatherOperation, Kernels, LossOperation, Operation, Pass } from "../kernels/kernels.js";
import { ParameterArrays } from "../kernels/parameters.js";
import { floatsOf, forEachPlace, type Tensor } from "../kernels/tensor.js";
import { RandomStream } from "../numeric/random.js";
import { bindLayers, type LayerOutput } from "./bind-layers.js";
import type { Blueprint } from "./blueprint.js";
import { statisticsViews, type Statistics } from "./statistics.js";
import { Views } from "./views.js";

/** Samples that go through a convolutional model at once: their activations stay in the L2 cache. */
const MICRO_BATCH = 16;

/**
 * Samples that go through at once at most: a shard; where nobody says how many that are, all that are normalised together,
 * else a micro-batch.
 */
export function passSize(
  { layers, statisticsFloats }: Pick<Blueprint, "layers" | "statisticsFloats">,
  { batchSize, shardSize }: Pick<NetworkOptions, "batchSize" | "shardSize">,
): number {
  const hasFilters = layers.some(({ parameters }) => parameters.some(({ shape }) => shape.length === 4));
  return Math.min(batchSize, shardSize ?? (hasFilters && statisticsFloats === 0 ? MICRO_BATCH : Infinity));
}

export interface NetworkOptions {
  /** The largest batch. */
  batchSize: number;
  /** A batch goes through the network in shards of this many samples; without it whole where a layer normalises it, else in micro-batches. */
  shardSize?: number;
  permutation?: Uint32Array;
  /** Changes the samples of training passes, before the permutation. */
  augment?: AugmentSpec;
  /** Of the targets in training passes; evaluation has none. */
  labelSmoothing?: number;
  /** What evaluation takes the mean of; an image as it is, by default. */
  views?: Move[];
}

export class Network {
  readonly parameters: ParameterArrays;
  /** To be set before `forward`. */
  readonly pass: Pass = { training: true, seed: 0, epoch: 1, start: 0, progress: 0 };
  /** Running statistics, flat: mean and variance of every batch normalisation, layer by layer. Evaluation normalises by them. */
  readonly statistics: Tensor;
  /** The same of the samples that went forward last in training (variances unbiased); whoever trains folds them into `statistics`. */
  readonly shardStatistics: Tensor;
  readonly classes: number;
  /** Samples that one forward pass takes at most. */
  readonly microBatch: number;
  readonly logits: Tensor;
  readonly outputs: readonly LayerOutput[];
  readonly loss: LossOperation;
  private readonly input: GatherOperation;
  private readonly augmentation?: Augmentation;
  private readonly views?: Views;
  private readonly labelSmoothing: number;
  private readonly operations: Operation[];
  private readonly normalisations: ReadonlyMap<number, Statistics>;
  /** Whether what the operations make of the parameters is out of date. */
  private stale = true;

  constructor(
    readonly kernels: Kernels,
    readonly blueprint: Blueprint,
    { batchSize, shardSize, permutation, augment, labelSmoothing = 0, views = [] }: NetworkOptions,
  ) {
    const { arena } = kernels;
    const { layers, classes, image, parameterFloats, statisticsFloats } = blueprint;
    this.classes = classes;
    this.microBatch = passSize(blueprint, { batchSize, shardSize });
    const layouts = layers.flatMap(({ parameters }) => parameters);
    this.parameters = new ParameterArrays(arena, layouts, parameterFloats);
    this.statistics = arena.tensor([statisticsFloats], [1], statisticsFloats);
    this.shardStatistics = arena.tensor([statisticsFloats], [1], statisticsFloats);
    this.normalisations = new Map(
      layers.flatMap(({ statistics }, i) =>
        statistics ? [[i, statisticsViews(statistics, this.statistics, this.shardStatistics)] as const] : [],
      ),
    );
    const { input, operations, outputs, logits, gradient } = bindLayers({
      kernels,
      layers,
      batch: this.microBatch,
      parameters: this.parameters,
      statistics: this.normalisations,
      pass: this.pass,
    });
    this.input = kernels.gather(input, image.height * image.width, permutation);
    if (augment) this.augmentation = new Augmentation(arena, augment, image, this.microBatch);
    if (views.length > 1) this.views = new Views(arena, views, image, logits);
    this.labelSmoothing = labelSmoothing;
    this.operations = operations;
    this.outputs = outputs;
    this.logits = logits;
    this.loss = kernels.softmaxCrossEntropy(logits, gradient);
  }

  /**
   * Weights and biases uniform in ±1/√fanIn, PyTorch's default for dense and convolution; one stream a layer. Batch
   * normalisation begins with gain 1 and bias 0, running means 0 and variances 1.
   */
  initialise(seed: number): void {
    const streams = new Map<number, RandomStream>();
    for (const layout of this.parameters.layouts) {
      const { constant } = layout;
      if (constant !== undefined) {
        forEachPlace(layout, (i) => this.parameters.values.set(i, constant));
        continue;
      }
      let stream = streams.get(layout.layer);
      if (!stream) streams.set(layout.layer, (stream = new RandomStream("init", seed, layout.layer)));
      const bound = 1 / Math.sqrt(layout.fanIn);
      forEachPlace(layout, (i) => this.parameters.values.set(i, (2 * stream.uniform() - 1) * bound));
    }
    for (const { running } of this.normalisations.values())
      [0, 1].forEach((value) => ops.assigns(running.pick(value, null), value));
    this.refresh();
  }

  /** @param weights as of `TrainResult.weights` @throws InputError where they are not as many */
  loadWeights(weights: Float32Array): void {
    const { parameters, statistics } = this;
    const expected = parameters.count + statistics.size;
    if (weights.length !== expected)
      throw new InputError(`weights: got ${weights.length} numbers, expected ${expected}; they are of another model`);
    parameters.unpack(weights.subarray(0, parameters.count), parameters.values);
    floatsOf(statistics).set(weights.subarray(parameters.count));
    this.refresh();
  }

  /** To be called after the parameters changed and before the next pass, which begins with what follows from them: on every thread of a cell at once. */
  refresh(): void {
    this.stale = true;
  }

  /**
   * Forward pass and loss of the samples order[start … start + n), n ≤ microBatch; returns the sum of their losses.
   * Predictions are left in `loss`, the gradient of the logits times `scale` in its tensor. In training passes samples are
   * augmented and targets smoothed as the network was told; `order` must then be the whole epoch's.
   */
  forward(images: Uint8Array, labels: Uint8Array, order: Uint32Array, start: number, n: number, scale: number): number {
    const { arena } = this.kernels;
    this.load(images, labels, order, start, n);
    arena.check?.("loading a batch");
    if (this.stale) for (const operation of this.operations) operation.refresh?.();
    this.stale = false;
    for (const operation of this.operations) operation.forward(n);
    const loss = this.loss.run(n, scale);
    arena.check?.("the loss");
    return loss;
  }

  /** `forward` for evaluation: no augmentation, running statistics, and predictions and loss by the mean of the logits of an image's views: of all of them once the epochs are over (`pass.progress` is 1), else of those unshifted. */
  evaluate(images: Uint8Array, labels: Uint8Array, order: Uint32Array, start: number, n: number): number {
    this.pass.training = false;
    const loss = this.forward(images, labels, order, start, n, 0);
    if (!this.views) return loss;
    this.views.average(this.pass.progress === 1, images, order, start, n, (viewed, places) => {
      this.input.run(viewed, places, 0, n);
      for (const operation of this.operations) operation.forward(n);
    });
    return this.loss.run(n, 0);
  }

  /** Fills in the input and the loss's targets. */
  private load(images: Uint8Array, labels: Uint8Array, order: Uint32Array, start: number, n: number): void {
    const { input, augmentation, loss, pass } = this;
    loss.smoothing = pass.training ? this.labelSmoothing : 0;
    for (let j = 0; j < n; j++) loss.weights.set(j, (pass.training && pass.weights?.[order[start + j]]) || 1);
    if (augmentation && pass.training) {
      augmentation.run({ images, labels }, order, start, n, pass, loss);
      input.run(augmentation.images, augmentation.order, 0, n);
      return;
    }
    input.run(images, order, start, n);
    for (let j = 0; j < n; j++) loss.labels[j] = labels[order[start + j]];
    if (augmentation) for (let j = 0; j < n; j++) loss.shares.set(j, 1);
  }

  /** Backward pass of the samples that went forward last: adds to the parameters' gradients, or overwrites them where `fresh`. */
  backward(n: number, fresh: boolean): void {
    for (let i = this.operations.length - 1; i >= 0; i--) this.operations[i].backward(n, fresh);
  }

  /** How many of the n samples that went forward last were classified rightly, each times its weight. */
  correct(n: number): number {
    const { labels, predicted, weights } = this.loss;
    let count = 0;
    for (let j = 0; j < n; j++) if (labels[j] === predicted[j]) count += weights.get(j);
    return count;
  }
}
