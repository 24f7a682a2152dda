/** How a sweep searches beyond a grid: which axes are drawn, and at which rungs cells stop. Part of the plan, never of a config or an id. */
import { z } from "zod";
import type { JsonValue } from "./json.js";

const bounds = z.tuple([z.number(), z.number()]);

/** What values may be drawn from, by the word for it. */
export const drawShapes = {
  logUniform: bounds.describe("Bounds, both above 0, between which the logarithm is drawn evenly."),
  uniform: bounds.describe("Bounds between which the value is drawn evenly."),
  choice: z.array(z.json()).min(1).describe("Values, each with an equal share."),
};
const { logUniform, uniform, choice } = drawShapes;

export const whenSchema = z
  .record(z.string(), z.json())
  .describe(
    "Fields by dotted path, each with a value or a list of values: the axis counts only in cells that have all of them.",
  );

const whole = z.int().min(0).max(0xffff_ffff);

export const halvingSchema = z.strictObject({
  rungs: z
    .array(z.int().min(1).max(100_000))
    .min(2)
    .describe("Epochs in rising order at which cells stop, and the best go on; the last are the cells' `epochs`."),
  keep: z.number().gt(0).lt(1).describe("Share of the cells that go on from each rung, rounded up."),
});

const countSchema = z.int().min(1).max(100_000);
/** In a spec the seed may be left out, and the count stand alone. */
export const samplesSchema = z.union([
  countSchema,
  z.strictObject({
    count: countSchema.describe("How many."),
    seed: whole.default(0).describe("Where the sequence starts; no cell's own seed depends on it."),
  }),
]);

/** As a plan holds it. */
export const searchSchema: z.ZodType<Search> = z.strictObject({
  samples: z
    .strictObject({
      count: countSchema,
      seed: whole,
      axes: z.array(
        z.strictObject({
          path: z.string(),
          draw: z.union([z.strictObject({ logUniform }), z.strictObject({ uniform }), z.strictObject({ choice })]),
          when: whenSchema.optional(),
        }),
      ),
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
