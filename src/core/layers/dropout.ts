import { elementwise, layer } from "./layer.js";

export const dropout = layer({
  schema: (z) =>
    z
      .strictObject({
        kind: z.literal("dropout"),
        rate: z.number().min(0).lt(1).default(0.5).describe("Probability that a value becomes 0."),
      })
      .describe(
        "In training, values become 0 at random and the others are divided by 1 - rate (Srivastava et al., 2014).",
      ),
  ...elementwise,
  inPlace: true,
  bind: ({ rate }, { kernels, tensors, index, pass }) => kernels.dropout(tensors, rate, index, pass),
  words: ({ rate }) => `dropout ${rate}`,
});
