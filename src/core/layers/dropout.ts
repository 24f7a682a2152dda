import { elementwise, layer } from "./layer.js";

export const dropout = layer({
  schema: (z) => z.strictObject({ kind: z.literal("dropout"), rate: z.number().min(0).lt(1).default(0.5) }),
  ...elementwise,
  inPlace: true,
  bind: ({ rate }, { kernels, tensors, index, pass }) => kernels.dropout(tensors, rate, index, pass),
  words: ({ rate }) => `dropout ${rate}`,
});
