import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import { describe, expect, test, vi } from "vitest";
import { shortId } from "../../../src/sweeps/spec/cell-id.js";
import { formatSpec, parseSpec } from "../../../src/sweeps/spec/spec.js";
import { encodeCheckpoint } from "../../../src/sweeps/store/checkpoint.js";
import { diskOperations, draftName, type FileOperations } from "../../../src/sweeps/store/files.js";
import { lockText } from "../../../src/sweeps/store/lock-holder.js";
import { encodePlan } from "../../../src/sweeps/store/plan-file.js";
import { encodeRecord, type CellRecord } from "../../../src/sweeps/store/record.js";
import { RunDirectory } from "../../../src/sweeps/store/run-directory.js";
import { weightsDigest } from "../../../src/sweeps/store/weights.js";
import { sampleCheckpoint, samplePlan, sampleRecord, temporaryFolder, tinyConfig } from "../fixtures.js";

const weights = Float32Array.of(1, -2.5, 3e-9, NaN);
const recordOf = (seed: number): CellRecord =>
  sampleRecord(tinyConfig({ seed }), { weightsDigest: weightsDigest(weights) });

describe("somebody else's files", () => {
  const spec = parseSpec('{"name":"tiny","base":{"model":"mlp","optimizer":"sgd"}}', "tiny.json");
  const other = parseSpec('{"name":"other","base":{"model":"cnn","optimizer":"adam"}}', "other.json");

  test.each(["", "not JSON", "[]", '{"cells":[1]}', '{"tasks":["buy milk"],"digest":5}'])(
    "named plan.json keep a sweep out of their folder: %j",
    async (text) => {
      const folder = temporaryFolder();
      writeFileSync(path.join(folder, "plan.json"), text);
      const refused =
        /plan\.json is not a sweep's plan, and would be overwritten; move it away, or name another directory with --out$/;
      await expect(new RunDirectory(folder).prepare()).rejects.toThrow(refused);
      expect(readdirSync(folder)).toEqual(["plan.json"]);
      // Also where a sweep has run.
      await new RunDirectory(folder).writeRecord(recordOf(0), weights);
      await expect(new RunDirectory(folder).prepare()).rejects.toThrow(refused);
      expect(readFileSync(path.join(folder, "plan.json"), "utf8")).toBe(text);
    },
  );

  test("but not a plan of ours, damaged or of another version", async () => {
    for (const text of ['{"digest":"0","cells":[]}', encodePlan(samplePlan([])).replace("tiny", "tinx")]) {
      const folder = temporaryFolder();
      writeFileSync(path.join(folder, "plan.json"), text);
      await new RunDirectory(folder).prepare();
    }
  });

  const write = async (directory: RunDirectory, given: typeof spec, source: string): Promise<boolean> => {
    const last = await directory.readPlan();
    return directory.writePlanAndSpec(samplePlan([]), given, source, last);
  };

  test("named spec.json stay as they are, whatever is in them", async () => {
    const texts = ["", "{", '{ "openapi": "3.0.0" }', JSON.stringify(spec), JSON.stringify(other, null, 2)];
    for (const text of [...texts, formatSpec(other)]) {
      const folder = temporaryFolder();
      const directory = new RunDirectory(folder);
      const file = path.join(folder, "spec.json");
      writeFileSync(file, text);
      for (const source of ["tiny.json", "tiny.json", file]) {
        expect(await write(directory, spec, source), text).toBe(source === file);
        expect(readFileSync(file, "utf8")).toBe(text);
      }
    }
  });

  test("also where they were a sweep's and then edited", async () => {
    const folder = temporaryFolder();
    const directory = new RunDirectory(folder);
    const file = path.join(folder, "spec.json");
    expect(await write(directory, spec, "tiny.json")).toBe(true);
    const edited = readFileSync(file, "utf8").replace('"mlp"', '"cnn"');
    writeFileSync(file, edited);
    expect(await write(directory, spec, "tiny.json")).toBe(false);
    expect(readFileSync(file, "utf8")).toBe(edited);
  });

  test("and one that a sweep wrote gives way, unless it is the spec that is being run; version 0.2's, too", async () => {
    const folder = temporaryFolder();
    const directory = new RunDirectory(folder);
    const file = path.join(folder, "spec.json");
    expect(await write(directory, spec, "tiny.json")).toBe(true);
    const text = readFileSync(file, "utf8");
    expect(await write(directory, other, file)).toBe(true);
    expect(readFileSync(file, "utf8")).toBe(text);
    expect(await write(directory, other, "other.json")).toBe(true);
    expect(readFileSync(file, "utf8")).toBe(formatSpec(other));
    writeFileSync(path.join(folder, "plan.json"), encodePlan(samplePlan([])));
    expect(await write(directory, spec, "tiny.json")).toBe(true);
    expect(readFileSync(file, "utf8")).toBe(text);
    // Killed after the plan was written, and before the spec was: the older spec is still a sweep's.
    expect(await write(directory, other, "other.json")).toBe(true);
    writeFileSync(file, text);
    expect(await write(directory, other, "other.json")).toBe(true);
    expect(readFileSync(file, "utf8")).toBe(formatSpec(other));
  });

  test("that only look like drafts of ours are not tidied away; our own are", async () => {
    const folder = temporaryFolder();
    const directory = new RunDirectory(folder);
    const record = recordOf(0);
    await directory.writeRecord(record, weights);
    const theirs = [
      "draft.tmp",
      "record.json.tmp",
      "spec.json.old.tmp",
      "notes.12-3.tmp",
      "lock.mine.tmp",
      "plan.json.12-3.tmp.txt",
      "notes.12-3-01234567-89abcdef.tmp",
      "record.json.12-3-01234567.tmp",
      "a.tmp",
    ];
    const ours = [
      "lock.31899be3-ae1d-4978-81a9-97fd1b95a29f.tmp",
      "spec.json.12-3.tmp",
      "plan.json.4711-0.tmp",
      "probe.12.tmp",
      ...["spec.json", "plan.json", "probe"].map(draftName),
    ];
    const oursInCells = [
      ...["record.json.12-3.tmp", "weights.bin.12-4.tmp", "checkpoint.bin.12-5.tmp"],
      ...["record.json", "weights.bin", "checkpoint.bin"].map(draftName),
    ];
    const cell = path.join(folder, record.id);
    for (const name of [...theirs, ...ours]) writeFileSync(path.join(folder, name), name);
    for (const name of [...theirs, ...oursInCells]) writeFileSync(path.join(cell, name), name);
    mkdirSync(path.join(folder, "mine"));
    writeFileSync(path.join(folder, "mine", "spec.json.12-3.tmp"), "x");
    await directory.tidy(new Set([record.id]));
    expect(readdirSync(folder).sort()).toEqual([...theirs, record.id, "mine"].sort());
    expect(readdirSync(cell).sort()).toEqual([...theirs, "record.json", "weights.bin"].sort());
    expect(readdirSync(path.join(folder, "mine"))).toEqual(["spec.json.12-3.tmp"]);
  });
});

