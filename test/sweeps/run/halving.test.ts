/** Successive halving against a plain grid: the same survivors and the same bytes, at the cost that the rungs have, whatever is in the way. */
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { comparableResult } from "../../../src/core/check/compare-results.js";
import { loadDataset } from "../../../src/sweeps/data/load.js";
import { localExecutor } from "../../../src/sweeps/executors/local.js";
import { Interrupt } from "../../../src/sweeps/run/interrupt.js";
import { runSweep } from "../../../src/sweeps/run/sweep.js";
import { expandGrid } from "../../../src/sweeps/spec/grid.js";
import { parseSpec } from "../../../src/sweeps/spec/spec.js";
import { decodeRecord, type CellRecord } from "../../../src/sweeps/store/record.js";
import { RunDirectory } from "../../../src/sweeps/store/run-directory.js";
import { weightsDigest } from "../../../src/sweeps/store/weights.js";
import type { CellRequest } from "../../../src/workers/protocol.js";
import { trained } from "../../core/trained.js";
import { build } from "../../workers/built.js";
import { executorHere, temporaryFolder, withPageData } from "../fixtures.js";
import { handgrad, handgradHere, startHandgrad } from "../handgrad.js";

beforeAll(build);

const RUNGS = [1, 2, 5];
const KEEP = 0.4;
/** Rates of six powers of ten, with weight decay: some diverge. */
const SEARCH = {
  name: "halved",
  data: "synthetic",
  base: {
    model: { kind: "mlp", hidden: [4] },
    optimizer: { kind: "nesterov", weightDecay: 0.1 },
    schedule: "cosine",
    ...{ trainLimit: 240, testLimit: 40, validation: 80, batchSize: 8 },
  },
  axes: { "optimizer.lr": { logUniform: [0.001, 1000] }, seed: [0, 1, 2] },
  samples: 4,
  halving: { rungs: RUNGS, keep: KEEP },
};
const { halving, ...plain } = SEARCH;
const GRID = { ...plain, name: "plain", base: { ...plain.base, epochs: RUNGS[RUNGS.length - 1] } };
expect(halving.keep).toBe(KEEP);

interface Disturbance {
  fault?: (request: CellRequest) => void;
  workers?: number;
  failFast?: boolean;
}

/** Runs a spec in `folder`/run, in this process. */
async function sweep(folder: string, spec: object, { fault, workers = 2, failFast = false }: Disturbance = {}) {
  const parsed = parseSpec(JSON.stringify(spec), "spec.json");
  const { executor, log } = executorHere(fault);
  const said: string[] = [];
  const tell = (line: string): void => void said.push(line);
  const view = { cellMessage: () => undefined, cellEnded: () => undefined, note: tell, close: () => undefined };
  const interrupt = new Interrupt();
  try {
    const result = await withPageData(folder, () =>
      runSweep({
        ...{ spec: parsed, source: "spec.json", configs: expandGrid(parsed, "spec.json"), data: "synthetic" as const },
        directory: new RunDirectory(path.join(folder, "run")),
        ...{ workers, threadsPerCell: 1, executor: localExecutor(executor, workers), interrupt },
        ...{
          fresh: false,
          retries: 0,
          failFast,
          wait: false,
          output: { say: tell, warn: tell, show: async () => view },
        },
      }),
    );
    return { ...result, log, said };
  } finally {
    interrupt.close();
  }
}

/** The records on the disk, by id. */
function recordsIn(folder: string): Map<string, CellRecord> {
  const ids = readdirSync(folder).filter((name) => /^mlp-/.test(name));
  return new Map(ids.map((id) => [id, decodeRecord(readFileSync(path.join(folder, id, "record.json"), "utf8"), id)]));
}

/** How many epochs each cell has after all rungs, found in the records of the grid by sorting. */
function expectedEpochs(grid: ReadonlyMap<string, CellRecord>): Map<string, number> {
  const lengths = new Map<string, number>();
  let left = [...grid.values()];
  for (const [i, epoch] of RUNGS.entries()) {
    for (const { id, curve } of left) lengths.set(id, Math.min(epoch, curve.length));
    const alive = left.filter(({ status, curve }) => !(status === "diverged" && curve.length <= epoch));
    const accuracy = ({ curve }: CellRecord): number => curve[epoch - 1].validationAccuracy!;
    alive.sort((a, b) => accuracy(b) - accuracy(a) || (a.id < b.id ? -1 : 1));
    if (i < RUNGS.length - 1) left = alive.slice(0, Math.max(1, Math.ceil(left.length * KEEP)));
  }
  return lengths;
}

