import type { Shape } from "../kernels/shape.js";
import { asImage, layer, plain, type Place } from "./layer.js";

const pooled = {
  ...plain,
  output: (_: unknown, input: Shape, place: Place): Shape => ({ kind: "vector", size: asImage(input, place).channels }),
  keepsLayout: false,
  inPlace: false,
};

export const globalMaxPool2d = layer({
  schema: (z) =>
    z.strictObject({ kind: z.literal("globalMaxPool2d") }).describe("The largest value of each channel, as a vector."),
  ...pooled,
  bind: (_, { kernels, tensors }) => kernels.globalMaxPool2d(tensors),
  words: () => "global max-pool",
});

export const globalAveragePool2d = layer({
  schema: (z) =>
    z.strictObject({ kind: z.literal("globalAveragePool2d") }).describe("The mean of each channel, as a vector."),
  ...pooled,
  bind: (_, { kernels, tensors }) => kernels.globalAveragePool2d(tensors),
  words: () => "global average-pool",
});