describe("cells that are locked", () => {
  const { id } = recordOf(0);
  const lockOf = (directory: RunDirectory): string => path.join(directory.cellFolder(id), "lock.json");
  const elsewhere = (): string =>
    JSON.stringify({ ...(JSON.parse(lockText()) as object), host: "node7", since: "2026-01-02T03:04:05.678Z" });

  test("are one process' until it releases them; the others are told whose, and wait for nobody", async () => {
    const directory = new RunDirectory(temporaryFolder());
    expect(await directory.cellHolder(id)).toBeUndefined();
    const { release } = await directory.lockCell(id);
    const own = { pid: process.pid, host: os.hostname(), since: expect.stringMatching(/^20.*Z$/) };
    expect(await directory.lockCell(id)).toMatchObject({ holder: own });
    expect(await new RunDirectory(directory.folder).cellHolder(id)).toMatchObject(own);
    await (
      await directory.lockCell(recordOf(1).id)
    ).release!();
    await release!();
    expect(await directory.cellHolder(id)).toBeUndefined();
    expect(readdirSync(directory.cellFolder(id))).toEqual([]);
  });

  test("stay another machine's as long as that renews them", async () => {
    const directory = new RunDirectory(temporaryFolder());
    mkdirSync(directory.cellFolder(id));
    writeFileSync(lockOf(directory), elsewhere());
    const holder = { host: "node7", since: "2026-01-02T03:04:05.678Z" };
    expect(await directory.cellHolder(id)).toMatchObject(holder);
    expect(await directory.lockCell(id)).toMatchObject({ holder });
    utimesSync(lockOf(directory), 1, Date.now() / 1000 - 100);
    expect(await directory.cellHolder(id)).toBeUndefined();
    const lost = vi.fn();
    const { release } = await directory.lockCell(id, { onLost: lost, lease: 0.09 });
    rmSync(lockOf(directory));
    await vi.waitUntil(() => lost.mock.calls.length > 0, { timeout: 60_000 });
    await release!();
    expect(readdirSync(directory.folder)).toEqual([id]);
  });

  test("are looked up once for those that nobody has, and the server's time is asked for once for all", async () => {
    const folder = temporaryFolder();
    const calls: string[] = [];
    const counted: FileOperations = {
      ...diskOperations,
      read: (...args) => (calls.push("read"), diskOperations.read(...args)),
      write: (...args) => (calls.push("write"), diskOperations.write(...args)),
      modified: (...args) => (calls.push("modified"), diskOperations.modified(...args)),
    };
    const directory = new RunDirectory(folder, counted);
    const ids = Array.from({ length: 20 }, (_, seed) => recordOf(seed).id);
    for (const cell of ids) await directory.cellHolder(cell);
    expect(calls).toEqual(ids.map(() => "read"));
    for (const cell of ids) {
      mkdirSync(directory.cellFolder(cell));
      writeFileSync(path.join(directory.cellFolder(cell), "lock.json"), elsewhere());
    }
    calls.length = 0;
    for (const cell of ids) expect(await directory.cellHolder(cell)).toMatchObject({ host: "node7" });
    const times = (name: string): number => calls.filter((call) => call === name).length;
    expect(["read", "write", "modified"].map(times)).toEqual([20, 1, 21]);
  });

  test("whose lock cannot be written, or is none, are named in one line", async () => {
    const folder = temporaryFolder();
    const full = { ...diskOperations, write: () => Promise.reject(Object.assign(new Error(), { code: "EDQUOT" })) };
    await expect(new RunDirectory(folder, full).lockCell(id)).rejects.toThrow(
      /^cannot lock the cell's folder .*: quota used up \(EDQUOT\); expected a writable folder, [^\n]*--out$/,
    );
    mkdirSync(path.join(folder, id, "lock.json"), { recursive: true });
    await expect(new RunDirectory(folder).lockCell(id)).rejects.toThrow(
      /a folder stands where a file should be; delete/,
    );
  });

  test("are not tidied while a living process has them; dead processes' are, and their locks", async () => {
    const directory = new RunDirectory(temporaryFolder());
    const drafts = ["record.json", "checkpoint.bin"].map(draftName);
    const cells = Object.fromEntries(
      ["own", "renewed", "lapsed", "free"].map((name, seed) => [name, recordOf(seed).id]),
    );
    const at = (name: string): string => directory.cellFolder(cells[name]);
    for (const cell of Object.keys(cells)) {
      mkdirSync(at(cell));
      for (const name of ["checkpoint.bin", ...drafts]) writeFileSync(path.join(at(cell), name), "");
    }
    const { release } = await directory.lockCell(cells.own);
    for (const cell of ["renewed", "lapsed"]) writeFileSync(path.join(at(cell), "lock.json"), elsewhere());
    utimesSync(path.join(at("lapsed"), "lock.json"), 1, Date.now() / 1000 - 100);
    await directory.tidy(new Set(Object.values(cells)));
    for (const cell of ["own", "renewed"])
      expect(readdirSync(at(cell)).sort()).toEqual(["checkpoint.bin", "lock.json", ...drafts].sort());
    for (const cell of ["lapsed", "free"]) expect(readdirSync(at(cell))).toEqual([]);
    await release!();
    // A folder with nothing in it is a cell without a record.
    expect(await directory.cellIds()).toEqual(Object.values(cells).sort());
    expect(await directory.readRecord(cells.free)).toEqual({ kind: "none" });
    expect(await directory.readCheckpoint(cells.free)).toEqual({ kind: "none" });
  });
});

