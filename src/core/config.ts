/**
 * The plain-JSON description of a cell: model, optimizer, and how to train.
 * The same objects go to the worker, into the record, and into the cell id.
 */
import { z } from "zod";
import { tableSchema } from "./family.js";
import { MODELS } from "./models/table.js";
import { OPTIMIZERS } from "./optimizers/table.js";

const rate = z.number().min(0).lt(1);

/** The most samples that a batch or a shard may have. */
export const MAX_BATCH = 65_536;

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

export const modelSpecSchema = tableSchema(z, MODELS);
export const optimizerSpecSchema = tableSchema(z, OPTIMIZERS);

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
