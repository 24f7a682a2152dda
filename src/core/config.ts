/**
 * The plain-JSON description of a cell: model, optimizer, and how to train.
 * The same objects go to the worker, into the record, and into the cell id.
 */
import { z } from "zod";
import { tableSchema } from "./family.js";
import { MAX_BATCH } from "./limits.js";
import { MODELS } from "./models/table.js";
import { OPTIMIZERS } from "./optimizers/table.js";

const rate = z.number().min(0).lt(1);

const scheduleSpecSchema = z.discriminatedUnion("kind", [
  z
    .strictObject({
      kind: z.literal("cosine"),
      warmup: rate.default(0).describe("Fraction of all steps over which the rate rises linearly from 0."),
      final: z.number().min(0).max(1).default(0).describe("What the last step's rate is, as a fraction of the peak."),
    })
    .describe("A linear rise, then half a cosine down."),
  z
    .strictObject({
      kind: z.literal("oneCycle"),
      warmup: rate.default(0.3).describe("Fraction of all steps over which the rate rises along half a cosine."),
      start: z.number().min(0).max(1).default(0.04).describe("The first step's rate, as a fraction of the peak."),
      final: z.number().min(0).max(1).default(0.0001).describe("The last step's rate, as a fraction of the peak."),
    })
    .describe("Half a cosine up, then half a cosine down (Smith and Topin, 2019)."),
]);
export type ScheduleSpec = z.output<typeof scheduleSpecSchema>;

export const augmentSpecSchema = z.strictObject({
  shift: z
    .int()
    .min(0)
    .max(64)
    .optional()
    .describe("Shift by up to this many whole pixels in each direction; zeros come in."),
  flip: z.boolean().optional().describe("Mirror left and right, half of the images."),
  rotate: z.number().min(0).max(180).optional().describe("Rotate by up to this many degrees either way."),
  scale: z.number().min(0).max(0.9).optional().describe("Scale by a factor in [1 - scale, 1 + scale]."),
  erase: z
    .strictObject({
      probability: z.number().min(0).max(1).default(0.5).describe("Share of the images that lose a rectangle."),
      least: z.int().min(1).default(4).describe("Shortest side of the rectangle, in pixels."),
      most: z.int().min(1).default(12).describe("Longest side of the rectangle, in pixels."),
    })
    .optional()
    .describe("Random erasing: a rectangle is filled with noise (Zhong et al., 2020)."),
  mixup: z
    .number()
    .positive()
    .max(10)
    .optional()
    .describe("Mix pairs of images and labels with a weight from Beta(mixup, mixup) (Zhang et al., 2018)."),
  cutmix: z
    .number()
    .positive()
    .max(10)
    .optional()
    .describe(
      "Paste a rectangle of another image, whose area share comes from Beta(cutmix, cutmix) (Yun et al., 2019). With `mixup` too, a coin decides for each image.",
    ),
  until: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe(
      "After this fraction of the epochs only `flip` goes on: the network settles on images like those it is tested on (He et al., 2019).",
    ),
});
export type AugmentSpec = z.output<typeof augmentSpecSchema>;

export const pruneSpecSchema = z.strictObject({
  easy: z
    .number()
    .positive()
    .lt(1)
    .default(0.7)
    .describe("Fraction that counts as easy: those whose label had the highest probability when they were seen last."),
  skip: z
    .number()
    .positive()
    .lt(1)
    .default(0.5)
    .describe("Fraction of the easy ones that is left out, drawn anew for every epoch."),
  until: z.number().min(0).max(1).default(0.875).describe("After this fraction of the epochs all samples are back."),
});
export type PruneSpec = z.output<typeof pruneSpecSchema>;

/** Which implementation computes: bits are promised within one kernel set, so it is part of the config. */
export const kernelsSchema = z.enum(["simd", "reference"]);
export type KernelsName = z.output<typeof kernelsSchema>;

