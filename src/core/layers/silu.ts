import { elementwise, layer } from "./layer.js";

export const silu = layer({
  schema: (z) => z.strictObject({ kind: z.literal("silu") }).describe("x·sigmoid(x)."),
  ...elementwise,
  inPlace: false,
  bind: (_, { kernels, tensors }) => kernels.silu(tensors),
  words: () => "SiLU",
});
