import type { BatchNormTensors } from "../kernels/kernels.js";
import { channelsOf } from "../kernels/shape.js";
import { elementwise, layer } from "./layer.js";

export const batchNorm = layer({
  schema: (z) =>
    z
      .strictObject({
        kind: z.literal("batchNorm"),
        momentum: z
          .number()
          .positive()
          .max(1)
          .default(0.1)
          .describe("Share of a batch's statistics in the running ones, which evaluation normalises with."),
        epsilon: z.number().min(1e-12).max(1).default(1e-5).describe("Added to the variance."),
      })
      .describe(
        "Batch normalisation, of an image channel by channel, with a gain and a bias (Ioffe and Szegedy, 2015).",
      ),
  ...elementwise,
  /** Weight [C] (the gain, 1 at first), then bias [C] (0 at first). */
  parameters: (_, input) =>
    [1, 0].map((constant) => ({ shape: [channelsOf(input)], stride: [1], fanIn: channelsOf(input), constant })),
  statistics: ({ momentum }, input) => ({ channels: channelsOf(input), momentum }),
  inPlace: false,
  bind: ({ epsilon }, { kernels, tensors, parameters, statistics, pass }) =>
    kernels.batchNorm({ ...tensors, ...parameters, ...statistics, epsilon } as BatchNormTensors, pass),
  words: () => "batch normalisation",
  derivation: (_, input) => `2 × ${channelsOf(input)}`,
});
