/**
 * The plain-JSON description of a cell: model, optimizer, and how to train.
 * The same objects go to the worker, into the record, and into the cell id.
 */
import { z } from "zod";

const size = z.int().min(1).max(65_536);

const rate = z.number().min(0).lt(1);

/** The most samples that a batch or a shard may have. */
export const MAX_BATCH = 65_536;

/** A layer that needs nothing but the one before it. Image tensors are [height, width, channels]; `dense` takes a flat vector. */
const plainLayerSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("conv2d"),
    channels: size,
    kernel: z.int().min(1).max(15).default(3),
    padding: z.int().min(0).max(7).default(1),
    stride: z.int().min(1).max(8).optional(),
    /** false: no bias, as before a batch normalisation, which has its own. */
    bias: z.boolean().optional(),
  }),
  z.strictObject({ kind: z.literal("relu") }),
  z.strictObject({ kind: z.literal("leakyRelu"), slope: z.number().min(0).max(1).default(0.01) }),
  z.strictObject({ kind: z.literal("silu") }),
  z.strictObject({ kind: z.literal("gelu") }),
  z.strictObject({ kind: z.literal("maxPool2d"), size: z.int().min(2).max(8).default(2) }),
  z.strictObject({ kind: z.literal("globalMaxPool2d") }),
  z.strictObject({ kind: z.literal("globalAveragePool2d") }),
  z.strictObject({
    kind: z.literal("batchNorm"),
    momentum: z.number().positive().max(1).default(0.1),
    epsilon: z.number().min(1e-12).max(1).default(1e-5),
  }),
  z.strictObject({ kind: z.literal("dropout"), rate: rate.default(0.5) }),
  z.strictObject({ kind: z.literal("flatten") }),
  z.strictObject({ kind: z.literal("dense"), units: size }),
]);

/** What a model is written in: plain layers, and residual blocks y = x + layers(x), whose layers keep the shape (He et al., 2016). */
const blockSpecSchema = z.discriminatedUnion("kind", [
  ...plainLayerSchema.options,
  z.strictObject({ kind: z.literal("residual"), layers: z.array(plainLayerSchema).min(1).max(64) }),
]);
export type BlockSpec = z.output<typeof blockSpecSchema>;

/** What a network is built of: a flat list. `add` adds the input of the layer `span` places before it. */
export type LayerSpec = z.output<typeof plainLayerSchema> | { kind: "add"; span: number };

/** A model: the homework's two families by their widths, a residual network, or any list of layers under a name. */
export const modelSpecSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("mlp"), hidden: z.array(size).max(16).default([100, 100]) }),
  z.strictObject({ kind: z.literal("cnn"), channels: z.array(size).min(1).max(4).default([16, 32, 64]) }),
  z.strictObject({
    kind: z.literal("layers"),
    name: z.string().regex(/^[a-z][a-z0-9]{0,23}$/, "a lower-case word of letters and digits, as ids carry it"),
    layers: z.array(blockSpecSchema).min(1).max(256),
  }),
  /**
   * Convolutions of width, 2·width and 4·width channels at full, half and quarter size, a residual block after each pooling;
   * with `blocks`, this many of them at each size, at full size between its two convolutions. Unless `padded`, the first two
   * convolutions lose a border: 28 pixels a side become 24, 12 and 6, which Winograd's tiles of six cover exactly.
   */
  z.strictObject({
    kind: z.literal("resnet"),
    width: size.max(1024).default(32),
    blocks: z.int().min(1).max(32).optional(),
    padded: z.boolean().default(false),
    residual: z.boolean().default(true),
    batchNorm: z.boolean().default(true),
    activation: z.enum(["relu", "silu", "gelu"]).default("relu"),
    globalPool: z.enum(["max", "average"]).default("max"),
    dropout: rate.default(0),
  }),
]);
export type ModelSpec = z.output<typeof modelSpecSchema>;

const learningRate = z.number().positive().max(1000);
const momentum = z.number().min(0).lt(1);

/** Pulls weights towards 0: added to the gradient (sgd, nesterov, muon's others), or decoupled from it (adam: AdamW; muon). Absent: none. */
const weightDecay = z.number().min(0).max(1).optional();

/** An optimizer and its hyper-parameters; the formulas stand in src/core/optimizers. */
export const optimizerSpecSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("sgd"),
    lr: learningRate.default(0.01),
    momentum: momentum.default(0),
    weightDecay,
  }),
  z.strictObject({
    kind: z.literal("nesterov"),
    lr: learningRate.default(0.01),
    momentum: momentum.default(0.9),
    weightDecay,
  }),
  z.strictObject({
    kind: z.literal("adam"),
    lr: learningRate.default(0.1),
    beta1: momentum.default(0.9),
    beta2: momentum.default(0.999),
    /** Not one that Float32 rounds to 0. */
    epsilon: z.number().min(1e-30).max(1).default(1e-8),
    weightDecay,
  }),
  z.strictObject({
    kind: z.literal("muon"),
    /** Of the weights but the last layer's: how far a step turns them, as a share of an orthogonal matrix. */
    lr: learningRate.default(0.02),
    momentum: momentum.default(0.95),
    weightDecay,
    /** Biases, gains and the last layer follow Nesterov. */
    others: z
      .strictObject({ lr: learningRate.default(0.01), momentum: momentum.default(0.9), weightDecay })
      .prefault({}),
  }),
]);
export type OptimizerSpec = z.output<typeof optimizerSpecSchema>;

