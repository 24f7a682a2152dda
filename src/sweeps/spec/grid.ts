/** Spec → grid: the cartesian product of the listed axes and the points of the drawn ones over the base, as complete configs. */
import { trainConfigSchema, type TrainConfig } from "../../core/config.js";
import { canonicalJson } from "../../core/json-text.js";
import { assigned, depthOf, type Assignment, type Fault } from "./assign.js";
import { axesOf, holds, type Axis } from "./axes.js";
import { drawnValue, rSequence } from "./draw.js";
import { explain } from "./explain.js";
import { partName, specFault } from "./fault.js";
import { isJsonObject, type JsonObject, type JsonValue } from "./json.js";
import { placeOf, type CellPlace } from "./place.js";
import type { SpecPath } from "./spec-text.js";
import { samplesOf, type SweepSpec } from "./spec.js";
import { describe, dottedPath } from "./zod-issues.js";

/** A typing error in an axis must not fill the disk with folders. */
const MAX_CELLS = 100_000;

export interface GridCell extends CellPlace {
  config: TrainConfig;
}

/** All configs of a spec. @throws as `expandCells` does */
export function expandGrid(spec: SweepSpec, source: string): TrainConfig[] {
  return expandCells(spec, source).map(({ config }) => config);
}

/**
 * All cells of a spec, variant by variant, sample by sample; the first axis varies slowest. A cell that several variants or
 * samples hold comes once, in the place that the first of them gives it, and so do those that differ only on axes that do not count.
 * @param source names the spec in errors
 * @throws InputError where a cell is no valid config, two values of a list make the same cell, or an axis counts nowhere, whatever is drawn
 */
export function expandCells(spec: SweepSpec, source: string): GridCell[] {
  const grids = gridsOf(spec, source);
  const count = grids.reduce((sum, { size }) => sum + size, 0);
  if (count > MAX_CELLS) {
    const message = `got ${count} cells, expected at most ${MAX_CELLS}; take values off the axes`;
    throw specFault(spec, source, ["axes"], message);
  }
  const cells = new Map<string, GridCell>();
  /** Axes that count in some cell, by their place in the spec. */
  const counting = new Set<string>();
  for (const grid of grids) {
    const seen = new Map<string, Assignment[]>();
    for (let index = 0; index < grid.size; index++) {
      const { config, point } = cellAt(grid, index);
      for (const { axis } of point) if (axis) counting.add(dottedPath(axis.where));
      const key = canonicalJson(config);
      const twin = seen.get(key);
      const other = twin && point.findLast((mine) => mine.axis?.values && !twin.some((its) => isSame(mine, its)));
      if (twin && other)
        throw grid.fault(
          other.where,
          `the cells ${pointText(twin)} and ${pointText(point)} are the same; remove one of the values`,
        );
      if (!twin) seen.set(key, point);
      if (!cells.has(key)) cells.set(key, { config, ...grid.place });
    }
  }
  for (const { axes, fault } of grids)
    for (const { where, when = {} } of axes)
      if (!counting.has(dottedPath(where)) && !Object.keys(when).some((field) => isDrawn(axes, field)))
        throw fault([...where, "when"], `got ${describe(when)}, expected what holds in some cell of the sweep`);
  return [...cells.values()];
}

/** Whether a field's value is left to chance: what a condition asks for may come with other samples. */
const isDrawn = (axes: readonly Axis[], field: string): boolean =>
  axes.some(({ path, draw }) => draw && (field === path || isWithin(field, path)));

/** Where a spec sets a field of one of its cells; of a field that it leaves to its default, where it could. */
export function whereSet(spec: SweepSpec, cell: TrainConfig, field: string): SpecPath {
  const key = canonicalJson(cell);
  for (const grid of gridsOf(spec, ""))
    for (let index = 0; index < grid.size; index++) {
      const { config, point } = cellAt(grid, index);
      if (canonicalJson(config) === key) return origin(grid, point, field.split(".")).where;
    }
  return [];
}

interface Grid {
  base: Assignment[];
  /** What the base makes of a config. */
  start: JsonObject;
  set: Assignment[];
  axes: Axis[];
  /** Point i of the drawn axes. */
  sample: (i: number) => number[];
  /** How many points the axes span. */
  size: number;
  place: CellPlace;
  /** The epochs that all cells must have, the last rung. */
  epochs?: number;
  fault: Fault;
}

