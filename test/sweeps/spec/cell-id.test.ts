import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { trainConfigSchema, type TrainConfig } from "../../../src/core/config.js";
import { builtInSweeps } from "../../../src/sweeps/spec/built-in.js";
import { cellId, cellIdPattern, hashNames, namesCell, resolveId, shortId } from "../../../src/sweeps/spec/cell-id.js";
import { expandGrid } from "../../../src/sweeps/spec/grid.js";
import { tinyConfig } from "../fixtures.js";

const digest = "0".repeat(64);

test("the id of a config is a constant: records on disk are found by it", () => {
  const config = trainConfigSchema.parse({ model: { kind: "cnn" }, optimizer: { kind: "nesterov" }, permutation: 1 });
  expect(cellId(config, digest)).toBe("cnn-nesterov-perm1-seed0-7f4e136e476b40fd");
});

test("the homework's and the bonus's cells have the ids of the committed results", () => {
  for (const name of ["homework", "bonus"]) {
    const { cells, dataDigest } = JSON.parse(readFileSync(`web/report/reference/${name}.json`, "utf8")) as {
      cells: { id: string }[];
      dataDigest: string;
    };
    const ids = expandGrid(builtInSweeps[name], name).map((config) => cellId(config, dataDigest));
    expect(ids.sort()).toEqual(cells.map(({ id }) => id).sort());
  }
});

test("every id is a harmless folder name", () => {
  const layers = {
    kind: "layers" as const,
    name: "deep9",
    layers: [{ kind: "flatten" as const }, { kind: "dense" as const, units: 4 }],
  };
  for (const changes of [{}, { seed: 4294967295 }, { permutation: 1_000_000 }, { model: layers }])
    expect(cellId(tinyConfig(changes), digest)).toMatch(cellIdPattern);
  for (const name of [
    "..",
    "../x",
    "mlp-sgd-perm0-seed0-1234567",
    "mlp-sgd-perm0-seed0-123456789",
    "mlp-sgd-perm0-seed0-12345678/..",
    "a b",
  ])
    expect(name).not.toMatch(cellIdPattern);
});

/** As kinds are called: camel case, letters and digits. */
const kind = fc.stringMatching(/^[a-z][a-zA-Z0-9]{0,11}$/);
const withKinds = (model: string, optimizer: string): TrainConfig =>
  ({
    ...tinyConfig(),
    model: { kind: "layers", name: model, layers: [] },
    optimizer: { kind: optimizer },
  }) as unknown as TrainConfig;

test("kinds in camel case stand in the id in lower case", () => {
  expect(cellId(withKinds("visionTransformer", "adamW"), digest)).toMatch(
    /^visiontransformer-adamw-perm0-seed0-[0-9a-f]{16}$/,
  );
});

test("every id, whatever its kinds are called, is a harmless folder name without capitals", () => {
  fc.assert(
    fc.property(kind, kind, (model, optimizer) => {
      const id = cellId(withKinds(model, optimizer), digest);
      expect(id).toMatch(cellIdPattern);
      expect(id).toBe(id.toLowerCase());
      expect(resolveId(id, [id], "runs")).toBe(id);
    }),
    { seed: 20_261_129, numRuns: 500 },
  );
});

test("kinds that differ in case alone have ids that differ in more", () => {
  fc.assert(
    fc.property(kind, (name) => {
      const other = name.toLowerCase();
      fc.pre(other !== name);
      const ids = [withKinds("mlp", name), withKinds("mlp", other), withKinds(name, "sgd"), withKinds(other, "sgd")];
      const lower = ids.map((config) => cellId(config, digest).toLowerCase());
      expect(new Set(lower).size).toBe(ids.length);
    }),
    { seed: 20_261_129, numRuns: 500 },
  );
});

test("the ids of the kinds there are stay what they were", () => {
  for (const model of ["mlp", "cnn", "resnet"] as const)
    for (const optimizer of ["sgd", "nesterov", "adam", "muon"] as const) {
      const id = cellId(tinyConfig({ model: { kind: model }, optimizer: { kind: optimizer } }), digest);
      expect(id).toMatch(new RegExp(`^${model}-${optimizer}-perm0-seed0-[0-9a-f]{16}$`));
    }
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

describe("ids do not collide", () => {
  const withRate = (lr: number): TrainConfig =>
    tinyConfig({ model: { kind: "mlp", hidden: [4] }, optimizer: { kind: "sgd", lr, momentum: 0 }, epochs: 1 });

  test(
    "where 32 bits of their hash do: as many rates as a sweep may have get as many ids",
    { timeout: 180_000 },
    () => {
      const ids = Array.from({ length: 100_000 }, (_, i) => cellId(withRate((i + 1) / 1e6), digest));
      expect(new Set(ids).size).toBe(ids.length);
      // Were there no two such among these, the line above would show nothing.
      expect(new Set(ids.map(shortId)).size).toBeLessThan(ids.length);
    },
  );

  test("the id of version 0.2 is the beginning of today's, and names the same cell", () => {
    const id = cellId(tinyConfig(), digest);
    expect(id.startsWith(shortId(id))).toBe(true);
    expect(shortId(id)).toMatch(/-[0-9a-f]{8}$/);
    expect([id, shortId(id), id.slice(0, -1), `${id}0`].map((name) => namesCell(name, id))).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(resolveId(shortId(id), [id], "runs")).toBe(id);
  });
});

test("the short names of cells tell them apart, and are understood", () => {
  const hashes = fc.uniqueArray(fc.stringMatching(/^[0-9ab]{8}$/), { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(hashes, (all) => {
      const ids = all.map((hash, i) => `${i % 2 ? "mlp" : "cnn"}-sgd-perm0-seed${i}-${hash}${hash}`);
      const nameOf = hashNames(ids);
      for (const id of ids) expect([nameOf(id).length >= 4, resolveId(nameOf(id), ids, "runs")]).toEqual([true, id]);
    }),
    { seed: 20_261_130 },
  );
});
