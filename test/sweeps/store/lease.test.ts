/** Locks between machines. Their clock here is the file server's own, which the tests move on. */
import { readFileSync, readdirSync, statSync, utimesSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, test, vi } from "vitest";
import { RandomStream } from "../../../src/core/numeric/random.js";
import { diskOperations, type FileOperations } from "../../../src/sweeps/store/files.js";
import { fileTime, isAbandoned, keepRenewing } from "../../../src/sweeps/store/lease.js";
import { lockText, readHolder } from "../../../src/sweeps/store/lock-holder.js";
import { acquireLock, lockHolder, takeLock } from "../../../src/sweeps/store/lock.js";
import { temporaryFolder } from "../fixtures.js";

const lockFile = (folder: string): string => path.join(folder, "lock.json");
const elsewhere = (changes: object = {}): string =>
  JSON.stringify({ ...(JSON.parse(lockText()) as object), host: "elsewhere", ...changes });
const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** A file server whose clock is so many milliseconds ahead of this machine's. */
const ahead = (milliseconds: number): FileOperations => ({
  ...diskOperations,
  modified: async (file) => (await diskOperations.modified(file)) + milliseconds,
});

test("another machine's lock is held until it was not renewed for its lease, whatever the two clocks show", async () => {
  const cases: [seconds: number, lease: number | undefined, held: boolean][] = [
    [0, 90, true],
    [60, 90, true],
    [150, 90, false],
    [150, 600, true],
    // Renewed in the future: the server's clock was put back, and nobody renews it by the new one.
    [-60, 90, true],
    [-1e6, 90, false],
    // An earlier version's.
    [1e6, undefined, true],
  ];
  for (const [seconds, lease, held] of cases)
    for (const operations of [diskOperations, ahead(5 * 3_600_000), ahead(-5 * 3_600_000)]) {
      const folder = temporaryFolder();
      writeFileSync(lockFile(folder), elsewhere({ lease }));
      utimesSync(lockFile(folder), 1, Date.now() / 1000 - seconds);
      const holder = await lockHolder(operations, folder);
      expect(holder?.host, JSON.stringify([seconds, lease])).toBe(held ? "elsewhere" : undefined);
      const taken = acquireLock(folder, { operations, patience: 0 });
      if (held) await expect(taken).rejects.toMatchObject({ by: { host: "elsewhere" }, file: lockFile(folder) });
      else await (await taken)();
      expect(readdirSync(folder)).toEqual(held ? ["lock.json"] : []);
    }
});

test("where the file server's time cannot be had, another machine's lock is held", async () => {
  const folder = temporaryFolder();
  const file = lockFile(folder);
  writeFileSync(file, elsewhere());
  utimesSync(file, 1, 1);
  const full = { ...diskOperations, write: () => Promise.reject(new Error("full")) };
  expect(await isAbandoned(full, file, readHolder(elsewhere())!)).toBe(false);
  expect(await isAbandoned(diskOperations, file, readHolder(elsewhere())!)).toBe(true);
  expect(readdirSync(folder)).toEqual(["lock.json"]);
});

test("a held lock is renewed and its text stays; a released one is let alone", async () => {
  const folder = temporaryFolder();
  const release = await takeLock(folder, { operations: diskOperations, lease: 0.09 });
  const text = readFileSync(lockFile(folder), "utf8");
  for (let renewals = 0; renewals < 3; renewals++) {
    const before = statSync(lockFile(folder)).mtimeMs;
    await vi.waitUntil(() => statSync(lockFile(folder)).mtimeMs > before, { timeout: 60_000, interval: 1 });
  }
  expect(readFileSync(lockFile(folder), "utf8")).toBe(text);
  await release();
  writeFileSync(lockFile(folder), text);
  const after = statSync(lockFile(folder)).mtimeMs;
  await pause(50);
  expect(statSync(lockFile(folder)).mtimeMs).toBe(after);
});

test("who finds its lock gone or another's is told once, and does not touch it; a failing disk is no loss", async () => {
  for (const change of [undefined, elsewhere()]) {
    const folder = temporaryFolder();
    const file = lockFile(folder);
    writeFileSync(file, lockText());
    let failures = 3;
    const operations: FileOperations = {
      ...diskOperations,
      renew: (...args) => (failures-- > 0 ? Promise.reject(new Error("fault")) : diskOperations.renew(...args)),
    };
    const onLost = vi.fn();
    keepRenewing({ operations, file, text: readFileSync(file, "utf8"), lease: 0.09, onLost });
    await vi.waitUntil(() => failures < -2, { timeout: 60_000 });
    expect(onLost).not.toHaveBeenCalled();
    if (change === undefined) await diskOperations.remove(file);
    else {
      writeFileSync(`${file}.new`, change);
      utimesSync(`${file}.new`, 1, 1);
      await diskOperations.rename(`${file}.new`, file);
    }
    await vi.waitUntil(() => onLost.mock.calls.length > 0, { timeout: 60_000 });
    await pause(50);
    expect(onLost).toHaveBeenCalledOnce();
    if (change !== undefined) expect(statSync(file).mtimeMs).toBe(1000);
  }
});

test("the file server's time is that of a file written now, which does not stay", async () => {
  const folder = temporaryFolder();
  const before = await fileTime(diskOperations, folder);
  await pause(50);
  expect(await fileTime(diskOperations, folder)).toBeGreaterThan(before);
  expect(readdirSync(folder)).toEqual([]);
});

const LEASE = 0.09;

/**
 * Machines that share a folder. The server's time passes only when every holder that is not frozen has renewed its lock,
 * and by a tick at most while a machine carries out one operation: slower ones are what freezing stands for.
 */
