import { comparableResult } from "../../../src/core/check/compare-results.js";
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import type { TrainState } from "../../../src/core/training/result.js";
import { train } from "../../../src/core/training/train.js";
import { runCell } from "../../../src/sweeps/run/cell-run.js";
import { localExecutor } from "../../../src/sweeps/executors/local.js";
import type { CellExecutor } from "../../../src/workers/executor.js";
import type { CellMessage } from "../../../src/workers/protocol.js";
import { trained } from "../../core/trained.js";
import { diskOperations, type FileOperations } from "../../../src/sweeps/store/files.js";
import { planCells } from "../../../src/sweeps/run/plan.js";
import { type CellRecord } from "../../../src/sweeps/store/record.js";
import { RunDirectory } from "../../../src/sweeps/store/run-directory.js";
import { runCells } from "../../../src/sweeps/run/run.js";
import { parseSpec } from "../../../src/sweeps/spec/spec.js";
import { checkpointToResume } from "../../../src/sweeps/run/resume.js";
import { surveyCells } from "../../../src/sweeps/run/survey.js";
import { executorHere, sampleCheckpoint, temporaryFolder, tinyDataset } from "../fixtures.js";

const dataset = tinyDataset();
const spec = parseSpec(
  JSON.stringify({
    name: "tiny",
    base: { epochs: 5, batchSize: 16, kernels: "reference", model: { kind: "mlp", hidden: [4] } },
    axes: { optimizer: ["sgd", "nesterov", "adam", "muon"], kernels: ["reference", "simd"] },
  }),
  "tiny.json",
);
const cells = planCells(spec, dataset, "tiny.json");

interface SweepOptions {
  executor?: ReturnType<typeof executorHere>;
  fresh?: boolean;
  retries?: number;
  failFast?: boolean;
  cancelled?: () => boolean;
}

async function sweep(
  directory: RunDirectory,
  {
    executor = executorHere(),
    fresh = false,
    retries = 0,
    failFast = false,
    cancelled = () => false,
  }: SweepOptions = {},
) {
  await directory.prepare();
  const surveys = await surveyCells(directory, cells, fresh);
  const notes: string[] = [];
  const observer = {
    cellStarted: () => undefined,
    cellMessage: () => undefined,
    cellEnded: () => undefined,
    note: (line: string) => void notes.push(line),
  };
  const records = await runCells({
    directory,
    surveys,
    dataset,
    executor: localExecutor(executor.executor, 2),
    observer,
    fresh,
    retries,
    failFast,
    cancelled,
  });
  return { records, notes, resumed: executor.log.resumed };
}

const checkpointOf = (directory: RunDirectory, id: string): string => path.join(directory.folder, id, "checkpoint.bin");
const numbers = (records: Map<string, CellRecord>): string[] => [...records.values()].map(comparableResult);

/** A run directory whose first two cells were stopped on the way: the executor is cancelled at the n-th message. */
async function stoppedSweep(after: number, operations: FileOperations = diskOperations): Promise<RunDirectory> {
  const directory = new RunDirectory(temporaryFolder(), operations);
  const executor = executorHere();
  const { run } = executor.executor;
  let messages = 0;
  let stopped = false;
  executor.executor.run = (request, data, onMessage) =>
    run(request, data, (message) => {
      void onMessage(message);
      // Not at a cell's last epoch: nothing would be left of it.
      const last = message.kind === "epochs" && message.curve.at(-1)?.epoch === request.config.epochs;
      if (++messages < after || last) return;
      stopped = true;
      executor.executor.cancel();
    });
  await sweep(directory, { executor, cancelled: () => stopped });
  return directory;
}

const whole = sweep(new RunDirectory(temporaryFolder()));

test("a stopped sweep goes on from the last epochs, to the same bits, and leaves no checkpoint", async () => {
  for (const after of [2, 5, 7]) {
    const directory = await stoppedSweep(after);
    const left = cells.filter(({ id }) => existsSync(checkpointOf(directory, id)));
    expect(left.length).toBeGreaterThan(0);
    const { records, notes, resumed } = await sweep(directory);
    expect(numbers(records)).toEqual(numbers((await whole).records));
    expect(resumed.filter((epoch) => epoch > 0)).toHaveLength(left.length);
    expect(notes.filter((note) => /going on after epoch \d of 5$/.test(note))).toHaveLength(left.length);
    for (const { id } of cells) {
      expect(records.get(id)?.run.resumes).toBe(left.some((cell) => cell.id === id) ? 1 : 0);
      expect(readdirSync(path.join(directory.folder, id)).sort()).toEqual(["record.json", "weights.bin"]);
    }
  }
});

