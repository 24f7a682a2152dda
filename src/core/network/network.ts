/** A model built from its layer list: tensors, operations, and the passes over them. */
import ops from "ndarray-ops";
import type { Move } from "../augment/augment-image.js";
import { Augmentation } from "../augment/augmentation.js";
import type { AugmentSpec, LayerSpec, ModelSpec } from "../config.js";
import { modelLayers } from "./models.js";
import type { MuonParts } from "../optimizers/muon.js";
import { InputError } from "../input-error.js";
import type { GatherOperation, Kernels, LossOperation, Operation, Pass } from "../kernels/kernels.js";
import { bindLayers, type LayerOutput } from "./operations.js";
import { ParameterArrays, countElements, layoutParameters, matricesAndOthers } from "./parameters.js";
import { RandomStream } from "../numeric/random.js";
import { layerShapes } from "../kernels/shapes.js";
import { layoutStatistics, statisticsViews, type Statistics } from "./statistics.js";
import { forEachPlace, type Tensor } from "../kernels/tensor.js";
import { Views } from "./views.js";

/** Samples that go through a convolutional model at once: their activations stay in the L2 cache. */
const MICRO_BATCH = 16;

/**
 * Samples that go through at once at most: a shard; where nobody says how many that are, all that are normalised together,
 * else a micro-batch.
 */
export function passSize(
  layers: LayerSpec[],
  { batchSize, shardSize }: Pick<NetworkOptions, "batchSize" | "shardSize">,
): number {
  const has = (kind: LayerSpec["kind"]): boolean => layers.some((spec) => spec.kind === kind);
  return Math.min(batchSize, shardSize ?? (has("conv2d") && !has("batchNorm") ? MICRO_BATCH : Infinity));
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
  /** The largest batch. */
  batchSize: number;
  /** A batch goes through the network in shards of so many samples; without it whole where a layer normalises it, else in micro-batches. */
  shardSize?: number;
  /** Arrays as long as the parameters to keep beside them. */
  stateCount: number;
  /** Whether weights are to be made orthogonal, as Muon does with their steps. */
  orthogonal?: boolean;
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
  readonly muonParts?: MuonParts;
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
  private readonly normalisations: Statistics[];

  constructor(
    readonly kernels: Kernels,
    {
      layers,
      height,
      width,
      batchSize,
      shardSize,
      stateCount,
      orthogonal,
      permutation,
      augment,
      labelSmoothing = 0,
      views = [],
    }: NetworkOptions,
  ) {
    const { arena } = kernels;
    const shapes = layerShapes(layers, height, width);
    const last = shapes[layers.length];
    if (last.kind !== "vector")
      throw new InputError(
        "model: the last layer gives an image, expected a vector of logits; end with flatten and dense",
      );
    this.classes = last.size;
    this.microBatch = passSize(layers, { batchSize, shardSize });

    const { layouts, length } = layoutParameters(layers, shapes);
    if (length === 0) throw new InputError("model: no layer has parameters; add a dense layer");
    this.parameters = new ParameterArrays(arena, layouts, length, stateCount);
    if (orthogonal) {
      const divided = matricesAndOthers(layouts);
      this.muonParts = { ...divided, orthogonalize: kernels.orthogonalizer(divided.matrices) };
    }
    const statistics = layoutStatistics(layers, shapes);
    this.statistics = arena.tensor([statistics.length], [1], statistics.length);
    this.shardStatistics = arena.tensor([statistics.length], [1], statistics.length);
    this.normalisations = statistics.layouts.map((layout) =>
      statisticsViews(layout, this.statistics, this.shardStatistics),
    );

    const { input, operations, outputs, logits, gradient } = bindLayers(
      kernels,
      layers,
      shapes,
      this.microBatch,
      this.parameters,
      this.normalisations,
      this.pass,
    );
    this.input = kernels.gather(input, height * width, permutation);
    const image = { height, width, channels: input.shape[3] };
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
    for (const { running } of this.normalisations)
      [0, 1].forEach((value) => ops.assigns(running.pick(value, null), value));
    this.refresh();
  }

  /** To be called after the parameters changed and before the next pass. */
  refresh(): void {
    for (const operation of this.operations) operation.refresh?.();
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
      augmentation.run(images, labels, order, start, n, pass, loss);
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
