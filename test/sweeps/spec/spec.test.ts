import { describe, expect, test } from "vitest";
import { builtInSweeps } from "../../../src/sweeps/spec/built-in.js";
import { cellId } from "../../../src/sweeps/spec/cell-id.js";
import { expandCells, expandGrid } from "../../../src/sweeps/spec/grid.js";
import {
  formatSpec,
  overrideSpec,
  parseSpec,
  type SpecOverrides,
  type SweepSpec,
} from "../../../src/sweeps/spec/spec.js";

const grid = (spec: object) => expandGrid(parseSpec(JSON.stringify(spec), "s.json"), "s.json");
const base = { model: "mlp", optimizer: "sgd" };
/** Without the text, which is laid out in its own way. */
const readBack = (spec: SweepSpec) => ({ ...parseSpec(formatSpec(spec), "spec.json"), text: undefined });

test("the homework has twelve cells with PyTorch's defaults", () => {
  const cells = expandGrid(builtInSweeps.homework, "homework");
  expect(cells).toHaveLength(12);
  expect(cells[0]).toEqual({
    model: { kind: "mlp", hidden: [100, 100] },
    optimizer: { kind: "sgd", lr: 0.01, momentum: 0 },
    permutation: 0,
    seed: 0,
    epochs: 10,
    batchSize: 64,
    kernels: "simd",
  });
  expect(cells.filter(({ model, permutation }) => model.kind === "cnn" && permutation === 1)).toHaveLength(3);
});

describe("an axis sits on any field", () => {
  const cases: [axis: string, values: unknown[], read: (config: ReturnType<typeof grid>[number]) => unknown][] = [
    ["model", ["mlp", "cnn"], ({ model }) => model.kind],
    ["optimizer", ["sgd", "nesterov", "adam"], ({ optimizer }) => optimizer.kind],
    ["optimizer.lr", [0.5, 0.25], ({ optimizer }) => optimizer.lr],
    ["optimizer.momentum", [0, 0.9], ({ optimizer }) => (optimizer.kind === "sgd" ? optimizer.momentum : undefined)],
    ["optimizer.kind", ["nesterov", "adam"], ({ optimizer }) => optimizer.kind],
    ["model.hidden", [[10], [20, 30], []], ({ model }) => (model.kind === "mlp" ? model.hidden : undefined)],
    ["model.hidden.1", [7, 9], ({ model }) => (model.kind === "mlp" ? model.hidden[1] : undefined)],
    ["batchSize", [1, 64], ({ batchSize }) => batchSize],
    ["seed", [0, 4294967295], ({ seed }) => seed],
    ["permutation", [0, 1, 2], ({ permutation }) => permutation],
    ["epochs", [1, 2], ({ epochs }) => epochs],
    ["trainLimit", [10, 20], ({ trainLimit }) => trainLimit],
    ["kernels", ["simd", "reference"], ({ kernels }) => kernels],
  ];
  test.each(cases)("%s", (axis, values, read) => {
    expect(grid({ name: "a", base, axes: { [axis]: values } }).map(read)).toEqual(values);
  });
});

test("the first axis varies slowest, and a whole optimizer is set before its fields", () => {
  const cells = grid({
    name: "a",
    base: { model: "mlp" },
    axes: { "optimizer.lr": [0.1, 0.2], optimizer: ["sgd", "adam"] },
  });
  expect(cells.map(({ optimizer }) => [optimizer.lr, optimizer.kind])).toEqual([
    [0.1, "sgd"],
    [0.1, "adam"],
    [0.2, "sgd"],
    [0.2, "adam"],
  ]);
});

test("the command line's word replaces the spec's, axes included", () => {
  const spec = parseSpec(
    JSON.stringify({ name: "a", base: { ...base, epochs: 3 }, axes: { epochs: [1, 2], seed: [5] } }),
    "s.json",
  );
  const cells = expandGrid(
    overrideSpec(spec, { epochs: 7, seeds: [1, 2], testLimit: 9, kernels: "reference" }),
    "s.json",
  );
  expect(cells.map(({ epochs, seed, testLimit, kernels }) => [epochs, seed, testLimit, kernels])).toEqual([
    [7, 1, 9, "reference"],
    [7, 2, 9, "reference"],
  ]);
  expect(expandGrid(overrideSpec(spec, {}), "s.json")).toEqual(expandGrid(spec, "s.json"));
});

