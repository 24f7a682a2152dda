import { sizeSchema } from "../layers/layer.js";
import type { BlockSpec } from "./blocks.js";
import { model } from "./model.js";

/** Dense layers with ReLU, of the widths `hidden`: the homework's has two of 100. */
export const mlp = model({
  schema: (z) => z.strictObject({ kind: z.literal("mlp"), hidden: z.array(sizeSchema(z)).max(16).default([100, 100]) }),
  blocks: ({ hidden }, classes) => [
    { kind: "flatten" },
    ...hidden.flatMap((units): BlockSpec[] => [{ kind: "dense", units }, { kind: "relu" }]),
    { kind: "dense", units: classes },
  ],
  id: () => "mlp",
  word: () => "MLP",
  inFull: ({ hidden }) => (hidden.length > 0 ? `MLP ${hidden.join("-")}` : "MLP without hidden layer"),
});