function gridsOf(spec: SweepSpec, source: string): Grid[] {
  const fault: Fault = (where, message, wrong) => specFault(spec, source, where, message, wrong);
  const base = assignmentsOf(spec.base, "base");
  const { count, seed } = samplesOf(spec);
  const epochs = spec.halving?.rungs.at(-1);
  const start = assigned(epochs === undefined ? {} : { epochs }, base, fault);
  const grid = (set: Assignment[], axes: Axis[], place: CellPlace): Grid => {
    for (const { path, value, where } of set)
      if (value === null && !hasField(start, path))
        throw fault(where, `got null, which takes a field out, expected one that "base" has`, "key");
    const drawn = axes.filter(({ draw }) => draw).length;
    const size = axes.reduce((product, { values = [0] }) => product * values.length, drawn > 0 ? count : 1);
    return { base, start, set, axes, sample: rSequence(drawn, seed), size, place, epochs, fault };
  };
  const shared = axesOf(spec.axes, ["axes"]);
  if (!spec.variants) return [grid([], shared, {})];
  return spec.variants.map(({ set = {}, axes = {}, ...place }, i) => {
    const own = axesOf(axes, ["variants", i, "axes"]);
    const others = shared.filter(({ path }) => !(path in axes));
    return grid(assignmentsOf(set, "variants", i, "set"), [...others, ...own], placeOf(place));
  });
}

function assignmentsOf(fields: Record<string, JsonValue>, ...within: SpecPath): Assignment[] {
  return Object.entries(fields).map(([path, value]) => ({ path, value, where: [...within, path] }));
}

/** A value on every axis, those that do not count included. */
function pointAt({ axes, sample }: Grid, index: number): Assignment[] {
  const point: Assignment[] = [];
  for (const axis of [...axes].reverse()) {
    const { path, values, origin } = axis;
    if (!values) continue;
    const at = index % values.length;
    point.push({ path, value: values[at], where: [...origin, at], axis });
    index = Math.floor(index / values.length);
  }
  const coordinates = sample(index);
  for (const axis of axes) {
    const { path, draw, origin } = axis;
    if (draw) point.push({ path, value: drawnValue(draw, coordinates.shift() as number), where: origin, axis });
  }
  return point.sort((a, b) => axes.indexOf(a.axis as Axis) - axes.indexOf(b.axis as Axis));
}

const isSame = (a: Assignment, b: Assignment): boolean => a.axis === b.axis && a.value === b.value;

function pointText(point: Assignment[]): string {
  return `(${point.map(({ path, value }) => `${path} ${describe(value)}`).join(", ")})`;
}

/** A cell, and its values on the axes that count in it. */
function cellAt(grid: Grid, index: number): { config: TrainConfig; point: Assignment[] } {
  const point = pointAt(grid, index);
  let counting = point.filter(({ axis }) => !axis?.when);
  let config = rawConfig(grid, counting);
  for (const value of point) {
    if (!value.axis?.when || !holds(value.axis.when, trainConfigSchema.safeParse(config).data ?? config)) continue;
    counting = point.filter((other) => other === value || counting.includes(other));
    config = rawConfig(grid, counting);
  }
  return { config: parsedConfig(grid, counting, config), point: counting };
}

/** As the spec writes it, defaults left out. */
function rawConfig({ start, set, fault }: Grid, point: Assignment[]): JsonObject {
  const assignments = [...set, ...point];
  for (const { path, value, where } of assignments) {
    const whole = set.find((taken) => taken.value === null && isWithin(path, taken.path));
    if (value === null || !whole) continue;
    const taken = `"${whole.path}", which ${partName(whole.where)} takes out`;
    throw fault(where, `got ${describe(value)} for a field of ${taken}; remove one`);
  }
  return assigned(structuredClone(start), assignments, fault);
}

function parsedConfig(grid: Grid, point: Assignment[], config: JsonObject): TrainConfig {
  const { epochs, fault } = grid;
  const parsed = trainConfigSchema.safeParse(config);
  if (parsed.success) {
    const { data } = parsed;
    if (epochs !== undefined && data.epochs !== epochs)
      throw fault(
        origin(grid, point, ["epochs"]).where,
        `got ${data.epochs}, expected ${epochs}, the last rung of "halving"; leave it out, or change the rungs`,
      );
    if (epochs !== undefined && data.validation === undefined)
      throw fault(
        ["halving"],
        `got cells without "validation", expected held-out images in every cell to rank them by`,
      );
    return data;
  }

  const { path, message, isKey, otherKinds } = explain(parsed.error, config, trainConfigSchema);
  const { where, by } = origin(grid, point, path as SpecPath);
  const outer = by && depthOf(by) > path.length ? `${dottedPath(path)}: ` : "";
  let hint = "";
  if (message.startsWith("got nothing") && path.length === 1) hint = `; add it to "base" or as an axis`;
  else if (otherKinds.length > 0 && by?.path.includes("."))
    hint = `; fields that only some kinds have belong in whole objects on the axis "${String(path[0])}"`;
  if (by?.axis?.draw && !isKey) hint += `; it was drawn from ${describe(by.axis.draw)}`;
  // The name of an axis is at fault, not one of its values, where it leads to a field that there is not.
  const axis = isKey && by && depthOf(by) >= path.length ? by.axis : undefined;
  throw fault(axis ? axis.where : where, `${outer}${message}${hint}`, isKey ? "key" : "value");
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
