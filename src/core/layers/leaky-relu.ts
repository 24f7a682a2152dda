import { elementwise, layer } from "./layer.js";

export const leakyRelu = layer({
  schema: (z) =>
    z
      .strictObject({
        kind: z.literal("leakyRelu"),
        slope: z.number().min(0).max(1).default(0.01).describe("Factor of negative values."),
      })
      .describe("x, or slope·x where x is negative."),
  ...elementwise,
  inPlace: true,
  bind: ({ slope }, { kernels, tensors }) => kernels.leakyRelu(tensors, slope),
  words: ({ slope }) => `leaky ReLU, slope ${slope}`,
});
