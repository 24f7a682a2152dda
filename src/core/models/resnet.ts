import type { z } from "zod";
import type { Zod } from "../family.js";
import { sizeSchema } from "../layers/layer.js";
import { layerOf, type PlainLayerSpec } from "../layers/table.js";
import type { BlockSpec } from "./blocks.js";
import { model } from "./model.js";

const schema = (z: Zod) =>
  z
    .strictObject({
      kind: z.literal("resnet"),
      width: sizeSchema(z)
        .max(1024)
        .default(32)
        .describe("Channels at full size; twice as many at half, four times at quarter size."),
      blocks: z
        .int()
        .min(1)
        .max(32)
        .optional()
        .describe(
          "Residual blocks at each size, at full size between its two convolutions. Absent: one after each pooling.",
        ),
      padded: z
        .boolean()
        .default(false)
        .describe(
          "false: the first two convolutions lose a border, so that 28 pixels a side become 24, 12 and 6, which the fast kernels cover exactly.",
        ),
      residual: z.boolean().default(true).describe("false: the same layers without the additions."),
      batchNorm: z.boolean().default(true).describe("Batch normalisation after each convolution."),
      activation: z.enum(["relu", "silu", "gelu"]).default("relu").describe("What follows each of them."),
      globalPool: z.enum(["max", "average"]).default("max").describe("What makes a vector of the last images."),
      dropout: z.number().min(0).lt(1).default(0).describe("Rate of dropout before the last layer."),
    })
    .describe(
      "A residual network: convolutions 3×3 at full, half and quarter size, and residual blocks (He et al., 2016).",
    );
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
