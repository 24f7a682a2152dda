/** What the schema of configs, or of specs, says of their fields. */
import { z } from "zod";
import { trainConfigSchema } from "../../core/config.js";
import { closest } from "./closest.js";
import { isJsonObject, type JsonValue } from "./json.js";

/** A schema, without what only says that its value may be absent. */
function bare(schema: unknown): unknown {
  while (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault)
    schema = schema.unwrap();
  return schema;
}

/** The kinds to choose from where a schema is a choice by `kind`, each with its schema; undefined elsewhere. */
export function kindsOf(schema: unknown): Map<string, z.ZodObject> | undefined {
  const choice = bare(schema);
  if (!(choice instanceof z.ZodDiscriminatedUnion)) return undefined;
  return new Map(
    (choice.options as z.ZodObject[]).map((kind) => [(kind.shape.kind as z.ZodLiteral<string>).value, kind]),
  );
}

/** The forms that a value may have where a schema is a choice without `kind`. */
export function optionsOf(schema: unknown): z.ZodType[] | undefined {
  const choice = bare(schema);
  return choice instanceof z.ZodUnion && !(choice instanceof z.ZodDiscriminatedUnion)
    ? (choice.options as z.ZodType[])
    : undefined;
}

/** The fields that an object may have by its schema, and its kind; undefined where the schema knows of none. */
export function fieldsOf(schema: unknown, value: unknown): Readonly<Record<string, unknown>> | undefined {
  const kind = isJsonObject(value) && typeof value.kind === "string" ? value.kind : "";
  const object = kindsOf(schema)?.get(kind) ?? bare(schema);
  return object instanceof z.ZodObject ? object.shape : undefined;
}

/** The schema of what a path leads to from a value; undefined where the value's schema knows of no such thing. */
export function schemaAt(schema: unknown, value: unknown, path: readonly PropertyKey[]): unknown {
  let inner = schema;
  for (const key of path) {
    const outer = bare(inner);
    if (outer instanceof z.ZodArray) inner = outer.element;
    else if (outer instanceof z.ZodRecord) inner = outer.valueType;
    else {
      const fields = fieldsOf(outer, value);
      inner = fields && Object.hasOwn(fields, key) ? fields[String(key)] : undefined;
    }
    const holder = typeof value === "object" && value !== null && Object.hasOwn(value, key) ? value : {};
    value = (holder as Record<PropertyKey, unknown>)[key];
  }
  return inner;
}

/** A copy of a value in which a word stands for the object of that kind, wherever its schema is a choice by kind; a field that is null is absent. */
export function inFull(schema: unknown, value: JsonValue): JsonValue {
  if (typeof value === "string" && kindsOf(schema)) return { kind: value };
  if (Array.isArray(value)) {
    const list = bare(schema);
    return value.map((item) => inFull(list instanceof z.ZodArray ? list.element : undefined, item));
  }
  if (!isJsonObject(value)) return value;
  const fields = fieldsOf(schema, value) ?? {};
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== null)
      .map(([key, item]) => [key, inFull(Object.hasOwn(fields, key) ? fields[key] : undefined, item)]),
  );
}

/** The path of the config's field that a word was most likely meant for: its own, or within its model, optimizer, schedule … */
export function closestField(word: string): string | undefined {
  const { shape } = trainConfigSchema;
  const paths = new Map(Object.keys(shape).map((field) => [field, field]));
  for (const [field, schema] of Object.entries(shape))
    for (const inner of kindsOf(schema)?.values() ?? [bare(schema)])
      for (const name of Object.keys(fieldsOf(inner, undefined) ?? {}))
        if (name !== "kind" && !paths.has(name)) paths.set(name, `${field}.${name}`);
  const guess = closest(word, [...paths.keys()]);
  return guess && paths.get(guess);
}

/** Whether a dotted path leads to a field of configs, of whatever kinds their parts are. */
export function isFieldPath(path: string): boolean {
  let schemas: unknown[] = [trainConfigSchema];
  for (const part of path.split("."))
    schemas = schemas.flatMap((schema) => {
      const outer = bare(schema);
      if (outer instanceof z.ZodArray) return /^\d{1,6}$/.test(part) ? [outer.element] : [];
      return [...(kindsOf(outer)?.values() ?? [outer])].flatMap((kind) => {
        const fields = fieldsOf(kind, undefined);
        return fields && Object.hasOwn(fields, part) ? [fields[part]] : [];
      });
    });
  return schemas.length > 0;
}

/** Whether a field takes whole numbers alone. */
export function isWhole(schema: unknown): boolean {
  const field = bare(schema);
  return field instanceof z.ZodNumber && field.isInt;
}
