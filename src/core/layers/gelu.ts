import { elementwise, layer } from "./layer.js";

export const gelu = layer({
  schema: (z) => z.strictObject({ kind: z.literal("gelu") }),
  ...elementwise,
  inPlace: false,
  bind: (_, { kernels, tensors }) => kernels.gelu(tensors),
  words: () => "GELU",
});
