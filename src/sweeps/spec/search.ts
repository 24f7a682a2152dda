/** How a sweep searched beyond a grid: which axes were drawn, and at which rungs cells were stopped. Part of the plan, never of a config or an id. */
import { z } from "zod";
import type { JsonValue } from "./json.js";

const bounds = z.tuple([z.number(), z.number()]);

export const drawSchema = z.union([
  z.strictObject({ logUniform: bounds }),
  z.strictObject({ uniform: bounds }),
  z.strictObject({ choice: z.array(z.json()).min(1) }),
]);

export const whenSchema = z.record(z.string(), z.json());

export const halvingSchema = z.strictObject({ rungs: z.array(z.int().min(1)).min(1), keep: z.number().gt(0).lt(1) });

export const searchSchema = z.strictObject({
  samples: z
    .strictObject({
      count: z.int(),
      seed: z.int(),
      axes: z.array(z.strictObject({ path: z.string(), draw: drawSchema, when: whenSchema.optional() })),
    })
    .optional(),
  halving: halvingSchema.optional(),
});

/** Where an axis' values are drawn from: bounds, or a list of which each has an equal share. */
export type Draw = { logUniform: [number, number] } | { uniform: [number, number] } | { choice: JsonValue[] };

/** Fields by dotted path, each with the value, or a list of the values, in whose cells an axis counts. */
export type When = Record<string, JsonValue>;

export interface Search {
  samples?: { count: number; seed: number; axes: { path: string; draw: Draw; when?: When }[] };
  /** `rungs`: epochs in rising order, the last are the cells' own; `keep`: the share that goes on from each. */
  halving?: { rungs: number[]; keep: number };
}
