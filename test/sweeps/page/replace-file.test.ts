import { mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { replaceable, replaceFile } from "../../../src/sweeps/page/replace-file.js";
import { diskOperations, draftName, type FileOperations } from "../../../src/sweeps/store/files.js";
import { start } from "../../process.js";
import { temporaryFolder } from "../fixtures.js";

test("leftovers of processes that are gone go with the next write of the same file; all else beside it stays", async () => {
  const { pid: gone, finished } = start(["--version"]);
  await finished;
  const folder = temporaryFolder();
  // This machine's place, in this process' own draft.
  const own = draftName("data.js");
  const place = /-([0-9a-f]{8})-[0-9a-f]{8}\.tmp$/.exec(own)![1];
  const elsewhere = place === "01234567" ? "76543210" : "01234567";
  const leftovers = [`data.js.${gone}-0.tmp`, `data.js.${gone}-17.tmp`, `data.js.${gone}-0-${place}-89abcdef.tmp`];
  const others = [
    own,
    `data.js.${gone}-0-${elsewhere}-89abcdef.tmp`,
    `data.js.${gone}-0-${place}.tmp`,
    `data.js.${process.pid}-900.tmp`,
    `data.js.${gone}-0.tmp.bak`,
    `data.js.${gone}.tmp`,
    `data.js.${gone}-0`,
    `data.js.x${gone}-0.tmp`,
    `data.js.-1-0.tmp`,
    `data.js.99999999999999-0.tmp`,
    `other.js.${gone}-0.tmp`,
    `Xdata.js.${gone}-0.tmp`,
    "data.js.tmp",
  ];
  for (const name of [...leftovers, ...others]) writeFileSync(path.join(folder, name), name);
  mkdirSync(path.join(folder, `data.js.${gone}-3.tmp`));
  await replaceFile(path.join(folder, "data.js"), "new");
  expect(readdirSync(folder).sort()).toEqual([...others, "data.js", `data.js.${gone}-3.tmp`].sort());
  expect(readFileSync(path.join(folder, "data.js"), "utf8")).toBe("new");
});

test("where a write fails in any step, nothing is left, no folder either, and the old file stays", async () => {
  const fault = (code: string) => () => Promise.reject(Object.assign(new Error(code), { code }));
  const half = async (file: string): Promise<void> => {
    writeFileSync(file, "half");
    await fault("ENOSPC")();
  };
  const failures: Partial<FileOperations>[] = [{ write: half }, { rename: fault("EACCES") }, { write: fault("EROFS") }];
  for (const failing of failures) {
    const folder = temporaryFolder();
    const operations = { ...diskOperations, ...failing };
    await expect(replaceFile(path.join(folder, "a", "b", "new.html"), "new", operations)).rejects.toThrow();
    expect(readdirSync(folder)).toEqual([]);
    const old = path.join(folder, "old.html");
    writeFileSync(old, "old");
    await expect(replaceFile(old, "new", operations)).rejects.toThrow();
    expect(readdirSync(folder)).toEqual(["old.html"]);
    expect(readFileSync(old, "utf8")).toBe("old");
  }
});

test("what gives way to a file is a file, an absent one, or what a link leads to", async () => {
  const folder = temporaryFolder();
  const file = path.join(folder, "file");
  writeFileSync(file, "");
  symlinkSync(file, path.join(folder, "link"));
  symlinkSync("link", path.join(folder, "link-to-link"));
  for (const name of ["file", "link", "link-to-link"]) expect(await replaceable(path.join(folder, name))).toBe(file);
  expect(await replaceable(path.join(folder, "absent"))).toBe(path.join(folder, "absent"));
  expect(await replaceable(path.join(folder, "absent", "below"))).toBe(path.join(folder, "absent", "below"));
  symlinkSync("loop", path.join(folder, "loop"));
  await expect(replaceable(path.join(folder, "loop"))).rejects.toThrow();
  await expect(replaceable(folder)).rejects.toThrow("got a folder");
  await expect(replaceable("/dev/null")).rejects.toThrow("got a device");
  await expect(replaceFile("/dev/null", "")).rejects.toThrow("got a device");
});
