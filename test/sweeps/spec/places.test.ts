/** Where in its file a spec is wrong, and what to write instead. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { trainConfigSchema, type TrainConfig } from "../../../src/core/config.js";
import { InputError } from "../../../src/core/input-error.js";
import { planCells } from "../../../src/sweeps/run/plan.js";
import { cellId } from "../../../src/sweeps/spec/cell-id.js";
import { expandGrid } from "../../../src/sweeps/spec/grid.js";
import { formatSpec, parseSpec } from "../../../src/sweeps/spec/spec.js";
import { tinyDataset } from "../fixtures.js";

const configs = (text: string): TrainConfig[] => expandGrid(parseSpec(text, "s.json"), "s.json");
const grid = (spec: object): TrainConfig[] => configs(JSON.stringify(spec));

/** The error's message; undefined where there is none. */
function faultOf(work: () => unknown): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    return (error as InputError).message;
  }
}

/** A text in which ‹› stand around the fault, without these marks; and their place. */
function marked(text: string): { text: string; place: string } {
  const lines = text.slice(0, text.indexOf("‹")).split("\n");
  return {
    text: text.replace(/[‹›]/g, ""),
    place: `s.json: line ${lines.length}, column ${(lines.at(-1) ?? "").length + 1}: `,
  };
}

const inBase = (field: string): string =>
  `{\n  "name": "a",\n  "base": {\n    "model": "mlp", "optimizer": "sgd",\n    ${field}\n  }\n}`;
const onAxes = (axes: string, base = `"model": "mlp", "optimizer": "sgd"`): string =>
  `{\n  "name": "a",\n  "base": { ${base} },\n  "axes": {\n    ${axes}\n  }\n}`;
const withLayers = (layers: string): string =>
  `{ "name": "a",\n  "base": { "optimizer": "sgd", "model": { "kind": "layers", "name": "n", "layers": [\n    ${layers}\n  ] } } }`;
const withVariant = (variant: string): string =>
  `{ "name": "a", "base": { "model": "mlp", "optimizer": "sgd", "augment": { "flip": true } },\n  "variants": [\n    {},\n    ${variant}\n  ] }`;

