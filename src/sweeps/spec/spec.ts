/**
 * The sweep spec: what a user writes to say which cells to train.
 *
 *     { "name": "rates", "base": { "model": "mlp", "optimizer": "sgd", "epochs": 5 },
 *       "axes": { "optimizer.lr": [0.1, 0.01], "seed": [0, 1, 2] } }
 *
 * `base` is a partial TrainConfig; an axis sits on any field of it, named by its dotted path. A spec may list
 * `variants` of it, each a grid of its own with fields of the base set otherwise (null takes one out):
 *
 *     "variants": [ { "role": "final", "axes": { "seed": [0, 1, 2] } },
 *                   { "role": "ablation", "label": "no flip", "set": { "epochs": 8, "augment.flip": null } } ]
 */
import { z } from "zod";
import { trainConfigSchema, type KernelsName } from "../../core/config.js";
import { InputError } from "../../core/input-error.js";
import { canonicalJson, stringify } from "../../core/json-text.js";
import { isForbiddenKey, isJsonObject, type JsonObject, type JsonValue } from "./json.js";
import { placeShape, type CellPlace } from "./place.js";
import { readRegular } from "./regular-file.js";
import { decodeText, parseSpecText } from "./spec-text.js";
import { describe, dottedPath, firstMisfit } from "./zod-issues.js";

/** A sweep's name is the name of its folder under runs/; Windows keeps some names for devices. */
const NAME = /^(?!(?:con|prn|aux|nul|com\d|lpt\d)$)[a-z0-9][a-z0-9_-]{0,63}$/;
/** A spec is written by hand; this only stops a wrong file from being read whole. */
const MAX_SPEC_BYTES = 8 << 20;

const axesSchema = z.record(z.string(), z.array(z.json()).min(1));

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
    .describe("Lists of values by dotted path: a cell for every combination; the first axis varies slowest."),
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
  axes: Record<string, JsonValue[]>;
  /** Grids of their own over the same base and axes; without them, the spec is one grid. */
  variants?: SpecVariant[];
}

export interface SpecVariant extends CellPlace {
  /** Fields of the base by dotted path, set otherwise; null takes an optional one out. */
  set?: Record<string, JsonValue>;
  /** Further axes; one of the same name stands in for the spec's. */
  axes?: Record<string, JsonValue[]>;
}

/** The fields of a config, as a spec may name them. */
export const configFields: readonly string[] = Object.keys(trainConfigSchema.shape);

/** @param source names the spec in errors @throws InputError where the spec is not one */
export function parseSpec(text: string, source: string): SweepSpec {
  const value = parseSpecText(text, source);
  if (!isJsonObject(value))
    throw new InputError(`${source}: got ${describe(value)}, expected an object {"name", "base", "axes"}`);
  const parsed = specSchema.safeParse(value);
  if (!parsed.success) {
    const { path, message } = firstMisfit(parsed.error, value);
    const fields = path[0] === "variants" ? variantSchema.shape : specSchema.shape;
    const hint = message === "no such field" ? `; expected one of ${Object.keys(fields).join(", ")}` : "";
    throw new InputError(`${source}: ${dottedPath(path)}: ${message}${hint}`);
  }
  delete parsed.data.$schema;
  const spec: SweepSpec = parsed.data;
  for (const field of Object.keys(spec.base)) checkField(field, `${source}: base.${field}`);
  checkAxes(spec.axes, source);
  spec.variants?.forEach(({ set = {}, axes = {} }, i) => {
    for (const path of Object.keys(set)) checkPath(path, `${source}: variants.${i}.set "${path}"`);
    checkAxes(axes, `${source}: variants.${i}.`);
  });
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

function checkField(field: string, place: string): void {
  if (!configFields.includes(field))
    throw new InputError(`${place}: no such field of a cell's config; expected one of ${configFields.join(", ")}`);
}

/** @param place what stands before "axes" in errors */
function checkAxes(axes: Record<string, JsonValue[]>, place: string): void {
  for (const [axis, values] of Object.entries(axes)) {
    const here = `${place}${place.endsWith(".") ? "" : ": "}axes "${axis}"`;
    checkPath(axis, here);
    const seen = new Set<string>();
    for (const value of values) {
      const text = canonicalJson(expandShorthand(axis, value));
      if (seen.has(text)) throw new InputError(`${here}: got ${describe(value)} twice; remove one`);
      seen.add(text);
    }
  }
}

function checkPath(path: string, place: string): void {
  const parts = path.split(".");
  if (parts.some((part) => part === "" || isForbiddenKey(part)))
    throw new InputError(`${place}: not a field path; expected one like "optimizer.lr"`);
  checkField(parts[0], place);
}

/** The short-hands "mlp", "cnn" and "sgd", "nesterov", "adam", "muon" stand for their defaults, which are the homework's where it names one. */
export function expandShorthand(field: string, value: JsonValue): JsonValue {
  return (field === "model" || field === "optimizer") && typeof value === "string" ? { kind: value } : value;
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
 */
export function overrideSpec(spec: SweepSpec, { seeds, ...fields }: SpecOverrides): SweepSpec {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  const without = <T>(entries: Record<string, T> = {}): Record<string, T> =>
    Object.fromEntries(Object.entries(entries).filter(([path]) => !given.some(([field]) => field === path)));
  const reseeded = (axes: Record<string, JsonValue[]>): Record<string, JsonValue[]> =>
    seeds && "seed" in axes ? { ...axes, seed: seeds } : axes;

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
    ...(spec.variants
      ? [`  "variants": [\n${spec.variants.map((variant) => `    ${stringify(variant)}`).join(",\n")}\n  ]`]
      : []),
  ];
  return `{\n${lines.join(",\n")}\n}\n`;
}
