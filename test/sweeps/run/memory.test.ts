import { expect, test } from "vitest";
import type { TrainConfigInput } from "../../../src/core/config.js";
import { MAX_CELL_BYTES, arenaBytes, checkMemory } from "../../../src/sweeps/run/memory.js";
import { tinyConfig, tinyDataset } from "../fixtures.js";

const dataset = tinyDataset();
const homework = { ...dataset, height: 28, width: 28, classNames: Array.from({ length: 10 }, (_, i) => `${i}`) };

test("the homework's models take a few megabytes", () => {
  for (const kernels of ["simd", "reference"] as const)
    for (const kind of ["mlp", "cnn"] as const) {
      const bytes = arenaBytes(
        tinyConfig({ model: { kind }, optimizer: { kind: "adam" }, batchSize: 64, kernels }),
        homework,
      );
      expect(bytes).toBeGreaterThan(4 * 4 * 29066);
      expect(bytes).toBeLessThan(64 << 20);
    }
});

test("a model that is too large is one line, at once, and nothing is allocated", () => {
  const dense = { kind: "dense" as const, units: 65_536 };
  const models: TrainConfigInput["model"][] = [
    { kind: "mlp", hidden: [65_536, 65_536] },
    { kind: "mlp", hidden: new Array<number>(16).fill(65_536) },
    { kind: "cnn", channels: [65_536, 65_536] },
    {
      kind: "layers",
      name: "deep",
      layers: [{ kind: "flatten" }, ...new Array<typeof dense>(200).fill(dense), { kind: "dense", units: 10 }],
    },
  ];
  for (const kernels of ["simd", "reference"] as const)
    for (const model of models) {
      const before = process.memoryUsage();
      expect(() => checkMemory([tinyConfig({ model, kernels, batchSize: 65_536 })], homework, 1, "s.json")).toThrow(
        expect.objectContaining({
          name: "InputError",
          message: expect.stringMatching(
            /^s\.json: model: a cell needs \d+\.\d GB of memory, expected at most 2\.0 GB; make its layers or its batch smaller$/,
          ),
        }),
      );
      expect(process.memoryUsage().arrayBuffers - before.arrayBuffers).toBeLessThan(64 << 20);
    }
});

test("threads that share a cell have an arena each", () => {
  const model = { kind: "mlp" as const, hidden: [8192, 8192] };
  const large = tinyConfig({ model, kernels: "simd", batchSize: 64, shardSize: 16 });
  const most = (config: typeof large): number => {
    let threads = 1;
    const fits = (): boolean => {
      try {
        checkMemory([config], homework, 1, "s.json", threads + 1);
        return true;
      } catch (error) {
        expect((error as Error).message).toMatch(
          /^s\.json: one cell needs .* use fewer --workers or --threads-per-cell$/,
        );
        return false;
      }
    };
    while (threads < 4096 && fits()) threads *= 2;
    return threads;
  };
  expect(most(large)).toBeLessThan(4096);
  // Without shards further threads have nothing to do, and no memory.
  expect(most(tinyConfig({ model, kernels: "simd", batchSize: 64 }))).toBe(4096);
});

test("more cells at once than the machine's memory holds", () => {
  const large = tinyConfig({ model: { kind: "mlp", hidden: [8192, 8192] }, kernels: "simd" });
  expect(arenaBytes(large, homework)).toBeLessThan(MAX_CELL_BYTES);
  const configs = Array.from({ length: 4096 }, (_, seed) => ({ ...large, seed }));
  expect(() => checkMemory(configs, homework, 1, "s.json")).not.toThrow();
  expect(() => checkMemory(configs, homework, 4096, "s.json")).toThrow(
    /^s\.json: 4096 cells at once need \d+\.\d GB of memory, this machine has \d+\.\d GB; use fewer --workers$/,
  );
});
