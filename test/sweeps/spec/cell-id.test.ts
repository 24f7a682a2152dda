import { expect, test } from "vitest";
import { trainConfigSchema } from "../../../src/core/config.js";
import { cellId, cellIdPattern, resolveId } from "../../../src/sweeps/spec/cell-id.js";
import { tinyConfig } from "../fixtures.js";

const digest = "0".repeat(64);

test("the id of a config is a constant: records on disk are found by it", () => {
  const config = trainConfigSchema.parse({ model: { kind: "cnn" }, optimizer: { kind: "nesterov" }, permutation: 1 });
  expect(cellId(config, digest)).toBe("cnn-nesterov-perm1-seed0-7f4e136e");
});

test("every id is a harmless folder name", () => {
  const layers = {
    kind: "layers" as const,
    name: "deep9",
    layers: [{ kind: "flatten" as const }, { kind: "dense" as const, units: 4 }],
  };
  for (const changes of [{}, { seed: 4294967295 }, { permutation: 1_000_000 }, { model: layers }])
    expect(cellId(tinyConfig(changes), digest)).toMatch(cellIdPattern);
  for (const name of ["..", "../x", "mlp-sgd-perm0-seed0-1234567", "mlp-sgd-perm0-seed0-12345678/..", "a b"])
    expect(name).not.toMatch(cellIdPattern);
});

test("the id follows every field and the data, and nothing else", () => {
  const config = tinyConfig();
  const reordered = Object.fromEntries(Object.entries(config).reverse()) as typeof config;
  expect(cellId(reordered, digest)).toBe(cellId(config, digest));
  expect(cellId({ ...config, trainLimit: undefined }, digest)).toBe(cellId(config, digest));
  const changed = [
    { epochs: 3 },
    { batchSize: 17 },
    { seed: 1 },
    { permutation: 1 },
    { trainLimit: 5 },
    { testLimit: 5 },
    { kernels: "simd" as const },
    { optimizer: { kind: "nesterov" as const, lr: 0.02 } },
  ];
  const ids = [config, ...changed.map((changes) => tinyConfig(changes))].map((each) => cellId(each, digest));
  expect(new Set([...ids, cellId(config, "1".repeat(64))]).size).toBe(changed.length + 2);
});

test("a beginning that fits one id is enough", () => {
  const ids = ["cnn-sgd-perm0-seed0-11111111", "cnn-sgd-perm1-seed0-22222222", "mlp-sgd-perm0-seed0-33333333"];
  expect(resolveId("mlp", ids, "runs")).toBe(ids[2]);
  expect(resolveId(ids[0], ids, "runs")).toBe(ids[0]);
  expect(resolveId("mlp", [...ids, ...ids], "runs")).toBe(ids[2]);
  expect(() => resolveId("cnn", ids, "runs/*")).toThrow(
    /"cnn" fits 2 cells in runs\/\* \(cnn-sgd-perm0-seed0-11111111, /,
  );
  expect(() => resolveId("gru", ids, "runs/*")).toThrow(/no cell in runs\/\* has an id that starts with "gru"/);
});
