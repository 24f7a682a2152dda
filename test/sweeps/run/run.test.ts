import { comparableResult } from "../../../src/core/check/compare-results.js";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { CellFailure, type CellExecutor } from "../../../src/workers/executor.js";
import { diskOperations } from "../../../src/sweeps/store/files.js";
import { localExecutor } from "../../../src/sweeps/executors/local.js";
import { planCells } from "../../../src/sweeps/run/plan.js";
import { RunDirectory } from "../../../src/sweeps/store/run-directory.js";
import { runCells } from "../../../src/sweeps/run/run.js";
import { parseSpec } from "../../../src/sweeps/spec/spec.js";
import { surveyCells, refuseSilentSynthetic } from "../../../src/sweeps/run/survey.js";
import { weightsDigest } from "../../../src/sweeps/store/weights.js";
import { executorHere, sampleRecord, temporaryFolder, tinyDataset } from "../fixtures.js";

const dataset = tinyDataset();
const spec = parseSpec(
  JSON.stringify({
    name: "tiny",
    base: { epochs: 2, batchSize: 16, kernels: "reference" },
    axes: {
      model: [
        { kind: "mlp", hidden: [4] },
        { kind: "cnn", channels: [2] },
      ],
      optimizer: ["sgd", "nesterov"],
      seed: [0, 1],
    },
  }),
  "tiny.json",
);
const cells = planCells(spec, dataset, "tiny.json");

const silent = {
  cellStarted: () => undefined,
  cellMessage: () => undefined,
  cellEnded: () => undefined,
  note: () => undefined,
};

async function sweep(
  directory: RunDirectory,
  executor: CellExecutor,
  {
    fresh = false,
    workers = 3,
    cancelled = (): boolean => false,
  }: { fresh?: boolean; workers?: number; cancelled?: () => boolean } = {},
) {
  await directory.prepare();
  const surveys = await surveyCells(directory, cells, fresh);
  return runCells({
    directory,
    surveys,
    dataset,
    executor: localExecutor(executor, workers),
    observer: silent,
    fresh,
    retries: 0,
    failFast: false,
    cancelled,
  });
}

test("every cell gets a record on disk; sorted by id; as many in flight as workers; the longest start first", async () => {
  const directory = new RunDirectory(temporaryFolder());
  const { executor, log } = executorHere();
  // The first cells wait for each other: a quick one could end before the third has its lock.
  let [arrived, meet] = [0, (): void => undefined];
  const meeting = new Promise<void>((resolve) => (meet = resolve));
  const run: CellExecutor["run"] = async (...task) => {
    if (++arrived === 3) meet();
    await meeting;
    return executor.run(...task);
  };
  const records = await sweep(directory, { ...executor, run });
  expect([...records.keys()]).toEqual(cells.map(({ id }) => id));
  expect(log.mostInFlight).toBe(3);
  const alone = executorHere();
  await sweep(new RunDirectory(temporaryFolder()), alone.executor, { workers: 1 });
  expect(alone.log.started.slice(0, 4).every((id) => id.startsWith("cnn"))).toBe(true);
  for (const { id } of cells) {
    const stored = await directory.readRecord(id);
    expect(stored).toEqual({ kind: "valid", record: records.get(id) });
    const weights = readFileSync(path.join(directory.folder, id, "weights.bin"));
    expect(
      weightsDigest(new Float32Array(weights.buffer.slice(weights.byteOffset, weights.byteOffset + weights.length))),
    ).toBe(records.get(id)?.weightsDigest);
    expect(readdirSync(path.join(directory.folder, id)).sort()).toEqual(["record.json", "weights.bin"]);
  }
});

