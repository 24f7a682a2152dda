// The JSON Schema of sweep specs, for editors: every field by its dotted path, made of the schemas that check specs.
import { z } from "zod";

const without = (object, ...names) =>
  Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)));

/** Of a union on `kind`, its members; of anything else, itself. */
export const alternatives = (schema) => schema.oneOf ?? [schema];
export const kindOf = (schema) => schema.properties?.kind?.const;

/** The words that stand for {"kind": word}: of the kinds that need no further field. */
export const wordsOf = (schema) =>
  alternatives(schema)
    .filter((member) => kindOf(member) !== undefined && member.required.length === 1)
    .map(kindOf);

/** A zod schema as JSON Schema: what may be written, before defaults are filled in. */
export const jsonSchemaOf = (schema) =>
  without(z.toJSONSchema(schema, { io: "input", target: "draft-7", unrepresentable: "any" }), "$schema");

/** One schema for all that a path may hold in configs of different kinds. */
function merged(schemas) {
  if (schemas.length === 1) return schemas[0];
  const description = [...new Set(schemas.flatMap(({ description }) => description ?? []))].join(" ");
  const said = description === "" ? {} : { description };
  const texts = new Set(schemas.map((schema) => JSON.stringify(without(schema, "default", "description"))));
  const distinct = [...texts].map((text) => JSON.parse(text));
  if (distinct.length === 1) return { ...distinct[0], ...said };
  if (distinct.every((schema) => schema.const !== undefined))
    return { enum: distinct.map((schema) => schema.const), ...said };
  return { anyOf: distinct, ...said };
}

/** null takes a field out, in a base, on an axis and in a variant's set. */
function orNull(schema) {
  if (schema.anyOf) return { ...schema, anyOf: [...schema.anyOf, { type: "null" }] };
  if (schema.properties) return { anyOf: [schema, { type: "null" }] };
  if (schema.const !== undefined) return { ...without(schema, "type", "const"), enum: [schema.const, null] };
  if (schema.enum) return { ...without(schema, "type"), enum: [...schema.enum, null] };
  return { ...schema, type: [schema.type, "null"] };
}

/** Schemas by path, where one that is the same as an earlier one only refers to it. */
function shared(schemas) {
  const paths = new Map();
  return Object.fromEntries(
    Object.entries(schemas).map(([path, schema]) => {
      const text = JSON.stringify(schema);
      const first = paths.get(text);
      if (first === undefined) paths.set(text, path);
      return [path, first === undefined ? schema : { $ref: `#/definitions/${first}` }];
    }),
  );
}

/**
 * The schema of every dotted path of a config; N stands for a position in a list. No field is required, since an axis can add
 * what an object of the base lacks.
 */
export function pathSchemas(config) {
  const found = {};
  const visit = (path, schemas) => {
    const inner = (name) => (path === "" ? name : `${path}.${name}`);
    const members = schemas.flatMap(alternatives);
    const children = new Map();
    for (const member of members) {
      for (const [name, schema] of Object.entries(member.properties ?? {}))
        children.set(inner(name), [...(children.get(inner(name)) ?? []), schema]);
      if (member.items) children.set(inner("N"), [...(children.get(inner("N")) ?? []), member.items]);
    }
    /** What is the same in all kinds that have it is told under its own path. */
    const part = (name, schema) =>
      children.get(inner(name)).length === 1 ? { $ref: `#/definitions/${inner(name)}` } : schema;
    const field = ([name, schema]) => [name, part(name, schema.const === undefined ? orNull(schema) : schema)];
    const shown = members.map((member) => {
      const rest = without(member, "required");
      if (member.items) return { ...rest, items: part("N", member.items) };
      if (!member.properties) return rest;
      const properties = Object.entries(member.properties).map(field);
      return { ...rest, properties: Object.fromEntries(properties) };
    });
    const words = schemas.flatMap(wordsOf);
    const { description } = schemas[0];
    const whole =
      words.length > 0
        ? { anyOf: [{ enum: words }, ...shown], ...(description === undefined ? {} : { description }) }
        : merged(shown);
    if (path !== "") found[path] = path.endsWith(".N") ? whole : orNull(whole);
    for (const [child, list] of children) visit(child, list);
  };
  visit("", [config]);
  return shared(found);
}