test("a spec file read back is the spec", () => {
  for (const spec of Object.values(builtInSweeps)) expect(readBack(spec)).toEqual(spec);
  const bare = parseSpec('{"name":"bare","base":{"model":"mlp","optimizer":"sgd"}}', "spec.json");
  expect(readBack(bare)).toEqual({ ...bare, text: undefined });
});

describe("variants", () => {
  const rich = {
    ...base,
    optimizer: { kind: "nesterov", weightDecay: 0.1 },
    epochs: 4,
    augment: { flip: true, erase: {} },
    labelSmoothing: 0.1,
  };
  const variants = [
    { role: "final", label: "all", axes: { seed: [0, 1] } },
    { role: "ablation", label: "all, shorter", set: { epochs: 2 } },
    { role: "ablation", label: "no erasing", set: { epochs: 2, "augment.erase": null, "optimizer.weightDecay": null } },
    { set: { epochs: 2, optimizer: "sgd", "optimizer.lr": 0.5, augment: null } },
  ];
  const spec = parseSpec(JSON.stringify({ name: "a", base: rich, axes: { permutation: [0, 3] }, variants }), "s.json");

  test("are grids over the same base and axes, with fields set or taken out", () => {
    const cells = expandCells(spec, "s.json");
    expect(
      cells.map(({ role, label, config }) => [role, label, config.permutation, config.seed, config.epochs]),
    ).toEqual([
      ["final", "all", 0, 0, 4],
      ["final", "all", 0, 1, 4],
      ["final", "all", 3, 0, 4],
      ["final", "all", 3, 1, 4],
      ["ablation", "all, shorter", 0, 0, 2],
      ["ablation", "all, shorter", 3, 0, 2],
      ["ablation", "no erasing", 0, 0, 2],
      ["ablation", "no erasing", 3, 0, 2],
      [undefined, undefined, 0, 0, 2],
      [undefined, undefined, 3, 0, 2],
    ]);
    expect(cells[4].config.augment).toEqual({ flip: true, erase: { probability: 0.5, least: 4, most: 12 } });
    expect(cells[6].config.augment).toEqual({ flip: true });
    expect(cells[6].config.optimizer).toEqual({ kind: "nesterov", lr: 0.01, momentum: 0.9 });
    expect(cells[8].config.optimizer).toEqual({ kind: "sgd", lr: 0.5, momentum: 0 });
    expect(cells[8].config).not.toHaveProperty("augment");
    expect(cells[8].config.labelSmoothing).toBe(0.1);
  });

  test("leave ids alone: role and label are not of the config", () => {
    const bare = { ...spec, variants: spec.variants?.map(({ set, axes }) => ({ set, axes })) };
    const ids = (some: typeof spec) => expandCells(some, "s.json").map(({ config }) => cellId(config, "d"));
    expect(ids(bare)).toEqual(ids(spec));
    expect(
      ids({
        ...spec,
        variants: spec.variants?.map((variant) => ({ ...variant, role: "final" as const, label: "other" })),
      }),
    ).toEqual(ids(spec));
    expect(
      expandGrid({ name: "a", base: rich, axes: { permutation: [0, 3], seed: [0, 1] } }, "s.json").map((config) =>
        cellId(config, "d"),
      ),
    ).toEqual(ids(spec).slice(0, 4));
  });

  test("a file read back has them", () => expect(readBack(spec)).toEqual({ ...spec, text: undefined }));

  test("an axis takes a field out where its value is null", () => {
    expect(
      grid({ name: "a", base: rich, axes: { augment: [null, { flip: true }], labelSmoothing: [0.1, null] } }).map(
        ({ augment, labelSmoothing }) => [augment, labelSmoothing],
      ),
    ).toEqual([
      [undefined, 0.1],
      [undefined, undefined],
      [{ flip: true }, 0.1],
      [{ flip: true }, undefined],
    ]);
  });

  const overridden = (overrides: SpecOverrides) =>
    expandCells(overrideSpec({ ...spec, axes: {} }, overrides), "s.json");

  test("seeds of the command line go to the variants that have seeds", () => {
    expect(overridden({ seeds: [5, 6, 7] }).map(({ label, config }) => [label, config.seed])).toEqual([
      ["all", 5],
      ["all", 6],
      ["all", 7],
      ["all, shorter", 0],
      ["no erasing", 0],
      [undefined, 0],
    ]);
    const unseeded = overrideSpec({ ...spec, axes: {}, variants: spec.variants?.slice(1) }, { seeds: [5, 6] });
    expect(expandGrid(unseeded, "s.json").map(({ seed }) => seed)).toEqual([5, 6, 5, 6, 5, 6]);
  });

  test("epochs and limits of the command line go to all; a cell that becomes another variant's comes once, in the first place", () => {
    const cells = overridden({ epochs: 1, trainLimit: 9 });
    expect(cells.map(({ label, config }) => [label, config.seed, config.epochs, config.trainLimit])).toEqual([
      ["all", 0, 1, 9],
      ["all", 1, 1, 9],
      ["no erasing", 0, 1, 9],
      [undefined, 0, 1, 9],
    ]);
  });

  const wrong: [name: string, variant: object, message: RegExp][] = [
    [
      "an unknown field",
      { roles: "final" },
      /^s\.json: line 1, column \d+: variants\.0\.roles: no such field; did you mean "role"\?$/,
    ],
    [
      "an unknown role",
      { role: "best" },
      /^s\.json: line 1, column \d+: variants\.0\.role: got "best", expected "final" or "ablation"$/,
    ],
    [
      "an empty label",
      { label: "" },
      /^s\.json: line 1, column \d+: variants\.0\.label: got "", expected at least 1 characters$/,
    ],
    [
      "an unknown config field",
      { set: { "augmented.flip": null } },
      /^s\.json: line 1, column \d+: variants\.0\.set "augmented\.flip": no such field of a cell's config; did you mean "augment\.flip"\?$/,
    ],
    [
      "a path into a prototype",
      { set: { "augment.constructor": 1 } },
      /^s\.json: line 1, column \d+: variants\.0\.set "augment\.constructor": not a field path/,
    ],
    [
      "a field taken out that is not there",
      { set: { "augment.errase": null } },
      /^s\.json: line 1, column \d+: variants\.0\.set "augment\.errase": got null, which takes a field out, expected one that "base" has$/,
    ],
    [
      "a field of one that is taken out",
      { set: { augment: null, "augment.shift": 1 } },
      /^s\.json: line 1, column \d+: variants\.0\.set "augment\.shift": got 1 for a field of "augment", which variants\.0\.set "augment" takes out; remove one$/,
    ],
    [
      "an axis on a field of one that is taken out",
      { set: { augment: null }, axes: { "augment.shift": [1] } },
      /^s\.json: line 1, column \d+: variants\.0\.axes "augment\.shift": got 1 for a field of "augment", which .* takes out; remove one$/,
    ],
    [
      "a needed field taken out",
      { set: { model: null } },
      /^s\.json: line 1, column \d+: variants\.0\.set "model": got nothing, expected/,
    ],
    [
      "a wrong value",
      { set: { "model.hidden": [0] } },
      /^s\.json: line 1, column \d+: variants\.0\.set "model\.hidden": model\.hidden\.0: got 0, expected a number at least 1$/,
    ],
    [
      "a wrong value on its axis",
      { axes: { "optimizer.lr": [1, -1] } },
      /^s\.json: line 1, column \d+: variants\.0\.axes "optimizer\.lr": got -1/,
    ],
    [
      "a value twice on its axis",
      { axes: { seed: [1, 1] } },
      /^s\.json: line 1, column \d+: variants\.0\.axes "seed": got 1 twice; remove one$/,
    ],
    [
      "equal cells within one variant",
      { axes: { optimizer: ["sgd", { kind: "sgd", lr: 0.01 }] } },
      /the cells \(optimizer "sgd"\) and .* are the same/,
    ],
  ];
  test.each(wrong)("%s", (_name, variant, message) => {
    const make = () => grid({ name: "a", base: rich, variants: [variant] });
    expect(make).toThrow(expect.objectContaining({ name: "InputError", message: expect.stringMatching(message) }));
  });
  test("none", () =>
    expect(() => grid({ name: "a", base, variants: [] })).toThrow(
      /^s\.json: line 1, column \d+: variants: got \[\], expected at least 1 value$/,
    ));
});