test("the numbers do not depend on the number of workers or on what was there before", async () => {
  const numbers = async (workers: number, before: number) => {
    const directory = new RunDirectory(temporaryFolder());
    let left = before;
    if (before > 0) await sweep(directory, executorHere().executor, { workers, cancelled: () => left-- <= 0 });
    expect(await directory.cellIds()).toHaveLength(before);
    return [...(await sweep(directory, executorHere().executor, { workers })).values()].map(comparableResult);
  };
  const alone = await numbers(1, 0);
  expect(alone).toHaveLength(cells.length);
  expect(await numbers(4, 0)).toEqual(alone);
  expect(await numbers(2, 3)).toEqual(alone);
});

test("a second run trains nothing; fresh trains all; a changed axis keeps the other cells", async () => {
  const directory = new RunDirectory(temporaryFolder());
  await sweep(directory, executorHere().executor);
  const second = executorHere();
  await sweep(directory, second.executor);
  expect(second.log.started).toEqual([]);
  const fresh = executorHere();
  await sweep(directory, fresh.executor, { fresh: true });
  expect(fresh.log.started).toHaveLength(cells.length);
  const wider = planCells({ ...spec, axes: { ...spec.axes, seed: [1, 2] } }, dataset, "tiny.json");
  const survey = await surveyCells(directory, wider, false);
  expect(survey.filter(({ train }) => train).map(({ cell }) => cell.config.seed)).toEqual([2, 2, 2, 2]);
});

test("failing cells take no other down, say why, and are trained again next time", async () => {
  const directory = new RunDirectory(temporaryFolder());
  const bad = cells.filter(({ config }) => config.seed === 1).map(({ id }) => id);
  const records = await sweep(
    directory,
    executorHere(({ id }) => {
      if (bad.includes(id)) throw new Error(`no luck with ${id}`);
    }).executor,
  );
  for (const { id } of cells) expect(records.get(id)?.status).toBe(bad.includes(id) ? "failed" : "done");
  expect(records.get(bad[0])?.error).toBe(`no luck with ${bad[0]}`);
  const again = executorHere();
  const mended = await sweep(directory, again.executor);
  expect(again.log.started.sort()).toEqual(bad);
  expect([...mended.values()].every(({ status }) => status === "done")).toBe(true);
});

test("a failure never replaces a valid record", async () => {
  const directory = new RunDirectory(temporaryFolder());
  const first = await sweep(directory, executorHere().executor);
  const records = await sweep(
    directory,
    executorHere(() => {
      throw new Error("broken");
    }).executor,
    { fresh: true },
  );
  expect([...records.values()].map(({ status }) => status)).toEqual(cells.map(() => "failed"));
  for (const { id } of cells) expect(await directory.readRecord(id)).toEqual({ kind: "valid", record: first.get(id) });
});

test("damaged records, and those of another engine version, are found and their cells trained again", async () => {
  const directory = new RunDirectory(temporaryFolder());
  const first = await sweep(directory, executorHere().executor);
  const [cut, foreign, moved, old] = cells.map(({ id }) => id);
  const file = (id: string) => path.join(directory.folder, id, "record.json");
  writeFileSync(file(cut), readFileSync(file(cut), "utf8").slice(0, 200));
  writeFileSync(file(foreign), "not json");
  writeFileSync(file(moved), readFileSync(file(old)));
  await directory.writeRecord({ ...first.get(old)!, engineVersion: 0 });
  const surveys = await surveyCells(directory, cells, false);
  expect(surveys.filter(({ train }) => train).map(({ cell, reason }) => [cell.id, reason])).toEqual([
    [cut, expect.stringMatching(/not JSON/)],
    [foreign, expect.stringMatching(/not JSON/)],
    [moved, expect.stringMatching(/holds the record of/)],
    [old, expect.stringMatching(/recorded by engine version 0, this is/)],
  ]);
  const records = await sweep(directory, executorHere().executor);
  expect([...records.values()].map(comparableResult)).toEqual([...first.values()].map(comparableResult));
});

