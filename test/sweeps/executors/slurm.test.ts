/** Sweeps on a real Slurm: what is submitted, what becomes of tasks that end early, and that the merged data are those of one machine. */
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RunDirectory } from "../../../src/sweeps/store/run-directory.js";
import type { RunFacts } from "../../../src/sweeps/store/record.js";
import { mergedNumbers } from "../../faults/merged.js";
import { start, type Finished } from "../../process.js";
import { build } from "../../workers/built.js";
import { startSlurm, whyNoSlurm, type SlurmCluster } from "../../workers/slurm-cluster.js";
import { temporaryFolder } from "../fixtures.js";
import { handgradHere, startHandgrad } from "../handgrad.js";

const folder = path.join(temporaryFolder(), "50% ü");
mkdirSync(folder);
const place = (name: string): string => path.join(folder, name);

const CELL = { data: "synthetic", base: { model: { kind: "mlp", hidden: [1] }, optimizer: "nesterov", testLimit: 1 } };
/** Some seconds a cell, in thousands of epochs: a checkpoint comes at once. */
const brief = place("brief.json");
writeFileSync(
  brief,
  JSON.stringify({
    ...CELL,
    name: "brief",
    base: { ...CELL.base, epochs: 15_000, trainLimit: 20 },
    axes: { seed: [0] },
  }),
);
/** A batch takes longer than the shortest stall that may be allowed. */
const stuck = place("stuck.json");
const slow = { kernels: "reference", model: { kind: "cnn", channels: [64, 64, 64] }, batchSize: 2000 };
writeFileSync(
  stuck,
  JSON.stringify({
    ...CELL,
    name: "stuck",
    base: { ...CELL.base, ...slow, epochs: 1, trainLimit: 2000 },
    axes: { seed: [0] },
  }),
);

/** Stops the process of a cell of the run directory $0, not one of $@, as soon as it has a checkpoint; says which. */
const STOP = `exec 9<> <(:)
while ! read -t 0.05 -u 9; do
  for lock in "$0"/*/lock.json; do
    cell=\${lock%/lock.json}
    id=\${cell##*/}
    case " $* " in *" $id "*) continue ;; esac
    [ -e "$cell/checkpoint.bin" ] && pid=$(grep -o '"pid": [0-9]*' "$lock") && kill -STOP \${pid##* } && echo "$id \${pid##* }" && exit
  done
done`;

/** Commands run in this process; what they read of the environment is the same for all. */
const here = (...args: string[]): Promise<Finished> => handgradHere(folder, ...args);
const sweep = (spec: string, run: string, ...args: string[]): Promise<Finished> =>
  here("sweep", spec, "--executor", "slurm", "--out", place(run), ...args);
const collect = (run: string, ...args: string[]): Promise<Finished> => here("collect", "--out", place(run), ...args);
const submissions = (run: string): Promise<string[]> => new RunDirectory(place(run)).submissions.names();
const cellsOf = (run: string): Promise<string[]> => new RunDirectory(place(run)).cellIds();
const pageOf = (run: string): string => path.join(place(run), "page", "data.js");
const factsOf = async (run: string): Promise<RunFacts[]> => {
  const directory = new RunDirectory(place(run));
  const found = await Promise.all((await directory.cellIds()).map((id) => directory.readRecord(id)));
  return found.map((stored) => (stored as Extract<typeof stored, { kind: "valid" }>).record.run);
};

beforeAll(() => {
  process.env.HANDGRAD_PAGE_DATA = place("page.js");
});

/** One line on standard error, nothing trained. */
async function refused(finished: Promise<Finished>, line: RegExp): Promise<void> {
  const { code, stderr } = await finished;
  expect(code, stderr).toBe(2);
  expect(stderr.trimEnd()).toMatch(line);
  expect(stderr.trimEnd().split("\n")).toHaveLength(1);
}

