import type { Zod } from "../family.js";
import { sizeSchema } from "../layers/layer.js";
import type { BlockSpec } from "./blocks.js";
import { model } from "./model.js";

const schema = (z: Zod) =>
  z
    .strictObject({
      kind: z.literal("mlp"),
      hidden: z
        .array(sizeSchema(z))
        .max(16)
        .default([100, 100])
        .describe("Units of each hidden layer; [] leaves softmax regression. The homework's are the default."),
    })
    .describe("Dense layers, with ReLU between them.");

/** Dense layers with ReLU, of the widths `hidden`: the homework's has two of 100. */
export const mlp = model({
  schema,
  blocks: ({ hidden }, classes) => [
    { kind: "flatten" },
    ...hidden.flatMap((units): BlockSpec[] => [{ kind: "dense", units }, { kind: "relu" }]),
    { kind: "dense", units: classes },
  ],
  id: () => "mlp",
  word: () => "MLP",
  inFull: ({ hidden }) => (hidden.length > 0 ? `MLP ${hidden.join("-")}` : "MLP without hidden layer"),
});
