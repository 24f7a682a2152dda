import { mkdirSync, readFileSync, readdirSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, test, vi } from "vitest";
import type { InputError } from "../../../src/core/input-error.js";
import { readSpecFile } from "../../../src/sweeps/spec/spec.js";
import {
  diskOperations,
  draftName,
  failureReason,
  readBytes,
  readText,
  removeEmpty,
  writeAtomic,
  type FileOperations,
} from "../../../src/sweeps/store/files.js";
import { RunDirectory } from "../../../src/sweeps/store/run-directory.js";
import { makePipe } from "../../process.js";
import { sampleRecord, temporaryFolder } from "../fixtures.js";

const failing = (code: string) => Promise.reject(Object.assign(new Error("disk"), { code }));

test("a write that fails at any step leaves the old file and no rubbish", async () => {
  const folder = temporaryFolder();
  const file = path.join(folder, "record.json");
  await writeAtomic(diskOperations, file, "old");
  const faults: Partial<FileOperations>[] = [
    { write: () => failing("ENOSPC") },
    { write: async (name, content) => (await diskOperations.write(name, content.subarray(0, 1)), failing("EIO")) },
    { rename: () => failing("EACCES") },
  ];
  for (const fault of faults) {
    await expect(writeAtomic({ ...diskOperations, ...fault }, file, "new")).rejects.toThrow("disk");
    expect(readFileSync(file, "utf8")).toBe("old");
    expect(readdirSync(folder)).toEqual(["record.json"]);
  }
  await writeAtomic(diskOperations, file, "new");
  expect(readFileSync(file, "utf8")).toBe("new");
});

test("no two threads or processes give a draft one name, also where their numbers are the same", async () => {
  const name = draftName("f");
  expect(draftName("f")).not.toBe(name);
  vi.resetModules();
  const another = await import("../../../src/sweeps/store/files.js");
  const alike = Array.from({ length: 100 }, () => another.draftName("f"));
  // As on another machine: the same count, of a process of the same number.
  const count = (draft: string): string => draft.split("-")[1];
  expect(alike.map(count)).toContain(count(name));
  expect(alike).not.toContain(name);
});

test("the content is on the disk before the rename, and the rename before the return", async () => {
  const calls: string[] = [];
  const recording: FileOperations = {
    ...diskOperations,
    write: async () => void calls.push("write and sync"),
    rename: async () => void calls.push("rename"),
    syncFolder: async () => void calls.push("sync folder"),
  };
  await writeAtomic(recording, "/anywhere/file", "text");
  expect(calls).toEqual(["write and sync", "rename", "sync folder"]);
});

test("folders are made with their parents, and a file in the way is an error", async () => {
  const folder = temporaryFolder();
  const deep = path.join(folder, "a", "b", "c");
  const made = await diskOperations.makeFolder(deep);
  expect(made).toEqual([deep, path.join(folder, "a", "b"), path.join(folder, "a")]);
  expect(await diskOperations.makeFolder(deep)).toEqual([]);
  expect(readdirSync(path.dirname(deep))).toEqual(["c"]);
  writeFileSync(path.join(folder, "file"), "");
  await expect(diskOperations.makeFolder(path.join(folder, "file"))).rejects.toMatchObject({ code: "EEXIST" });
  await expect(diskOperations.makeFolder(path.join(folder, "file", "x"))).rejects.toMatchObject({ code: "EEXIST" });
});

test("folders that were made go as far as they are empty, also where one of them could not be made", async () => {
  const folder = temporaryFolder();
  const made = await diskOperations.makeFolder(path.join(folder, "a", "b", "c"));
  writeFileSync(path.join(folder, "a", "file"), "");
  removeEmpty(made);
  expect(readdirSync(folder, { recursive: true }).sort()).toEqual(["a", path.join("a", "file")]);
  await expect(diskOperations.makeFolder(path.join(folder, "d", "e", "long".repeat(1000)))).rejects.toThrow(
    /ENAMETOOLONG|ENOENT/,
  );
  expect(readdirSync(folder)).toEqual(["a"]);
});