class Machines {
  time = 0;
  private readonly written = new Map<number, number>();
  private readonly owners = new Map<string, string>();
  /** Those that believe they hold the lock, and the time when they last renewed it. */
  readonly holders = new Map<string, number>();
  /** Until when; for ever where a machine died. */
  readonly frozen = new Map<string, number>();
  /** Have been frozen, and have renewed no lock since. */
  readonly doubtful = new Set<string>();
  readonly everFrozen = new Set<string>();
  /** Operations that are being carried out, and the time when each began. */
  private readonly begun = new Map<symbol, number>();

  constructor(readonly random: RandomStream) {}

  tick(): void {
    for (const [name, renewed] of this.holders)
      if (renewed < this.time && !this.frozen.has(name) && !this.doubtful.has(name)) return;
    for (const time of this.begun.values()) if (time < this.time) return;
    this.time += 20;
    for (const [name, until] of this.frozen) if (until <= this.time) this.frozen.delete(name);
  }

  freeze(name: string, milliseconds: number): void {
    this.frozen.set(name, this.time + milliseconds);
    this.doubtful.add(name);
    this.everFrozen.add(name);
  }

  async gate(name: string): Promise<void> {
    while (this.frozen.has(name)) await pause(1);
  }

  private readonly stamp = (file: string): unknown => this.written.set(statSync(file).ino, this.time);

  /** As a machine sees a lock: others' are another host's. */
  private seen(name: string, bytes: Uint8Array): Uint8Array {
    const text = new TextDecoder().decode(bytes);
    const owner = this.owners.get(text);
    if (owner === undefined || owner === name) return bytes;
    return new TextEncoder().encode(JSON.stringify({ ...(JSON.parse(text) as object), host: owner }));
  }

  operations(name: string): FileOperations {
    const operations: FileOperations = {
      ...diskOperations,
      write: async (file, content) => {
        await diskOperations.write(file, content);
        if (content.length > 1) this.owners.set(new TextDecoder().decode(content), name);
        this.stamp(file);
      },
      read: async (file, limit) => this.seen(name, await diskOperations.read(file, limit)),
      modified: async (file) => this.written.get(statSync(file).ino)!,
      renew: async (file, text) => {
        const own = await diskOperations.renew(file, text);
        if (own) this.stamp(file);
        if (this.holders.has(name)) this.holders.set(name, this.time);
        return own;
      },
    };
    // A machine may freeze before and after each of them.
    const step = async (): Promise<void> => {
      if (this.random.uniform() < 0.01) this.freeze(name, 3000 * this.random.uniform());
      await this.gate(name);
    };
    return Object.fromEntries(
      Object.entries(operations).map(([key, operation]: [string, (...args: unknown[]) => Promise<unknown>]) => [
        key,
        async (...args: unknown[]) => {
          await step();
          const turn = Symbol(key);
          this.begun.set(turn, this.time);
          const result = await operation(...args).finally(() => this.begun.delete(turn));
          if (key === "renew") this.doubtful.delete(name);
          await step();
          return result;
        },
      ]),
    ) as unknown as FileOperations;
  }
}

test("of machines that freeze and die at any moment, no two hold the lock that never did, those that lose it learn it, and nobody waits for ever", async () => {
  const counts = { turns: 0, losses: 0, deaths: 0 };
  const world = async (seed: number): Promise<void> => {
    const folder = temporaryFolder();
    const machines = new Machines(new RandomStream("shuffle", seed));
    const { random, holders, frozen, everFrozen } = machines;
    const clock = setInterval(() => machines.tick(), 1);
    let next = 0;
    const over = new Set<string>();
    /** A machine takes the lock once. Undefined where it died then, and so never ends. */
    const visit = async (): Promise<void> => {
      const name = `machine${next++}`;
      const operations = machines.operations(name);
      let lost = false;
      const onLost = (): void => {
        lost = true;
        holders.delete(name);
      };
      const release = await acquireLock(folder, { operations, patience: Infinity, lease: LEASE, onLost });
      // Who stood still between looking at a lock and replacing it may rob one that came back meanwhile, which then learns it.
      if (!everFrozen.has(name)) for (const other of holders.keys()) expect(everFrozen).toContain(other);
      const before = new Set(over);
      holders.set(name, machines.time);
      counts.turns += 1;
      const fate = random.uniform();
      if (fate < 0.15) {
        counts.deaths += 1;
        machines.freeze(name, Infinity);
        return;
      }
      if (fate < 0.4) machines.freeze(name, 6000 * random.uniform());
      for (let moment = 0; moment < 20 && !lost; moment++) {
        await pause(2 * random.uniform());
        await machines.gate(name);
      }
      // Its robber has frozen, or it has itself; those that had ended before are neither.
      if (lost) expect([...everFrozen].filter((other) => !before.has(other))).not.toEqual([]);
      counts.losses += Number(lost);
      holders.delete(name);
      await release();
      over.add(name);
    };
    const lane = async (): Promise<void> => {
      for (let turn = 0; turn < 5; turn++) await visit();
    };
    try {
      await Promise.all([lane(), lane(), lane(), lane()]);
      const release = await acquireLock(folder, { operations: machines.operations("last"), patience: Infinity });
      await release();
      expect(readdirSync(folder)).not.toContain("lock.json");
    } finally {
      clearInterval(clock);
      for (const name of frozen.keys()) frozen.set(name, -1);
      machines.tick();
    }
  };
  await Promise.all(Array.from({ length: 6 }, (_, i) => world(i)));
  expect(counts.turns).toBe(6 * 4 * 5);
  expect(counts.losses).toBeGreaterThan(5);
  expect(counts.deaths).toBeGreaterThan(5);
});
