import { blockSchema } from "./blocks.js";
import { model } from "./model.js";

/** Any list of layers under a name. */
export const listed = model({
  schema: (z) =>
    z
      .strictObject({
        kind: z.literal("layers"),
        name: z
          .string()
          .regex(/^[a-z][a-z0-9]{0,23}$/, "a lower-case word of letters and digits, as ids carry it")
          .describe("What ids, tables and charts call it: a lower-case word of letters and digits."),
        layers: z
          .array(blockSchema(z))
          .min(1)
          .max(256)
          .describe("The layers in order; the last is dense, with a unit for every class."),
      })
      .describe("Any list of layers under a name."),
  blocks: ({ layers }) => layers,
  id: ({ name }) => name,
  word: ({ name }) => name,
  inFull: ({ name }) => name,
});