describe("a fault is named by line and column, part, and what to write", () => {
  test.each<[text: string, message: string]>([
    [
      inBase(`‹"learningRate"›: 0.1`),
      `base.learningRate: no such field of a cell's config; did you mean "optimizer.lr"?`,
    ],
    [inBase(`"epochs": ‹"5"›`), `base.epochs: got "5", expected a number; write 5`],
    [inBase(`"epochs": ‹0›`), "base.epochs: got 0, expected a number at least 1"],
    [inBase(`"seed": ‹[0, 1]›`), "base.seed: got [0,1], expected a number; values to try stand on an axis"],
    [inBase(`"augment": { "flip": ‹"True"› }`), `base.augment.flip: got "True", expected a boolean; write true`],
    [inBase(`"augment": { ‹"fliped"›: true }`), `base.augment.fliped: no such field; did you mean "flip"?`],
    [
      inBase(`"augment": ‹"flip"›`),
      `base.augment: got "flip", expected an object of shift, flip, rotate, scale, erase, mixup, cutmix, until; write {"flip":true}`,
    ],
    [
      inBase(`"schedule": ‹"cosine annealing"›`),
      `base.schedule.kind: got "cosine annealing", expected "cosine" or "oneCycle"; did you mean "cosine"?`,
    ],
    [
      inBase(`"schedule": ‹3›`),
      `base.schedule: got 3, expected "cosine" or "oneCycle", or an object such as {"kind":"cosine","warmup":0,"final":0}`,
    ],
    [inBase(`"schedule": { ‹"type"›: "cosine" }`), `base.schedule.type: no such field; did you mean "kind"?`],
    [inBase(`"optimizer.momentum": ‹2›`), "base.optimizer.momentum: got 2, expected a number below 1"],
    [onAxes(`"optimizer.lr": [0.1, ‹-1›]`), `axes "optimizer.lr": got -1, expected a number above 0`],
    [onAxes(`"optimizer.lr": [‹"0.1"›]`), `axes "optimizer.lr": got "0.1", expected a number; write 0.1`],
    [onAxes(`‹"lr"›: [0.1]`), `axes "lr": no such field of a cell's config; did you mean "optimizer.lr"?`],
    [onAxes(`‹"model.hiden"›: [[3]]`), `axes "model.hiden": no such field of "mlp"; did you mean "hidden"?`],
    [onAxes(`"model.hidden": [[1], ‹100›]`), `axes "model.hidden": got 100, expected a list; write [100]`],
    [onAxes(`"seed": ‹3›`), `axes "seed": got 3, expected a list; write [3]`],
    [onAxes(`"seed": ‹"0,1"›`), `axes "seed": got "0,1", expected a list; write [0,1]`],
    [onAxes(`"seed": ‹[]›`), `axes "seed": got [], expected at least 1 value`],
    [onAxes(`"model": ["mlp", ‹{ "kind": "mlp" }›]`), `axes "model": got {"kind":"mlp"} twice; remove one`],
    [
      onAxes(`"optimizer": ["sgd", ‹"adm"›]`, `"model": "mlp"`),
      `axes "optimizer": optimizer.kind: got "adm", expected "sgd" or "nesterov" or "adam" or "muon"; did you mean "adam"?`,
    ],
    [
      onAxes(`"optimizer": ["sgd", ‹{ "kind": "sgd", "lr": 0.01 }›]`, `"model": "mlp"`),
      `axes "optimizer": the cells (optimizer "sgd") and (optimizer {"kind":"sgd","lr":0.01}) are the same; remove one of the values`,
    ],
    [
      withLayers(`"relu",\n    { "kind": "conv2d", "channels": 3, "kernel": ‹"3"› }`),
      `base.model.layers.1.kernel: got "3", expected a number; write 3`,
    ],
    [
      withLayers(`"flatten",\n    { "kind": "dense", ‹"out_features"›: 4 }`),
      `base.model.layers.1.out_features: no such field of "dense"; did you mean "units"?`,
    ],
    [withLayers(`"flatten",\n    ‹"dense"›`), "base.model.layers.1.units: got nothing, expected a number"],
    [withVariant(`{ ‹"rolle"›: "final" }`), `variants.1.rolle: no such field; did you mean "role"?`],
    [
      withVariant(`{ "role": ‹"finl"› }`),
      `variants.1.role: got "finl", expected "final" or "ablation"; did you mean "final"?`,
    ],
    [
      withVariant(`{ "set": { "optimizer": "sgd",\n "model.hidden": ‹100› } }`),
      `variants.1.set "model.hidden": got 100, expected a list; write [100]`,
    ],
    [
      withVariant(`{ "set": { "optimizer": { "kind": "sgd", "lr": ‹0› } } }`),
      `variants.1.set "optimizer": optimizer.lr: got 0, expected a number above 0`,
    ],
    [withVariant(`{ "axes": { "seed": [1,\n 2, ‹1›] } }`), `variants.1.axes "seed": got 1 twice; remove one`],
    [`{\r\n  ‹"nam"›: "a" }`, `nam: no such field; did you mean "name"?`],
    [
      `{ "base": {},\n "name": ‹"A b"› }`,
      `name: got "A b", expected a name of lower-case letters, digits, - and _ (it names a folder), but none that Windows keeps for a device`,
    ],
    [`‹{} `, "name: got nothing, expected a string"],
    [
      `{ "name": "a", "base": { "seed": ‹True› } }`,
      `not JSON: got True, expected a value: text needs double quotes; did you mean "true"?`,
    ],
    [`{ "name": "a", "axes": { "seed": [1, ‹]› } }`, "not JSON: got ], expected a value; take the comma before it out"],
    [
      `{ "name": "a", "base": { ‹"__proto__"›: 1 } }`,
      `got the key "base.__proto__", which no file of ours may have; remove it`,
    ],
  ])("%#", (annotated, message) => {
    const { text, place } = marked(annotated);
    expect(faultOf(() => configs(text))).toBe(`${place}${message}`);
  });

  test.each<[text: string, message: RegExp]>([
    [inBase(`"validation": ‹100000›`), /^base\.validation: got 100000, expected fewer than/],
    [onAxes(`"validation": [1, ‹100000›]`), /^axes "validation": got 100000, expected fewer than/],
    [inBase(`"augment": { "erase": { "least": ‹5›, "most": 4 } }`), /^base\.augment\.erase\.least: got 5/],
    [
      withLayers(`"flatten", { "kind": "dense", "units": 3 }`).replace(`{ "kind": "layers"`, `‹{ "kind": "layers"`),
      /^base\.model: got 3 outputs/,
    ],
    [withVariant(`{ "set": { "evaluateShifted": ‹64› } }`), /^variants\.1\.set "evaluateShifted": got 64/],
  ])("with the data at hand: %#", (annotated, message) => {
    const { text, place } = marked(annotated);
    const fault = faultOf(() => planCells(parseSpec(text, "s.json"), tinyDataset(), "s.json")) ?? "";
    expect(fault.slice(0, place.length)).toBe(place);
    expect(fault.slice(place.length)).toMatch(message);
  });
});

