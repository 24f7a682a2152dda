/** Bad disks under the run loop: what is reported, and that nothing valid gives way to something worse. */
import { comparableResult } from "../../src/core/check/compare-results.js";
import { chmodSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { RandomStream } from "../../src/core/numeric/random.js";
import { diskOperations, type FileOperations } from "../../src/sweeps/store/files.js";
import { localExecutor } from "../../src/sweeps/executors/local.js";
import { planCells } from "../../src/sweeps/run/plan.js";
import { decodeRecord, hasEnded, type CellRecord } from "../../src/sweeps/store/record.js";
import { RunDirectory } from "../../src/sweeps/store/run-directory.js";
import { runCells } from "../../src/sweeps/run/run.js";
import { parseSpec } from "../../src/sweeps/spec/spec.js";
import { surveyCells } from "../../src/sweeps/run/survey.js";
import { executorHere, temporaryFolder, tinyDataset } from "../sweeps/fixtures.js";

const dataset = tinyDataset();
const spec = parseSpec(
  '{"name":"tiny","base":{"model":{"kind":"mlp","hidden":[4]},"optimizer":"sgd","epochs":4,"batchSize":16,"kernels":"reference"},"axes":{"seed":[0,1,2]}}',
  "tiny.json",
);
const cells = planCells(spec, dataset, "tiny.json");

async function sweep(folder: string, operations: FileOperations = diskOperations, fresh = false) {
  const directory = new RunDirectory(folder, operations);
  const notes: string[] = [];
  const surveys = await surveyCells(directory, cells, fresh);
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
    executor: localExecutor(executorHere().executor, 2),
    observer,
    fresh,
    retries: 0,
    failFast: false,
    cancelled: () => false,
  });
  return { records, notes };
}

const numbers = (records: Map<string, CellRecord>): string[] => [...records.values()].map(comparableResult);
const whole = sweep(temporaryFolder());
const fault = (code: string): Error => Object.assign(new Error("fault"), { code });

/** Every file operation fails with this probability, one code after the other; a failing write leaves half a file. */
function flaky(seed: number, probability: number, codes: string[]): FileOperations {
  const random = new RandomStream("shuffle", seed);
  let next = 0;
  const check = (): void => {
    if (random.uniform() < probability) throw fault(codes[next++ % codes.length]);
  };
  return {
    makeFolder: async (folder) => (check(), diskOperations.makeFolder(folder)),
    read: async (file, limit) => (check(), diskOperations.read(file, limit)),
    write: async (file, content) => {
      try {
        check();
      } catch (error) {
        await diskOperations.write(file, content.subarray(0, content.length / 2));
        throw error;
      }
      await diskOperations.write(file, content);
    },
    rename: async (from, to) => (check(), diskOperations.rename(from, to)),
    link: async (from, to) => (check(), diskOperations.link(from, to)),
    syncFolder: async (folder) => (check(), diskOperations.syncFolder(folder)),
    modified: async (file) => (check(), diskOperations.modified(file)),
    renew: async (file, text) => (check(), diskOperations.renew(file, text)),
    remove: async (file) => (check(), diskOperations.remove(file)),
    list: async (folder) => (check(), diskOperations.list(folder)),
  };
}

test(
  "a disk that fails at random costs records, never wrong ones, and the next sweep mends all",
  { timeout: 240_000 },
  async () => {
    const outcomes = { failed: 0, done: 0 };
    for (let seed = 0; seed < 25; seed++) {
      const folder = temporaryFolder();
      for (let attempt = 0; attempt < 2; attempt++) {
        const { records } = await sweep(folder, flaky(2 * seed + attempt, 0.2, ["ENOSPC", "EIO", "EROFS"]));
        for (const record of records.values()) {
          outcomes[record.status === "failed" ? "failed" : "done"] += 1;
          if (record.status === "failed")
            expect(record.error).toMatch(
              /^its record could not be written: (no space left|input\/output error|read-only file system) \(E\w+\)$/,
            );
          else expect(comparableResult(record)).toBe(comparableResult((await whole).records.get(record.id)!));
        }
      }
      expect(numbers((await sweep(folder)).records)).toEqual(numbers((await whole).records));
    }
    for (const [outcome, times] of Object.entries(outcomes)) expect(times, outcome).toBeGreaterThan(10);
  },
);

test("valid records survive every fault of a run that trains their cells again", { timeout: 180_000 }, async () => {
  const folder = temporaryFolder();
  await sweep(folder);
  for (let seed = 0; seed < 10; seed++) {
    await sweep(folder, flaky(seed, 0.3, ["ENOSPC", "EIO"]), true);
    for (const { id } of cells) {
      const file = path.join(folder, id, "record.json");
      const record = decodeRecord(readFileSync(file, "utf8"), file);
      expect(hasEnded(record)).toBe(true);
      expect(comparableResult(record)).toBe(comparableResult((await whole).records.get(id)!));
    }
  }
});

