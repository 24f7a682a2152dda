/** What `npm run docs` makes is true: every field is described, every example trains, and the JSON Schema refuses nothing that the harness accepts. */
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { Ajv } from "ajv";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { trainConfigSchema, type TrainConfig } from "../src/core/config.js";
import { InputError } from "../src/core/input-error.js";
import { dataChoices } from "../src/sweeps/data/datasets.js";
import { dataOptionsSchema } from "../src/sweeps/spec/data-options.js";
import { drawSyntheticDataset } from "../src/sweeps/data/synthetic.js";
import { planCells } from "../src/sweeps/run/plan.js";
import { builtInSweeps } from "../src/sweeps/spec/built-in.js";
import { expandGrid } from "../src/sweeps/spec/grid.js";
import type { JsonObject, JsonValue } from "../src/sweeps/spec/json.js";
import { formatSpec, overrideSpec, parseSpec, specSchema } from "../src/sweeps/spec/spec.js";
import { trained } from "./core/trained.js";
import { codeBlocks } from "./documents.js";
import { root } from "./workers/built.js";

interface Schema {
  [key: string]: unknown;
  const?: string;
  properties?: Record<string, Schema>;
  items?: Schema;
  oneOf?: Schema[];
  anyOf?: Schema[];
  enum?: JsonValue[];
  type?: string;
  required?: string[];
}
const load = (name: string): Promise<unknown> => import(pathToFileURL(path.join(root, "scripts", name)).href);
const { documents } = (await load("docs.mjs")) as { documents(schemas: object): Promise<Map<string, string>> };
const { jsonSchemaOf } = (await load("spec-schema.mjs")) as { jsonSchemaOf(schema: z.ZodType): Schema };
const made = await documents({
  trainConfigSchema,
  specSchema,
  dataSchema: z.union([z.enum(dataChoices), dataOptionsSchema]),
});

test.each([...made.keys()])("%s is what `npm run docs` makes of the sources", (file) => {
  expect(fs.readFileSync(path.join(root, file), "utf8") === made.get(file), "npm run docs makes it anew").toBe(true);
});

test("every field of a spec and of a config is described, and so is every kind", () => {
  const mute: string[] = [];
  const visit = (at: string, { properties, items, oneOf, ...schema }: Schema): void => {
    if (at !== "" && !/\[\]$/.test(at) && schema.const === undefined && !schema.description) mute.push(at);
    for (const [name, field] of Object.entries(properties ?? {})) visit(`${at}.${name}`, field);
    if (items) visit(`${at}[]`, items);
    for (const kind of oneOf ?? []) visit(`${at}:${kind.properties?.kind.const}`, kind);
  };
  visit("", jsonSchemaOf(specSchema));
  visit("", jsonSchemaOf(trainConfigSchema));
  expect(mute).toEqual([]);
});

const examples = fs.readdirSync(path.join(root, "examples")).map((file) => {
  const text = fs.readFileSync(path.join(root, "examples", file), "utf8");
  return { name: path.parse(file).name, text, spec: parseSpec(text, file) };
});

describe("examples", () => {
  test("are printed as they are, under the name of their file, with a schema that is there", () => {
    const printed = codeBlocks.filter(({ at, language }) => at.startsWith("docs/config.md") && language === "json");
    const texts = printed.map(({ text }) => JSON.stringify(JSON.parse(text))).sort();
    const withoutSchema = examples.map(({ text }) => {
      const { $schema, ...spec } = JSON.parse(text) as { $schema: string };
      expect(fs.existsSync(path.resolve(root, "examples", $schema))).toBe(true);
      return JSON.stringify(spec);
    });
    expect(texts).toEqual(withoutSchema.sort());
    expect(examples.map(({ spec }) => spec.name)).toEqual(examples.map(({ name }) => name));
    expect(examples.map(({ spec }) => formatSpec(spec)).join("")).not.toContain("$schema");
  });

  const dataset = drawSyntheticDataset(5048, 16);
  test.each(examples)("$name: every cell trains", ({ name, spec }) => {
    const { validation = 0 } = spec.base as { validation?: number };
    const limits = { epochs: 1, trainLimit: 32 + validation, testLimit: 16 };
    const cells = planCells(overrideSpec(spec, limits), dataset, name);
    expect(cells.length).toBeGreaterThan(1);
    // Seeds differ in nothing that could fail; thousands of held-out images are for the sweep, not for its test.
    const kinds = new Map(cells.map(({ config }) => [JSON.stringify({ ...config, seed: 0 }), config]));
    for (const config of kinds.values()) {
      const few: TrainConfig = validation ? { ...config, validation: 16, trainLimit: 48 } : config;
      const { result } = trained(few, dataset);
      expect([result.status, result.curve.length]).toEqual(["done", 1]);
    }
  });
});

