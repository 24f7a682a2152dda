import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import {
  diskOperations,
  failureReason,
  readText,
  removeEmpty,
  writeAtomic,
  type FileOperations,
} from "../../../src/sweeps/store/files.js";
import { temporaryFolder } from "../fixtures.js";

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
  expect(failureReason(Object.assign(new Error("x"), { code: "ENOSPC" }))).toBe("no space left (ENOSPC)");
});