test("the bonus is one recipe on seeds 0, 1, 2 and an ablation at one shorter budget, all by validation", () => {
  const cells = expandCells(builtInSweeps.bonus, "bonus");
  const final = cells.filter(({ role }) => role === "final");
  const ablation = cells.filter(({ role }) => role === "ablation");
  expect(final.map(({ config }) => config.seed)).toEqual([0, 1, 2]);
  expect(final.length + ablation.length).toBe(cells.length);
  expect(new Set(ablation.map(({ config }) => `${config.epochs} ${config.seed}`)).size).toBe(1);
  expect(new Set(ablation.map(({ label }) => label)).size).toBe(ablation.length);
  expect(cells.every(({ config }) => config.permutation === 0)).toBe(true);
  expect([
    new Set(ablation.map(({ config }) => config.validation)),
    new Set(final.map(({ config }) => config.validation)),
  ]).toEqual([new Set([5000]), new Set([1000])]);
  const { epochs: short, validation: compared, optimizer: cheaper, ...reference } = ablation[0].config;
  const { epochs: long, validation: own, prune, evaluateShifted, optimizer, ...recipe } = final[0].config;
  const widthOf = ({ model }: typeof recipe): number => (model.kind === "resnet" ? model.width : NaN);
  const augment = { ...recipe.augment, erase: { probability: 0.5, least: 4, most: 12 } };
  delete augment.shift;
  expect(reference).toEqual({ ...recipe, augment, model: { ...recipe.model, width: widthOf(reference) } });
  expect([prune, evaluateShifted]).not.toContain(undefined);
  expect(widthOf(reference)).toBeLessThan(widthOf(recipe));
  expect(short).toBeLessThan(long);
  expect(own).toBeLessThan(compared ?? 0);
  expect([cheaper.kind, optimizer.kind]).toEqual(["nesterov", "muon"]);
  expect(
    ablation.filter(({ config }) => config.optimizer.kind === "muon").map(({ label, config }) => [label, config]),
  ).toEqual([["Muon instead of SGD", { ...ablation[0].config, optimizer }]]);
  expect(ablation.find(({ config }) => config.model.kind === "cnn")?.config).toEqual({
    ...expandGrid(builtInSweeps.homework, "homework").find(
      ({ model, optimizer }) => model.kind === "cnn" && optimizer.kind === "nesterov",
    ),
    epochs: short,
    validation: 5000,
  });
});