/** What an object must have that no axis completes: the fields that are required, at any depth; undefined where none is. */
function completeness(schema) {
  if (schema.items) {
    const items = completeness(schema.items);
    return items && { items };
  }
  if (schema.oneOf) {
    const kinds = schema.oneOf.map((member) => [kindOf(member), completeness(member)]);
    const ofKind = ([kind, then]) => ({ if: { properties: { kind: { const: kind } } }, then });
    const isMore = ([, { required, properties }]) => required.length > 1 || properties;
    const more = kinds.filter(isMore).map(ofKind);
    return { if: { type: "object" }, then: { required: ["kind"], ...(more.length > 0 ? { allOf: more } : {}) } };
  }
  if (!schema.required) return undefined;
  const inner = Object.entries(schema.properties).map(([name, field]) => [name, completeness(field)]);
  const properties = Object.fromEntries(inner.filter(([, field]) => field));
  return { required: schema.required, ...(Object.keys(properties).length > 0 ? { properties } : {}) };
}

/** A schema of the names of an object's fields. */
const namesOf = ({ properties, patternProperties }) => ({
  anyOf: [{ enum: Object.keys(properties) }, ...Object.keys(patternProperties).map((pattern) => ({ pattern }))],
});

/**
 * @param schemas the zod schemas of specs, of their data, and of a cell's config
 * @returns {object} JSON Schema (draft 7, which editors know)
 */
export function specJsonSchema({ specSchema, dataSchema, trainConfigSchema }) {
  const spec = jsonSchemaOf(specSchema);
  const config = jsonSchemaOf(trainConfigSchema);
  const paths = pathSchemas(config);
  const pattern = (path) => `^${path.replaceAll(".", "\\.").replaceAll(/\bN\b/g, "\\d{1,6}")}$`;
  const isListed = ([path]) => /\bN\b/.test(path);
  /** An object whose keys are dotted paths. @param value the schema of what stands there */
  const byPath = (value) => {
    const entries = Object.keys(paths).map((path) => [path, value({ $ref: `#/definitions/${path}` })]);
    return {
      type: "object",
      properties: Object.fromEntries(entries.filter((entry) => !isListed(entry))),
      patternProperties: Object.fromEntries(entries.filter(isListed).map(([path, schema]) => [pattern(path), schema])),
      additionalProperties: false,
    };
  };
  const fields = byPath((schema) => schema);
  const list = { type: "array", minItems: 1, uniqueItems: true };
  // All forms of an axis but the list. What values may be depends on the path.
  const forms = spec.properties.axes.additionalProperties.anyOf.filter(({ properties }) => properties);
  const { when, ...draws } = Object.assign({}, ...forms.map(({ properties }) => properties));
  const open = ([name, { description, items }]) => [
    name,
    Array.isArray(items) ? { description, type: "array", items, minItems: 2, maxItems: 2 } : { description, ...list },
  ];
  const form = {
    type: "object",
    properties: {
      ...Object.fromEntries(Object.entries(draws).map(open)),
      when: { description: when.description, type: "object", propertyNames: namesOf(fields) },
    },
    oneOf: forms.map(({ required }) => ({ required })),
    additionalProperties: false,
  };
  const axisOf = (items) => ({
    allOf: [{ $ref: "#/definitions/axis" }],
    ...{ items, properties: { values: { items }, choice: { items } } },
  });
  const definitions = { fields, axis: { anyOf: [list, form] }, axes: byPath(axisOf), ...paths };
  const { data, variants } = spec.properties;
  for (const [place, name] of [
    [spec, "base"],
    [spec, "axes"],
    [variants.items, "set"],
    [variants.items, "axes"],
  ]) {
    const { description } = place.properties[name];
    const fields = { $ref: `#/definitions/${name === "axes" ? "axes" : "fields"}` };
    // Beside a reference, draft 7 reads nothing.
    place.properties[name] = { description, allOf: [fields] };
  }
  spec.properties.data = { description: data.description, ...jsonSchemaOf(dataSchema) };
  const noPaths = { propertyNames: { not: { pattern: "\\." } } };
  const whole = completeness({ ...config, required: [] }).properties;
  const eachWhole = (place) =>
    Object.fromEntries(Object.keys(whole).map((field) => [field, place({ $ref: `#/definitions/complete.${field}` })]));
  for (const [field, schema] of Object.entries(whole)) definitions[`complete.${field}`] = schema;
  const base = { properties: eachWhole((schema) => schema) };
  const axes = { properties: eachWhole((items) => ({ items })) };
  Object.assign(spec, {
    if: { properties: { base: noPaths, axes: noPaths, variants: false } },
    then: { properties: { base, axes } },
  });
  return { $schema: "http://json-schema.org/draft-07/schema#", title: "Handgrad sweep spec", ...spec, definitions };
}