test("checkpoints that cannot be written are one line a cell, and cost no result", async () => {
  const full: FileOperations = {
    ...diskOperations,
    write: (file, content) =>
      file.includes("checkpoint") ? Promise.reject(fault("ENOSPC")) : diskOperations.write(file, content),
  };
  const { records, notes } = await sweep(temporaryFolder(), full);
  expect(numbers(records)).toEqual(numbers((await whole).records));
  expect(notes.sort()).toEqual(
    cells
      .map(({ id }) => `${id}: its checkpoint cannot be written: no space left (ENOSPC); training goes on without`)
      .sort(),
  );
});

test("a slow disk delays no training, reorders no write, and brings no checkpoint back", async () => {
  const folder = temporaryFolder();
  const writes: string[] = [];
  let inFlight = 0;
  let most = 0;
  const slow: FileOperations = {
    ...diskOperations,
    async write(file, content) {
      if (file.includes("checkpoint")) most = Math.max(most, ++inFlight);
      await new Promise((resolve) => setTimeout(resolve, 40));
      await diskOperations.write(file, content);
      if (file.includes("checkpoint")) inFlight -= 1;
      writes.push(path.basename(file));
    },
  };
  const { records, notes } = await sweep(folder, slow);
  expect(numbers(records)).toEqual(numbers((await whole).records));
  expect(notes).toEqual([]);
  // One for each of the two cells in flight: a cell's own never overtake each other.
  expect(most).toBe(2);
  // Three epochs of each cell have a checkpoint; what came while one was being written was left out.
  expect(writes.filter((name) => name.startsWith("checkpoint")).length).toBeLessThan(3 * cells.length);
  for (const { id } of cells) expect(readdirSync(path.join(folder, id)).sort()).toEqual(["record.json", "weights.bin"]);
});

test("a folder that vanishes while its sweep runs comes back with the records", async () => {
  const folder = path.join(temporaryFolder(), "run");
  await diskOperations.makeFolder(folder);
  let writes = 0;
  const vanishing: FileOperations = {
    ...diskOperations,
    async write(file, content) {
      if (++writes === 4) rmSync(folder, { recursive: true });
      await diskOperations.write(file, content);
    },
  };
  const { records } = await sweep(folder, vanishing);
  for (const record of records.values())
    expect(record.status === "done" || /could not be written/.test(record.error ?? "")).toBe(true);
  expect(numbers((await sweep(folder)).records)).toEqual(numbers((await whole).records));
});

test("files and folders in each other's place are one line", async () => {
  const folder = temporaryFolder();
  const [taken, odd] = cells;
  writeFileSync(path.join(folder, taken.id), "a file");
  mkdirSync(path.join(folder, odd.id, "record.json"), { recursive: true });
  mkdirSync(path.join(folder, odd.id, "checkpoint.bin"), { recursive: true });
  const { records, notes } = await sweep(folder);
  expect(records.get(taken.id)).toMatchObject({
    status: "failed",
    error: expect.stringMatching(/^its record could not be written: a file stands where a folder should be/),
  });
  expect(records.get(odd.id)).toMatchObject({
    status: "failed",
    error: expect.stringMatching(/^its record could not be written: /),
  });
  expect(records.get(cells[2].id)?.status).toBe("done");
  for (const note of notes) expect(note).not.toMatch(/\n/);
});

test.skipIf(process.platform === "win32" || process.getuid?.() === 0)(
  "a read-only folder is an error before any training",
  async () => {
    const folder = temporaryFolder();
    chmodSync(folder, 0o500);
    await expect(new RunDirectory(folder).prepare()).rejects.toThrow(
      /cannot write to the run directory .*: permission denied/,
    );
  },
);

test("a read-only file system is an error before any training", async () => {
  const readOnly: FileOperations = { ...diskOperations, write: () => Promise.reject(fault("EROFS")) };
  await expect(new RunDirectory(temporaryFolder(), readOnly).prepare()).rejects.toThrow(
    /cannot write to the run directory .*: read-only file system \(EROFS\); expected a writable folder/,
  );
  await expect(new RunDirectory(temporaryFolder(), readOnly).lock()).rejects.toThrow(
    /cannot lock the run directory .*: read-only file system/,
  );
});

test("a run directory that cannot be written to leaves no folder and no file", async () => {
  const folder = temporaryFolder();
  const full: FileOperations = {
    ...diskOperations,
    write: async (file) => {
      await diskOperations.write(file, new Uint8Array(0));
      throw fault("ENOSPC");
    },
  };
  await expect(new RunDirectory(path.join(folder, "runs", "tiny"), full).prepare()).rejects.toThrow(/no space left/);
  expect(readdirSync(folder)).toEqual([]);
});
