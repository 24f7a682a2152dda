/** Whatever a spec file holds: a plan, or one line that says where, what was got, and what was expected. */
import { existsSync, writeFileSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { InputError } from "../../../src/core/input-error.js";
import { parseSpecText } from "../../../src/sweeps/spec/spec-text.js";
import { temporaryFolder } from "../fixtures.js";
import { handgradHere } from "../handgrad.js";

// A second of training for each of a thousand plans.
vi.mock("../../../src/sweeps/run/forecast.js", () => ({ expectedSeconds: () => Promise.resolve(1) }));

const SEED = 20_261_130;
const folder = temporaryFolder();
const file = path.join(folder, "any.json");
const out = path.join(folder, "run");

async function planned(content: string | Uint8Array): Promise<{ code: number | null; stderr: string }> {
  writeFileSync(file, content);
  const { code, stderr } = await handgradHere(folder, "sweep", file, "--dry-run", "--out", out, "--workers", "1");
  expect(existsSync(out)).toBe(false);
  return { code, stderr: stderr.replace(file, "any.json") };
}

const base = { model: "mlp", optimizer: "sgd", trainLimit: 10, testLimit: 10 };
const spec = { name: "any", data: "synthetic", base };
const text = JSON.stringify(spec);

describe("the text of a spec file", () => {
  const utf16 = Buffer.from(text, "utf16le");
  test.each<[string, Uint8Array]>([
    ["as it is", Buffer.from(text)],
    ["with a mark of UTF-8", Buffer.from(`\ufeff${text}`)],
    ["with lines of Windows", Buffer.from(JSON.stringify(spec, null, 2).replaceAll("\n", "\r\n"))],
  ])("%s: a plan", async (_, bytes) => expect(await planned(bytes)).toEqual({ code: 0, stderr: "" }));

  test.each<[string, string | Uint8Array, string]>([
    ["UTF-16", utf16, "got UTF-16 text, expected UTF-8; save it in that encoding"],
    ["UTF-16 with a mark", Buffer.from(`\ufeff${text}`, "utf16le"), "got UTF-16 text, expected UTF-8"],
    ["UTF-16, the other way round, with a mark", Buffer.from(`\ufeff${text}`, "utf16le").swap16(), "got UTF-16 text"],
    ["UTF-16, the other way round", Buffer.from(utf16).swap16(), "got UTF-16 text, expected UTF-8"],
    ["UTF-32", Buffer.from([0xff, 0xfe, 0, 0, 0x7b, 0, 0, 0]), "got UTF-32 text, expected UTF-8"],
    ["Latin-1", Buffer.from('{"name":"é"}', "latin1"), "got bytes that are no UTF-8 text"],
    ["nothing", "", "line 1, column 1: not JSON: got the end of the file, expected a value"],
    [
      "cut short",
      '{\n  "name": "a",\n  "base": {',
      "line 3, column 12: not JSON: got the end of the file, expected a closing brace",
    ],
    ["no comma", '{\n  "name": "a"\n  "base": {}\n}', 'line 3, column 3: not JSON: got "base", expected a comma'],
    [
      "a comma too many",
      '{\n  "name": "a",\n}',
      "line 3, column 1: not JSON: got }, expected a key in double quotes; take the comma before it out",
    ],
    [
      "single quotes",
      "{'name': 'a'}",
      "line 1, column 2: not JSON: got 'name', expected a value: text needs double quotes",
    ],
    [
      "a comment",
      '{ // mine\n "name": "a" }',
      "line 1, column 3: not JSON: got // mine, expected no comment: JSON has none",
    ],
    ["NaN", '{"name": NaN}', "line 1, column 10: not JSON: got NaN, expected a value: text needs double quotes"],
    [
      "an open string",
      '{"name": "a\n}',
      'line 1, column 10: not JSON: got "a, expected a closing quote on the same line',
    ],
    ["more after it", "{} {}", "line 1, column 4: not JSON: got {, expected the end of the file"],
    [
      "a key twice",
      '{\n "name": "a",\n "base": {"epochs": 1, "\\u0065pochs": 2}\n}',
      'line 3, column 24: got the key "base.epochs" twice; remove one',
    ],
    [
      "a key twice, deeper",
      '{"variants": [{}, {"set": {"seed": 1, "seed": 1}}]}',
      'line 1, column 39: got the key "variants.1.set.seed" twice; remove one',
    ],
    [
      "a number too large",
      '{"base": {"optimizer": {"lr": 1e400}}}',
      "line 1, column 31: base.optimizer.lr: got 1e400, expected a number of at most 1.7976931348623157e+308",
    ],
    ["deep nesting", "[".repeat(100_000), "line 1, column 65: nested more than 64 levels deep; flatten it"],
    [
      "deep nesting of objects",
      '{"a":'.repeat(100_000),
      "line 1, column 321: nested more than 64 levels deep; flatten it",
    ],
  ])("%s", async (_, content, message) => {
    const { code, stderr } = await planned(content);
    expect([code, stderr]).toEqual([2, expect.stringMatching(/^handgrad: any\.json: [^\n]*\n$/)]);
    expect(stderr).toContain(`any.json: ${message}`);
  });

  test("is JSON to its reader when it is to JSON.parse, and errors have their place", () => {
    const pretty = JSON.stringify(
      { ...spec, axes: { "optimizer.lr": [0.1, 2e-3, -0, true, null, "\u00e9\\\n"] } },
      null,
      1,
    );
    const piece = fc.constantFrom(
      "",
      ",",
      ":",
      '"',
      "{",
      "}",
      "[",
      "]",
      "\\",
      "\n",
      "\u00a0",
      "\ufeff",
      "//",
      "/*",
      "0",
      "-",
      ".",
      "e",
      "t",
      "\u0000",
      "\\u12",
      "true",
      "'",
    );
    const mutated = fc
      .array(fc.tuple(fc.nat(pretty.length), fc.nat(3), piece), { minLength: 1, maxLength: 2 })
      .map((edits) => edits.reduce((all, [at, cut, put]) => all.slice(0, at) + put + all.slice(at + cut), pretty));
    fc.assert(
      fc.property(mutated, (content) => {
        const attempt = (parse: () => unknown): unknown => {
          try {
            return parse();
          } catch (error) {
            return error;
          }
        };
        const got = attempt(() => parseSpecText(content, "f"));
        const expected = attempt(
          () => JSON.parse(content, (_, value: unknown) => (value === 0 ? 0 : value)) as unknown,
        );
        if (!(expected instanceof Error) && !(got instanceof Error)) expect(got).toEqual(expected);
        else if (got instanceof InputError)
          // Where the two parsers differ, the stricter one has its way, in its own words.
          expect(got.message).toMatch(/^f: (line \d+, column \d+: (not JSON: )?got |not JSON \()/s);
        else expect.unreachable(`${String(got)} for ${content}`);
      }),
      { seed: SEED, numRuns: 3000 },
    );
  });

  test("tells no -0 from 0, as ids and records do not", () =>
    expect(Object.is((parseSpecText("[-0.0]", "f") as number[])[0], 0)).toBe(true));
});

test.each<[string, object, string]>([
  ...["con", "prn", "aux", "nul", "com1", "lpt9"].map((name): [string, object, string] => [
    `the name ${name}`,
    { ...spec, name },
    `name: got "${name}", expected a name of lower-case letters, digits, - and _ (it names a folder), but none that Windows keeps for a device`,
  ]),
  [
    "a shift as large as the image",
    { ...spec, base: { ...base, evaluateShifted: 28 } },
    "base.evaluateShifted: got 28, expected less than 28, the image's shorter side; shift by fewer pixels",
  ],
  [
    "a path through what every object has",
    { ...spec, axes: { "optimizer.hasOwnProperty.x": [1] } },
    'axes "optimizer.hasOwnProperty.x": optimizer.hasOwnProperty: no such field of "sgd", which has kind, lr, momentum, weightDecay',
  ],
  ["a list where a number of it is asked for", { ...spec, axes: [] }, "axes: got [], expected an object"],
])("%s", async (_, wrong, message) => {
  const { code, stderr } = await planned(JSON.stringify(wrong));
  const [line, column] = /^handgrad: any\.json: line (\d+), column (\d+): /.exec(stderr)?.slice(1).map(Number) ?? [];
  expect([code, line, column > 0]).toEqual([2, 1, true]);
  expect(stderr).toContain(`: ${message}`);
});

/** What every object and list has by inheritance. */
const INHERITED = [
  ...Object.getOwnPropertyNames(Object.prototype),
  ...Object.getOwnPropertyNames(Array.prototype),
  "prototype",
  "toJSON",
  "then",
];

test("words of the command line that every object has are words like any other", async () => {
  for (const word of INHERITED)
    for (const args of [
      [word],
      ["sweep", word],
      ["sweep", `--${word}`],
      ["sweep", "--data", word],
      ["cell", word, "--out", folder],
    ]) {
      const { code, stderr } = await handgradHere(folder, ...args);
      expect([args, code, stderr]).toEqual([args, 2, expect.stringMatching(/^handgrad: [^\n]{1,1000}\n$/)]);
      expect(stderr).toContain(word);
    }
});

/** JSON text of values that a field does not expect, or does not expect there. */
const ODD = [
  ..."null true false 0 -0 -1 1 2 3 9 10 27 28 29 64 65 1000 0.5 0.999 1e-400 5e-324 1e-30 1e9 1e15 9007199254740993 1e300 1e400 -1e400".split(
    " ",
  ),
  ...[
    "",
    " ",
    "NaN",
    "Infinity",
    "-0",
    "1",
    "0x10",
    "mlp",
    "adam",
    "é",
    "\u0000",
    "\ud800",
    "\u001b[2J",
    "\u202e",
    "x".repeat(3000),
  ].map((word) => JSON.stringify(word)),
  ..."[] [[]] [null] [0] [1,1] [5] {} [{}]".split(" "),
  ...['{"":0}', '{"kind":null}', '{"kind":"mlp"}', '{"kind":[]}', '{"length":3}', `[${"1,".repeat(3000)}1]`],
  ...[60, 80].map((depth) => "[".repeat(depth) + "]".repeat(depth)),
  ...INHERITED.flatMap((name) => [JSON.stringify(name), `{"kind":${JSON.stringify(name)}}`]),
];
const KEYS = [
  ...INHERITED,
  "",
  " ",
  ".",
  "..",
  "a.b",
  "0",
  "-1",
  "length",
  "kind",
  "x".repeat(3000),
  "\u001b[2J",
  "aux",
  "lr",
  "set",
  "axes",
  "role",
  "label",
  "name",
  "data",
  "seed",
  "model",
  "optimizer.lr",
];

const residual = [{ kind: "conv2d", channels: 4, kernel: 3, padding: 1 }, { kind: "gelu" }];
const MODELS = [
  "mlp",
  { kind: "mlp", hidden: [4, 5] },
  { kind: "cnn", channels: [4] },
  {
    kind: "resnet",
    width: 8,
    blocks: 1,
    padded: false,
    residual: true,
    batchNorm: true,
    activation: "relu",
    globalPool: "max",
    dropout: 0.1,
  },
  {
    kind: "layers",
    name: "mine",
    layers: [
      { kind: "conv2d", channels: 4, kernel: 3, padding: 1 },
      { kind: "batchNorm", epsilon: 1e-5, momentum: 0.1 },
      { kind: "maxPool2d", size: 2 },
      { kind: "residual", layers: residual },
      { kind: "globalAveragePool2d" },
      { kind: "leakyRelu", slope: 0.1 },
      { kind: "batchNorm" },
      { kind: "dropout", rate: 0.1 },
      { kind: "dense", units: 10 },
    ],
  },
];
const OPTIMIZERS = [
  "sgd",
  { kind: "nesterov", lr: 0.1, momentum: 0.9, weightDecay: 1e-4 },
  { kind: "adam", lr: 0.01, beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0.1 },
  { kind: "muon", lr: 0.02, momentum: 0.95, weightDecay: 0.005, others: { lr: 0.2, momentum: 0.9, weightDecay: 0 } },
];
const OPTIONS = {
  permutation: 1,
  seed: 3,
  epochs: 2,
  batchSize: 8,
  trainLimit: 30,
  testLimit: 10,
  kernels: "simd",
  validation: 5,
  schedule: { kind: "oneCycle", warmup: 0.3, start: 0.04, final: 0.0001 },
  augment: {
    shift: 2,
    flip: true,
    rotate: 5,
    scale: 0.1,
    erase: { probability: 0.5, least: 2, most: 4 },
    mixup: 0.2,
    cutmix: 0.2,
    until: 0.9,
  },
  prune: { easy: 0.7, skip: 0.5, until: 0.8 },
  labelSmoothing: 0.1,
  clipNorm: 1,
  weightAverage: 0.9,
  evaluateFlipped: true,
  evaluateShifted: 1,
  shardSize: 4,
};
const variants = [
  { role: "final", label: "all", axes: { seed: [4] } },
  { role: "ablation", label: "less", set: { epochs: 2, augment: null, "prune.easy": 0.5 } },
];
const DRAWN = {
  labelSmoothing: { uniform: [0, 0.5], when: { batchSize: [8, 16] } },
  clipNorm: { logUniform: [0.1, 10] },
  kernels: { choice: ["simd", "reference"] },
  weightAverage: { values: [null, 0.5], when: { "optimizer.kind": "sgd" } },
};
const specOf = (model: unknown, optimizer: unknown, options: boolean) => ({
  ...spec,
  base: { model, optimizer, ...(options ? OPTIONS : { trainLimit: 30, testLimit: 10 }) },
  axes: { "optimizer.lr": [0.1, 0.2], seed: [0, 1], ...(options ? DRAWN : {}) },
  ...(options ? { samples: { count: 2, seed: 1 }, halving: { rungs: [1, 2], keep: 0.5 }, variants } : {}),
});

type Place = (string | number)[];
const nameOf = (place: Place): string => JSON.stringify(place);
function placesOf(value: unknown, at: Place = []): Place[] {
  if (typeof value !== "object" || value === null) return [at];
  const keyOf = (key: string): string | number => (Array.isArray(value) ? Number(key) : key);
  return [at, ...Object.entries(value).flatMap(([key, child]) => placesOf(child, [...at, keyOf(key)]))];
}
/** JSON text of a value, with other text at some places, and keys renamed. */
function textWith(value: unknown, texts: Map<string, string>, keys: Map<string, string>, at: Place = []): string {
  const other = texts.get(nameOf(at));
  if (other !== undefined) return other;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((child, i) => textWith(child, texts, keys, [...at, i])).join(",")}]`;
  const fields = Object.entries(value).map(([key, child]) => {
    const place = [...at, key];
    return `${JSON.stringify(keys.get(nameOf(place)) ?? key)}:${textWith(child, texts, keys, place)}`;
  });
  return `{${fields.join(",")}}`;
}

const FIELDS = placesOf({ model: MODELS[4], optimizer: OPTIMIZERS[3], ...OPTIONS })
  .slice(1)
  .map((place) => place.join("."));
const odd = fc.constantFrom(...ODD);
const key = fc.constantFrom(...KEYS);
const field = fc.constantFrom(...FIELDS);
const fieldPath = fc.oneof(
  field,
  key,
  fc.tuple(field, key).map((parts) => parts.join(".")),
  fc.tuple(field, key, key).map((parts) => parts.join(".")),
);
const anySpec = fc
  .tuple(fc.constantFrom(...MODELS), fc.constantFrom(...OPTIMIZERS), fc.boolean())
  .chain(([model, optimizer, options]) => {
    const whole = specOf(model, optimizer, options);
    const place = fc.constantFrom(...placesOf(whole).map(nameOf));
    const put = (texts: [string, string][], keys: [string, string][] = []) =>
      textWith(whole, new Map(texts), new Map(keys));
    return fc.oneof(
      fc.array(fc.tuple(place, odd), { minLength: 1, maxLength: 2 }).map((texts) => put(texts)),
      fc.tuple(place, key).map((renamed) => put([], [renamed])),
      fc
        .tuple(fieldPath, fc.array(odd, { minLength: 1, maxLength: 2 }))
        .map(([name, values]) =>
          put([]).replace('"axes":{', () => `"axes":{${JSON.stringify(name)}:[${values.join(",")}],`),
        ),
      fc
        .tuple(fieldPath, odd)
        .map(([name, value]) => put([]).replace('"set":{', () => `"set":{${JSON.stringify(name)}:${value},`)),
    );
  });

test("a thousand specs and more, each altered in some place: a plan, or one line", { timeout: 600_000 }, async () => {
  let plans = 0;
  await fc.assert(
    fc.asyncProperty(anySpec, async (content) => {
      const started = performance.now();
      const { code, stderr } = await planned(content);
      expect(performance.now() - started).toBeLessThan(30_000);
      if (code === 0) plans++;
      // "no such field", "nested …", "not a field path", and fields that cannot be had twice or of a number, go without "got".
      else
        expect([code, stderr]).toEqual([
          2,
          expect.stringMatching(
            /^handgrad: any\.json: (line 1, column \d+: |model: a cell needs )(?=.*(\bgot |no such field|nested more|not a field path|has no fields|are the same|needs? ))[^\n]{1,990}\n$/,
          ),
        ]);
    }),
    { seed: SEED, numRuns: 1500 },
  );
  expect(plans).toBeGreaterThan(100);
});