describe("the JSON Schema of specs", () => {
  const valid = new Ajv({ strictTypes: false }).compile(JSON.parse(made.get("docs/spec.schema.json")!) as object);
  const harnessTakes = (text: string): boolean => {
    try {
      expandGrid(parseSpec(text, "s.json"), "s.json");
      return true;
    } catch (error) {
      if (error instanceof InputError) return false;
      throw error;
    }
  };

  const SHORT = JSON.stringify({
    name: "short",
    base: {
      model: { kind: "layers", name: "net", layers: ["flatten", "dropout", { kind: "dense", units: 10 }] },
      "optimizer.kind": "adam",
      schedule: null,
      augment: { flip: null, shift: 1 },
    },
    axes: { "model.layers.1.rate": [0.1, 0.2], schedule: [null, "cosine"] },
  });
  const SEARCH = JSON.stringify({
    name: "search",
    base: { model: "mlp", optimizer: "sgd", validation: 10 },
    axes: {
      "optimizer.lr": { logUniform: [0.01, 1], when: { "optimizer.kind": ["sgd", "adam"] } },
      "optimizer.momentum": { uniform: [0, 0.9] },
      batchSize: { choice: [8, 16] },
      "model.hidden.0": { values: [8, 16], when: { batchSize: 8 } },
    },
    samples: { count: 9, seed: 1 },
    halving: { rungs: [1, 3], keep: 0.5 },
  });
  const known = [
    { name: "axes in all their forms, samples and rungs", text: SEARCH },
    ...examples.map(({ name, text }) => ({ name, text })),
    { name: "fields of the base by path, words for layers, and null", text: SHORT },
    ...Object.entries(builtInSweeps).map(([name, spec]) => ({ name, text: formatSpec(spec) })),
  ];
  test.each(known)("accepts $name", ({ text }) => {
    expect(valid(JSON.parse(text)), JSON.stringify(valid.errors)).toBe(true);
    expect(harnessTakes(text)).toBe(true);
  });

  test.each([
    { base: { learningRate: 0.1 } },
    { base: { optimizer: { kind: "sgd", learningRate: 0.1 } } },
    { base: { optimizer: "adamw" } },
    { base: { model: { kind: "mlp", hiden: [100] } } },
    { base: { model: { kind: "mlp", hidden: 100 } } },
    { base: { model: { kind: "cnn", hidden: [100] } } },
    { base: { model: { kind: "layers", name: "a", layers: [{ kind: "linear", units: 10 }] } } },
    { base: { model: { kind: "layers", name: "a", layers: [{ kind: "residual", layers: [{ kind: "residual" }] }] } } },
    { base: { model: { kind: "layers", name: "a", layers: [{ kind: "dense" }] } } },
    { base: { model: { hidden: [10] } } },
    { axes: { optimizer: [{ lr: 0.1 }] } },
    { base: { epochs: 0 } },
    { base: { epochs: "10" } },
    { base: { batchSize: 0.5 } },
    { base: { labelSmoothing: 1 } },
    { axes: { seed: 3 } },
    { axes: { seed: [] } },
    { axes: { seed: [1, 1] } },
    { axes: { "optimizer.lr": { uniform: [0.1, 1], logUniform: [0.1, 1] } }, samples: 2 },
    { axes: { "optimizer.lr": { uniform: [0.1] } }, samples: 2 },
    { axes: { "optimizer.lr": { choice: [0.1, "much"] } }, samples: 9 },
    { axes: { seed: { values: [1], when: { sead: 1 } } } },
    { samples: 0 },
    { halving: { rungs: [3], keep: 0.5 } },
    { halving: { rungs: [1, 3], keep: 1 } },
    { axes: { lr: [0.1] } },
    { axes: { "optimizer.rate": [0.1] } },
    { axes: { "optimizer.lr": ["0.1"] } },
    { axes: { "model.layers.x.units": [3] } },
    { variants: [] },
    { variants: [{ role: "main" }] },
    { variants: [{ sets: {} }] },
    { variants: [{ set: { "augment.flipped": true } }] },
    { data: "mnist" },
    { axis: {} },
    { name: "Two Words" },
  ])("refuses %j", (wrong) => {
    const spec = { name: "x", ...wrong };
    expect(valid(spec)).toBe(false);
    if (!("data" in wrong)) expect(harnessTakes(JSON.stringify(spec))).toBe(false);
  });

  /** What a schema allows: at its limits, between them, and with any of its optional fields. */
  function values(schema: Schema): fc.Arbitrary<JsonValue> {
    const { oneOf, enum: words, items, properties, required = [], type } = schema;
    if (oneOf) return fc.oneof(...oneOf.map(values));
    if (words) return fc.constantFrom(...words);
    if (schema.const !== undefined) return fc.constant(schema.const);
    if (properties)
      return fc.record(Object.fromEntries(Object.entries(properties).map(([name, field]) => [name, values(field)])), {
        requiredKeys: required,
      });
    if (items) return fc.array(values(items), { minLength: Number(schema.minItems ?? 0), maxLength: 3 });
    if (type === "boolean") return fc.boolean();
    if (type === "string") {
      const fits = new RegExp(typeof schema.pattern === "string" ? schema.pattern : "");
      return fc.constantFrom(...["net", "a1", "0".repeat(64)].filter((text) => fits.test(text)));
    }
    const low = Number(schema.minimum ?? 0);
    const high = Math.min(1e6, Number(schema.maximum ?? schema.exclusiveMaximum ?? 1e6));
    if (type === "integer") return fc.oneof(fc.constantFrom(low, high), fc.integer({ min: low, max: high }));
    return fc.double({ min: Math.max(low, 1e-6), max: high, maxExcluded: true, noNaN: true });
  }
  const config = jsonSchemaOf(trainConfigSchema);
  const fields = Object.entries(config.properties!);
  /** Every way into a value, key by key. */
  const ways = (value: JsonValue): string[][] =>
    typeof value !== "object" || value === null
      ? []
      : Object.entries(value).flatMap(([key, inner]) => [[key], ...ways(inner).map((way) => [key, ...way])]);
  const at = (value: JsonValue, way: string[]): JsonValue | undefined =>
    way.reduce<JsonValue | undefined>((inner, key) => (inner as JsonObject | undefined)?.[key], value);

  /** A base, and axes of its values and of those that another one of the same kinds has in the same places. */
  const specs = fc
    .tuple(values(config), values(config), fc.array(fc.nat(1000), { maxLength: 4 }))
    .map(([base, other, picks]): JsonObject => {
      const shared = ways(base).filter(
        (way) => at(other, way) !== undefined && at(base, [way[0], "kind"]) === at(other, [way[0], "kind"]),
      );
      const axes: Record<string, JsonValue[]> = {};
      for (const pick of shared.length > 0 ? picks : []) {
        const way = shared[pick % shared.length];
        const pair = [at(other, way)!, ...(pick % 2 ? [at(base, way)!] : [])];
        axes[way.join(".")] = JSON.stringify(pair[0]) === JSON.stringify(pair[1]) ? pair.slice(1) : pair;
      }
      if (picks.length > 2) axes[fields[picks[0] % fields.length][0]] ??= [null];
      return { name: "any", base, axes };
    });

  test("accepts what the harness accepts, and the harness accepts most of what the schemas of configs allow", () => {
    let taken = 0;
    fc.assert(
      fc.property(specs, (spec) => {
        const text = JSON.stringify(spec);
        if (!harnessTakes(text)) return;
        taken += 1;
        expect(valid(JSON.parse(text)), `${text} ${JSON.stringify(valid.errors?.slice(0, 3))}`).toBe(true);
      }),
      { seed: 20_261_130, numRuns: 150 },
    );
    expect(taken).toBeGreaterThan(75);
  });

  /** The same spec with one place of it changed. */
  function broken(spec: JsonObject, way: string[], by: JsonValue): JsonObject {
    const copy = JSON.parse(JSON.stringify(spec)) as JsonObject;
    const holder = at(copy, way.slice(0, -1)) as JsonObject;
    const key = way.at(-1)!;
    if (by === "typo") holder[`${key}x`] = holder[key];
    if (by === "typo" || by === "drop") delete holder[key];
    else holder[key] = by;
    return copy;
  }

  test("refuses nothing that the harness accepts, of specs with a mistake", () => {
    const mistakes: JsonValue[] = ["typo", "typo", "drop", -1, 0.5, 1e9, "0.1", true, [], {}, null, "sgd"];
    const seen = { neither: 0, schema: 0, both: 0 };
    fc.assert(
      fc.property(specs, fc.nat(), fc.constantFrom(...mistakes), (spec, pick, by) => {
        const places = ways(spec).filter((way) => way.length > 1 && !Array.isArray(at(spec, way.slice(0, -1))));
        const way = places[pick % places.length];
        // What an axis, or a longer one, stands in for is checked by the schema alone.
        const top = (path: string): string => path.split(".")[0];
        const axes = Object.keys(spec.axes as JsonObject);
        fc.pre(!axes.some((axis) => axis !== way[1] && top(axis) === top(way[1])));
        fc.pre(way[0] !== "base" || !axes.includes(way[1]));
        const wrong = broken(spec, way, by);
        const text = JSON.stringify(wrong);
        const [schema, harness] = [valid(JSON.parse(text)), harnessTakes(text)];
        if (harness) expect(schema, `${text} ${JSON.stringify(valid.errors?.slice(0, 3))}`).toBe(true);
        seen[harness ? "both" : schema ? "schema" : "neither"] += 1;
      }),
      { seed: 20_261_130, numRuns: 400 },
    );
    // Most mistakes are found by both; what only the harness finds depends on several fields.
    expect(seen.neither).toBeGreaterThan(4 * seen.schema);
    expect(seen.both).toBeGreaterThan(20);
  });
});