describe("records of version 0.2, whose ids are shorter,", () => {
  const records = [recordOf(0), recordOf(1)];
  const folder = temporaryFolder();
  const directory = new RunDirectory(folder);
  const old = records.map((record) => ({ ...record, id: shortId(record.id) }));
  for (const record of old) {
    mkdirSync(path.join(folder, record.id));
    writeFileSync(path.join(folder, record.id, "record.json"), encodeRecord(record));
    writeFileSync(path.join(folder, record.id, "weights.bin"), new Uint8Array(weights.buffer));
  }
  writeFileSync(path.join(folder, "plan.json"), encodePlan(samplePlan(old)));

  test("are read by the ids that their cells have now", async () => {
    expect(await directory.cellIds()).toEqual(records.map(({ id }) => id).sort());
    for (const record of records) {
      expect(await directory.readRecord(record.id)).toEqual({ kind: "valid", record });
      expect(await directory.readWeights(record)).toEqual(weights);
    }
    expect((await directory.readPlan())?.cells.map(({ id }) => id)).toEqual(records.map(({ id }) => id).sort());
  });

  test("but only by those of their own cells, not by one that shared the shorter id", async () => {
    const twin = `${old[0].id}ffffffff`;
    expect(await directory.readRecord(twin)).toEqual({ kind: "none" });
    // Of a checkpoint, too.
    const { id, ...checkpoint } = sampleCheckpoint(records[0].config);
    writeFileSync(path.join(folder, old[0].id, "checkpoint.bin"), encodeCheckpoint({ id, ...checkpoint }));
    expect(await directory.readCheckpoint(twin)).toEqual({ kind: "none" });
    expect(await directory.readCheckpoint(id)).toMatchObject({ kind: "valid" });
  });

  test("give way to what is trained anew, in a folder of the id that the cell has now", async () => {
    const newer = { ...records[1], run: { ...records[1].run, seconds: 9 } };
    await directory.writeRecord(newer, weights);
    expect(await directory.readRecord(newer.id)).toEqual({ kind: "valid", record: newer });
    expect(existsSync(path.join(folder, old[1].id, "record.json"))).toBe(true);
    expect(await directory.cellIds()).toHaveLength(2);
  });

  test("and hide nobody once they are damaged and their cell has a folder of its own", async () => {
    const [, second] = old;
    for (const text of ["cut", undefined]) {
      const file = path.join(folder, second.id, "record.json");
      if (text === undefined) rmSync(file);
      else writeFileSync(file, text);
      expect(await directory.cellIds()).toEqual(records.map(({ id }) => id).sort());
    }
    // Without one, what lies there is still to be named.
    writeFileSync(path.join(folder, old[0].id, "record.json"), "cut");
    expect(await directory.cellIds()).toEqual([old[0].id, records[1].id].sort());
  });
});

describe("weights that are not what the record vouches for", () => {
  test.each([
    ["missing", undefined],
    ["empty", new Uint8Array(0)],
    ["cut short", new Uint8Array(weights.buffer).slice(0, 13)],
    ["longer", new Uint8Array(20)],
    ["other", Uint8Array.from({ length: 16 }, (_, i) => i * 37)],
  ])("%s: refused", async (_, bytes) => {
    const folder = temporaryFolder();
    const directory = new RunDirectory(folder);
    const record = recordOf(0);
    await directory.writeRecord(record, weights);
    const file = path.join(folder, record.id, "weights.bin");
    if (bytes) writeFileSync(file, bytes);
    else renameSync(file, `${file}.away`);
    await expect(directory.readWeights(record)).rejects.toThrow(
      bytes
        ? /weights\.bin is not what the cell's record vouches for: .* trains the cell again$/
        : /weights\.bin is missing; /,
    );
  });
});