/** How the learning rate changes over the whole training, step by step; `optimizer.lr` is its peak. Absent: it stays. */
const scheduleSpecSchema = z.discriminatedUnion("kind", [
  /** Linear from 0 over the first `warmup` (fraction of all steps), then along half a cosine to `final` · lr. */
  z.strictObject({ kind: z.literal("cosine"), warmup: rate.default(0), final: z.number().min(0).max(1).default(0) }),
  /** From `start` · lr along half a cosine up to lr over the first `warmup`, then along half a cosine down to `final` · lr (Smith and Topin, 2019). */
  z.strictObject({
    kind: z.literal("oneCycle"),
    warmup: rate.default(0.3),
    start: z.number().min(0).max(1).default(0.04),
    final: z.number().min(0).max(1).default(0.0001),
  }),
]);
export type ScheduleSpec = z.output<typeof scheduleSpecSchema>;

/** Random changes to every training image, drawn anew each epoch. Absent fields: none. */
export const augmentSpecSchema = z.strictObject({
  /** Shift by up to this many whole pixels in each direction; zeros come in. */
  shift: z.int().min(0).max(64).optional(),
  /** Mirror left and right, half of the images. */
  flip: z.boolean().optional(),
  /** Rotate by up to this many degrees either way. */
  rotate: z.number().min(0).max(180).optional(),
  /** Scale by a factor in [1 - scale, 1 + scale]. */
  scale: z.number().min(0).max(0.9).optional(),
  /** Random erasing (Zhong et al., 2020): a rectangle of `least` to `most` pixels a side is filled with noise. */
  erase: z
    .strictObject({
      probability: z.number().min(0).max(1).default(0.5),
      least: z.int().min(1).default(4),
      most: z.int().min(1).default(12),
    })
    .optional(),
  /** Mix pairs of images and labels with a weight from Beta(mixup, mixup) (Zhang et al., 2018). */
  mixup: z.number().positive().max(10).optional(),
  /** Paste a rectangle of another image, whose area share comes from Beta(cutmix, cutmix) (Yun et al., 2019). With mixup too, a coin decides for each image. */
  cutmix: z.number().positive().max(10).optional(),
  /** After this fraction of the epochs only `flip` goes on: the network settles on images like those it is tested on (He et al., "Data augmentation revisited", 2019). */
  until: z.number().min(0).max(1).optional(),
});
export type AugmentSpec = z.output<typeof augmentSpecSchema>;

/** Which training samples are left out of an epoch (InfoBatch: Qin et al., 2024); see pruning.ts. */
export const pruneSpecSchema = z.strictObject({
  /** The fraction of the samples that counts as easy: those whose label had the highest probability when they were seen last. */
  easy: z.number().positive().lt(1).default(0.7),
  /** The fraction of the easy ones that is left out, drawn anew for every epoch. */
  skip: z.number().positive().lt(1).default(0.5),
  /** After this fraction of the epochs all samples are back. */
  until: z.number().min(0).max(1).default(0.875),
});
export type PruneSpec = z.output<typeof pruneSpecSchema>;

/** Which implementation computes: bits are promised within one kernel set, so it is part of the config. */
export const kernelsSchema = z.enum(["simd", "reference"]);
export type KernelsName = z.output<typeof kernelsSchema>;

/** Everything that decides a cell's numbers, apart from the data. Defaults are PyTorch's and the homework's. */
export const trainConfigSchema = z.strictObject({
  model: modelSpecSchema,
  optimizer: optimizerSpecSchema,
  /** 0: pixels in their original order; k: the k-th fixed random permutation. */
  permutation: z.int().min(0).max(1_000_000).default(0),
  /** Seeds initialisation and shuffling; never the permutation. */
  seed: z.int().min(0).max(0xffff_ffff).default(0),
  epochs: z.int().min(1).max(100_000).default(10),
  batchSize: z.int().min(1).max(MAX_BATCH).default(64),
  /** Train (test) on the first N samples only. */
  trainLimit: z.int().min(1).optional(),
  testLimit: z.int().min(1).optional(),
  kernels: kernelsSchema.default("simd"),
  // All below are absent where not in use, so that the ids of cells without them stay what they were.
  /** The last N training samples are held out: curves are theirs, and the test set is read once, after the last epoch. */
  validation: z.int().min(1).optional(),
  schedule: scheduleSpecSchema.optional(),
  augment: augmentSpecSchema.optional(),
  prune: pruneSpecSchema.optional(),
  /** Targets are 1 - s for the label plus s / classes for every class (Szegedy et al., 2016). */
  labelSmoothing: rate.optional(),
  /** The gradient's Euclidean norm is cut to this. */
  clipNorm: z.number().positive().optional(),
  /** Evaluate an exponential moving average of the weights with this decay a step. */
  weightAverage: rate.optional(),
  /** Evaluate with the mean of the logits of an image and its mirror image. */
  evaluateFlipped: z.boolean().optional(),
  /** Evaluate the last epoch with the mean of the logits of an image and of itself shifted by this many pixels right, left, down and up; with `evaluateFlipped`, all of them mirrored too. */
  evaluateShifted: z.int().min(1).max(64).optional(),
  /** A batch goes through the network in shards of this many samples: their gradients are summed in order, and batch normalisation normalises over a shard (ghost batches: Hoffer et al., 2017). Shards can run on several threads. Absent: the whole batch normalises at once. */
  shardSize: z.int().min(1).max(MAX_BATCH).optional(),
});
export type TrainConfig = z.output<typeof trainConfigSchema>;
export type TrainConfigInput = z.input<typeof trainConfigSchema>;