test.skipIf(process.platform !== "linux")(
  "a place that takes no folders is an error, not an endless loop",
  async () => {
    await expect(diskOperations.makeFolder("/proc/handgrad/a/b")).rejects.toThrow(/ENOENT/);
  },
);

test("reading: absent is undefined, too long or unreadable is one clear line", async () => {
  const folder = temporaryFolder();
  writeFileSync(path.join(folder, "f"), "12345");
  mkdirSync(path.join(folder, "d"));
  expect(await readText(diskOperations, path.join(folder, "none"), 9)).toBeUndefined();
  expect(await readText(diskOperations, path.join(folder, "f"), 5)).toBe("12345");
  await expect(readText(diskOperations, path.join(folder, "f"), 4)).rejects.toThrow(/got 5 bytes, expected at most 4/);
  await expect(readText(diskOperations, path.join(folder, "d"), 1 << 20)).rejects.toThrow(
    /cannot be read: a folder stands where a file should be/,
  );
  // A wrong size is all that is read of a file.
  truncateSync(path.join(folder, "f"), 2 ** 40);
  await expect(readText(diskOperations, path.join(folder, "f"), 2 ** 31)).rejects.toThrow(/got 1099511627776 bytes/);
  const reason = (code: string): string => failureReason(Object.assign(new Error("x"), { code }));
  expect(reason("ENOSPC")).toBe("no space left (ENOSPC)");
  // Of file servers, in words, too.
  for (const code of ["ESTALE", "EDQUOT", "ETIMEDOUT", "EAGAIN", "EDEADLK"])
    expect(reason(code)).toMatch(new RegExp(`^[a-z ]{5,} \\(${code}\\)$`));
});

test.skipIf(process.platform === "win32")(
  "what is no regular file is never waited for, and a link to one is read",
  async () => {
    const folder = temporaryFolder();
    const at = (name: string): string => path.join(folder, name);
    makePipe(at("pipe"));
    writeFileSync(at("file"), "text");
    for (const [name, target] of [
      ["nowhere", "none"],
      ["zeros", "/dev/zero"],
      ["to-pipe", "pipe"],
      ["to-file", "file"],
    ])
      symlinkSync(target, at(name));
    const said = {
      pipe: /pipe: cannot be read: a named pipe stands where a file should be$/,
      "to-pipe": /a named pipe stands/,
      zeros: /a device stands/,
      nowhere: /a link that leads nowhere stands/,
    };
    for (const [name, message] of Object.entries(said)) {
      await expect(readBytes(diskOperations, at(name), 1 << 20)).rejects.toThrow(message);
      await expect(readSpecFile(at(name))).rejects.toThrow(
        /: cannot be read \(.* stands where a file should be\); expected a JSON sweep spec$/,
      );
    }
    expect(await readText(diskOperations, at("to-file"), 9)).toBe("text");
  },
);

test("everything of a run directory is read as far as it is a regular file", async () => {
  const directory = new RunDirectory(temporaryFolder());
  const record = sampleRecord();
  const folder = directory.cellFolder(record.id);
  mkdirSync(folder);
  const places = {
    [path.join(directory.folder, "plan.json")]: () => directory.readPlan(),
    [path.join(folder, "record.json")]: () => directory.readRecord(record.id),
    [path.join(folder, "weights.bin")]: () => directory.readWeights(record),
    [path.join(folder, "checkpoint.bin")]: () => directory.readCheckpoint(record.id),
  };
  for (const [file, read] of Object.entries(places)) {
    if (process.platform === "win32") mkdirSync(file);
    else makePipe(file);
    const outcome = await read().catch((error: unknown) => ({
      kind: "damaged",
      reason: (error as InputError).message,
    }));
    expect(outcome).toMatchObject({
      kind: "damaged",
      reason: expect.stringMatching(/^\S+: cannot be read: a (named pipe|folder) stands where a file should be$/),
    });
  }
});