let grid: Map<string, CellRecord>;
let lengths: Map<string, number>;
const gridFolder = temporaryFolder();
beforeAll(async () => {
  expect((await sweep(gridFolder, GRID)).exitCode).toBe(0);
  grid = recordsIn(path.join(gridFolder, "run"));
  lengths = expectedEpochs(grid);
});

/** All cells have the epochs that the rungs give them, and of these the grid's numbers. */
function expectHalved(folder: string): void {
  const records = recordsIn(folder);
  expect([...records.keys()].sort()).toEqual([...grid.keys()].sort());
  for (const [id, record] of records) {
    const whole = grid.get(id)!;
    const epochs = lengths.get(id)!;
    expect([id, record.curve.length]).toEqual([id, epochs]);
    if (epochs === whole.curve.length) expect(comparableResult(record)).toBe(comparableResult(whole));
    else {
      expect([record.status, record.curve]).toEqual(["stopped", whole.curve.slice(0, epochs)]);
      expect(readdirSync(path.join(folder, id)).sort()).toEqual(["checkpoint.bin", "record.json", "weights.bin"]);
    }
  }
}

describe("in this process", () => {
  const epochsOf = (list: Iterable<number>): number => [...list].reduce((sum, epochs) => sum + epochs, 0);

  test("the grid has cells that survive, that are stopped at each rung, and that diverge", () => {
    expect(grid.size).toBe(12);
    expect([...grid.values()].map(({ status }) => status)).toEqual(expect.arrayContaining(["done", "diverged"]));
    expect(new Set(lengths.values())).toEqual(new Set(RUNGS));
  });

  test.each([1, 3])(
    "%i workers: the survivors and the bytes of a plain grid, for the epochs of the rungs and no more",
    async (workers) => {
      const folder = temporaryFolder();
      const { exitCode, log, said, plan } = await sweep(folder, SEARCH, { workers });
      expect(exitCode).toBe(0);
      expectHalved(path.join(folder, "run"));
      expect(log.epochs).toBe(epochsOf(lengths.values()));
      expect(plan.search?.halving).toEqual(SEARCH.halving);
      expect(said.filter((line) => line.startsWith("rung "))).toEqual([
        "rung 2 of 3: 5 of 12 cells go on to epoch 2",
        "rung 3 of 3: 2 of 5 cells go on to epoch 5",
      ]);
      const again = await sweep(folder, SEARCH, { workers });
      expect([again.exitCode, again.log.epochs]).toEqual([0, 0]);
      // A plain sweep goes on with those that were stopped, from where they are.
      const rest = await sweep(folder, GRID);
      expect(rest.log.epochs).toBe(epochsOf([...grid.values()].map(({ curve }) => curve.length)) - log.epochs);
      for (const [id, record] of recordsIn(path.join(folder, "run")))
        expect(comparableResult(record)).toBe(comparableResult(grid.get(id)!));
      expect(readdirSync(path.join(folder, "run", [...grid.keys()][0])).sort()).toEqual(["record.json", "weights.bin"]);
    },
  );

  test("a stopped cell has the weights of its epoch, and trains to them again without its checkpoint", async () => {
    const folder = temporaryFolder();
    await sweep(folder, SEARCH);
    const run = path.join(folder, "run");
    const { dataset } = await loadDataset({
      data: "synthetic",
      trainLimit: 240,
      testLimit: 40,
      onProgress: () => undefined,
    });
    const stopped = [...recordsIn(run).values()].filter(({ status }) => status === "stopped");
    const [cell] = stopped;
    const { states } = trained(cell.config, dataset);
    expect(cell.weightsDigest).toBe(weightsDigest(states[cell.curve.length - 1].weights));
    for (const { id } of stopped) rmSync(path.join(run, id), { recursive: true });
    expect((await sweep(folder, SEARCH)).exitCode).toBe(0);
    expectHalved(run);
  });

  test("a cell that fails comes last, and the others go on; the next run trains it and lets on whom the rule names", async () => {
    for (const from of [0, 1]) {
      const folder = temporaryFolder();
      const [doomed] = [...lengths].find(([, epochs]) => epochs === 5)!;
      const fault = ({ id, resume }: CellRequest): void => {
        if (id === doomed && (resume?.epoch ?? 0) >= from) throw new Error("broken");
      };
      const { exitCode, records } = await sweep(folder, SEARCH, { fault });
      expect([exitCode, records.get(doomed)?.status]).toEqual([1, "failed"]);
      const reached = [...recordsIn(path.join(folder, "run")).values()].filter(({ curve }) => curve.length === 5);
      expect(reached).toHaveLength(2);
      expect((await sweep(folder, SEARCH)).exitCode).toBe(0);
      const after = recordsIn(path.join(folder, "run"));
      for (const [id, epochs] of lengths) if (epochs === 5) expect(after.get(id)?.curve).toHaveLength(5);
    }
  });

  test("a rung that another process holds up is not decided, and the sweep says so", async () => {
    const folder = temporaryFolder();
    const directory = new RunDirectory(path.join(folder, "run"));
    await directory.prepare();
    const { release } = await directory.lockCell([...grid.keys()][0]);
    const { said, log } = await sweep(folder, SEARCH);
    expect(said).toContain(
      "rung 1 of 3: not all of its cells have come to epoch 1; the same command goes on from there",
    );
    expect(log.epochs).toBe(11);
    await release?.();
    await sweep(folder, SEARCH);
    expectHalved(path.join(folder, "run"));
  });

  test("the first failure stops all under --fail-fast", async () => {
    const folder = temporaryFolder();
    const fault = (): void => {
      throw new Error("broken");
    };
    const { log, said } = await sweep(folder, SEARCH, { fault, workers: 1, failFast: true });
    expect([log.started.length, said.filter((line) => line.startsWith("rung "))]).toEqual([1, []]);
  });
});