describe("a word stands for its kind", () => {
  const full = (kind: string): object => ({ kind });
  const write = (kindOf: (kind: string) => unknown) => ({
    name: "a",
    base: {
      model: { kind: "layers", name: "n", layers: ["flatten", "relu", "gelu"].map(kindOf) },
      optimizer: kindOf("adam"),
      schedule: kindOf("cosine"),
    },
    axes: { "model.layers.1": [kindOf("silu"), kindOf("leakyRelu")], schedule: [kindOf("oneCycle"), null] },
    variants: [
      {},
      { set: { optimizer: kindOf("muon"), "model.layers.2": { kind: "residual", layers: [kindOf("relu")] } } },
    ],
  });
  const ids = (spec: object): string[] => grid(spec).map((config) => cellId(config, "d"));

  test("in base, set and axes, nested too; ids do not tell which was written", () => {
    expect(ids(write((kind) => kind))).toEqual(ids(write(full)));
    expect(ids(write(full))).toHaveLength(8);
  });
  test("and is kept as it was written", () => {
    const spec = parseSpec(JSON.stringify(write((kind) => kind)), "s.json");
    expect(JSON.parse(formatSpec(spec))).toEqual(write((kind) => kind));
  });
  test("an axis stands in for what the base says, a word for a kind takes fields by path", () => {
    const spec = {
      name: "a",
      base: { model: "mlp", optimizer: "adam", seed: 7 },
      axes: { seed: [1], "optimizer.lr": [2] },
    };
    expect(grid(spec).map(({ seed, optimizer }) => [seed, optimizer.kind, optimizer.lr])).toEqual([[1, "adam", 2]]);
  });
});

test("null stands for a field that is absent: every optional one, in base, set and axes", () => {
  const base = { model: "mlp", optimizer: "sgd" };
  const [plain] = grid({ name: "a", base });
  const optional = Object.entries(trainConfigSchema.shape).filter(([, schema]) => schema.safeParse(undefined).success);
  expect(optional.length).toBeGreaterThan(15);
  const values: Record<string, unknown> = {
    kernels: "reference",
    schedule: "cosine",
    augment: { flip: true },
    prune: {},
    evaluateFlipped: true,
    labelSmoothing: 0.1,
    weightAverage: 0.9,
    stop: { patience: 2 },
  };
  for (const [field] of optional) {
    const value = values[field] ?? 3;
    expect(grid({ name: "a", base: { ...base, [field]: null } })).toEqual([plain]);
    const two = grid({ name: "a", base, axes: { [field]: [null, value] } });
    expect([field, two[0], two.length]).toEqual([field, plain, 2]);
    expect(grid({ name: "a", base: { ...base, [field]: value }, variants: [{ set: { [field]: null } }] })).toEqual([
      plain,
    ]);
  }
  expect(grid({ name: "a", base: { ...base, augment: { flip: true, erase: null } } })[0].augment).toEqual({
    flip: true,
  });
});

