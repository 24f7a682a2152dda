import { blockSchema } from "./blocks.js";
import { model } from "./model.js";

/** Any list of layers under a name. */
export const listed = model({
  schema: (z) =>
    z.strictObject({
      kind: z.literal("layers"),
      name: z.string().regex(/^[a-z][a-z0-9]{0,23}$/, "a lower-case word of letters and digits, as ids carry it"),
      layers: z.array(blockSchema(z)).min(1).max(256),
    }),
  blocks: ({ layers }) => layers,
  id: ({ name }) => name,
  word: ({ name }) => name,
  inFull: ({ name }) => name,
});
