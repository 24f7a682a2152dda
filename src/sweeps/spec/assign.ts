/** Sets fields of a config by dotted path, as a spec's base, its variants and its axes do. */
import { trainConfigSchema } from "../../core/config.js";
import type { InputError } from "../../core/input-error.js";
import { inFull, isWhole, schemaAt } from "./fields.js";
import { isJsonObject, type JsonObject, type JsonValue } from "./json.js";
import type { SpecPath } from "./spec-text.js";
import type { Axis } from "./axes.js";
import { describe } from "./zod-issues.js";

/** A field set to a value: one of the base's or a variant's own, or a cell's value on an axis. */
export interface Assignment {
  /** The field, with dots. */
  path: string;
  value: JsonValue;
  /** Where it stands in the spec. */
  where: SpecPath;
  /** That it is a value of. */
  axis?: Axis;
}

/** The error that says what is wrong at a place of the spec. */
export type Fault = (where: SpecPath, message: string, wrong?: "key" | "value") => InputError;

/** How many names a dotted path has. */
export const depthOf = ({ path }: Assignment): number => path.split(".").length;

/** The config, changed. A whole optimizer is set before its learning rate, in whatever order the axes stand. */
export function assigned(config: JsonObject, assignments: readonly Assignment[], fault: Fault): JsonObject {
  for (const assignment of [...assignments].sort((a, b) => depthOf(a) - depthOf(b))) {
    setField(config, fitted(config, assignment), fault);
    const [top] = assignment.path.split(".") as (keyof typeof trainConfigSchema.shape)[];
    if (Object.hasOwn(config, top)) config[top] = inFull(trainConfigSchema.shape[top], config[top]);
  }
  return config;
}

/** Sets the field at a dotted path, or takes it out where the value is null; missing objects on the way are made, list positions must exist. */
function setField(config: JsonObject, { path, value, where }: Assignment, fault: Fault): void {
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

/** A number that was drawn for a field of whole numbers is rounded to one. */
function fitted(config: JsonObject, assignment: Assignment): Assignment {
  const { path, value, axis } = assignment;
  const isRounded =
    axis?.draw && typeof value === "number" && isWhole(schemaAt(trainConfigSchema, config, path.split(".")));
  return isRounded ? { ...assignment, value: Math.round(value) } : assignment;
}
