import { describe, expect, test } from "vitest";
import { builtInSweeps } from "../../src/sweeps/built-in.js";
import { expandGrid } from "../../src/sweeps/grid.js";
import { formatSpec, overrideSpec, parseSpec } from "../../src/sweeps/spec.js";

const grid = (spec: object) => expandGrid(parseSpec(JSON.stringify(spec), "s.json"), "s.json");
const base = { model: "mlp", optimizer: "sgd" };

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
  const cells = grid({ name: "a", base: { model: "mlp" }, axes: { "optimizer.lr": [0.1, 0.2], optimizer: ["sgd", "adam"] } });
  expect(cells.map(({ optimizer }) => [optimizer.lr, optimizer.kind])).toEqual([[0.1, "sgd"], [0.1, "adam"], [0.2, "sgd"], [0.2, "adam"]]);
});

test("the command line's word replaces the spec's, axes included", () => {
  const spec = parseSpec(JSON.stringify({ name: "a", base: { ...base, epochs: 3 }, axes: { epochs: [1, 2], seed: [5] } }), "s.json");
  const cells = expandGrid(overrideSpec(spec, { epochs: 7, seeds: [1, 2], testLimit: 9, kernels: "reference" }), "s.json");
  expect(cells.map(({ epochs, seed, testLimit, kernels }) => [epochs, seed, testLimit, kernels])).toEqual([[7, 1, 9, "reference"], [7, 2, 9, "reference"]]);
  expect(expandGrid(overrideSpec(spec, {}), "s.json")).toEqual(expandGrid(spec, "s.json"));
});

test("a spec file read back is the spec", () => {
  for (const spec of Object.values(builtInSweeps)) expect(parseSpec(formatSpec(spec), "spec.json")).toEqual(spec);
  const bare = parseSpec('{"name":"bare","base":{"model":"mlp","optimizer":"sgd"}}', "spec.json");
  expect(parseSpec(formatSpec(bare), "spec.json")).toEqual(bare);
});

describe("a wrong spec gets one line with the place, what was got, and what was expected", () => {
  const cases: [name: string, spec: object, message: RegExp][] = [
    ["not an object", [1], /^s\.json: got \[1\], expected an object/],
    ["no name", { base }, /^s\.json: name: got nothing, expected a string/],
    ["a name that leaves the folder", { name: "../up", base }, /^s\.json: name: got "\.\.\/up"/],
    ["a name with a slash", { name: "a/b", base }, /^s\.json: name:/],
    ["unknown top field", { name: "a", bases: {} }, /^s\.json: bases: no such field; expected one of name, data, base, axes/],
    ["unknown config field", { name: "a", base: { ...base, epoch: 1 } }, /^s\.json: base\.epoch: no such field .* expected one of model, .*epochs/],
    ["unknown axis", { name: "a", base, axes: { "optimiser.lr": [1] } }, /^s\.json: axes "optimiser\.lr": no such field .* optimizer,/],
    ["unknown inner field", { name: "a", base, axes: { "optimizer.rate": [1] } }, /axes "optimizer\.rate": no such field of "sgd", which has kind, lr, momentum/],
    ["a field of another kind", { name: "a", base: { optimizer: "sgd" }, axes: { model: ["mlp", "cnn"], "model.hidden": [[1], [2]] } }, /axes "model\.hidden": no such field of "cnn", which has kind, channels/],
    ["an empty axis", { name: "a", base, axes: { seed: [] } }, /^s\.json: axes\.seed: got \[\], expected at least 1 value$/],
    ["an axis that is no list", { name: "a", base, axes: { seed: 3 } }, /^s\.json: axes\.seed: got 3, expected an array/],
    ["a repeated value", { name: "a", base, axes: { model: ["mlp", { kind: "mlp" }] } }, /axes "model": got \{"kind":"mlp"\} twice/],
    ["equal cells", { name: "a", base: { model: "mlp" }, axes: { optimizer: ["sgd", { kind: "sgd", lr: 0.01 }] } }, /are the same; remove one/],
    ["a wrong type", { name: "a", base: { ...base, epochs: "3" } }, /^s\.json: base\.epochs: got "3", expected a number/],
    ["a fraction", { name: "a", base: { ...base, epochs: 1.5 } }, /base\.epochs: got 1\.5, expected a whole number/],
    ["out of range", { name: "a", base, axes: { "optimizer.lr": [0.1, -1] } }, /axes "optimizer\.lr": got -1, expected a number above 0/],
    ["unknown model", { name: "a", base: { ...base, model: "rnn" } }, /base\.model\.kind: got "rnn", expected "mlp" or "cnn" or "layers"/],
    ["unknown optimizer", { name: "a", base, axes: { optimizer: ["sgd", "rmsprop"] } }, /axes "optimizer": optimizer\.kind: got "rmsprop", expected "sgd"/],
    ["no optimizer", { name: "a", base: { model: "mlp" } }, /base\.optimizer: got nothing, .*; add it to "base" or as an axis/],
    ["a position beyond a list", { name: "a", base, axes: { "model.hidden.2": [5] } }, /got position "2" in a list of 2, expected 0 to 1/],
    ["a path through a number", { name: "a", base, axes: { "seed.x": [5] } }, /^s\.json: axes "seed\.x"/],
    ["a path into an object's prototype", { name: "a", base, axes: { "optimizer.constructor": [5] } }, /not a field path/],
    ["an empty path part", { name: "a", base, axes: { "optimizer.": [5] } }, /not a field path/],
    ["too many cells", { name: "a", base, axes: { seed: Array.from({ length: 1000 }, (_, i) => i), epochs: Array.from({ length: 1000 }, (_, i) => i + 1) } }, /got 1000000 cells, expected at most 100000/],
  ];
  test.each(cases)("%s", (_name, spec, message) => {
    expect(() => grid(spec)).toThrow(expect.objectContaining({ name: "InputError", message: expect.stringMatching(message) }));
    expect(() => grid(spec)).not.toThrow(/\n/);
  });

  test("__proto__ in the file", () => {
    expect(() => parseSpec('{"name":"a","base":{"__proto__":{"epochs":1}}}', "s.json")).toThrow(/"base\.__proto__"/);
    expect(({} as { epochs?: number }).epochs).toBeUndefined();
  });
});
