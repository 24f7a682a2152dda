/** Spec → grid: the cartesian product of the axes over the base, as complete configs in declared order. */
import { trainConfigSchema, type TrainConfig } from "../../core/config.js";
import type { InputError } from "../../core/input-error.js";
import { canonicalJson } from "../../core/json-text.js";
import { explain } from "./explain.js";
import { partName, specFault } from "./fault.js";
import { inFull } from "./fields.js";
import { isJsonObject, type JsonObject, type JsonValue } from "./json.js";
import { placeOf, type CellPlace } from "./place.js";
import type { SpecPath } from "./spec-text.js";
import type { SweepSpec } from "./spec.js";
import { describe, dottedPath } from "./zod-issues.js";

/** A typing error in an axis must not fill the disk with folders. */
const MAX_CELLS = 100_000;

/** A field set to a value: one of the base's or a variant's own, or a cell's value on an axis. */
interface Assignment {
  /** The field, with dots. */
  path: string;
  value: JsonValue;
  /** Where it stands in the spec. */
  where: SpecPath;
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
  const count = grids.reduce((sum, { size }) => sum + size, 0);
  if (count > MAX_CELLS) {
    const message = `got ${count} cells, expected at most ${MAX_CELLS}; take values off the axes`;
    throw specFault(spec, source, ["axes"], message);
  }
  const cells = new Map<string, GridCell>();
  for (const grid of grids) {
    const seen = new Map<string, Assignment[]>();
    for (let index = 0; index < grid.size; index++) {
      const point = pointAt(grid, index);
      const config = configAt(grid, point);
      const key = canonicalJson(config);
      const twin = seen.get(key);
      if (twin) {
        const other = point.findLast(({ value }, i) => value !== twin[i].value);
        const message = `the cells ${pointText(twin)} and ${pointText(point)} are the same; remove one of the values`;
        throw grid.fault(other?.where ?? ["axes"], message);
      }
      seen.set(key, point);
      if (!cells.has(key)) cells.set(key, { config, ...grid.place });
    }
  }
  return [...cells.values()];
}

/** Where a spec sets a field of one of its cells; of a field that it leaves to its default, where it could. */
export function whereSet(spec: SweepSpec, cell: TrainConfig, field: string): SpecPath {
  const key = canonicalJson(cell);
  for (const grid of gridsOf(spec, ""))
    for (let index = 0; index < grid.size; index++) {
      const point = pointAt(grid, index);
      if (canonicalJson(configAt(grid, point)) === key) return origin(grid, point, field.split(".")).where;
    }
  return [];
}

interface Axis {
  path: string;
  values: JsonValue[];
  where: SpecPath;
}

interface Grid {
  base: Assignment[];
  /** What the base makes of a config. */
  start: JsonObject;
  set: Assignment[];
  axes: Axis[];
  /** How many points the axes span. */
  size: number;
  place: CellPlace;
  fault: (where: SpecPath, message: string, wrong?: "key" | "value") => InputError;
}

function gridsOf(spec: SweepSpec, source: string): Grid[] {
  const fault: Grid["fault"] = (where, message, wrong) => specFault(spec, source, where, message, wrong);
  const base = assignmentsOf(spec.base, "base");
  const start = assigned({}, base, fault);
  const grid = (set: Assignment[], axes: Axis[], place: CellPlace): Grid => {
    for (const { path, value, where } of set)
      if (value === null && !hasField(start, path))
        throw fault(where, `got null, which takes a field out, expected one that "base" has`, "key");
    const size = axes.reduce((product, { values }) => product * values.length, 1);
    return { base, start, set, axes, size, place, fault };
  };
  const axesOf = (axes: Record<string, JsonValue[]>, ...within: SpecPath): Axis[] =>
    Object.entries(axes).map(([path, values]) => ({ path, values, where: [...within, "axes", path] }));
  const shared = axesOf(spec.axes);
  if (!spec.variants) return [grid([], shared, {})];
  return spec.variants.map(({ set = {}, axes = {}, ...place }, i) => {
    const own = axesOf(axes, "variants", i);
    const others = shared.filter(({ path }) => !(path in axes));
    return grid(assignmentsOf(set, "variants", i, "set"), [...others, ...own], placeOf(place));
  });
}

function assignmentsOf(fields: Record<string, JsonValue>, ...within: SpecPath): Assignment[] {
  return Object.entries(fields).map(([path, value]) => ({ path, value, where: [...within, path] }));
}

