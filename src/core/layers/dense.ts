import type { DenseTensors } from "../kernels/kernels.js";
import { sizeOf } from "../kernels/shape.js";
import { roundUp } from "../numeric/math.js";
import { layer, sizeSchema } from "./layer.js";

export const dense = layer({
  schema: (z) =>
    z
      .strictObject({ kind: z.literal("dense"), units: sizeSchema(z).describe("Values of the output.") })
      .describe("Fully connected layer, with bias, of a vector: `flatten` makes one of an image."),
  output({ units }, input, { misfit }) {
    return input.kind === "vector"
      ? { kind: "vector", size: units }
      : misfit("an image", "a vector, as a flatten layer gives");
  },
  /** Weight [I, O] with each row of O floats padded to a multiple of 4, then bias [O]. */
  parameters({ units }, input) {
    const fanIn = sizeOf(input);
    return [
      { shape: [fanIn, units], stride: [roundUp(units, 4), 1], fanIn },
      { shape: [units], stride: [1], fanIn },
    ];
  },
  statistics: () => undefined,
  work: ({ units }, input) => sizeOf(input) * units,
  keepsLayout: false,
  inPlace: false,
  isReshape: false,
  halo: () => ({ input: 0, gradient: 0 }),
  bind: (_, { kernels, tensors, parameters }) => kernels.dense({ ...tensors, ...parameters } as DenseTensors),
  words: ({ units }) => `dense, ${units} units`,
  derivation: ({ units }, input) => `${units} × (${sizeOf(input)} + 1)`,
});
