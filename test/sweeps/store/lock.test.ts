import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { InputError } from "../../../src/core/input-error.js";
import { diskOperations, type FileOperations } from "../../../src/sweeps/store/files.js";
import { takeLock } from "../../../src/sweeps/store/lock.js";
import { makePipe, start } from "../../process.js";
import { temporaryFolder } from "../fixtures.js";

const operations = diskOperations;
const lockFile = (folder: string): string => path.join(folder, "lock.json");
const holder = (changes: object): string =>
  JSON.stringify({
    pid: process.pid,
    host: os.hostname(),
    since: "2026-01-02T03:04:05.678Z",
    birth: "",
    token: "t",
    ...changes,
  });

/** The number of a process that has ended. */
async function deadProcess(): Promise<number> {
  const { pid, finished } = start(["-e", ""]);
  await finished;
  return pid;
}

test("a held lock names its holder; released, it is free, and leaves nothing behind", async () => {
  const folder = temporaryFolder();
  const release = await takeLock(folder, { operations });
  await expect(takeLock(folder, { operations })).rejects.toThrow(
    new RegExp(
      `^another sweep is running in ${folder}: process ${process.pid} on ${os.hostname()} since 20\\d\\d-\\S+Z; wait for it \\(--wait does\\), .* delete ${folder}/lock\\.json$`,
    ),
  );
  expect(readdirSync(folder)).toEqual(["lock.json"]);
  await release();
  await (
    await takeLock(folder, { operations })
  )();
  expect(readdirSync(folder)).toEqual([]);
});

test("who waits is told once for whom, and gets the lock afterwards", async () => {
  const folder = temporaryFolder();
  const release = await takeLock(folder, { operations });
  const told: string[] = [];
  const waiting = takeLock(folder, { operations, onWait: (who) => told.push(who) });
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(told).toEqual([expect.stringMatching(`process ${process.pid} on `)]);
  await release();
  await (
    await waiting
  )();
});

test("locks of dead processes, and of dead ones whose number another has, are taken over", async () => {
  const stale = [
    holder({ pid: await deadProcess() }),
    ...(process.platform === "linux" ? [holder({ birth: "1" })] : []),
    // Of an earlier version, and of a later one.
    holder({ pid: await deadProcess(), birth: undefined, token: undefined }),
    holder({ pid: await deadProcess(), another: { field: 1 } }),
  ];
  for (const text of stale) {
    const folder = temporaryFolder();
    writeFileSync(lockFile(folder), text);
    const release = await takeLock(folder, { operations });
    expect(JSON.parse(readFileSync(lockFile(folder), "utf8"))).toMatchObject({ pid: process.pid, host: os.hostname() });
    await release();
    expect(readdirSync(folder)).toEqual([]);
  }
});

test("a lock with fields that are not known is held as any other", async () => {
  const folder = temporaryFolder();
  writeFileSync(lockFile(folder), holder({ another: "field" }));
  await expect(takeLock(folder, { operations })).rejects.toThrow(/^another sweep is running in /);
});

