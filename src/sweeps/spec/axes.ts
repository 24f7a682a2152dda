/** The axes of a spec: each a list of values, or what they are drawn from, and in which cells it counts. */
import { z } from "zod";
import { trainConfigSchema } from "../../core/config.js";
import type { InputError } from "../../core/input-error.js";
import { canonicalJson } from "../../core/json-text.js";
import { specFault } from "./fault.js";
import { closestField, inFull, isFieldPath, schemaAt } from "./fields.js";
import { isForbiddenKey, type JsonValue } from "./json.js";
import { drawShapes, whenSchema, type Draw, type When } from "./search.js";
import type { SpecPath } from "./spec-text.js";
import { describe, valueAt } from "./zod-issues.js";

const list = z.array(z.json()).min(1);
const when = whenSchema.optional();
const { logUniform, uniform, choice } = drawShapes;

export const axisSchema = z.union([
  list,
  z.strictObject({ values: list.describe("The values, as a list alone gives them."), when }),
  z.strictObject({ logUniform, when }),
  z.strictObject({ uniform, when }),
  z.strictObject({ choice, when }),
]);

/** An axis as a spec writes it. */
export type AxisSpec = JsonValue[] | { values: JsonValue[]; when?: When } | (Draw & { when?: When });
export type AxesSpec = Record<string, AxisSpec>;

/** An axis of a grid: values that are listed, or drawn. */
export interface Axis {
  path: string;
  /** Where it stands in the spec. */
  where: SpecPath;
  /** Where its values do. */
  origin: SpecPath;
  values?: JsonValue[];
  draw?: Draw;
  when?: When;
}

/** @param table where the axes stand in the spec */
export function axesOf(axes: AxesSpec, table: SpecPath): Axis[] {
  return Object.entries(axes).map(([path, axis]) => {
    const where = [...table, path];
    if (Array.isArray(axis)) return { path, where, origin: where, values: axis };
    const { when, ...form } = axis;
    const origin = [...where, Object.keys(form)[0]];
    const held = when === undefined ? {} : { when };
    return "values" in form
      ? { path, where, origin, values: form.values, ...held }
      : { path, where, origin, draw: form, ...held };
  });
}

/** What is wrong with a part of the spec. */
interface Checked {
  spec: { text?: string };
  source: string;
}

/** @throws InputError where a value is on its axis twice, bounds are in the wrong order, or there is no such field */
export function checkAxes(axes: AxesSpec, checked: Checked, table: SpecPath): void {
  for (const { path, where, origin, values, draw, when = {} } of axesOf(axes, table)) {
    const fault = (at: SpecPath, message: string, wrong?: "key"): InputError =>
      specFault(checked.spec, checked.source, at, message, wrong);
    checkPath(path, checked, where);
    const schema = Object.hasOwn(trainConfigSchema.shape, path) ? schemaAt(trainConfigSchema, {}, [path]) : undefined;
    const seen = new Set<string>();
    for (const [i, value] of (values ?? (draw && "choice" in draw ? draw.choice : [])).entries()) {
      const text = canonicalJson(inFull(schema, value));
      if (seen.has(text)) throw fault([...origin, i], `got ${describe(value)} twice; remove one`);
      seen.add(text);
    }
    const [low, high] = draw && !("choice" in draw) ? ("uniform" in draw ? draw.uniform : draw.logUniform) : [1, 2];
    if (!(low < high)) throw fault(origin, `got ${describe([low, high])}, expected the lower bound before the higher`);
    if (draw && "logUniform" in draw && low <= 0)
      throw fault([...origin, 0], `got ${low}, expected a number above 0, which has a logarithm; or "uniform"`);
    for (const field of Object.keys(when)) {
      const here = [...where, "when", field];
      checkPath(field, checked, here);
      if (field === path) throw fault(here, "got the axis' own field, expected another one", "key");
      if (!isFieldPath(field))
        throw fault(here, `no such field of a cell's config, whatever its model and optimizer; correct it`, "key");
    }
  }
}

/** @throws InputError where a dotted path leads to no field */
export function checkPath(path: string, { spec, source }: Checked, here: SpecPath): void {
  const fault = (message: string): InputError => specFault(spec, source, here, message, "key");
  const [top, ...rest] = path.split(".");
  if ([top, ...rest].some((part) => part === "" || isForbiddenKey(part)))
    throw fault(`not a field path; expected one like "optimizer.lr"`);
  const fields = Object.keys(trainConfigSchema.shape);
  if (fields.includes(top)) return;
  const guess = closestField(top);
  const hint = guess ? `did you mean "${[guess, ...rest].join(".")}"?` : `expected one of ${fields.join(", ")}`;
  throw fault(`no such field of a cell's config; ${hint}`);
}

/** Whether a config is one of those in which an axis counts: it has all that `when` asks for. A word stands for an object of that kind, null for a field that is absent. */
export function holds(when: When, config: unknown): boolean {
  return Object.entries(when).every(([path, wanted]) => {
    const value = (valueAt(config, path.split(".")) ?? null) as JsonValue;
    const kind = valueAt(value, ["kind"]);
    const isIt = (one: JsonValue): boolean => one === kind || canonicalJson(one) === canonicalJson(value);
    return Array.isArray(wanted) ? wanted.some(isIt) : isIt(wanted);
  });
}
