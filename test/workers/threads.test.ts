/** Several threads on one cell: the same bits for every thread count, and an end in every case. */
import { writeFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TrainConfigInput } from "../../src/core/config.js";
import type { TrainResult, TrainState } from "../../src/core/result.js";
import type { CellExecutor } from "../../src/workers/executor.js";
import type { CellMessage } from "../../src/workers/protocol.js";
import { temporaryFolder, tinyConfig, tinyDataset } from "../sweeps/fixtures.js";
import { build, built, root } from "./built.js";

const dataset = tinyDataset(200, 50);
const THREADS = [1, 2, 3];
let startPool: typeof import("../../src/workers/pool.js").startPool;
const pools = new Map<number, CellExecutor>();

beforeAll(async () => {
  build();
  ({ startPool } = await built<typeof import("../../src/workers/pool.js")>("workers/pool.js"));
  for (const threadsPerCell of THREADS) pools.set(threadsPerCell, startPool(1, { threadsPerCell }));
});
afterAll(() => Promise.all([...pools.values()].map((pool) => pool.close())));

const conv = [{ kind: "conv2d", channels: 4 }, { kind: "relu" }, { kind: "maxPool2d" }, { kind: "flatten" }, { kind: "dense", units: 4 }] as const;
const bonus: Partial<TrainConfigInput> = { shardSize: 8, batchSize: 27, validation: 45, weightAverage: 0.9, clipNorm: 0.5, epochs: 3 };

async function run(pool: CellExecutor, config: Partial<TrainConfigInput>, resume?: TrainState): Promise<{ result: TrainResult; states: TrainState[] }> {
  const states: TrainState[] = [];
  const receive = (message: CellMessage): void => {
    if (message.kind === "epoch" && message.state) states.push(message.state);
  };
  const { result } = await pool.run({ id: "x", config: tinyConfig(config), dataset, checkpoint: true, resume }, receive);
  if (!result) throw new Error("got no result, expected one");
  return { result, states };
}

describe("the bits do not depend on the number of threads", () => {
  test.each<[string, Partial<TrainConfigInput>]>([
    ["an MLP, reference kernels", { ...bonus, kernels: "reference" }],
    ["an MLP, simd kernels", { ...bonus, kernels: "simd", optimizer: { kind: "adam", lr: 0.01, weightDecay: 0.1 } }],
    ["a CNN, simd kernels", { ...bonus, kernels: "simd", model: { kind: "layers", name: "conv", layers: [...conv] }, evaluateFlipped: false }],
    ["without held-out samples", { shardSize: 5, batchSize: 16, kernels: "simd" }],
    ["one shard a batch", { shardSize: 64, batchSize: 64, kernels: "simd" }],
    ["no shards: further threads stay idle", { batchSize: 16, kernels: "simd" }],
  ])("%s", async (_, config) => {
    const [one, ...others] = await Promise.all(THREADS.map((threads) => run(pools.get(threads)!, config)));
    for (const { result, states } of others) {
      expect(result).toEqual(one.result);
      expect(states).toEqual(one.states);
    }
    // A cell that goes on after its first epoch with another number of threads.
    for (const threads of THREADS) expect((await run(pools.get(threads)!, config, one.states[0])).result).toEqual(one.result);
  });
});

test("cancel ends a cell of several threads within a batch, and the pool closes", async () => {
  const pool = startPool(1, { threadsPerCell: 3 });
  let begun: () => void = () => undefined;
  const progress = new Promise<void>((resolve) => (begun = resolve));
  const outcome = pool.run({ id: "x", config: tinyConfig({ ...bonus, epochs: 100_000 }), dataset, checkpoint: false }, ({ kind }) => kind === "epoch" && begun());
  await progress;
  const before = Date.now();
  pool.cancel();
  expect((await outcome).result).toBeUndefined();
  expect(Date.now() - before).toBeLessThan(1500);
  await pool.close();
});

describe("a thread that fails", () => {
  const at = (module: string): string => JSON.stringify(pathToFileURL(path.join(root, "dist", module)).href);

  /** A pool whose cells have two threads, the second of which does `fault` in its third shard. */
  function faultyPool(fault: string, stallSeconds = 60): CellExecutor {
    const folder = temporaryFolder();
    const follower = path.join(folder, "follower.mjs");
    writeFileSync(
      follower,
      `import { workerData } from "node:worker_threads";
import { CellPasses } from ${at("core/passes.js")};
import { follow } from ${at("workers/follower.js")};
const shard = CellPasses.prototype.shard;
let count = 0;
CellPasses.prototype.shard = function (...values) {
  if (++count === 3) { ${fault} }
  return shard.apply(this, values);
};
follow(workerData);
`,
    );
    const entry = path.join(folder, "entry.mjs");
    writeFileSync(entry, `import runCell from ${at("workers/cell-worker.js")};\nexport default (task) => runCell({ ...task, followerEntry: ${JSON.stringify(pathToFileURL(follower).href)} });\n`);
    return startPool(1, { threadsPerCell: 2, stallSeconds, entry: pathToFileURL(entry) });
  }

  test.each<[string, string, RegExp, number]>([
    ["by an error: the cell fails with its message", 'throw new Error("thrown on purpose");', /^thrown on purpose$/, 60],
    ["by ending", "process.exit(3);", /^thread 2 of the cell ended with exit code 3$/, 60],
    ["by standing still: the watchdog ends the cell", "for (;;);", /^no progress for 1 s$/, 1],
  ])("%s", async (_, fault, message, stallSeconds) => {
    const pool = faultyPool(fault, stallSeconds);
    const endless = tinyConfig({ ...bonus, epochs: 100_000 });
    await expect(pool.run({ id: "x", config: endless, dataset, checkpoint: false }, () => undefined)).rejects.toThrow(message);
    await pool.close();
  });
});