function pointAt({ axes }: Grid, index: number): Assignment[] {
  const point: Assignment[] = [];
  for (const { path, values, where } of [...axes].reverse()) {
    const at = index % values.length;
    point.unshift({ path, value: values[at], where: [...where, at] });
    index = Math.floor(index / values.length);
  }
  return point;
}

function pointText(point: Assignment[]): string {
  return `(${point.map(({ path, value }) => `${path} ${describe(value)}`).join(", ")})`;
}

function configAt(grid: Grid, point: Assignment[]): TrainConfig {
  const { start, set, fault } = grid;
  const assignments = [...set, ...point];
  for (const { path, value, where } of assignments) {
    const whole = set.find((taken) => taken.value === null && isWithin(path, taken.path));
    if (value === null || !whole) continue;
    const taken = `"${whole.path}", which ${partName(whole.where)} takes out`;
    throw fault(where, `got ${describe(value)} for a field of ${taken}; remove one`);
  }
  const config = assigned(structuredClone(start), assignments, fault);
  const parsed = trainConfigSchema.safeParse(config);
  if (parsed.success) return parsed.data;

  const { path, message, isKey, otherKinds } = explain(parsed.error, config, trainConfigSchema);
  const { where, by } = origin(grid, point, path as SpecPath);
  const outer = by && depthOf(by) > path.length ? `${dottedPath(path)}: ` : "";
  let hint = "";
  if (message.startsWith("got nothing") && path.length === 1) hint = `; add it to "base" or as an axis`;
  else if (otherKinds.length > 0 && by?.path.includes("."))
    hint = `; fields that only some kinds have belong in whole objects on the axis "${String(path[0])}"`;
  // The name of an axis is at fault, not one of its values, where it leads to a field that there is not.
  const isAxis = isKey && by && depthOf(by) >= path.length && typeof where.at(-1) === "number";
  throw fault(isAxis ? where.slice(0, -1) : where, `${outer}${message}${hint}`, isKey ? "key" : "value");
}

/** What set the field at a path of a config: of "model" and "model.hidden", the longer; of the base only where nothing else did. */
function origin({ base, set }: Grid, point: Assignment[], path: SpecPath): { where: SpecPath; by?: Assignment } {
  const touches = (assignment: Assignment): boolean =>
    assignment.path.split(".").every((part, i) => i >= path.length || part === String(path[i]));
  const [by] = [[...set, ...point], base].flatMap((assignments) =>
    assignments.filter(touches).sort((a, b) => b.path.length - a.path.length),
  );
  return by ? { where: [...by.where, ...path.slice(depthOf(by))], by } : { where: ["base", ...path] };
}

const depthOf = ({ path }: Assignment): number => path.split(".").length;

/** The config, changed. A whole optimizer is set before its learning rate, in whatever order the axes stand. */
function assigned(config: JsonObject, assignments: Assignment[], fault: Grid["fault"]): JsonObject {
  for (const assignment of [...assignments].sort((a, b) => depthOf(a) - depthOf(b))) {
    setField(config, assignment, fault);
    const [top] = assignment.path.split(".") as (keyof typeof trainConfigSchema.shape)[];
    if (Object.hasOwn(config, top)) config[top] = inFull(trainConfigSchema.shape[top], config[top]);
  }
  return config;
}

/** Sets the field at a dotted path, or takes it out where the value is null; missing objects on the way are made, list positions must exist. */
function setField(config: JsonObject, { path, value, where }: Assignment, fault: Grid["fault"]): void {
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
    let inner: JsonValue;
    if (Array.isArray(target)) {
      const index = /^\d{1,6}$/.test(part) ? Number(part) : -1;
      if (index < 0 || index >= target.length)
        throw fault(where, `got position "${part}" in a list of ${target.length}, expected 0 to ${target.length - 1}`);
      if (last) target[index] = value;
      inner = target[index];
    } else {
      if (value === null && (last || !Object.hasOwn(target, part))) {
        delete target[part];
        return;
      }
      if (last) target[part] = value;
      else if (!Object.hasOwn(target, part)) target[part] = {};
      inner = target[part];
    }
    if (last) return;
    if (!Array.isArray(inner) && !isJsonObject(inner))
      throw fault(where, `"${part}" is ${describe(inner)}, which has no fields; shorten the path`);
    target = inner;
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
