import { imageShape } from "../kernels/shape.js";
import { asImage, layer, plain } from "./layer.js";

export const maxPool2d = layer({
  schema: (z) =>
    z
      .strictObject({
        kind: z.literal("maxPool2d"),
        size: z.int().min(2).max(8).default(2).describe("Side of the windows, in pixels; they do not overlap."),
      })
      .describe("The largest value of each window; a side of n pixels becomes floor(n / size)."),
  ...plain,
  output({ size }, input, place) {
    const { height, width, channels } = asImage(input, place);
    if (height < size || width < size) place.misfit(`an image of ${height}×${width}`, `at least ${size} pixels a side`);
    return imageShape(Math.floor(height / size), Math.floor(width / size), channels);
  },
  keepsLayout: false,
  inPlace: false,
  bind: ({ size }, { kernels, tensors }) => kernels.maxPool2d(tensors, size),
  words: ({ size }) => `max-pool ${size}×${size}`,
});