describe("what is no lock stays, and is named in one line, also to whoever would wait", () => {
  const kinds: [name: string, make: (file: string) => void, said: RegExp][] = [
    ["nothing in it", (file) => writeFileSync(file, ""), /lock\.json: got "", expected a lock; delete it if nothing/],
    ["half a lock", (file) => writeFileSync(file, '{"pid":\n'), /got "\{\\"pid\\":\\n", expected a lock/],
    ["other JSON", (file) => writeFileSync(file, "null"), /got "null", expected a lock/],
    ["a number that no process has", (file) => writeFileSync(file, holder({ pid: 2 ** 32 })), /expected a lock/],
    ["a line break", (file) => writeFileSync(file, holder({ since: "a\nb" })), /expected a lock/],
    ["far too much", (file) => writeFileSync(file, " ".repeat(5000)), /got 5000 bytes, expected at most 4096/],
    ["a folder", (file) => mkdirSync(file), /a folder stands where a file should be/],
    ...(process.platform === "win32"
      ? []
      : ([
          ["a link to nothing", (file) => symlinkSync("nowhere", file), /a link that leads nowhere stands/],
          ["a link to itself", (file) => symlinkSync("lock.json", file), /a link that leads back to itself/],
          ["a device", (file) => symlinkSync("/dev/zero", file), /a device stands where a file should be/],
          ["a named pipe", makePipe, /a named pipe stands where a file should be/],
        ] as typeof kinds)),
  ];
  test.concurrent.each(kinds)("%s", async (_name, make, said) => {
    const folder = temporaryFolder();
    make(lockFile(folder));
    const before = lstatSync(lockFile(folder)).ino;
    for (const onWait of [undefined, () => undefined]) {
      const refused = await takeLock(folder, { operations, onWait }).catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(InputError);
      expect((refused as Error).message).toMatch(said);
      expect((refused as Error).message).toMatch(/; delete it if nothing is running in \S+$/);
      expect((refused as Error).message).not.toMatch(/\n/);
    }
    expect(lstatSync(lockFile(folder)).ino).toBe(before);
    expect(readdirSync(folder)).toEqual(["lock.json"]);
  });
});

test("a draft that vanishes is written anew; where all of them do, that is an error", async () => {
  const folder = temporaryFolder();
  let vanished = 0;
  const tidied = (times: number): FileOperations => ({
    ...operations,
    async link(from, to) {
      if (vanished++ < times) rmSync(from);
      return operations.link(from, to);
    },
  });
  await (
    await takeLock(folder, { operations: tidied(3) })
  )();
  expect(vanished).toBe(4);
  await expect(takeLock(folder, { operations: tidied(Infinity) })).rejects.toThrow(/lock\.json: cannot be taken/);
  expect(readdirSync(folder)).toEqual([]);
});

test("who waits has no draft", async () => {
  const folder = temporaryFolder();
  const release = await takeLock(folder, { operations });
  const waiting = takeLock(folder, { operations, onWait: () => undefined });
  for (let i = 0; i < 20; i++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(readdirSync(folder)).toEqual(["lock.json"]);
  }
  await release();
  await (
    await waiting
  )();
});

test("another machine's lock stays", async () => {
  const folder = temporaryFolder();
  writeFileSync(lockFile(folder), holder({ host: "elsewhere", pid: await deadProcess() }));
  await expect(takeLock(folder, { operations })).rejects.toThrow(/process \d+ on elsewhere since/);
  expect(existsSync(lockFile(folder))).toBe(true);
});

test("of many that take over one dead lock at once, one at a time holds it", async () => {
  const folder = temporaryFolder();
  writeFileSync(lockFile(folder), holder({ pid: await deadProcess() }));
  let holders = 0;
  let most = 0;
  const turns = Array.from({ length: 12 }, async () => {
    const release = await takeLock(folder, { operations, onWait: () => undefined });
    most = Math.max(most, ++holders);
    await new Promise((resolve) => setTimeout(resolve, 5));
    holders -= 1;
    await release();
  });
  await Promise.all(turns);
  expect(most).toBe(1);
  expect(readdirSync(folder)).toEqual([]);
});

test("a lock is never seen half-written", async () => {
  const folder = temporaryFolder();
  const order: string[] = [];
  const recording: FileOperations = {
    ...operations,
    write: async (file, content) => (await operations.write(file, content), void order.push("write")),
    link: async (from, to) => (order.push("link"), operations.link(from, to)),
  };
  const release = await takeLock(folder, { operations: recording });
  expect(order).toEqual(["write", "link"]);
  await release();
});

test("releasing leaves a lock alone that another has taken since", async () => {
  const folder = temporaryFolder();
  const release = await takeLock(folder, { operations });
  writeFileSync(lockFile(folder), holder({ pid: 1, token: "other" }));
  await release();
  expect(JSON.parse(readFileSync(lockFile(folder), "utf8"))).toMatchObject({ token: "other" });
});
