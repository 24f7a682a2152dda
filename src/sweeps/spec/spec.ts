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
import { trainConfigSchema, type KernelsName } from "../../core/config.js";
import { InputError } from "../../core/input-error.js";
import { canonicalJson, stringify } from "../../core/json-text.js";
import { isForbiddenKey, isJsonObject, type JsonObject, type JsonValue } from "./json.js";
import { explain } from "./explain.js";
import { specFault } from "./fault.js";
import { closestField, inFull, schemaAt } from "./fields.js";
import { placeShape, type CellPlace } from "./place.js";
import { readRegular } from "./regular-file.js";
import { decodeText, parseSpecText, type SpecPath } from "./spec-text.js";
import { describe } from "./zod-issues.js";

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

/** A file with weights that cells start from. */
export interface InitFile {
  file: string;
  bytes: Uint8Array;
}

export interface SweepSpec {
  name: string;
  /** Which data to train on, where the command line does not say; whoever loads them knows which there are. */
  data?: unknown;
  base: JsonObject;
  axes: Record<string, JsonValue[]>;
  /** The text that it was read from, for errors that name line and column. */
  text?: string;
  /** Grids of their own over the same base and axes; without them, the spec is one grid. */
  variants?: SpecVariant[];
  /** The files that it named, by the digests that stand in their places. */
  inits?: ReadonlyMap<string, InitFile>;
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
    throw specFault({ text }, source, [], `got ${describe(value)}, expected an object {"name", "base", "axes"}`);
  const parsed = specSchema.safeParse(value);
  if (!parsed.success) {
    const { path, message, isKey } = explain(parsed.error, value, specSchema);
    throw specFault({ text }, source, path as SpecPath, message, isKey ? "key" : "value");
  }
  delete parsed.data.$schema;
  const spec: SweepSpec = { ...parsed.data, text };
  const check = (fields: object, ...table: SpecPath): void => {
    for (const field of Object.keys(fields)) checkPath(field, spec, source, [...table, field]);
  };
  check(spec.base, "base");
  checkAxes(spec.axes, spec, source, ["axes"]);
  spec.variants?.forEach(({ set = {}, axes = {} }, i) => {
    check(set, "variants", i, "set");
    checkAxes(axes, spec, source, ["variants", i, "axes"]);
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

/** @throws InputError where a value is on its axis twice, or there is no such axis */
function checkAxes(axes: Record<string, JsonValue[]>, spec: SweepSpec, source: string, table: SpecPath): void {
  for (const [axis, values] of Object.entries(axes)) {
    const here = [...table, axis];
    checkPath(axis, spec, source, here);
    const schema = Object.hasOwn(trainConfigSchema.shape, axis) ? schemaAt(trainConfigSchema, {}, [axis]) : undefined;
    const seen = new Set<string>();
    for (const [i, value] of values.entries()) {
      const text = canonicalJson(inFull(schema, value));
      if (seen.has(text)) throw specFault(spec, source, [...here, i], `got ${describe(value)} twice; remove one`);
      seen.add(text);
    }
  }
}

/** @throws InputError where a dotted path leads to no field */
function checkPath(path: string, spec: SweepSpec, source: string, here: SpecPath): void {
  const fault = (message: string): InputError => specFault(spec, source, here, message, "key");
  const [top, ...rest] = path.split(".");
  if ([top, ...rest].some((part) => part === "" || isForbiddenKey(part)))
    throw fault(`not a field path; expected one like "optimizer.lr"`);
  if (configFields.includes(top)) return;
  const guess = closestField(top);
  const hint = guess ? `did you mean "${[guess, ...rest].join(".")}"?` : `expected one of ${configFields.join(", ")}`;
  throw fault(`no such field of a cell's config; ${hint}`);
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
