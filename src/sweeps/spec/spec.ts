/**
 * The sweep spec: what a user writes to say which cells to train.
 *
 *     { "name": "rates", "base": { "model": "mlp", "optimizer": "sgd", "epochs": 5 },
 *       "axes": { "optimizer.lr": [0.1, 0.01], "seed": [0, 1, 2] } }
 *
 * `base` is a partial TrainConfig; an axis sits on any field of it, named by its dotted path, and stands in for what the
 * base says of it. Where a field is an object with a `kind`, the word for the kind stands for it; null stands for a field that is
 * absent. A spec may list `variants`, each a grid of its own with fields of the base set otherwise (null takes one out):
 *
 *     "variants": [ { "role": "final", "axes": { "seed": [0, 1, 2] } },
 *                   { "role": "ablation", "label": "no flip", "set": { "epochs": 8, "augment.flip": null } } ]
 */
import { z } from "zod";
import type { KernelsName } from "../../core/config.js";
import { InputError } from "../../core/input-error.js";
import { stringify } from "../../core/json-text.js";
import type { Halving } from "../../core/training/halving.js";
import { axesOf, axisSchema, checkAxes, checkPath, type AxesSpec } from "./axes.js";
import { isJsonObject, type JsonObject, type JsonValue } from "./json.js";
import { explain } from "./explain.js";
import { specFault } from "./fault.js";
import { placeShape, type CellPlace } from "./place.js";
import { readRegular } from "./regular-file.js";
import { halvingSchema, samplesSchema, type Search } from "./search.js";
import { decodeText, parseSpecText, type SpecPath } from "./spec-text.js";
import { describe } from "./zod-issues.js";

/** A sweep's name is the name of its folder under runs/; Windows keeps some names for devices. */
const NAME = /^(?!(?:con|prn|aux|nul|com\d|lpt\d)$)[a-z0-9][a-z0-9_-]{0,63}$/;
/** A spec is written by hand; this only stops a wrong file from being read whole. */
const MAX_SPEC_BYTES = 8 << 20;

const axesSchema = z.record(z.string(), axisSchema);

const variantSchema = z.strictObject({
  ...placeShape,
  set: z
    .record(z.string(), z.json())
    .optional()
    .describe("Fields of the base by dotted path, set otherwise; null takes one out."),
  axes: axesSchema.optional().describe("Further axes; one of the same name stands in for the spec's."),
});

/** A spec as it is written; what its fields hold is checked where a grid is made of it. */
export const specSchema = z.strictObject({
  name: z
    .string()
    .regex(
      NAME,
      "a name of lower-case letters, digits, - and _ (it names a folder), but none that Windows keeps for a device",
    )
    .describe("Names the run directory, `runs/NAME`."),
  /** Names of data sets are checked where these are known. */
  data: z.unknown().optional().describe("What to train on, unless the command line says otherwise."),
  base: z.record(z.string(), z.json()).default({}).describe("What all cells share: any fields of a cell's config."),
  axes: axesSchema
    .default({})
    .describe(
      "Lists of values by dotted path, or what they are drawn from: a cell for every combination; the first axis varies slowest.",
    ),
  samples: samplesSchema.optional().describe("How many points the drawn axes have: a number, or an object."),
  halving: halvingSchema.optional().describe("Successive halving: all cells train a little, the best of them go on."),
  variants: z
    .array(variantSchema)
    .min(1)
    .optional()
    .describe("Grids of their own over the same base and axes; without them, the spec is one grid."),
  $schema: z.string().optional().describe("Where an editor finds `docs/spec.schema.json`; nothing else reads it."),
});

export interface SweepSpec {
  name: string;
  /** Which data to train on, where the command line does not say; whoever loads them knows which there are. */
  data?: unknown;
  base: JsonObject;
  axes: AxesSpec;
  /** How many points the drawn axes have, all drawn together. */
  samples?: number | { count: number; seed: number };
  /** Rungs in rising order, and the share of the cells that goes on from each. */
  halving?: Halving;
  /** The text that it was read from, for errors that name line and column. */
  text?: string;
  /** Grids of their own over the same base and axes; without them, the spec is one grid. */
  variants?: SpecVariant[];
}

export interface SpecVariant extends CellPlace {
  /** Fields of the base by dotted path, set otherwise; null takes an optional one out. */
  set?: Record<string, JsonValue>;
  /** Further axes; one of the same name stands in for the spec's. */
  axes?: AxesSpec;
}

/** @param source names the spec in errors @throws InputError where the spec is not one */
export function parseSpec(text: string, source: string): SweepSpec {
  const value = parseSpecText(text, source);
  if (!isJsonObject(value))
    throw specFault({ text }, source, [], `got ${describe(value)}, expected an object {"name", "base", "axes"}`);
  const parsed = specSchema.safeParse(value);
  if (!parsed.success) {
    const { path, message, isKey } = explain(parsed.error, value, specSchema);
    throw specFault({ text }, source, path as SpecPath, message, isKey ? "key" : "value");
  }
  delete parsed.data.$schema;
  const spec: SweepSpec = { ...parsed.data, text };
  const checked = { spec, source };
  const check = (fields: object, ...table: SpecPath): void => {
    for (const field of Object.keys(fields)) checkPath(field, checked, [...table, field]);
  };
  check(spec.base, "base");
  checkAxes(spec.axes, checked, ["axes"]);
  spec.variants?.forEach(({ set = {}, axes = {} }, i) => {
    check(set, "variants", i, "set");
    checkAxes(axes, checked, ["variants", i, "axes"]);
  });
  checkSearch(spec, source);
  return spec;
}

