/** How long a sweep will take. */
import { expect, test } from "vitest";
import { expectedSeconds } from "../../../src/sweeps/run/forecast.js";
import { standIn } from "../../../src/sweeps/data/datasets.js";
import { tinyConfig } from "../fixtures.js";

test("cells that stop by held-out figures have a forecast", async () => {
  const configs = [tinyConfig({ validation: 20, stop: { patience: 1 } })];
  const expected = await expectedSeconds({ configs, dataset: standIn.draw(200, 50), workers: 1, threadsPerCell: 1 });
  expect(expected).toBeGreaterThan(0);
});

test("a rate at which training diverges at once has a finite forecast", async () => {
  const configs = [
    tinyConfig({ model: { kind: "mlp" }, optimizer: { kind: "nesterov", lr: 1000 }, batchSize: 64, kernels: "simd" }),
  ];
  const expected = await expectedSeconds({ configs, dataset: standIn.draw(2000, 50), workers: 1, threadsPerCell: 1 });
  expect(expected).toBeGreaterThan(0);
  expect(expected).toBeLessThan(Infinity);
});