test("fresh does not go on", async () => {
  const directory = await stoppedSweep(5);
  const { records, resumed } = await sweep(directory, { fresh: true });
  expect(resumed.every((epoch) => epoch === 0)).toBe(true);
  expect(numbers(records)).toEqual(numbers((await whole).records));
});

describe("a checkpoint that cannot be used is named in one line, and its cell trained from the start", () => {
  const cases: [name: string, spoil: (directory: RunDirectory, id: string) => Promise<void> | void, reason: RegExp][] =
    [
      [
        "cut short",
        (directory, id) =>
          writeFileSync(checkpointOf(directory, id), readFileSync(checkpointOf(directory, id)).subarray(0, 500)),
        /got 500 bytes, expected \d+; training from the start$/,
      ],
      ["empty", (directory, id) => writeFileSync(checkpointOf(directory, id), ""), /not a whole checkpoint; training/],
      [
        "a flipped bit",
        (directory, id) => {
          const bytes = readFileSync(checkpointOf(directory, id));
          bytes[bytes.length - 100] ^= 4;
          writeFileSync(checkpointOf(directory, id), bytes);
        },
        /its digest does not fit its content/,
      ],
      [
        "another engine version",
        (directory, id) => alter(directory, id, (checkpoint) => ({ ...checkpoint, engineVersion: 0 })),
        /its checkpoint is of engine version 0, this is \d+; training/,
      ],
      [
        "other data",
        (directory, id) => alter(directory, id, (checkpoint) => ({ ...checkpoint, dataDigest: "e".repeat(64) })),
        /its checkpoint is of other data/,
      ],
      [
        "another cell's",
        async (directory, id) => {
          const other = cells.find((cell) => cell.id !== id)!.id;
          await alter(directory, id, (checkpoint) => ({ ...checkpoint, id: other }));
          await diskOperations.rename(checkpointOf(directory, other), checkpointOf(directory, id));
        },
        /holds the checkpoint of/,
      ],
      [
        "another model's",
        (directory, id) =>
          alter(directory, id, (checkpoint) => ({
            ...checkpoint,
            state: { ...checkpoint.state, weights: new Float32Array(3) },
          })),
        /its checkpoint does not fit the cell \(weights: got 3 values, expected \d+ values\); training from the start$/,
      ],
      [
        "an average in a cell that has none",
        (directory, id) =>
          alter(directory, id, (checkpoint) => ({
            ...checkpoint,
            state: { ...checkpoint.state, average: checkpoint.state.weights },
          })),
        /\(average: got \d+ values, expected none\)/,
      ],
      [
        "statistics of a model that has none",
        (directory, id) =>
          alter(directory, id, (checkpoint) => ({
            ...checkpoint,
            state: { ...checkpoint.state, statistics: new Float32Array(8) },
          })),
        /\(statistics: got 8 values, expected none\)/,
      ],
      [
        "epochs that are not its curve's",
        (directory, id) =>
          alter(directory, id, (checkpoint) => {
            // Where a sweep stops depends on the machine: any epoch but the last.
            const { state } = checkpoint;
            return { ...checkpoint, state: { ...state, epoch: (state.epoch % 4) + 1 } };
          }),
        /\(step: got \d+, expected (6 after epoch 1|12 after epoch 2|18 after epoch 3|24 after epoch 4)\)/,
      ],
    ];
  type Loaded = Extract<Awaited<ReturnType<RunDirectory["readCheckpoint"]>>, { kind: "valid" }>["checkpoint"];
  async function alter(directory: RunDirectory, id: string, change: (checkpoint: Loaded) => Loaded): Promise<void> {
    const found = await directory.readCheckpoint(id);
    if (found.kind !== "valid") throw new Error(found.kind);
    await directory.writeCheckpoint(change(found.checkpoint));
  }
  test.each(cases)("%s", async (_name, spoil, reason) => {
    const directory = await stoppedSweep(4);
    const { id } = cells.find((cell) => existsSync(checkpointOf(directory, cell.id)))!;
    await spoil(directory, id);
    const { records, notes } = await sweep(directory);
    expect(notes.filter((note) => note.startsWith(`${id}: `))).toEqual([expect.stringMatching(reason)]);
    expect(numbers(records)).toEqual(numbers((await whole).records));
    expect(records.get(id)?.run.resumes).toBe(0);
  });
});

