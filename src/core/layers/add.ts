import type { AddTensors } from "../kernels/kernels.js";
import { inWords } from "../kernels/shape.js";
import { elementwise, layer } from "./layer.js";

/** The end of a residual block: adds the input of the layer `span` places before it. Specs write the block, not this layer. */
export const add = layer({
  schema: (z) => z.strictObject({ kind: z.literal("add"), span: z.int() }),
  ...elementwise,
  output({ span }, input, { index, shapes, misfit }) {
    const skipped = span < 1 ? undefined : shapes[index - span];
    if (!skipped) return misfit(`a span of ${span}`, `from 1 to ${index}, the layers before it`);
    if (inWords(input) !== inWords(skipped))
      misfit(`${inWords(input)} to add to ${inWords(skipped)}`, "the same shape at both ends of a residual block");
    return input;
  },
  inPlace: false,
  bind: (_, { kernels, tensors, skipped }) => kernels.add({ ...tensors, skipped } as AddTensors),
  words: ({ span }) => `add the input of ${span} layers before`,
});
