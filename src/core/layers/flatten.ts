import { asVector, layer, plain } from "./layer.js";

export const flatten = layer({
  schema: (z) => z.strictObject({ kind: z.literal("flatten") }).describe("An image as a vector."),
  ...plain,
  output: (_, input) => asVector(input),
  keepsLayout: false,
  inPlace: false,
  isReshape: true,
  bind: (_, { kernels, tensors }) => kernels.flatten(tensors),
  words: () => "flatten",
});
