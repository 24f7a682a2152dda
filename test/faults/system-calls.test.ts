/**
 * kill -9 at every rename, fsync, unlink, link and mkdir of a small sweep, by strace: once where nothing was recorded yet, once
 * where all cells are trained again. HANDGRAD_KILLS is how many of these moments are tried; they are spread over all.
 */
import { cpSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, expect, test } from "vitest";
import { RunDirectory } from "../../src/sweeps/store/run-directory.js";
import { run, start, type Finished } from "../process.js";
import { temporaryFolder } from "../sweeps/fixtures.js";
import { pageDataOf } from "../sweeps/handgrad.js";
import { mergedNumbers } from "./merged.js";
import { privateBuild } from "./private-build.js";

const KILLS = Number(process.env.HANDGRAD_KILLS ?? 6);
const CALLS = ["mkdir", "rename", "link", "unlink", "fsync"];
const SPEC = {
  name: "tiny",
  data: "synthetic",
  base: { model: { kind: "mlp", hidden: [4] }, optimizer: "sgd", epochs: 3, trainLimit: 60, testLimit: 20 },
  axes: { seed: [0, 1] },
};
const SWEEP = ["sweep", "tiny.json", "--out", "run", "--workers", "1"];

/** Why this cannot run here; undefined where it can. */
const missing = await (async () => {
  if (process.platform !== "linux" || process.arch !== "x64") return "system calls are named here as on x64 Linux";
  const traced = await run(["-qq", "-o", "/dev/null", "true"], { program: "strace" }).catch(() => undefined);
  return traced?.code === 0 ? undefined : "there is no strace, or it may not trace";
})();
if (missing !== undefined) console.log(`kills at every system call were skipped: ${missing}`);

/** A system call of a sweep: the `index`-th of its name in its thread. */
interface Moment {
  call: string;
  index: number;
  /** Of the thread that the process began in; else of the one that does all asynchronous file operations. */
  main: boolean;
}

let entry: string;
beforeAll(async () => ({ entry } = await privateBuild()));

/** @param under strace and its arguments */
function sweep(folder: string, args: string[], under: string[]): Promise<Finished> {
  writeFileSync(path.join(folder, "tiny.json"), JSON.stringify(SPEC));
  // One thread for asynchronous file operations: strace counts calls by thread.
  const env = { HANDGRAD_PAGE_DATA: pageDataOf(folder), UV_THREADPOOL_SIZE: "1" };
  const [program, ...words] = [...under, process.execPath, entry, ...SWEEP, ...args];
  return start(words, { program, cwd: folder, env }).finished;
}

/** Every system call of a whole sweep that can be killed at. */
async function momentsOf(folder: string, args: string[]): Promise<Moment[]> {
  const log = path.join(folder, "trace");
  const trace = ["strace", "-f", "-qq", "-o", log, "-e", `trace=${CALLS.join()}`];
  expect(await sweep(folder, args, trace)).toMatchObject({ code: 0 });
  const lines = readFileSync(log, "utf8").split("\n");
  const calls = lines.flatMap((line) => {
    const [, thread, call] = /^(\d+) +(\w+)\(/.exec(line) ?? [];
    return call === undefined ? [] : [{ thread, call }];
  });
  // The lock is removed at the end, by the first thread and at once.
  const main = calls.at(-1)!.thread;
  const counts = new Map<string, number>();
  return calls.map(({ thread, call }) => {
    const index = (counts.get(`${thread} ${call}`) ?? 0) + 1;
    counts.set(`${thread} ${call}`, index);
    return { call, index, main: thread === main };
  });
}

/** strace that kills at a moment. A call of the first thread is told from the others' by its path, the lock's. */
function killAt({ call, index, main }: Moment): string[] {
  const kill = `inject=${call}:signal=SIGKILL:when=${index}`;
  return ["strace", "-f", "-qq", "-o", "/dev/null", ...(main ? ["-P", "run/lock.json"] : []), "-e", kill];
}

/** `count` of the moments, evenly spread. */
function spread(moments: Moment[], count: number): Moment[] {
  const step = Math.max(1, moments.length / count);
  return Array.from({ length: Math.min(count, moments.length) }, (_, i) => moments[Math.floor((i + 0.5) * step)]);
}

test.skipIf(missing !== undefined).each([
  ["a first sweep", []],
  ["a sweep that trains every cell again", ["--fresh"]],
])(
  "%s, killed at its system calls, loses nothing that was kept, and the next one ends as ever",
  { timeout: 180_000 + 36_000 * KILLS },
  async (_, args) => {
    const whole = temporaryFolder();
    expect(await sweep(whole, [], [])).toMatchObject({ code: 0 });
    const expected = mergedNumbers(pageDataOf(whole));
    const ids = await new RunDirectory(path.join(whole, "run")).cellIds();
    const begin = (): string => {
      const folder = temporaryFolder();
      if (args.length > 0) cpSync(whole, folder, { recursive: true });
      return folder;
    };

    const moments = await momentsOf(begin(), args);
    // Each call is there: had one another name on this machine, its kills would be missed silently.
    expect([...new Set(moments.map(({ call }) => call))].sort()).toEqual(
      CALLS.filter((call) => call !== "mkdir" || args.length === 0).sort(),
    );
    const tried = spread(moments, Math.ceil(KILLS / 2));
    let kills = 0;
    for (const moment of tried) {
      const folder = begin();
      const killed = await sweep(folder, args, killAt(moment));
      const where = JSON.stringify(moment);
      if (killed.code === null) kills += 1;
      const directory = new RunDirectory(path.join(folder, "run"));
      for (const id of ids) {
        const { kind } = await directory.readRecord(id);
        // A record that was there is there still, the old one or the new one, whole.
        expect(args.length > 0 ? ["valid"] : ["valid", "none"], where).toContain(kind);
        expect((await directory.readCheckpoint(id)).kind, where).not.toBe("damaged");
      }
      const { code, stdout, stderr } = await sweep(folder, [], []);
      expect(code, where + stdout + stderr).toBe(0);
      expect(mergedNumbers(pageDataOf(folder)), where).toBe(expected);
      const left = readdirSync(folder, { recursive: true, encoding: "utf8" });
      expect(
        left.filter((name) => /\.tmp$|lock|checkpoint/.test(name)),
        where,
      ).toEqual([]);
    }
    console.log(`${kills} kills at ${moments.length} system calls of ${args[0] ?? "a first sweep"}`);
    // On a busy machine the page's data are written less often: the last calls of their names may not come.
    expect(kills).toBeGreaterThanOrEqual(0.8 * tried.length);
  },
);
