import { afterAll, beforeAll, expect, test } from "vitest";
import type { CellExecutor } from "../../src/workers/executor.js";
import type { CellMessage } from "../../src/workers/protocol.js";
import { tinyConfig, tinyDataset } from "../sweeps/fixtures.js";
import { build, built } from "./built.js";

const dataset = tinyDataset(400, 40);
const dataDigest = dataset.digest;
let startPool: (workers: number) => Promise<CellExecutor>;
let pool: CellExecutor;

beforeAll(async () => {
  await build();
  ({ startPool } = await built<typeof import("../../src/workers/pool.js")>("workers/pool.js"));
  pool = await startPool(2);
});
afterAll(() => pool.close());

test("cells give the same bits on any thread, in any company, on both kernel sets", async () => {
  for (const kernels of ["reference", "simd"] as const) {
    const configs = [0, 1, 0, 1, 0].map((seed) => tinyConfig({ seed, kernels }));
    const results = await Promise.all(
      configs.map((config, i) =>
        pool.run({ id: `${i}`, config, dataDigest, checkpoint: false }, dataset, () => undefined),
      ),
    );
    const [first, second, ...others] = results.map(({ result }) => result!);
    expect(others).toEqual([first, second, first]);
    expect(first.weights).not.toEqual(second.weights);
  }
});

test("all messages arrive before the outcome, and none after; their rows are the curve's, each once and in order", async () => {
  const messages: CellMessage[] = [];
  const { result } = await pool.run(
    { id: "x", config: tinyConfig({ trainLimit: 16, epochs: 500 }), dataDigest, checkpoint: true },
    dataset,
    (message) => void messages.push(message),
  );
  const count = messages.length;
  const rows = messages.flatMap((message) => (message.kind === "epochs" ? message.curve : []));
  expect(rows.length).toBeGreaterThan(0);
  expect(rows).toEqual(result?.curve.slice(0, rows.length));
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(messages).toHaveLength(count);
});

/** Takes this long, and hears nothing meanwhile. */
const block = (milliseconds: number): void => void Atomics.wait(sleeper, 0, 0, milliseconds);
const sleeper = new Int32Array(new SharedArrayBuffer(4));

test("a main thread that is slow gets no more messages than it handles, and no state before it wants one", async () => {
  const config = tinyConfig({ trainLimit: 8, testLimit: 4, epochs: 10_000 });
  const messages: CellMessage[] = [];
  let [writing, most] = [0, 0];
  const before = Date.now();
  await pool.run({ id: "x", config, dataDigest, checkpoint: true }, dataset, async (message) => {
    messages.push(message);
    block(30);
    if (message.kind !== "epochs" || !message.state) return;
    most = Math.max(most, ++writing);
    await new Promise((resolve) => setTimeout(resolve, 200));
    writing -= 1;
  });
  const seconds = (Date.now() - before) / 1000;
  const states = messages.filter((message) => message.kind === "epochs" && message.state);
  expect(most).toBe(1);
  expect(states.length).toBeLessThanOrEqual(1 + seconds / 0.2);
  // Ten a second of each of two kinds, one with each state, and what was under way at the end.
  expect(messages.length).toBeLessThanOrEqual(20 * seconds + states.length + 4);
});

test("no state is sent where none is asked for", async () => {
  const states: unknown[] = [];
  const config = tinyConfig({ trainLimit: 16, epochs: 500 });
  await pool.run({ id: "x", config, dataDigest, checkpoint: false }, dataset, (message) => {
    if (message.kind === "epochs") states.push(message.state);
  });
  expect(states.length).toBeGreaterThan(0);
  expect(states.every((state) => state === undefined)).toBe(true);
});

test("a cell that throws rejects with its reason, and the pool goes on", async () => {
  const wrong = tinyConfig({ model: { kind: "layers", name: "odd", layers: [{ kind: "dense", units: 4 }] } });
  await expect(
    pool.run({ id: "odd", config: wrong, dataDigest, checkpoint: false }, dataset, () => undefined),
  ).rejects.toThrow(/layer 1 \(dense\) got an image/);
  expect(
    (await pool.run({ id: "x", config: tinyConfig(), dataDigest, checkpoint: false }, dataset, () => undefined)).result
      ?.status,
  ).toBe("done");
});

test("cancel stops running and waiting cells long before their last epoch", async () => {
  const own = await startPool(1);
  const long = tinyConfig({ epochs: 100_000 });
  let resolveStarted: () => void = () => undefined;
  const started = new Promise<void>((resolve) => (resolveStarted = resolve));
  const runs = [1, 2].map((i) =>
    own.run({ id: `${i}`, config: long, dataDigest, checkpoint: false }, dataset, ({ kind }) => {
      if (kind === "started") resolveStarted();
    }),
  );
  await started;
  own.cancel();
  expect((await Promise.all(runs)).map(({ result }) => result)).toEqual([undefined, undefined]);
  await own.close();
});

test("a pool that is closed while its threads start ends quietly", async () => {
  for (let i = 0; i < 5; i++) await (await startPool(2)).close();
});
