/**
 * The plain-JSON description of a cell: model, optimizer, and how to train.
 * The same objects go to the worker, into the record, and into the cell id.
 */
import { z } from "zod";

const size = z.int().min(1).max(65_536);

/** One layer of a model. Image tensors are [height, width, channels]; `dense` takes a flat vector. */
export const layerSpecSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("conv2d"),
    channels: size,
    kernel: z.int().min(1).max(15).default(3),
    padding: z.int().min(0).max(7).default(1),
  }),
  z.strictObject({ kind: z.literal("relu") }),
  z.strictObject({ kind: z.literal("maxPool2d"), size: z.int().min(2).max(8).default(2) }),
  z.strictObject({ kind: z.literal("flatten") }),
  z.strictObject({ kind: z.literal("dense"), units: size }),
]);
export type LayerSpec = z.output<typeof layerSpecSchema>;

/** A model: the homework's two families by their widths, or any list of layers under a name. */
export const modelSpecSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("mlp"), hidden: z.array(size).max(16).default([100, 100]) }),
  z.strictObject({ kind: z.literal("cnn"), channels: z.array(size).min(1).max(4).default([16, 32, 64]) }),
  z.strictObject({
    kind: z.literal("layers"),
    name: z.string().regex(/^[a-z][a-z0-9]{0,23}$/, "a lower-case word of letters and digits, as ids carry it"),
    layers: z.array(layerSpecSchema).min(1).max(256),
  }),
]);
export type ModelSpec = z.output<typeof modelSpecSchema>;

const learningRate = z.number().positive().max(1000);
const momentum = z.number().min(0).lt(1);

/** An optimizer and its hyper-parameters; the formulas stand in src/core/optimizers. */
export const optimizerSpecSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("sgd"), lr: learningRate.default(0.01), momentum: momentum.default(0) }),
  z.strictObject({ kind: z.literal("nesterov"), lr: learningRate.default(0.01), momentum: momentum.default(0.9) }),
  z.strictObject({
    kind: z.literal("adam"),
    lr: learningRate.default(0.1),
    beta1: momentum.default(0.9),
    beta2: momentum.default(0.999),
    epsilon: z.number().positive().max(1).default(1e-8),
  }),
]);
export type OptimizerSpec = z.output<typeof optimizerSpecSchema>;

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
  batchSize: z.int().min(1).max(65_536).default(64),
  /** Train (test) on the first N samples only. */
  trainLimit: z.int().min(1).optional(),
  testLimit: z.int().min(1).optional(),
  kernels: kernelsSchema.default("simd"),
});
export type TrainConfig = z.output<typeof trainConfigSchema>;
export type TrainConfigInput = z.input<typeof trainConfigSchema>;

/** The layers a model spec stands for, ending in the logits of `classes` classes. */
export function modelLayers(model: ModelSpec, classes: number): LayerSpec[] {
  switch (model.kind) {
    case "mlp":
      return [
        { kind: "flatten" },
        ...model.hidden.flatMap((units): LayerSpec[] => [{ kind: "dense", units }, { kind: "relu" }]),
        { kind: "dense", units: classes },
      ];
    case "cnn":
      return [
        ...model.channels.flatMap((channels): LayerSpec[] => [
          { kind: "conv2d", channels, kernel: 3, padding: 1 },
          { kind: "relu" },
          { kind: "maxPool2d", size: 2 },
        ]),
        { kind: "flatten" },
        { kind: "dense", units: classes },
      ];
    case "layers":
      return model.layers;
  }
}

/** The word for a model in ids, tables and legends: `mlp`, `cnn`, or the name of a list of layers. */
export function modelName(model: ModelSpec): string {
  return model.kind === "layers" ? model.name : model.kind;
}
