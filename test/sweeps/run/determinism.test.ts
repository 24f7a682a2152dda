/** The same bits for every number of workers, on both kernel sets, with real threads. */
import { comparableResult } from "../../../src/core/check/compare-results.js";
import { beforeAll, expect, test } from "vitest";
import { mergeReport } from "../../../src/sweeps/page/merge.js";
import { localExecutor } from "../../../src/sweeps/executors/local.js";
import { planCells } from "../../../src/sweeps/run/plan.js";
import { RunDirectory } from "../../../src/sweeps/store/run-directory.js";
import { runCells } from "../../../src/sweeps/run/run.js";
import { parseSpec } from "../../../src/sweeps/spec/spec.js";
import { surveyCells } from "../../../src/sweeps/run/survey.js";
import { build, built } from "../../workers/built.js";
import { samplePlan, temporaryFolder, tinyDataset } from "../fixtures.js";

const dataset = tinyDataset();
let startPool: typeof import("../../../src/workers/pool.js").startPool;

beforeAll(async () => {
  await build();
  ({ startPool } = await built<typeof import("../../../src/workers/pool.js")>("workers/pool.js"));
});

test.each(["simd", "reference"])("%s kernels: 1, 2 and 5 workers", async (kernels) => {
  const spec = parseSpec(
    JSON.stringify({
      name: "tiny",
      base: { epochs: 2, batchSize: 16, kernels },
      axes: {
        model: [
          { kind: "mlp", hidden: [9] },
          { kind: "cnn", channels: [4] },
        ],
        optimizer: ["sgd", "nesterov", "adam", "muon"],
        permutation: [0, 1],
      },
    }),
    "tiny.json",
  );
  const cells = planCells(spec, dataset, "tiny.json");
  const merged: string[] = [];
  for (const workers of [1, 2, 5]) {
    const directory = new RunDirectory(temporaryFolder());
    const executor = await startPool(workers);
    const observer = {
      cellStarted: () => undefined,
      cellMessage: () => undefined,
      cellEnded: () => undefined,
      note: () => undefined,
    };
    const surveys = await surveyCells(directory, cells, false);
    const records = await runCells({
      directory,
      surveys,
      dataset,
      executor: localExecutor(executor, workers),
      observer,
      fresh: false,
      retries: 0,
      failFast: false,
      cancelled: () => false,
    });
    await executor.close();
    expect([...records.values()].map(({ status }) => status)).not.toContain("failed");
    const numbers = [...records.values()].map((record) => JSON.parse(comparableResult(record)) as typeof record);
    merged.push(JSON.stringify(mergeReport({ ...samplePlan([]), cells, workers: 0 }, numbers, dataset)));
  }
  expect(new Set(merged).size).toBe(1);
});
