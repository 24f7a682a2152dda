/**
 * The sweep spec: what a user writes to say which cells to train.
 *
 *     { "name": "rates", "base": { "model": "mlp", "optimizer": "sgd", "epochs": 5 },
 *       "axes": { "optimizer.lr": [0.1, 0.01], "seed": [0, 1, 2] } }
 *
 * `base` is a partial TrainConfig; an axis sits on any field of it, named by its dotted path.
 */
import { readFile, stat } from "node:fs/promises";
import { z } from "zod";
import { trainConfigSchema, type KernelsName } from "../core/config.js";
import { InputError } from "../core/input-error.js";
import { canonicalJson, isForbiddenKey, isJsonObject, parseJson, stringify, type JsonObject, type JsonValue } from "./json.js";
import { describe, dottedPath, firstMisfit } from "./zod-issues.js";

export const dataChoices = ["auto", "fashion-mnist", "synthetic"] as const;
export type DataChoice = (typeof dataChoices)[number];

/** A sweep's name is the name of its folder under runs/. */
const NAME = /^[a-z0-9][a-z0-9_-]{0,63}$/;
/** A spec is written by hand; this only stops a wrong file from being read whole. */
const MAX_SPEC_BYTES = 8 << 20;

const specSchema = z.strictObject({
  name: z.string().regex(NAME, "a name of lower-case letters, digits, - and _ (it names a folder)"),
  data: z.enum(dataChoices).optional(),
  base: z.record(z.string(), z.json()).default({}),
  axes: z.record(z.string(), z.array(z.json()).min(1)).default({}),
});

export interface SweepSpec {
  name: string;
  /** Which data to train on, where the command line does not say. */
  data?: DataChoice;
  base: JsonObject;
  axes: Record<string, JsonValue[]>;
}

/** The fields of a config, as a spec may name them. */
export const configFields: readonly string[] = Object.keys(trainConfigSchema.shape);

/** @param source names the spec in errors @throws InputError where the spec is not one */
export function parseSpec(text: string, source: string): SweepSpec {
  const value = parseJson(text, source);
  if (!isJsonObject(value)) throw new InputError(`${source}: got ${describe(value)}, expected an object {"name", "base", "axes"}`);
  const parsed = specSchema.safeParse(value);
  if (!parsed.success) {
    const { path, message } = firstMisfit(parsed.error, value);
    const hint = message === "no such field" ? "; expected one of name, data, base, axes" : "";
    throw new InputError(`${source}: ${dottedPath(path)}: ${message}${hint}`);
  }
  const spec: SweepSpec = parsed.data;
  for (const field of Object.keys(spec.base)) checkField(field, `${source}: base.${field}`);
  for (const [axis, values] of Object.entries(spec.axes)) checkAxis(axis, values, source);
  return spec;
}

export async function readSpecFile(file: string): Promise<SweepSpec> {
  let text: string;
  try {
    const { size } = await stat(file);
    if (size > MAX_SPEC_BYTES) throw new InputError(`${file}: got ${size} bytes, expected a sweep spec of at most ${MAX_SPEC_BYTES}`);
    text = await readFile(file, "utf8");
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(`${file}: cannot be read (${(error as NodeJS.ErrnoException).code}); expected a JSON sweep spec`);
  }
  return parseSpec(text, file);
}

function checkField(field: string, place: string): void {
  if (!configFields.includes(field)) throw new InputError(`${place}: no such field of a cell's config; expected one of ${configFields.join(", ")}`);
}

function checkAxis(axis: string, values: JsonValue[], source: string): void {
  const place = `${source}: axes "${axis}"`;
  const parts = axis.split(".");
  if (parts.some((part) => part === "" || isForbiddenKey(part)))
    throw new InputError(`${place}: not a field path; expected one like "optimizer.lr"`);
  checkField(parts[0], place);
  const seen = new Set<string>();
  for (const value of values) {
    const text = canonicalJson(expandShorthand(axis, value));
    if (seen.has(text)) throw new InputError(`${place}: got ${describe(value)} twice; remove one`);
    seen.add(text);
  }
}

/** The short-hands "mlp", "cnn" and "sgd", "nesterov", "adam" stand for the homework's defaults. */
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

/** The spec with the command line's word in place of its own: an axis on an overridden field gives way. */
export function overrideSpec(spec: SweepSpec, { seeds, ...fields }: SpecOverrides): SweepSpec {
  const base = { ...spec.base };
  const axes = { ...spec.axes };
  for (const [field, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    base[field] = value;
    delete axes[field];
  }
  if (seeds) axes.seed = seeds;
  return { ...spec, base, axes };
}

/** The text of a spec file: one axis a line, as one would write it by hand. */
export function formatSpec(spec: SweepSpec): string {
  const axes = Object.entries(spec.axes).map(([axis, values]) => `    ${stringify(axis)}: ${stringify(values)}`);
  const lines = [
    `  "name": ${stringify(spec.name)}`,
    ...(spec.data === undefined ? [] : [`  "data": ${stringify(spec.data)}`]),
    `  "base": ${stringify(spec.base)}`,
    axes.length === 0 ? `  "axes": {}` : `  "axes": {\n${axes.join(",\n")}\n  }`,
  ];
  return `{\n${lines.join(",\n")}\n}\n`;
}