describe("a wrong spec gets one line with the place, what was got, and what was expected", () => {
  const cases: [name: string, spec: object, message: RegExp][] = [
    ["not an object", [1], /^s\.json: line 1, column \d+: got \[1\], expected an object/],
    ["no name", { base }, /^s\.json: line 1, column \d+: name: got nothing, expected a string/],
    ["a name that leaves the folder", { name: "../up", base }, /^s\.json: line 1, column \d+: name: got "\.\.\/up"/],
    ["a name with a slash", { name: "a/b", base }, /^s\.json: line 1, column \d+: name:/],
    [
      "unknown top field",
      { name: "a", bases: {} },
      /^s\.json: line 1, column \d+: bases: no such field; did you mean "base"\?$/,
    ],
    [
      "unknown config field",
      { name: "a", base: { ...base, epoch: 1 } },
      /^s\.json: line 1, column \d+: base\.epoch: no such field of a cell's config; did you mean "epochs"\?$/,
    ],
    [
      "unknown axis",
      { name: "a", base, axes: { "optimiser.lr": [1] } },
      /^s\.json: line 1, column \d+: axes "optimiser\.lr": no such field of a cell's config; did you mean "optimizer\.lr"\?$/,
    ],
    [
      "unknown inner field",
      { name: "a", base, axes: { "optimizer.rate": [1] } },
      /axes "optimizer\.rate": no such field of "sgd", which has kind, lr, momentum/,
    ],
    [
      "a field of another kind",
      { name: "a", base: { optimizer: "sgd" }, axes: { model: ["mlp", "cnn"], "model.hidden": [[1], [2]] } },
      /axes "model\.hidden": no such field of "cnn", which has kind, channels/,
    ],
    [
      "an empty axis",
      { name: "a", base, axes: { seed: [] } },
      /^s\.json: line 1, column \d+: axes "seed": got \[\], expected at least 1 value$/,
    ],
    [
      "an axis that is no list",
      { name: "a", base, axes: { seed: 3 } },
      /^s\.json: line 1, column \d+: axes "seed": got 3, expected a list; write \[3\]$/,
    ],
    [
      "a repeated value",
      { name: "a", base, axes: { model: ["mlp", { kind: "mlp" }] } },
      /axes "model": got \{"kind":"mlp"\} twice/,
    ],
    [
      "equal cells",
      { name: "a", base: { model: "mlp" }, axes: { optimizer: ["sgd", { kind: "sgd", lr: 0.01 }] } },
      /are the same; remove one/,
    ],
    [
      "a wrong type",
      { name: "a", base: { ...base, epochs: "3" } },
      /^s\.json: line 1, column \d+: base\.epochs: got "3", expected a number; write 3$/,
    ],
    ["a fraction", { name: "a", base: { ...base, epochs: 1.5 } }, /base\.epochs: got 1\.5, expected a whole number/],
    [
      "out of range",
      { name: "a", base, axes: { "optimizer.lr": [0.1, -1] } },
      /axes "optimizer\.lr": got -1, expected a number above 0/,
    ],
    [
      "an epsilon that Float32 rounds to 0",
      { name: "a", base: { ...base, optimizer: { kind: "adam", epsilon: 1e-46 } } },
      /base\.optimizer\.epsilon: got 1e-46, expected a number at least 1e-30/,
    ],
    [
      "an epsilon that a variance of 0 makes a million of",
      {
        name: "a",
        base: { ...base, model: { kind: "layers", name: "n", layers: [{ kind: "batchNorm", epsilon: 1e-13 }] } },
      },
      /epsilon: got 1e-13, expected a number at least 1e-12/,
    ],
    [
      "unknown model",
      { name: "a", base: { ...base, model: "rnn" } },
      /base\.model\.kind: got "rnn", expected "mlp" or "cnn" or "layers"/,
    ],
    [
      "unknown optimizer",
      { name: "a", base, axes: { optimizer: ["sgd", "rmsprop"] } },
      /axes "optimizer": optimizer\.kind: got "rmsprop", expected "sgd"/,
    ],
    [
      "no optimizer",
      { name: "a", base: { model: "mlp" } },
      /base\.optimizer: got nothing, .*; add it to "base" or as an axis/,
    ],
    [
      "a position beyond a list",
      { name: "a", base, axes: { "model.hidden.2": [5] } },
      /got position "2" in a list of 2, expected 0 to 1/,
    ],
    [
      "a path through a number",
      { name: "a", base, axes: { "seed.x": [5] } },
      /^s\.json: line 1, column \d+: axes "seed\.x"/,
    ],
    [
      "a path into an object's prototype",
      { name: "a", base, axes: { "optimizer.constructor": [5] } },
      /not a field path/,
    ],
    ["an empty path part", { name: "a", base, axes: { "optimizer.": [5] } }, /not a field path/],
    [
      "too many cells",
      {
        name: "a",
        base,
        axes: {
          seed: Array.from({ length: 1000 }, (_, i) => i),
          epochs: Array.from({ length: 1000 }, (_, i) => i + 1),
        },
      },
      /got 1000000 cells, expected at most 100000/,
    ],
  ];
  test.each(cases)("%s", (_name, spec, message) => {
    expect(() => grid(spec)).toThrow(
      expect.objectContaining({ name: "InputError", message: expect.stringMatching(message) }),
    );
    expect(() => grid(spec)).not.toThrow(/\n/);
  });

  test("__proto__ in the file", () => {
    expect(() => parseSpec('{"name":"a","base":{"__proto__":{"epochs":1}}}', "s.json")).toThrow(/"base\.__proto__"/);
    expect(({} as { epochs?: number }).epochs).toBeUndefined();
  });
});
