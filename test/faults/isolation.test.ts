/** A worker that throws, exits, fills its heap or hangs fails its own cell only. */
import { comparableResult } from "../../src/core/check/compare-results.js";
import { beforeAll, describe, expect, test } from "vitest";
import { runCell } from "../../src/sweeps/run/cell-run.js";
import { type CellRecord } from "../../src/sweeps/store/record.js";
import type { CellExecutor } from "../../src/workers/executor.js";
import { tinyConfig, tinyDataset } from "../sweeps/fixtures.js";
import { brokenEntry, faultyEntry } from "./faulty-entry.js";
import { privateBuild } from "./private-build.js";

const dataset = tinyDataset(400, 40);
const config = tinyConfig({ epochs: 4 });
let startPool: typeof import("../../src/workers/pool.js").startPool;
let entry: URL;
let whole: CellRecord;

beforeAll(async () => {
  const build = await privateBuild();
  ({ startPool } = await build.load<typeof import("../../src/workers/pool.js")>("workers/pool.js"));
  entry = faultyEntry(build.url("workers/cell-worker.js"));
  whole = (await trainAll(["good"], { retries: 0 }))[0];
});

/** One cell an id on two threads; the record's id is the fault's, so it is taken out. */
async function trainAll(
  ids: string[],
  { retries, stallSeconds = 60 }: { retries: number; stallSeconds?: number },
  pool: Promise<CellExecutor> = startPool(2, { entry, stallSeconds }),
): Promise<CellRecord[]> {
  const executor = await pool;
  try {
    const trained = await Promise.all(
      ids.map((id) => runCell({ cell: { id, config }, dataset, executor, retries, onMessage: () => undefined })),
    );
    return trained.map((each) => ({ ...each!.record, id: "" }));
  } finally {
    await executor.close();
  }
}

const faults: [name: string, reason: RegExp][] = [
  ["throw", /^thrown on purpose$/],
  ["exit", /^worker exited with code: 3$/],
  ["heap", /memory limit/],
  ["hang", /^(no progress|no worker thread took the cell) for 20 s$/],
];

describe.each(faults)("a worker that should %s", (fault, reason) => {
  const stallSeconds = fault === "hang" ? 20 : 60; // longer than a busy machine holds a thread up

  test("is retried from its last epoch, and nobody sees it in the numbers", async () => {
    const ids = ["good 1", `bad@2:${fault}`, "good 2", "good 3", "good 4"];
    const records = await trainAll(ids, { retries: 2, stallSeconds });
    expect(records.map(comparableResult)).toEqual(ids.map(() => comparableResult(whole)));
    expect(records.map(({ run }) => run.retries)).toEqual([0, 1, 0, 0, 0]);
    expect(records[1].run.retryReasons).toEqual([expect.stringMatching(reason)]);
  });

  test("fails after its retries, with the reason, and the others do not", async () => {
    const records = await trainAll(["good 1", `bad@always:${fault}`, "good 2", "good 3"], { retries: 1, stallSeconds });
    expect(records.map(({ status }) => status)).toEqual(["done", "failed", "done", "done"]);
    expect(records[1].error).toMatch(reason);
    expect(records[1].run.retries).toBe(1);
  });
});

test("threads that cannot start fail the cells that wait for them", async () => {
  const records = await trainAll(["a", "b", "c"], { retries: 2 }, startPool(2, { entry: brokenEntry() }));
  expect(records.map(({ status }) => status)).toEqual(["failed", "failed", "failed"]);
  for (const { error } of records) expect(error).toMatch(/Unexpected/);
});

test("an idle pool whose threads cannot start neither spins nor hangs", async () => {
  const executor = startPool(2, { entry: brokenEntry(), stallSeconds: 2 });
  await new Promise((resolve) => setTimeout(resolve, 500));
  const [record] = await trainAll(["late"], { retries: 0 }, executor);
  expect(record.status).toBe("failed");
});

test("a cancelled pool ends also a thread that hangs, without a result", async () => {
  const executor = await startPool(1, { entry });
  let begun: () => void = () => undefined;
  const started = new Promise<void>((resolve) => (begun = resolve));
  const running = executor.run(
    { id: "bad@1:hang", config, dataDigest: dataset.digest, checkpoint: false },
    dataset,
    ({ kind }) => {
      if (kind === "epochs") begun();
    },
  );
  await started;
  executor.cancel();
  expect((await running).result).toBeUndefined();
  await executor.close();
});