it("without Slurm a dry run prints the script all the same, and a sweep says in one line what is missing", async () => {
  const { PATH } = process.env;
  process.env.PATH = place("no programs");
  try {
    const dry = await sweep("smoke", "dry", "--dry-run", "--sbatch", "--partition=long --time=9");
    expect(dry.code, dry.stderr).toBe(0);
    expect(dry.stdout).toMatch(
      /^#SBATCH --array=0-0$[^]*^#SBATCH "--partition=long" "--time=9"$[^]*'task' '--submission' /m,
    );
    expect(existsSync(place("dry"))).toBe(false);
    await refused(sweep("smoke", "none"), /^handgrad: Slurm's scontrol was not found; run this on a login node/);
  } finally {
    process.env.PATH = PATH;
  }
});

it("bad options are refused in one line, before anything is written", async () => {
  await refused(sweep("smoke", "bad", "--sbatch", "--array=1"), /got "--array=1", but --array is fixed/);
  await refused(sweep("smoke", "bad", "--sbatch", "--comment='x"), /expected one line in which every quotation ends$/);
  await refused(sweep("smoke", "bad", "--fresh"), /got --fresh with --executor slurm, .* with --out$/);
  await refused(sweep("smoke", "bad", "--redis", "redis://x"), /got --redis with --executor slurm, expected it with/);
  await refused(here("sweep", "smoke", "--sbatch=--time=1"), /got --sbatch with --executor local, expected it with/);
  expect(existsSync(place("bad"))).toBe(false);
});

const reason = whyNoSlurm();
describe.skipIf(reason !== undefined)(reason ?? "on a Slurm", () => {
  let cluster: SlurmCluster;
  beforeAll(async () => {
    await build();
    cluster = await startSlurm();
    process.env.SLURM_CONF = cluster.env.SLURM_CONF;
  });
  afterAll(() => cluster.stop());

  const squeue = (format: string): Promise<string> =>
    cluster.call("squeue", "--array", "--noheader", `--format=${format}`);
  const jobs = async (run: string): Promise<string[]> => {
    const names = await submissions(run);
    return (await squeue("%j %F")).split("\n").flatMap((line) => {
      const [name, job] = line.split(" ");
      return names.includes(name) ? [job] : [];
    });
  };
  const until = async <T>(
    found: () => T | undefined | false | Promise<T | undefined | false>,
    what: string,
  ): Promise<T> => {
    for (let tries = 0; tries < 1800; tries++) {
      const value = await found();
      if (value !== undefined && value !== false) return value;
      await sleep(50);
    }
    throw new Error(`never came: ${what}\n${await squeue("%j %K %T %r")}\n${await cluster.logs()}`);
  };

  describe.concurrent("at once", { timeout: 240_000 }, () => {
    it("a sweep is submitted once, and collected to the same bytes as one machine's", async ({ expect }) => {
      const local = startHandgrad(folder, ["sweep", "smoke", "--workers", "2", "--out", "local"]).finished;
      const first = await sweep("smoke", "smoke", "--sbatch", "--hold --comment 'a b'");
      expect(first.code, first.stderr).toBe(0);
      expect(first.stdout).toMatch(/^submitted 6 cells in 1 task as Slurm's job \d+ \(handgrad-smoke-/m);
      expect(first.stdout).toMatch(/^0 of 6 cells have records in .*; npm run collect -- --out .* tells how far/m);
      const again = await sweep("smoke", "smoke");
      expect(again.code, again.stderr).toBe(0);
      expect(again.stdout).toMatch(/^in Slurm: 6 waiting \(JobHeldUser\)$/m);
      expect(again.stdout).not.toMatch(/submitted/);
      const [name, ...more] = await submissions("smoke");
      expect(more).toEqual([]);
      const [job] = await jobs("smoke");
      await cluster.call("scontrol", "release", job);

      const collected = await collect("smoke", "--wait");
      expect(collected.code, collected.stdout + collected.stderr).toBe(0);
      expect(collected.stdout).toMatch(/^\[6\/6\] /m);
      expect((await local).code).toBe(0);
      expect(mergedNumbers(pageOf("smoke"), "workers")).toBe(mergedNumbers(pageOf("local"), "workers"));
      const where = { executor: "slurm", host: os.hostname(), task: `${job}_0` };
      for (const run of await factsOf("smoke")) expect(run).toMatchObject({ where, resumes: 0, retries: 0 });
      const log = readFileSync(path.join(place("smoke"), "cluster", name, "log", "0.log"), "utf8");
      for (const id of await cellsOf("smoke")) expect(log.split(`${id}: epoch 1 of 3`)).toHaveLength(2);

      const { code, stdout } = await collect("smoke");
      expect(code).toBe(0);
      expect(stdout).toMatch(/6 done already and skipped, 0 to train/);
    });

    it("tasks that are cancelled, killed or at their time limit go on where they were", async ({ expect }) => {
      const local = startHandgrad(folder, ["sweep", brief, "--seeds", "0..2", "--out", "brief-local"]).finished;
      const stopped: { id: string; pid: number; job: string }[] = [];
      // A cell a task: each sweep finds the others' tasks, and adds its own. Stopped once there is something to go on from.
      for (const options of [["0"], ["0,1"], ["0..2", "--sbatch", "--time=99"]]) {
        const known = stopped.map(({ id }) => id);
        const stop = start(["-c", STOP, place("brief"), ...known], { program: "bash" });
        const begun = await sweep(brief, "brief", "--seeds", ...options);
        expect(begun.code, begun.stderr).toBe(0);
        const job = /^submitted 1 cell in 1 task as Slurm's job (\d+)/m.exec(begun.stdout)?.[1] as string;
        const [id, pid] = (await stop.finished).stdout.trim().split(" ");
        stopped.push({ id, pid: Number(pid), job });
      }
      const [cancelled, killed, limited] = stopped;
      const standing = await collect("brief");
      expect(standing.stdout).toMatch(/^in Slurm: .*running/m);
      expect(standing.stdout).not.toMatch(/^submitted|^lost/m);

      await cluster.call("scancel", cancelled.job);
      process.kill(killed.pid, "SIGKILL");
      // A whole number of minutes, of which so much is left that the first look of Slurm's, twice a minute, warns of it.
      const began = new Date(
        (await cluster.call("squeue", "--noheader", `--jobs=${limited.job}`, "--format=%S")).trim(),
      );
      const minutes = Math.floor((Date.now() - began.getTime()) / 60_000 + 0.75) + 1;
      await cluster.call("scontrol", "update", `JobId=${limited.job}`, `TimeLimit=${minutes}`);
      await until(async () => (await jobs("brief")).every((job) => job === limited.job), "two tasks ended");
      // The lock keeps one of them waiting or away; whichever comes second finds the first one's task.
      const both = await Promise.all([collect("brief"), collect("brief")]);
      const said = both.map(({ stdout, stderr }) => stdout + stderr).join("");
      const submitted = [...said.matchAll(/^submitted 2 cells in 1 task/gm)];
      expect(submitted, said).toHaveLength(1);
      expect(both.every(({ code, stderr }) => code === 0 || stderr.includes("another sweep is running"))).toBe(true);
      expect(said).toMatch(
        /^lost: 1 of 1 cell of task 0 of handgrad-brief-\S+: told to end: 0 of 1 cell .*\/log\/0\.log\)$/m,
      );
      expect(said.match(/^lost: /gm)).toHaveLength(2);
      expect(await submissions("brief")).toHaveLength(4);

      // What comes to its time limit is let go by Slurm, and requeues itself.
      const collected = await collect("brief", "--wait");
      expect(collected.code, collected.stdout + collected.stderr).toBe(0);
      for (const run of await factsOf("brief")) expect(run.resumes).toBeGreaterThanOrEqual(1);
      expect((await factsOf("brief")).map(({ where }) => where?.task)).toContain(`${limited.job}_0`);
      expect(await submissions("brief")).toHaveLength(4);
      expect((await local).code).toBe(0);
      expect(mergedNumbers(pageOf("brief"), "workers")).toBe(mergedNumbers(pageOf("brief-local"), "workers"));
    });

    it("a cell that failed is told, and handed over again by the next collect", async ({ expect }) => {
      const { code } = await sweep(stuck, "stuck", "--stall-timeout", "1", "--retries", "0");
      expect(code).toBe(0);
      await until(async () => (await jobs("stuck")).length === 0, "it fails");
      const { code: again, stdout } = await collect("stuck", "--wait");
      expect(stdout).toMatch(/: failed last time \(.*\); training it again$/m);
      expect(stdout).toMatch(/^submitted 1 cell in 1 task/m);
      expect(stdout).not.toMatch(/^lost: /m);
      expect(stdout).toMatch(/^1 FAILED: /m);
      expect(again).toBe(1);
    });

    it("Ctrl-C ends the tasks that are waited for, SIGTERM lets go of them", async ({ expect }) => {
      const told = async (signal: NodeJS.Signals, args: string[]): Promise<Finished> => {
        const waiting = startHandgrad(folder, [...args, "--out", "held", "--wait"]);
        await waiting.said(/^submitted |^in Slurm: /m);
        waiting.signal(signal);
        return waiting.finished;
      };
      const left = await told("SIGTERM", ["sweep", brief, "--executor", "slurm", "--sbatch", "--hold"]);
      expect(left, left.stderr).toMatchObject({ code: 143 });
      expect(await jobs("held")).toHaveLength(1);
      const { code, stdout } = await told("SIGINT", ["collect"]);
      expect(stdout).toMatch(/^Interrupted: 0 of 1 cell has records/m);
      expect(code).toBe(130);
      expect(await jobs("held")).toEqual([]);
    });

    it("a sweep that is killed as it submits loses nothing, and nothing is submitted twice", async ({ expect }) => {
      const options = ["--executor", "slurm", "--sbatch", "--hold"];
      const killed = async (run: string, script: string): Promise<void> => {
        const programs = place(`${run} programs`);
        mkdirSync(programs);
        writeFileSync(path.join(programs, "sbatch"), `#!/bin/sh\n${script}\nkill -9 $PPID\n`);
        chmodSync(path.join(programs, "sbatch"), 0o755);
        const env = { PATH: `${programs}:${process.env.PATH}`, REAL: process.env.PATH as string };
        const { code } = await startHandgrad(folder, ["sweep", brief, ...options, "--out", run], undefined, env)
          .finished;
        expect(code).toBeNull();
        expect(await submissions(run)).toHaveLength(1);
      };
      await Promise.all([killed("before", ""), killed("after", `PATH="$REAL" sbatch "$@"`)]);
      mkdirSync(path.join(place("before"), "cluster", "handgrad-brief-29991231T000000-abcdef"));
      const before = await sweep(brief, "before", "--sbatch", "--hold");
      expect(before.code, before.stderr).toBe(0);
      expect(before.stdout).toMatch(/^lost: 1 of 1 cell of task 0 of \S+: it never began: there is no /m);
      expect(before.stdout).toMatch(/^submitted 1 cell /m);
      const after = await sweep(brief, "after", "--sbatch", "--hold");
      expect(after.stdout).toMatch(/^in Slurm: 1 waiting \(\S+\)$/m);
      expect(after.stdout).not.toMatch(/^submitted|^lost/m);
      expect([await jobs("before"), await jobs("after")].map(({ length }) => length)).toEqual([1, 1]);
    });
  });

  it("what Slurm refuses is told in its words, and tasks say what they are not", async () => {
    await refused(
      sweep("smoke", "nowhere", "--sbatch", "--partition=nowhere"),
      /^handgrad: sbatch: invalid partition specified: nowhere; .*$/,
    );
    const [name] = await submissions("smoke");
    const task = (...args: string[]): Promise<Finished> => here("task", "--out", place("smoke"), ...args);
    await refused(task("--submission", name), /^handgrad: task: got no index, expected --index I, or Slurm's/);
    await refused(
      task("--submission", name, "--index", "1"),
      /got the index 1, expected one below 1: there are 1 task$/,
    );
    await refused(
      task("--submission", "none", "--index", "0"),
      /cluster\/none: nothing was handed over under that name/,
    );
    await refused(task("--submission", name, "--tasks", "2", "--index", "0"), /got --tasks with --submission/);
    const { submissions: store } = new RunDirectory(place("smoke"));
    const submission = await store.read(name);
    await store.write({ ...submission, plan: { ...submission.plan, engineVersion: 2 } });
    await refused(
      task("--submission", name, "--index", "0"),
      /was handed over by engine version 2, this is \d+; npm run/,
    );
    expect(readdirSync(folder)).not.toContain("runs");
  });
});
