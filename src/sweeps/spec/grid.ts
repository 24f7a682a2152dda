/** Spec → grid: the cartesian product of the axes over the base, as complete configs in declared order. */
import { trainConfigSchema, type TrainConfig } from "../../core/config.js";
import { InputError } from "../../core/input-error.js";
import { canonicalJson } from "../../core/json-text.js";
import { isJsonObject, type JsonObject, type JsonValue } from "./json.js";
import { placeOf, type CellPlace } from "./place.js";
import { expandShorthand, type SweepSpec } from "./spec.js";
import { describe, dottedPath, firstMisfit } from "./zod-issues.js";

/** A typing error in an axis must not fill the disk with folders. */
const MAX_CELLS = 100_000;

/** A field set to a value: one of a variant's own, or a cell's value on an axis. */
interface Assignment {
  path: string;
  value: JsonValue;
  /** Where it stands in the spec, for messages. */
  place: string;
}

export interface GridCell extends CellPlace {
  config: TrainConfig;
}

/** All configs of a spec. @throws as `expandCells` does */
export function expandGrid(spec: SweepSpec, source: string): TrainConfig[] {
  return expandCells(spec, source).map(({ config }) => config);
}

/**
 * All cells of a spec, variant by variant; the first axis varies slowest. A cell that several variants hold comes
 * once, in the place that the first of them gives it.
 * @param source names the spec in errors
 * @throws InputError where a cell is no valid config, or two cells of one grid are the same
 */
export function expandCells(spec: SweepSpec, source: string): GridCell[] {
  const grids = gridsOf(spec, source);
  const count = grids.reduce(
    (sum, { axes }) => sum + axes.reduce((product, { values }) => product * values.length, 1),
    0,
  );
  if (count > MAX_CELLS)
    throw new InputError(`${source}: got ${count} cells, expected at most ${MAX_CELLS}; take values off the axes`);
  const cells = new Map<string, GridCell>();
  for (const { set, axes, place } of grids) {
    const seen = new Map<string, Assignment[]>();
    const size = axes.reduce((product, { values }) => product * values.length, 1);
    for (let index = 0; index < size; index++) {
      const point = pointAt(axes, index);
      const config = configAt(spec.base, set, point, source);
      const key = canonicalJson(config);
      const twin = seen.get(key);
      if (twin)
        throw new InputError(
          `${source}: the cells ${pointText(twin)} and ${pointText(point)} are the same; remove one of the values`,
        );
      seen.set(key, point);
      if (!cells.has(key)) cells.set(key, { config, ...place });
    }
  }
  return [...cells.values()];
}

interface Axis {
  path: string;
  values: JsonValue[];
  place: string;
}

interface Grid {
  set: Assignment[];
  axes: Axis[];
  place: CellPlace;
}

function gridsOf(spec: SweepSpec, source: string): Grid[] {
  const axesOf = (axes: Record<string, JsonValue[]>, within: string): Axis[] =>
    Object.entries(axes).map(([path, values]) => ({ path, values, place: `${source}: ${within}axes "${path}"` }));
  const shared = axesOf(spec.axes, "");
  if (!spec.variants) return [{ set: [], axes: shared, place: {} }];
  return spec.variants.map(({ set = {}, axes = {}, ...place }, i) => ({
    set: Object.entries(set).map(([path, value]) => ({ path, value, place: `${source}: variants.${i}.set "${path}"` })),
    axes: [...shared.filter(({ path }) => !(path in axes)), ...axesOf(axes, `variants.${i}.`)],
    place: placeOf(place),
  }));
}

function pointAt(axes: Axis[], index: number): Assignment[] {
  const point: Assignment[] = [];
  for (const { path, values, place } of [...axes].reverse()) {
    point.unshift({ path, value: values[index % values.length], place });
    index = Math.floor(index / values.length);
  }
  return point;
}