describe("a checkpoint that lacks an array of its cell, or has it at another length, is refused", () => {
  const model = {
    kind: "layers",
    name: "all",
    layers: [{ kind: "batchNorm" }, { kind: "flatten" }, { kind: "dense", units: 4 }],
  };
  const [cell] = planCells(
    parseSpec(
      JSON.stringify({
        name: "all",
        base: {
          epochs: 3,
          batchSize: 16,
          kernels: "reference",
          model,
          optimizer: "nesterov",
          weightAverage: 0.9,
          prune: {},
        },
      }),
      "all.json",
    ),
    dataset,
    "all.json",
  );
  async function noteOf(
    change: (state: TrainState) => TrainState,
    config = cell.config,
  ): Promise<{ notes: string[]; resumed: boolean }> {
    const directory = new RunDirectory(temporaryFolder());
    let state: TrainState | undefined;
    for (const event of train(cell.config, dataset)) if (event.kind === "epoch") state ??= event.state();
    await directory.writeCheckpoint({ ...sampleCheckpoint(config), id: cell.id, state: change(state!) });
    const notes: string[] = [];
    const resumed = (await checkpointToResume(directory, cell, dataset, (line) => notes.push(line))) !== undefined;
    return { notes, resumed };
  }

  test("but not its own", async () =>
    expect(await noteOf((state) => state)).toEqual({ notes: ["going on after epoch 1 of 3"], resumed: true }));

  test("nor is one of a cell that has the same id and another config", async () => {
    const other = { ...cell.config, optimizer: { ...cell.config.optimizer, lr: 0.5 } };
    expect(await noteOf((state) => state, other)).toEqual({
      notes: ["its checkpoint is of another cell with the same id; training from the start"],
      resumed: false,
    });
  });

  const lengths = { weights: 262, optimizer: 262, statistics: 8, average: 270, seen: 96 };
  const cases = Object.entries(lengths).flatMap(([array, length]) => [
    ...(array === "weights" || array === "optimizer" ? [] : [{ array, length, how: "missing", got: "none" }]),
    ...[0, length - 1, length + 1].map((other) => ({ array, length, how: `of ${other}`, got: `${other} values` })),
  ]);
  test.each(cases)("$array $how", async ({ array, length, how, got }) => {
    const spoilt = how === "missing" ? undefined : new Float32Array(Number(how.slice(3)));
    expect(await noteOf((state) => ({ ...state, [array]: spoilt }))).toEqual({
      notes: [
        `its checkpoint does not fit the cell (${array}: got ${got}, expected ${length} values); training from the start`,
      ],
      resumed: false,
    });
  });
});

test("a failed attempt is retried from its last epoch; the record keeps how often and why, and the numbers do not tell", async () => {
  const seen = new Map<string, number>();
  const executor = executorHere();
  const { run } = executor.executor;
  executor.executor.run = (request, data, onMessage) => {
    const attempt = (seen.get(request.id) ?? 0) + 1;
    seen.set(request.id, attempt);
    return run(request, data, (message) => {
      void onMessage(message);
      if (message.kind === "epochs" && message.curve[0].epoch === attempt + 1 && attempt <= 2)
        throw new Error(`no luck ${attempt}`);
    });
  };
  const { records, notes, resumed } = await sweep(new RunDirectory(temporaryFolder()), { executor, retries: 2 });
  expect(numbers(records)).toEqual(numbers((await whole).records));
  for (const { run } of records.values())
    expect(run).toMatchObject({ retries: 2, retryReasons: ["no luck 1", "no luck 2"], resumes: 0 });
  expect([...resumed].sort()).toEqual(cells.flatMap(() => [0, 2, 3]).sort());
  expect(notes).toContain(`${cells[0].id}: no luck 2; trying again`);
});

