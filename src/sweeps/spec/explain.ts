/** What a schema found wrong with what a person wrote, and what to write instead. */
import type { z } from "zod";
import { closest, didYouMean } from "./closest.js";
import { fieldsOf, inFull, kindsOf, optionsOf, schemaAt } from "./fields.js";
import { isJsonObject, type JsonValue } from "./json.js";
import { choice, describe, firstMisfit, valueAt, type Misfit } from "./zod-issues.js";

export interface ExplainedMisfit extends Misfit {
  /** Other kinds that have the field that this one lacks. */
  otherKinds: string[];
}

/** The first misfit of a value, with what to try. @param whole what was parsed by the schema */
export function explain(error: z.ZodError, whole: unknown, schema: z.ZodType): ExplainedMisfit {
  const inner = withinUnion(error, whole, schema);
  if (inner) return inner;
  const misfit = meant(error, whole);
  const { path, message, isKey, words } = misfit;
  if (isKey) {
    const holder = path.slice(0, -1);
    const named = unknownField(schemaAt(schema, whole, holder), valueAt(whole, holder), String(path.at(-1)));
    return { ...misfit, ...named };
  }
  const value = valueAt(whole, path);
  const field = schemaAt(schema, whole, path);
  const shape = isJsonObject(value) ? undefined : objectShape(field);
  const expected = shape === undefined ? message : `got ${describe(value)}, expected ${shape}`;
  return { ...misfit, message: `${expected}${didYouMean(value, words ?? [])}${instead(value, field)}`, otherKinds: [] };
}

/** The first misfit; in place of a field that is missing, the key beside it that may be its name misspelt. */
function meant(error: z.ZodError, whole: unknown): Misfit {
  const first = firstMisfit(error, whole);
  const { path } = first;
  const holder = valueAt(whole, path.slice(0, -1));
  if (first.isKey || path.length === 0 || valueAt(whole, path) !== undefined || !isJsonObject(holder)) return first;
  const key = Object.keys(holder).find((other) => closest(other, [String(path.at(-1))]));
  return key === undefined ? first : { path: [...path.slice(0, -1), key], message: "", isKey: true };
}

function unknownField(schema: unknown, holder: unknown, key: string): Pick<ExplainedMisfit, "message" | "otherKinds"> {
  const fields = Object.keys(fieldsOf(schema, holder) ?? { kind: true });
  const kinds = [...(kindsOf(schema) ?? [])];
  const otherKinds = kinds.filter(([, { shape }]) => Object.hasOwn(shape, key)).map(([kind]) => kind);
  const kind = kinds.length > 0 && isJsonObject(holder) && "kind" in holder ? ` of ${describe(holder.kind)}` : "";
  const guess = otherKinds.length > 0 ? "" : didYouMean(key, fields);
  const list = kind === "" ? `; expected one of ${fields.join(", ")}` : `, which has ${fields.join(", ")}`;
  const others = otherKinds.map((other) => JSON.stringify(other)).join(", ");
  const elsewhere = others === "" ? "" : `; ${others} ${otherKinds.length === 1 ? "has" : "have"} it`;
  return { message: `no such field${kind}${guess === "" ? list : guess}${elsewhere}`, otherKinds };
}

/** In words, what a field wants that is an object: its kinds and one of them in full, or its fields. */
function objectShape(field: unknown): string | undefined {
  const kinds = kindsOf(field);
  if (!kinds) {
    const fields = fieldsOf(field, undefined);
    return fields && `an object of ${Object.keys(fields).join(", ")}`;
  }
  // Kinds without defaults for all of their fields are no example.
  const examples = [...kinds].map(([kind, schema]) => schema.safeParse({ kind }).data ?? {});
  const example = examples.find((each) => Object.keys(each).length > 1);
  return `${choice([...kinds.keys()])}${example ? `, or an object such as ${describe(example)}` : ""}`;
}

/** What was meant by a value that is right but for its form: a number as text, one value in place of a list, a word in place of an object. */
function instead(value: unknown, field: unknown): string {
  const candidates: unknown[] = [];
  if (typeof value === "string") {
    const numbers = value.split(",").map((part) => (part.trim() === "" ? NaN : Number(part)));
    if (numbers.every(Number.isFinite)) candidates.push(numbers[0], numbers);
    if (/^(?:true|false)$/i.test(value)) candidates.push(value.toLowerCase() === "true");
    const switchable = closest(value, Object.keys(fieldsOf(field, undefined) ?? {}));
    if (switchable !== undefined) candidates.push({ [switchable]: true });
  }
  if (value !== undefined && value !== null && !Array.isArray(value)) candidates.push([value]);
  const fits = (candidate: unknown): boolean =>
    (field as z.ZodType | undefined)?.safeParse(inFull(field, candidate as JsonValue)).success ?? false;
  const fitting = candidates.find(fits);
  if (fitting !== undefined) return `; write ${describe(fitting)}`;
  return Array.isArray(value) && value.length > 0 && value.every(fits) ? "; values to try stand on an axis" : "";
}

/** Of a value that fits none of several forms, what is wrong with it as the form that it was most likely meant for; undefined of other misfits. */
function withinUnion(error: z.ZodError, whole: unknown, schema: z.ZodType): ExplainedMisfit | undefined {
  const [{ code, path }] = error.issues;
  // Where a single form fits but for its keys, the error is that form's own.
  const inForm = code === "invalid_union" || code === "unrecognized_keys";
  const options = inForm ? optionsOf(schemaAt(schema, whole, path)) : undefined;
  if (!options) return undefined;
  const value = valueAt(whole, path);
  const objects = options.filter((option) => fieldsOf(option, undefined));
  const others = options.filter((option) => !objects.includes(option));
  const names = objects.map((option) => Object.keys(fieldsOf(option, undefined) ?? {})[0]);
  const keys = isJsonObject(value) ? Object.keys(value) : [];
  const named = names.findIndex((name) => keys.some((key) => key === name || closest(key, [name]) === name));
  const form = isJsonObject(value) ? objects.at(named) : others[0];
  if (isJsonObject(value) && named < 0) {
    const message = `got ${describe(value)}, expected an object with ${choice(names)}`;
    return { path, message, otherKinds: [] };
  }
  const found = form?.safeParse(value).error;
  if (!form || !found) return undefined;
  const misfit = explain(found, value, form);
  return { ...misfit, path: [...path, ...misfit.path] };
}