describe("whatever is changed in a spec", () => {
  const spec = {
    name: "a",
    data: "synthetic",
    base: {
      model: {
        kind: "layers",
        name: "n",
        layers: ["flatten", { kind: "dense", units: 10 }, { kind: "dropout", rate: 0.1 }],
      },
      optimizer: { kind: "muon", lr: 0.1, others: { momentum: 0.5 } },
      schedule: { kind: "cosine", warmup: 0.1 },
      augment: { shift: 1, erase: { probability: 0.5, least: 2 } },
      batchSize: 8,
      epochs: 2,
    },
    axes: { "optimizer.momentum": [0.1, 0.2], labelSmoothing: [0.1, 0.3] },
    variants: [
      { role: "final", label: "all", axes: { trainLimit: [5] } },
      { set: { "schedule.final": 0.1, clipNorm: 2 } },
    ],
  };
  const text = JSON.stringify(spec, null, 2);
  const lines = text.split("\n");
  const keys = [...text.matchAll(/"([\w.]+)":/g)].map(({ 1: key, index }) => ({ key, at: index + 1 }));
  const values = [...text.matchAll(/(?<=[:[,]\s+)("[^"]*"(?!:)|[\d.]+|[[{])/g)].map(({ 1: value, index }) => ({
    value,
    at: index,
  }));

  /** One line that names a place of the text. */
  function expectPlace(content: string, fault: string): { line: number; column: number } {
    const [, line, column] = /^s\.json: line (\d+), column (\d+): [^\n]+$/.exec(fault)?.map(Number) ?? [];
    expect(line, fault).toBeGreaterThan(0);
    const length = content.split("\n")[line - 1]?.length ?? -1;
    expect(column, `${fault} in a line of ${length}`).toBeLessThanOrEqual(length + 1);
    return { line, column };
  }

  test("a key but for one letter: its own line and column, and the key that was meant", () => {
    const letter = fc.constantFrom(..."bqxz");
    fc.assert(
      fc.property(fc.constantFrom(...keys), fc.nat(30), fc.boolean(), letter, ({ key, at }, place, put, other) => {
        const typo = put ? key + other : key.slice(0, place % key.length) + other + key.slice((place % key.length) + 1);
        fc.pre(!typo.endsWith("."));
        const content = text.slice(0, at) + typo + text.slice(at + key.length);
        const fault = faultOf(() => configs(content));
        // A dot of a path that is overwritten makes another path.
        fc.pre(typo.split(".").length === key.split(".").length);
        const before = text.slice(0, at - 1).split("\n");
        expect([typo, expectPlace(content, fault ?? "no fault")]).toEqual([
          typo,
          { line: before.length, column: before[before.length - 1].length + 1 },
        ]);
        expect(fault).toMatch(new RegExp(`did you mean "(\\w+\\.)*${key.split(".").at(-1)}"|did you mean "${key}"`));
      }),
      { seed: 20_261_130, numRuns: 300 },
    );
  });

  test("a value of another type, or a bracket or quote dropped: a plan, or one line with a place in the file", () => {
    const other = fc.constantFrom(
      "null",
      "true",
      "7",
      '"seven"',
      "[]",
      "{}",
      '["relu"]',
      '{"kind": 3}',
      "-0.5",
      "1e9",
      "",
      "'a'",
    );
    const changes = fc.oneof(
      fc
        .tuple(fc.constantFrom(...values), other)
        .map(([{ value, at }, put]) => text.slice(0, at) + put + text.slice(at + value.length)),
      fc
        .constantFrom(...[...text.matchAll(/[[\]{}",:]/g)].map(({ index }) => index))
        .map((at) => text.slice(0, at) + text.slice(at + 1)),
    );
    let faults = 0;
    fc.assert(
      fc.property(changes, (content) => {
        const fault = faultOf(() => configs(content));
        if (fault === undefined) return;
        faults++;
        expectPlace(content, fault);
      }),
      { seed: 20_261_130, numRuns: 600 },
    );
    expect(faults).toBeGreaterThan(300);
    expect(lines.length).toBeGreaterThan(40);
  });
});