function pointText(point: Assignment[]): string {
  return `(${point.map(({ path, value }) => `${path} ${describe(value)}`).join(", ")})`;
}

function configAt(base: JsonObject, set: Assignment[], point: Assignment[], source: string): TrainConfig {
  const config: JsonObject = {};
  for (const [field, value] of Object.entries(base)) config[field] = structuredClone(expandShorthand(field, value));
  const takenOut = set.filter(({ value }) => value === null);
  for (const { path, place } of takenOut)
    if (!hasField(config, path))
      throw new InputError(`${place}: got null, which takes a field out, expected one that "base" has`);
  const assignments = [...set, ...point];
  for (const { path, value, place } of assignments) {
    const whole = takenOut.find((taken) => isWithin(path, taken.path));
    if (value !== null && whole)
      throw new InputError(
        `${place}: got ${describe(value)} for a field of "${whole.path}", which ${whole.place} takes out; remove one`,
      );
  }
  // A whole optimizer is set before its learning rate, in whatever order the axes stand.
  const depth = ({ path }: Assignment): number => path.split(".").length;
  for (const assignment of [...assignments].sort((a, b) => depth(a) - depth(b))) setField(config, assignment);
  const parsed = trainConfigSchema.safeParse(config);
  if (parsed.success) return parsed.data;

  const { path, message } = firstMisfit(parsed.error, config);
  const field = dottedPath(path);
  // What set the field: of "model" and "model.hidden", the longer.
  const touching = assignments.filter(
    ({ path: name }) => name === field || isWithin(name, field) || isWithin(field, name),
  );
  const assignment = touching.sort((a, b) => b.path.length - a.path.length).at(0);
  const place =
    assignment === undefined
      ? `${source}: base.${field}`
      : `${assignment.place}${assignment.path === field ? "" : `: ${field}`}`;
  throw new InputError(`${place}: ${message}${hintFor(field, message, config)}`);
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

/** Sets the field at a dotted path, or takes it out where the value is null; missing objects on the way are made, list positions must exist. */
function setField(config: JsonObject, { path, value, place }: Assignment): void {
  const parts = path.split(".");
  const top = parts[0] as keyof typeof trainConfigSchema.shape;
  if (parts.length > 2) {
    // A path into a list needs the list: one that is left to its default is written out first.
    const filled = trainConfigSchema.shape[top].safeParse(config[top]);
    if (filled.success && filled.data !== undefined) config[top] = structuredClone(filled.data);
  }
  let target: JsonObject | JsonValue[] = config;
  for (const [depth, part] of parts.entries()) {
    const last = depth === parts.length - 1;
    if (Array.isArray(target)) {
      const index = /^\d{1,6}$/.test(part) ? Number(part) : -1;
      if (index < 0 || index >= target.length)
        throw new InputError(
          `${place}: got position "${part}" in a list of ${target.length}, expected 0 to ${target.length - 1}`,
        );
      if (last) target[index] = structuredClone(value);
      else target = container(target[index], place, part);
    } else if (last) {
      if (value === null) delete target[part];
      else target[part] = structuredClone(expandShorthand(path, value));
    } else {
      if (!Object.hasOwn(target, part)) {
        if (value === null) return;
        target[part] = {};
      }
      target = container(target[part], place, part);
    }
  }
}

/** Whether a dotted path leads into what another one names. */
function isWithin(path: string, whole: string): boolean {
  return path.startsWith(`${whole}.`);
}

function hasField(config: JsonObject, path: string): boolean {
  let value: JsonValue | undefined = config;
  for (const part of path.split("."))
    value = isJsonObject(value) && Object.hasOwn(value, part) ? value[part] : undefined;
  return value !== undefined;
}

function container(value: JsonValue, place: string, part: string): JsonObject | JsonValue[] {
  if (Array.isArray(value) || isJsonObject(value)) return value;
  throw new InputError(`${place}: "${part}" is ${describe(value)}, which has no fields; shorten the path`);
}
