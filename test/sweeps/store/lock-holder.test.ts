import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { isDead, lockText, readHolder, type LockHolder } from "../../../src/sweeps/store/lock-holder.js";

const own = readHolder(lockText())!;
const MACHINE = "0123456789abcdef0123456789abcdef";
/** No process has it: they end far below. */
const GONE = 2 ** 31 - 1;

test("a lock of this process is read back, and different each time", () => {
  expect(own).toMatchObject({ pid: process.pid, since: expect.stringMatching(/^20.*Z$/) });
  expect(lockText()).not.toBe(lockText());
  if (existsSync("/proc/self/ns/pid")) {
    expect(own.boot).toMatch(/^[0-9a-f-]{36}$/);
    expect(own.namespace).toMatch(/^pid:\[\d+\]$/);
    expect(own.birth).toMatch(/^\d+$/);
  }
});

const linux = process.platform === "linux";
const cases: [name: string, changes: Partial<LockHolder>, dead: boolean | undefined][] = [
  ["this process", {}, false],
  ["this process, by an earlier version", { machine: "", boot: "", namespace: "", birth: "" }, false],
  ["a process that is gone", { pid: GONE }, true],
  ["one that is gone, by an earlier version", { pid: GONE, machine: "", boot: "", namespace: "", birth: "" }, true],
  ["one on another host", { pid: GONE, host: "elsewhere" }, undefined],
  ["one on another host after another boot", { pid: GONE, host: "elsewhere", boot: "other" }, undefined],
  ...(linux
    ? ([
        ["another with the same number", { birth: "1" }, true],
        ["one in another container", { pid: GONE, namespace: "pid:[1]" }, undefined],
        ["one before this boot of a machine that may be another", { machine: "", boot: "other" }, undefined],
      ] as [string, Partial<LockHolder>, boolean | undefined][])
    : []),
  // Where this machine has a number of its own.
  ...(linux && own.machine !== ""
    ? ([
        ["one before this boot", { boot: "other" }, true],
        ["one before this boot, in a container", { boot: "other", namespace: "pid:[1]" }, true],
        ["one on another machine of that name", { pid: GONE, machine: MACHINE }, undefined],
        ["one on another machine of that name after another boot", { machine: MACHINE, boot: "other" }, undefined],
      ] as [string, Partial<LockHolder>, boolean | undefined][])
    : []),
];

test("a lock says for how long it lasts unrenewed; locks of earlier versions do not", () => {
  expect(own.lease).toBe(90);
  expect(readHolder(lockText(1.5))?.lease).toBe(1.5);
  expect(readHolder(JSON.stringify({ ...own, lease: undefined }))).toEqual({ ...own, lease: undefined });
  for (const lease of [0, -1, "90", null, {}]) expect(readHolder(JSON.stringify({ ...own, lease }))).toBeUndefined();
});

test.each(cases)("%s", (_name, changes, dead) => {
  expect(isDead({ ...own, ...changes })).toBe(dead);
});