test.each(["1", "3"])("%s workers, killed again and again: the same survivors, the same bytes", async (workers) => {
  const folder = temporaryFolder();
  writeFileSync(path.join(folder, "halved.json"), JSON.stringify(SEARCH));
  const args = ["sweep", "halved.json", "--workers", workers];
  // Moments in every rung: so many cells have ended since the process began.
  for (const ended of workers === "1" ? [14] : [5, 9]) {
    const running = startHandgrad(folder, args);
    await running.said(new RegExp(`(?:(?:stopped after|diverged in|done,)[^]*?){${ended}}|Report:`));
    running.signal("SIGKILL");
    await running.finished;
  }
  expect((await handgrad(folder, ...args)).code).toBe(0);
  expectHalved(path.join(folder, "runs", "halved"));
});

test("verify and cell train a stopped cell to where it stopped; cells and sweep tell of it", async () => {
  const folder = temporaryFolder();
  await sweep(folder, SEARCH);
  const out = path.join(folder, "run");
  const verified = await handgrad(folder, "verify", "--out", out, "--json");
  expect(JSON.parse(verified.stdout)).toMatchObject({ identical: 12, different: 0 });
  const [id] = [...lengths].find(([cell, epochs]) => epochs === 2 && grid.get(cell)!.curve.length > 2)!;
  const cell = await handgrad(folder, "cell", id, "--check", "--json", "--out", out);
  expect(JSON.parse(cell.stdout)).toMatchObject({ identical: true, status: "stopped", epochs: 2 });
  const { cells } = JSON.parse((await handgradHere(folder, "cells", "--json", "--out", out)).stdout) as {
    cells: CellRecord[];
  };
  expect(cells.find((other) => other.id === id)).toMatchObject({ status: "stopped", epochs: 2 });
});

test("tasks that are handed all cells at once refuse rungs in one line, and so does another number of epochs", async () => {
  const folder = temporaryFolder();
  const file = path.join(folder, "halved.json");
  writeFileSync(file, JSON.stringify(SEARCH));
  const out = path.join(folder, "run");
  for (const [args, message] of [
    [["sweep", file, "--executor", "slurm"], "halving: got rungs with --executor slurm"],
    [["task", file, "--tasks", "2", "--index", "0"], "halving: got rungs in a task"],
    [["sweep", file, "--epochs", "9"], "--epochs: got 9, expected 5"],
  ] as const) {
    const { code, stderr } = await handgradHere(folder, ...args, "--out", out);
    expect([code, stderr]).toEqual([2, expect.stringMatching(/^handgrad: [^\n]*\n$/)]);
    expect(stderr).toContain(message);
  }
  expect(existsSync(out)).toBe(false);
});
