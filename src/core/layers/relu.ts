import { elementwise, layer } from "./layer.js";

export const relu = layer({
  schema: (z) => z.strictObject({ kind: z.literal("relu") }).describe("max(0, x)."),
  ...elementwise,
  inPlace: true,
  bind: (_, { kernels, tensors }) => kernels.relu(tensors),
  words: () => "ReLU",
});
