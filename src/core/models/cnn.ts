import type { Zod } from "../family.js";
import { sizeSchema } from "../layers/layer.js";
import type { BlockSpec } from "./blocks.js";
import { model } from "./model.js";

const schema = (z: Zod) =>
  z
    .strictObject({
      kind: z.literal("cnn"),
      channels: z
        .array(sizeSchema(z))
        .min(1)
        .max(4)
        .default([16, 32, 64])
        .describe("Channels of each convolution; the homework's are the default."),
    })
    .describe("Convolutions 3×3, each with ReLU and 2×2 max-pooling, then a dense layer.");

/** Convolutions 3×3, each with ReLU and 2×2 max-pooling, and a dense layer: the homework's has 16, 32 and 64 channels. */
export const cnn = model({
  schema,
  blocks: ({ channels: widths }, classes) => [
    ...widths.flatMap((channels): BlockSpec[] => [
      { kind: "conv2d", channels, kernel: 3, padding: 1 },
      { kind: "relu" },
      { kind: "maxPool2d", size: 2 },
    ]),
    { kind: "flatten" },
    { kind: "dense", units: classes },
  ],
  id: () => "cnn",
  word: () => "CNN",
  inFull: ({ channels }) => `CNN ${channels.join("-")}`,
});