test("a retry goes on from the newest state that was sent, whatever was told of the epochs after it", async () => {
  const [{ id, config }] = cells;
  const cell = { id, config: { ...config, epochs: 9 } };
  const { result, states } = trained(cell.config, dataset);
  const resumed: (TrainState | undefined)[] = [];
  const kept: number[] = [];
  const { executor } = executorHere();
  const whole: CellExecutor = {
    ...executor,
    async run(request, data, onMessage) {
      resumed.push(request.resume);
      if (resumed.length > 2) return executor.run(request, data, onMessage);
      const first = (request.resume?.epoch ?? 0) + 1;
      const timing = { trainSeconds: 1, testSeconds: 0, setupSeconds: 0 };
      const message = (from: number, to: number): CellMessage => ({
        kind: "epochs",
        curve: result.curve.slice(from - 1, to),
        timing,
      });
      const state = { ...states[first], curve: [] };
      void onMessage({ ...message(first, first + 1), state } as CellMessage);
      void onMessage(message(first + 2, first + 4));
      throw new Error("no luck");
    },
  };
  const trainedCell = await runCell({
    cell,
    dataset,
    executor: whole,
    onMessage: () => undefined,
    retries: 2,
    save: async ({ state }) => {
      expect(state).toEqual(states[state.epoch - 1]);
      kept.push(state.epoch);
    },
  });
  expect(resumed).toEqual([undefined, states[1], states[3]]);
  expect(kept.slice(0, 2)).toEqual([2, 4]);
  expect(trainedCell?.record).toMatchObject({ status: "done", curve: result.curve, steps: result.steps });
  expect(trainedCell?.record.run).toMatchObject({ retries: 2, trainSeconds: 3 });
});

// Other work on the machine may hold up what is not to wait.
test(
  "the next state is wanted a second after the last was written, and later the longer writing takes",
  { retry: 2 },
  async () => {
    const [{ id, config }] = cells;
    const { states } = trained(config, dataset);
    const { curve } = states[0];
    const state = { ...states[0], curve: [] };
    const timing = { trainSeconds: 1, testSeconds: 0, setupSeconds: 0 };
    const waits: number[] = [];
    for (const writing of [0, 400]) {
      const { executor } = executorHere();
      const { run } = executor;
      executor.run = async (request, data, onMessage) => {
        const before = performance.now();
        await onMessage({ kind: "started" });
        await onMessage({ kind: "epochs", curve: [states[0].curve[0]], timing });
        const soon = performance.now();
        await onMessage({ kind: "epochs", curve, timing, state });
        waits.push(performance.now() - soon);
        expect(soon - before).toBeLessThan(500);
        return run({ ...request, checkpoint: false }, data, () => undefined);
      };
      const save = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, writing));
      await runCell({ cell: { id, config }, dataset, executor, onMessage: () => undefined, save });
    }
    expect(waits[0]).toBeGreaterThan(990);
    expect(waits[1]).toBeGreaterThan(400 + 4 * 390);
  },
);

test("a cell that failed for good keeps its checkpoint: the next sweep goes on from it", async () => {
  const directory = new RunDirectory(temporaryFolder());
  const failing = executorHere();
  const { run } = failing.executor;
  failing.executor.run = (request, data, onMessage) =>
    run(request, data, (message) => {
      void onMessage(message);
      if (message.kind === "epochs" && message.curve[0].epoch === 3) throw new Error("broken");
    });
  const first = await sweep(directory, { executor: failing });
  expect([...first.records.values()].map(({ status, error }) => [status, error])).toEqual(
    cells.map(() => ["failed", "broken"]),
  );
  const second = await sweep(directory);
  expect(second.resumed).toEqual(cells.map(() => 3));
  expect(numbers(second.records)).toEqual(numbers((await whole).records));
});

test("fail-fast stops at the first cell that failed for good", async () => {
  const executor = executorHere(() => {
    throw new Error("broken");
  });
  const { records } = await sweep(new RunDirectory(temporaryFolder()), { executor, failFast: true });
  expect([...records.values()].filter(({ status }) => status === "failed").length).toBeLessThanOrEqual(2);
  expect(executor.log.started.length).toBeLessThanOrEqual(2);
});
