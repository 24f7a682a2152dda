import type { z } from "zod";
import type { Zod } from "../family.js";
import { sizeSchema } from "../layers/layer.js";
import { layerOf, type PlainLayerSpec } from "../layers/table.js";
import type { BlockSpec } from "./blocks.js";
import { model } from "./model.js";

/**
 * Convolutions of width, 2·width and 4·width channels at full, half and quarter size, a residual block after each pooling;
 * with `blocks`, this many of them at each size, at full size between its two convolutions. Unless `padded`, the first two
 * convolutions lose a border: 28 pixels a side become 24, 12 and 6, which Winograd's tiles of six cover exactly.
 */
const schema = (z: Zod) =>
  z.strictObject({
    kind: z.literal("resnet"),
    width: sizeSchema(z).max(1024).default(32),
    blocks: z.int().min(1).max(32).optional(),
    padded: z.boolean().default(false),
    residual: z.boolean().default(true),
    batchNorm: z.boolean().default(true),
    activation: z.enum(["relu", "silu", "gelu"]).default("relu"),
    globalPool: z.enum(["max", "average"]).default("max"),
    dropout: z.number().min(0).lt(1).default(0),
  });
type ResnetSpec = z.output<ReturnType<typeof schema>>;

export const resnet = model({
  schema,
  blocks(spec, classes) {
    const { width, blocks, padded, globalPool, dropout } = spec;
    return [
      ...convolution(spec, width, padded ? 1 : 0),
      ...residualBlocks(spec, width, blocks ?? 0),
      ...convolution(spec, 2 * width, padded ? 1 : 0),
      { kind: "maxPool2d", size: 2 },
      ...residualBlocks(spec, 2 * width, blocks ?? 1),
      ...convolution(spec, 4 * width),
      { kind: "maxPool2d", size: 2 },
      ...residualBlocks(spec, 4 * width, blocks ?? 1),
      { kind: globalPool === "max" ? "globalMaxPool2d" : "globalAveragePool2d" },
      ...(dropout > 0 ? [{ kind: "dropout" as const, rate: dropout }] : []),
      { kind: "dense", units: classes },
    ];
  },
  id: () => "resnet",
  word: () => "ResNet",
  inFull(spec) {
    const { width, blocks, padded, residual, batchNorm, activation, globalPool, dropout } = spec;
    const details = [
      `ResNet of width ${width}`,
      blocks === undefined ? "" : `${blocks} ${blocks === 1 ? "block" : "blocks"} a size`,
      padded ? "padded" : "",
      residual ? "" : "without skips",
      batchNorm ? "" : "without batch normalisation",
      activation === "relu" ? "" : layerOf({ kind: activation }).words({ kind: activation }),
      globalPool === "max" ? "" : "average-pooled",
      dropout === 0 ? "" : `dropout ${dropout}`,
    ];
    return details.filter((detail) => detail !== "").join(", ");
  },
});

function convolution({ batchNorm, activation }: ResnetSpec, channels: number, padding = 1): PlainLayerSpec[] {
  return [
    { kind: "conv2d", channels, kernel: 3, padding, ...(batchNorm ? { bias: false } : {}) },
    ...(batchNorm ? [{ kind: "batchNorm" as const, momentum: 0.1, epsilon: 1e-5 }] : []),
    { kind: activation },
  ];
}

function residualBlocks(spec: ResnetSpec, channels: number, count: number): BlockSpec[] {
  return Array.from({ length: count }).flatMap((): BlockSpec[] => {
    const layers = [...convolution(spec, channels), ...convolution(spec, channels)];
    return spec.residual ? [{ kind: "residual", layers }] : layers;
  });
}
