/** Spec → grid: the cartesian product of the axes over the base, as complete configs in declared order. */
import { trainConfigSchema, type TrainConfig } from "../core/config.js";
import { InputError } from "../core/input-error.js";
import { canonicalJson, isJsonObject, type JsonObject, type JsonValue } from "./json.js";
import { expandShorthand, type SweepSpec } from "./spec.js";
import { describe, dottedPath, firstMisfit } from "./zod-issues.js";

/** A typing error in an axis must not fill the disk with folders. */
const MAX_CELLS = 100_000;

/** Axis values of one cell, for messages. */
type Point = [axis: string, value: JsonValue][];

/**
 * All configs of a spec; the first axis varies slowest.
 * @param source names the spec in errors
 * @throws InputError where a cell is no valid config, or two cells are the same
 */
export function expandGrid(spec: SweepSpec, source: string): TrainConfig[] {
  const axes = Object.entries(spec.axes);
  const count = axes.reduce((product, [, values]) => product * values.length, 1);
  if (count > MAX_CELLS) throw new InputError(`${source}: got ${count} cells, expected at most ${MAX_CELLS}; take values off the axes`);
  const seen = new Map<string, Point>();
  return Array.from({ length: count }, (_, index) => {
    const point = pointAt(axes, index);
    const config = configAt(spec, point, source);
    const key = canonicalJson(config);
    const twin = seen.get(key);
    if (twin) throw new InputError(`${source}: the cells ${pointText(twin)} and ${pointText(point)} are the same; remove one of the values`);
    seen.set(key, point);
    return config;
  });
}

function pointAt(axes: [string, JsonValue[]][], index: number): Point {
  const point: Point = [];
  for (const [axis, values] of [...axes].reverse()) {
    point.unshift([axis, values[index % values.length]]);
    index = Math.floor(index / values.length);
  }
  return point;
}

function pointText(point: Point): string {
  return `(${point.map(([axis, value]) => `${axis} ${describe(value)}`).join(", ")})`;
}

function configAt(spec: SweepSpec, point: Point, source: string): TrainConfig {
  const config: JsonObject = {};
  for (const [field, value] of Object.entries(spec.base)) config[field] = structuredClone(expandShorthand(field, value));
  // A whole optimizer is set before its learning rate, in whatever order the axes stand.
  const depth = (axis: string): number => axis.split(".").length;
  for (const [axis, value] of [...point].sort(([a], [b]) => depth(a) - depth(b))) setField(config, axis, value, source);
  const parsed = trainConfigSchema.safeParse(config);
  if (parsed.success) return parsed.data;

  const { path, message } = firstMisfit(parsed.error, config);
  const field = dottedPath(path);
  // The axis that set the field: of "model" and "model.hidden", the longer.
  const touching = point.map(([name]) => name).filter((name) => name === field || name.startsWith(`${field}.`) || field.startsWith(`${name}.`));
  const axis = touching.sort((a, b) => b.length - a.length).at(0);
  const place = axis === undefined ? `base.${field}` : `axes "${axis}"${axis === field ? "" : `: ${field}`}`;
  throw new InputError(`${source}: ${place}: ${message}${hintFor(field, message, config)}`);
}

function hintFor(field: string, message: string, config: JsonObject): string {
  if (message.startsWith("got nothing")) return `; add it to "base" or as an axis`;
  const [top, ...inner] = field.split(".");
  const kind = isJsonObject(config[top]) && typeof config[top].kind === "string" ? config[top].kind : "";
  if (message !== "no such field" || inner.length !== 1 || kind === "") return "";
  // With all else left to its default, parsing the kind alone lists its fields.
  const whole = trainConfigSchema.shape[top as keyof typeof trainConfigSchema.shape].safeParse({ kind });
  const fields = whole.success ? ` of "${kind}", which has ${Object.keys(whole.data as object).join(", ")}` : "";
  return `${fields}; fields that only some kinds have belong in whole objects on the axis "${top}"`;
}

/** Sets the field at a dotted path; missing objects on the way are made, list positions must exist. */
function setField(config: JsonObject, axis: string, value: JsonValue, source: string): void {
  const parts = axis.split(".");
  const top = parts[0] as keyof typeof trainConfigSchema.shape;
  if (parts.length > 2) {
    // A path into a list needs the list: one that is left to its default is written out first.
    const filled = trainConfigSchema.shape[top].safeParse(config[top]);
    if (filled.success) config[top] = structuredClone(filled.data) as JsonValue;
  }
  let target: JsonObject | JsonValue[] = config;
  for (const [depth, part] of parts.entries()) {
    const last = depth === parts.length - 1;
    const place = `${source}: axes "${axis}"`;
    if (Array.isArray(target)) {
      const index = /^\d{1,6}$/.test(part) ? Number(part) : -1;
      if (index < 0 || index >= target.length)
        throw new InputError(`${place}: got position "${part}" in a list of ${target.length}, expected 0 to ${target.length - 1}`);
      if (last) target[index] = structuredClone(value);
      else target = container(target[index], place, part);
    } else if (last) {
      target[part] = structuredClone(expandShorthand(axis, value));
    } else {
      target[part] ??= {};
      target = container(target[part], place, part);
    }
  }
}

function container(value: JsonValue, place: string, part: string): JsonObject | JsonValue[] {
  if (Array.isArray(value) || isJsonObject(value)) return value;
  throw new InputError(`${place}: "${part}" is ${describe(value)}, which has no fields; shorten the path`);
}