export async function readSpecFile(file: string): Promise<SweepSpec> {
  let bytes: Uint8Array;
  try {
    bytes = await readRegular(file, MAX_SPEC_BYTES);
  } catch (error) {
    if (error instanceof InputError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    throw new InputError(`${file}: cannot be read (${code ?? message}); expected a JSON sweep spec`);
  }
  return parseSpec(decodeText(bytes, file), file);
}

/** All axes of a spec, those of its variants included. */
function allAxes({ axes, variants = [] }: SweepSpec) {
  return [
    ...axesOf(axes, ["axes"]),
    ...variants.flatMap((variant, i) => axesOf(variant.axes ?? {}, ["variants", i, "axes"])),
  ];
}

/** @throws InputError where axes are drawn without a number of samples or the other way round, or rungs do not rise */
function checkSearch(spec: SweepSpec, source: string): void {
  const drawn = allAxes(spec).find(({ draw }) => draw);
  if (drawn && spec.samples === undefined)
    throw specFault(spec, source, drawn.where, `a drawn axis needs "samples", how many points are drawn`);
  if (!drawn && spec.samples !== undefined)
    throw specFault(
      spec,
      source,
      ["samples"],
      `got ${stringify(spec.samples)}, expected none without a drawn axis, such as "optimizer.lr": { "logUniform": [0.001, 0.1] }`,
    );
  const { rungs = [] } = spec.halving ?? {};
  const fallen = rungs.findIndex((epoch, i) => i > 0 && epoch <= rungs[i - 1]);
  if (fallen > 0)
    throw specFault(
      spec,
      source,
      ["halving", "rungs", fallen],
      `got ${rungs[fallen]} after ${rungs[fallen - 1]}, expected epochs in rising order`,
    );
}

/** How many points a spec's drawn axes have, and where their sequence starts. */
export function samplesOf({ samples = 0 }: SweepSpec): { count: number; seed: number } {
  return typeof samples === "number" ? { count: samples, seed: 0 } : samples;
}

/** How a spec searches beyond a grid; undefined where it does not. Of axes on one field in several variants, the first counts. */
export function searchOf(spec: SweepSpec): Search | undefined {
  const drawn = new Map<string, NonNullable<Search["samples"]>["axes"][number]>();
  for (const { path, draw, when } of allAxes(spec))
    if (draw && !drawn.has(path)) drawn.set(path, { path, draw, ...(when ? { when } : {}) });
  const { rungs, keep } = spec.halving ?? {};
  const search: Search = {
    ...(drawn.size > 0 ? { samples: { ...samplesOf(spec), axes: [...drawn.values()] } } : {}),
    ...(rungs && keep !== undefined ? { halving: { rungs: [...rungs], keep } } : {}),
  };
  return Object.keys(search).length > 0 ? search : undefined;
}

/** What the command line may change in a spec. */
export interface SpecOverrides {
  epochs?: number;
  seeds?: number[];
  trainLimit?: number;
  testLimit?: number;
  kernels?: KernelsName;
}

/**
 * The spec with the command line's word in place of its own: an axis on an overridden field gives way. Seeds replace
 * the seed axes there are, those of variants included, so that the other variants keep the seed they have.
 * @throws InputError where it asks for other epochs than the rungs of successive halving
 */
export function overrideSpec(spec: SweepSpec, { seeds, ...fields }: SpecOverrides): SweepSpec {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  const without = <T>(entries: Record<string, T> = {}): Record<string, T> =>
    Object.fromEntries(Object.entries(entries).filter(([path]) => !given.some(([field]) => field === path)));
  const reseeded = (axes: AxesSpec): AxesSpec => (seeds && "seed" in axes ? { ...axes, seed: seeds } : axes);
  const last = spec.halving?.rungs.at(-1);
  if (last !== undefined && fields.epochs !== undefined && fields.epochs !== last)
    throw new InputError(
      `--epochs: got ${fields.epochs}, expected ${last}, the last rung of the spec's "halving"; leave it out, or change the rungs`,
    );

  const base = { ...spec.base, ...Object.fromEntries(given) };
  const axes = reseeded(without(spec.axes));
  const variants = spec.variants?.map((variant) => ({
    ...variant,
    set: without(variant.set),
    axes: reseeded(without(variant.axes)),
  }));
  if (seeds && !variants?.some((variant) => "seed" in variant.axes)) axes.seed = seeds;
  return { ...spec, base, axes, ...(variants ? { variants } : {}) };
}

/** The text of a spec file: one axis and one variant a line, as one would write it by hand. */
export function formatSpec(spec: SweepSpec): string {
  const axes = Object.entries(spec.axes).map(([axis, values]) => `    ${stringify(axis)}: ${stringify(values)}`);
  const lines = [
    `  "name": ${stringify(spec.name)}`,
    ...(spec.data === undefined ? [] : [`  "data": ${stringify(spec.data)}`]),
    `  "base": ${stringify(spec.base)}`,
    axes.length === 0 ? `  "axes": {}` : `  "axes": {\n${axes.join(",\n")}\n  }`,
    ...(spec.samples === undefined ? [] : [`  "samples": ${stringify(spec.samples)}`]),
    ...(spec.halving === undefined ? [] : [`  "halving": ${stringify(spec.halving)}`]),
    ...(spec.variants
      ? [`  "variants": [\n${spec.variants.map((variant) => `    ${stringify(variant)}`).join(",\n")}\n  ]`]
      : []),
  ];
  return `{\n${lines.join(",\n")}\n}\n`;
}
