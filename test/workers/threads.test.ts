/** Several threads on one cell: the same bits for every thread count, and an end in every case. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import type { TrainConfig, TrainConfigInput } from "../../src/core/config.js";
import type { TrainResult, TrainState } from "../../src/core/training/result.js";
import type { CellExecutor } from "../../src/workers/executor.js";
import type { CellMessage } from "../../src/workers/protocol.js";
import { trained } from "../core/trained.js";
import { temporaryFolder, tinyConfig, tinyDataset } from "../sweeps/fixtures.js";
import { build, built, root } from "./built.js";
import { threadEntry } from "./thread-entry.js";

const dataset = tinyDataset(200, 50);
const dataDigest = dataset.digest;
let startPool: typeof import("../../src/workers/pool.js").startPool;

beforeAll(async () => {
  await build();
  ({ startPool } = await built<typeof import("../../src/workers/pool.js")>("workers/pool.js"));
});

/** A module of the compiled program, as an import statement names it. */
const at = (module: string): string => JSON.stringify(pathToFileURL(path.join(root, "dist", module)).href);

/** JavaScript that runs `before` ahead of every shard of its thread; `count` is the shard's number there. */
const beforeShards = (before: string): string => `import { CellPasses } from ${at("core/training/passes.js")};
const shard = CellPasses.prototype.shard;
let count = 0;
CellPasses.prototype.shard = function (...values) {
  count += 1;
  ${before}
  return shard.apply(this, values);
};
`;

/** A pool of one worker whose cells have this many threads, with JavaScript ahead of the shards of the first and of the further ones. */
function pool(threadsPerCell: number, { leading = "", following = "", stallSeconds = 60 } = {}): Promise<CellExecutor> {
  const folder = temporaryFolder();
  const follower = path.join(folder, "follower.mjs");
  writeFileSync(
    follower,
    `import { workerData } from "node:worker_threads";
import { appendFileSync } from "node:fs";
import { follow } from ${at("workers/follower.js")};
${beforeShards(following)}follow(workerData);
`,
  );
  const entry = threadEntry(
    `import { existsSync, readFileSync } from "node:fs";
import runCell from ${at("workers/cell-worker.js")};
${beforeShards(leading)}export default (task) => runCell({ ...task, followerEntry: ${JSON.stringify(pathToFileURL(follower).href)} });
`,
  );
  return startPool(1, { threadsPerCell, stallSeconds, entry });
}

const normalised: TrainConfigInput["model"] = {
  kind: "layers",
  name: "normalised",
  layers: [
    { kind: "conv2d", channels: 4, bias: false },
    { kind: "batchNorm" },
    { kind: "relu" },
    { kind: "residual", layers: [{ kind: "conv2d", channels: 4 }, { kind: "batchNorm" }, { kind: "silu" }] },
    { kind: "globalMaxPool2d" },
    { kind: "dropout", rate: 0.2 },
    { kind: "dense", units: 4 },
  ],
};
const bonus: Partial<TrainConfigInput> = {
  shardSize: 8,
  batchSize: 27,
  validation: 45,
  weightAverage: 0.9,
  clipNorm: 0.5,
  evaluateFlipped: true,
  evaluateShifted: 1,
  prune: { easy: 0.6, skip: 0.4 },
  epochs: 3,
};

/** The result, and the states that were sent. */
async function run(
  executor: CellExecutor,
  config: TrainConfig,
  resume?: TrainState,
): Promise<{ result: TrainResult; states: TrainState[] }> {
  const states: TrainState[] = [];
  const receive = (message: CellMessage): void => {
    if (message.kind === "epochs" && message.state) states.push(message.state);
  };
  const { result } = await executor.run({ id: "x", config, dataDigest, checkpoint: true, resume }, dataset, receive);
  if (!result) throw new Error("got no result, expected one");
  return { result, states };
}