export const modelSpecSchema = tableSchema(z, MODELS);
export const optimizerSpecSchema = tableSchema(z, OPTIMIZERS);

export const stopSpecSchema = z.strictObject({
  patience: z
    .int()
    .min(1)
    .describe("The cell ends when its best validation accuracy is this many epochs old; it needs `validation`."),
});

/** Everything that decides a cell's numbers, apart from the data. Defaults are PyTorch's and the homework's. */
export const trainConfigSchema = z.strictObject({
  model: modelSpecSchema.describe("The network. Its last layer gives a logit for every class."),
  optimizer: optimizerSpecSchema.describe("What follows the gradient of the mean cross-entropy over a batch."),
  permutation: z
    .int()
    .min(0)
    .max(1_000_000)
    .default(0)
    .describe("0: pixels in their original order; k: the k-th fixed random permutation, whatever the seed."),
  seed: z
    .int()
    .min(0)
    .max(0xffff_ffff)
    .default(0)
    .describe("Of initialisation, shuffling, augmentation and dropout; never of the permutation."),
  epochs: z.int().min(1).max(100_000).default(10).describe("Passes over the training samples."),
  batchSize: z
    .int()
    .min(1)
    .max(MAX_BATCH)
    .default(64)
    .describe("Samples a step; an epoch's last batch may be smaller."),
  trainLimit: z.int().min(1).optional().describe("Train on the first N samples only."),
  testLimit: z.int().min(1).optional().describe("Test on the first N samples only."),
  kernels: kernelsSchema
    .default("simd")
    .describe(
      "Which implementation computes: `simd` is fast, `reference` plain TypeScript. Bits are alike within one.",
    ),
  // All below are absent where not in use, so that the ids of cells without them stay what they were.
  validation: z
    .int()
    .min(1)
    .optional()
    .describe(
      "The last N training samples are held out: curves are theirs, and the test set is read once, after the last epoch.",
    ),
  stop: stopSpecSchema
    .optional()
    .describe("Early stopping (Prechelt, 1998): fewer epochs than `epochs`, to whose whole number schedules keep."),
  schedule: scheduleSpecSchema
    .optional()
    .describe("How the learning rate changes, step by step over the whole training; its peak is `optimizer.lr`."),
  augment: augmentSpecSchema.optional().describe("Random changes to every training image, drawn anew each epoch."),
  prune: pruneSpecSchema
    .optional()
    .describe("Training samples that are left out of epochs since they are easy by now (InfoBatch: Qin et al., 2024)."),
  labelSmoothing: rate
    .optional()
    .describe(
      "Targets are 1 - s for the label plus s / classes for every class, s being this number (Szegedy et al., 2016).",
    ),
  clipNorm: z
    .number()
    .positive()
    .optional()
    .describe("A gradient whose Euclidean norm over all parameters is larger is scaled down to this."),
  weightAverage: rate
    .optional()
    .describe("Evaluate an exponential moving average of the weights with this decay a step."),
  evaluateFlipped: z
    .boolean()
    .optional()
    .describe("Evaluate with the mean of the logits of an image and its mirror image."),
  evaluateShifted: z
    .int()
    .min(1)
    .max(64)
    .optional()
    .describe(
      "Evaluate the last epoch with the mean of the logits of an image and of itself shifted by this many pixels right, left, down and up; with `evaluateFlipped`, all of them mirrored too. Of a cell that `stop` ends sooner, the test set alone.",
    ),
  shardSize: z
    .int()
    .min(1)
    .max(MAX_BATCH)
    .optional()
    .describe(
      "A batch goes through the network in shards of this many samples: their gradients are summed in order, and batch normalisation normalises over a shard (ghost batches: Hoffer et al., 2017). Shards can run on several threads. Absent: the whole batch normalises at once.",
    ),
});
export type TrainConfig = z.output<typeof trainConfigSchema>;
export type TrainConfigInput = z.input<typeof trainConfigSchema>;
