import { expect, test } from "vitest";
import { trainConfigSchema } from "../../../src/core/config.js";
import { firstLayerFilters } from "../../../src/sweeps/page/filters.js";

const images = { height: 2, width: 3 };
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