test("a record that cannot be written is a failed cell, not a crash", async () => {
  const full = {
    ...diskOperations,
    write: (file: string, content: Uint8Array) =>
      file.includes(cells[2].id)
        ? Promise.reject(Object.assign(new Error("disk"), { code: "ENOSPC" }))
        : diskOperations.write(file, content),
  };
  const records = await sweep(new RunDirectory(temporaryFolder(), full), executorHere().executor);
  expect(records.get(cells[2].id)).toMatchObject({
    status: "failed",
    error: "its record could not be written: no space left (ENOSPC)",
  });
  expect([...records.values()].filter(({ status }) => status === "done")).toHaveLength(cells.length - 1);
});

test("auto does not put synthetic results beside real ones", async () => {
  const directory = new RunDirectory(temporaryFolder());
  const synthetic = { ...dataset, name: "synthetic" };
  await refuseSilentSynthetic(directory, "auto", synthetic);
  await directory.writeRecord(sampleRecord(undefined, { dataset: "fashion-mnist" }));
  await refuseSilentSynthetic(directory, "synthetic", synthetic);
  await expect(refuseSilentSynthetic(directory, "auto", synthetic)).rejects.toThrow(
    /fashion-mnist.* cannot be had now/,
  );
});

test("a cell whose kernels compute its network wrongly fails with the line that says so, and is not tried again; what was proved stands in the record", async () => {
  const directory = new RunDirectory(temporaryFolder());
  const { executor, log } = executorHere();
  const { run } = executor;
  executor.run = async (request, data, onMessage) => {
    if (!request.id.startsWith("cnn"))
      return { ...(await run(request, data, onMessage)), proof: { samples: 2, seconds: 0.1 } };
    log.started.push(request.id);
    return {
      proof: { samples: 2, seconds: 0.1, fault: "layer 1 (conv2d) is wrong" },
      timing: { trainSeconds: 0, testSeconds: 0, setupSeconds: 0.1 },
      host: { node: "v20.0.0", platform: "linux-x64", cpu: "a processor" },
    };
  };
  await directory.prepare();
  const surveys = await surveyCells(directory, cells, false);
  const records = await runCells({
    directory,
    surveys,
    dataset,
    executor: localExecutor(executor, 2),
    observer: silent,
    fresh: false,
    retries: 3,
    failFast: false,
    cancelled: () => false,
  });
  expect(log.started).toHaveLength(cells.length);
  for (const { id, status, error, run: facts } of records.values())
    expect([id, status, error, facts.kernelCheck]).toEqual(
      id.startsWith("cnn")
        ? [id, "failed", "layer 1 (conv2d) is wrong", undefined]
        : [id, "done", undefined, { samples: 2, seconds: 0.1 }],
    );
  for (const { id } of cells) expect((await directory.readRecord(id)).kind).toBe("valid");
});

test("a record's host is the one that trained the cell, also where that failed", async () => {
  const elsewhere = { node: "v1.2.3", platform: "elsewhere", cpu: "another processor" };
  const failing = { ...elsewhere, cpu: "a third" };
  const [lost, unknown] = cells.map(({ id }) => id);
  const { executor } = executorHere(({ id }) => {
    if (id === lost) throw new CellFailure("no luck", failing);
    if (id === unknown) throw new Error("nobody knows where");
  });
  const records = await sweep(new RunDirectory(temporaryFolder()), executor);
  for (const { id, run } of records.values())
    expect({ node: run.node, platform: run.platform, cpu: run.cpu }).toEqual(
      id === lost ? failing : id === unknown ? { node: "", platform: "", cpu: "" } : elsewhere,
    );
});

test("a request is plain data that names the data set and does not carry it", async () => {
  const { executor } = executorHere();
  const { run } = executor;
  executor.run = (request, data, onMessage) => {
    expect(request.dataDigest).toBe(dataset.digest);
    expect(JSON.parse(JSON.stringify(request))).toEqual(request);
    return run(request, data, onMessage);
  };
  const records = await sweep(new RunDirectory(temporaryFolder()), executor);
  expect([...records.values()].map(({ status }) => status)).toEqual(cells.map(() => "done"));
});
