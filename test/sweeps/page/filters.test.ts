import { expect, test } from "vitest";
import { trainConfigSchema } from "../../../src/core/config.js";
import { firstLayerFilters } from "../../../src/sweeps/page/filters.js";

const images = { height: 2, width: 3, channels: 1 };
const counted = (n: number): Float32Array => Float32Array.from({ length: n }, (_, i) => i + 1);

test("a convolution's filters lie one after another in the weights", () => {
  const config = trainConfigSchema.parse({ model: { kind: "cnn", channels: [2] }, optimizer: { kind: "sgd" } });
  expect(firstLayerFilters(config, counted(100), images)).toEqual({
    height: 3,
    width: 3,
    count: 2,
    values: Array.from({ length: 18 }, (_, i) => i + 1),
  });
});

test("a dense layer's unit is a column of its weights", () => {
  const config = trainConfigSchema.parse({ model: { kind: "mlp", hidden: [2] }, optimizer: { kind: "sgd" } });
  expect(firstLayerFilters(config, counted(100), images)).toEqual({
    height: 2,
    width: 3,
    count: 2,
    values: [1, 3, 5, 7, 9, 11, 2, 4, 6, 8, 10, 12],
  });
});

test("channels lie side by side", () => {
  const colours = { height: 1, width: 2, channels: 3 };
  const mlp = trainConfigSchema.parse({ model: { kind: "mlp", hidden: [2] }, optimizer: { kind: "sgd" } });
  // Rows of the weights: red, green, blue of the first pixel, then of the second; a column a unit.
  expect(firstLayerFilters(mlp, counted(12), colours)).toEqual({
    height: 1,
    width: 6,
    count: 2,
    values: [1, 7, 3, 9, 5, 11, 2, 8, 4, 10, 6, 12],
  });
  const cnn = trainConfigSchema.parse({ model: { kind: "cnn", channels: [1] }, optimizer: { kind: "sgd" } });
  const filters = firstLayerFilters(cnn, counted(27), colours);
  expect([filters?.height, filters?.width, filters?.count]).toEqual([3, 9, 1]);
  expect(filters?.values.slice(0, 12)).toEqual([1, 4, 7, 2, 5, 8, 3, 6, 9, 10, 13, 16]);
  expect(firstLayerFilters(cnn, counted(26), colours)).toBeUndefined();
});

test("weights too short for their config, and other first layers, have none", () => {
  const config = trainConfigSchema.parse({ model: { kind: "mlp", hidden: [2] }, optimizer: { kind: "sgd" } });
  expect(firstLayerFilters(config, counted(11), images)).toBeUndefined();
  const pooled = trainConfigSchema.parse({
    model: {
      kind: "layers",
      name: "pooled",
      layers: [{ kind: "maxPool2d" }, { kind: "flatten" }, { kind: "dense", units: 10 }],
    },
    optimizer: { kind: "sgd" },
  });
  expect(firstLayerFilters(pooled, counted(100), images)).toBeUndefined();
});