describe("the bits do not depend on the number of threads", () => {
  const rows: [name: string, config: Partial<TrainConfigInput>, share: boolean][] = [
    ["an MLP, reference kernels", { ...bonus, kernels: "reference" }, true],
    [
      "an MLP with Adam, simd kernels",
      { ...bonus, kernels: "simd", optimizer: { kind: "adam", lr: 0.01, weightDecay: 0.1 } },
      true,
    ],
    [
      "a CNN, augmented, simd kernels",
      { ...bonus, kernels: "simd", model: { kind: "cnn", channels: [4] }, augment: { shift: 1, mixup: 0.2 } },
      true,
    ],
    [
      "with batch normalisation, a residual block and dropout, simd kernels",
      { ...bonus, kernels: "simd", model: normalised },
      true,
    ],
    [
      "a CNN with Muon, simd kernels",
      {
        ...bonus,
        kernels: "simd",
        model: { kind: "cnn", channels: [4, 8] },
        optimizer: { kind: "muon", weightDecay: 0.01 },
      },
      true,
    ],
    ["without held-out samples", { shardSize: 5, batchSize: 16, kernels: "simd" }, true],
    ["one shard a batch", { shardSize: 64, batchSize: 64, kernels: "simd" }, false],
    ["no shards: further threads stay idle", { batchSize: 16, kernels: "simd" }, false],
  ];

  test.each(rows)("%s", async (_, changes, share) => {
    const config = tinyConfig(changes);
    const alone = await startPool(1);
    const one = trained(config, dataset);
    expect((await run(alone, config)).result).toEqual(one.result);
    for (const threads of [2, 3]) {
      // The first thread dawdles until each of the others has done a shard, and these leave each other some.
      const log = path.join(temporaryFolder(), "log");
      const sleep = (milliseconds: number): string =>
        `Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ${milliseconds});`;
      const leading = `if (!existsSync(${JSON.stringify(log)}) || new Set(readFileSync(${JSON.stringify(log)}, "utf8")).size < ${threads - 1}) ${sleep(250)}`;
      const following = `appendFileSync(${JSON.stringify(log)}, String(workerData.index)); ${sleep(5)}`;
      const shared = await pool(threads, share ? { leading, following } : { following });
      const { result, states } = await run(shared, config);
      expect(result).toEqual(one.result);
      expect(states[0].epoch).toBe(1);
      for (const state of states)
        expect({ ...state, curve: one.result.curve.slice(0, state.epoch) }).toEqual(one.states[state.epoch - 1]);
      if (share) expect([...new Set(readFileSync(log, "utf8"))].sort()).toEqual(["0", "1"].slice(0, threads - 1));
      if (changes.shardSize === undefined) expect(existsSync(log)).toBe(false);
      // Begun on one thread and finished on several, and the other way round.
      expect(one.states.length).toBeGreaterThanOrEqual(2);
      const [first, second] = one.states;
      expect((await run(shared, config, first)).result).toEqual(one.result);
      expect((await run(alone, config, second)).result).toEqual(one.result);
      await shared.close();
    }
    await alone.close();
  });
});

test("cancel ends a cell of several threads long before its last epoch, and the pool closes", async () => {
  const executor = await startPool(1, { threadsPerCell: 3 });
  let begun: () => void = () => undefined;
  const progress = new Promise<void>((resolve) => (begun = resolve));
  const outcome = executor.run(
    { id: "x", config: tinyConfig({ ...bonus, epochs: 100_000 }), dataDigest, checkpoint: false },
    dataset,
    ({ kind }) => {
      if (kind === "epochs") begun();
    },
  );
  await progress;
  executor.cancel();
  expect((await outcome).result).toBeUndefined();
  await executor.close();
});

test("cells that end while their further threads start end quietly", async () => {
  const executor = await startPool(2, { threadsPerCell: 3 });
  const config = tinyConfig({ ...bonus, epochs: 1, kernels: "simd" });
  const results = await Promise.all(Array.from({ length: 10 }, () => run(executor, config)));
  for (const { result } of results) expect(result).toEqual(results[0].result);
  await executor.close();
});

describe("a thread that fails", () => {
  test.each<[string, string, RegExp, number]>([
    [
      "by an error: the cell fails with its message",
      'throw new Error("thrown on purpose");',
      /^thrown on purpose$/,
      60,
    ],
    ["by ending", "process.exit(3);", /^thread 2 of the cell ended with exit code 3$/, 60],
    ["by standing still: the watchdog ends the cell", "for (;;);", /^no progress for 10 s$/, 10],
  ])("%s", async (_, fault, message, stallSeconds) => {
    const executor = await pool(2, { following: `if (count === 3) { ${fault} }`, stallSeconds });
    const run = (id: string): Promise<unknown> =>
      executor.run(
        { id, config: tinyConfig({ ...bonus, epochs: 100_000 }), dataDigest, checkpoint: false },
        dataset,
        () => undefined,
      );
    await expect(run("x")).rejects.toThrow(message);
    // The pool goes on: with the next cell's own fault.
    await expect(run("y")).rejects.toThrow(message);
    await executor.close();
  });
});
