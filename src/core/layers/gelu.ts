import { elementwise, layer } from "./layer.js";

export const gelu = layer({
  schema: (z) =>
    z.strictObject({ kind: z.literal("gelu") }).describe("x·Φ(x) in its tanh form (Hendrycks and Gimpel, 2016)."),
  ...elementwise,
  inPlace: false,
  bind: (_, { kernels, tensors }) => kernels.gelu(tensors),
  words: () => "GELU",
});
