import type { Conv2dTensors } from "../kernels/kernels.js";
import { channelsOf, imageShape, sizeOf } from "../kernels/shape.js";
import { roundUp } from "../numeric/math.js";
import { asImage, layer, sizeSchema } from "./layer.js";

export const conv2d = layer({
  schema: (z) =>
    z
      .strictObject({
        kind: z.literal("conv2d"),
        channels: sizeSchema(z).describe("Channels of the output."),
        kernel: z.int().min(1).max(15).default(3).describe("Side of the filters, in pixels."),
        padding: z
          .int()
          .min(0)
          .max(7)
          .default(1)
          .describe("Zeros around the image, less than `kernel`; half of an odd `kernel` keeps the size."),
        stride: z.int().min(1).max(8).optional().describe("Pixels from one output to the next. Absent: 1."),
        bias: z
          .boolean()
          .optional()
          .describe("false: no bias, as before a batch normalisation, which has its own. Absent: true."),
      })
      .describe("Convolution of an image; a side of n pixels becomes floor((n + 2·padding - kernel) / stride) + 1."),
  output({ channels, kernel, padding, stride = 1 }, input, place) {
    const { height, width } = asImage(input, place);
    if (padding >= kernel) place.misfit(`padding ${padding} for kernel ${kernel}`, "a padding below the kernel size");
    const shrink = kernel - 1 - 2 * padding;
    if (height <= shrink || width <= shrink)
      place.misfit(`an image of ${height}×${width}`, `more than ${shrink} pixels a side`);
    const side = (pixels: number): number => Math.ceil((pixels - shrink) / stride);
    return imageShape(side(height), side(width), channels);
  },
  /** Weight [O, K, K, C] with each row of K pixels padded to a multiple of 4, then bias [O], where there is one. */
  parameters({ channels: outputs, kernel, bias = true }, input) {
    const channels = channelsOf(input);
    const pitch = input.kind === "image" ? input.pitch : 1;
    const row = roundUp(kernel * pitch, 4);
    const fanIn = kernel * kernel * channels;
    const weight = { shape: [outputs, kernel, kernel, channels], stride: [kernel * row, row, pitch, 1], fanIn };
    return bias ? [weight, { shape: [outputs], stride: [1], fanIn }] : [weight];
  },
  statistics: () => undefined,
  work: ({ kernel }, input, output) => sizeOf(output) * kernel * kernel * channelsOf(input),
  keepsLayout: false,
  inPlace: false,
  isReshape: false,
  halo: ({ kernel, padding, stride = 1 }) => ({ input: padding, gradient: stride === 1 ? kernel - 1 - padding : 0 }),
  bind({ padding, stride = 1 }, { kernels, tensors, parameters }) {
    return kernels.conv2d({ ...tensors, ...parameters, stride, padding } as Conv2dTensors);
  },
  words: ({ channels, kernel, stride = 1 }) =>
    `convolution ${kernel}×${kernel}, ${channels} channels${stride > 1 ? `, stride ${stride}` : ""}`,
  derivation({ channels, kernel, bias = true }, input) {
    const weights = `${channelsOf(input)}·${kernel}·${kernel}`;
    return `${channels} × ${bias ? `(${weights} + 1)` : weights}`;
  },
});
