/** Tasks as Kubernetes starts them: several at once in one new run directory, told to end, and started again. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, expect, test } from "vitest";
import { RunDirectory } from "../../../src/sweeps/store/run-directory.js";
import { mergedNumbers } from "../../faults/merged.js";
import type { Running } from "../../process.js";
import { build } from "../../workers/built.js";
import { temporaryFolder } from "../fixtures.js";
import { handgradHere, startHandgrad } from "../handgrad.js";

const folder = path.join(temporaryFolder(), "a ü");
mkdirSync(folder);
const spec = path.join(folder, "brief.json");
const base = {
  model: { kind: "mlp", hidden: [1] },
  optimizer: "nesterov",
  epochs: 15_000,
  trainLimit: 20,
  testLimit: 1,
};
writeFileSync(spec, JSON.stringify({ name: "brief", data: "synthetic", base, axes: { seed: [0, 1] } }));
const run = path.join(folder, "run");

beforeAll(build);

const pod = (index: number, name: string): Running =>
  startHandgrad(folder, ["task", spec, "--tasks", "3", "--out", run, "--workers", "1"], undefined, {
    JOB_COMPLETION_INDEX: String(index),
    HOSTNAME: name,
  });

test("pods of an indexed job share a new run directory, and go on when they are started again", async () => {
  const local = startHandgrad(folder, ["sweep", spec, "--workers", "1", "--out", "local"]).finished;
  const pods = [0, 1, 2].map((index) => pod(index, `brief-${index}-a`));
  const directory = new RunDirectory(run);
  /** The first cell that can go on from somewhere. */
  const begun = async (): Promise<string | undefined> =>
    (await directory.cellIds()).find((id) => existsSync(path.join(run, id, "checkpoint.bin")));
  let id: string | undefined;
  while ((id = await begun()) === undefined) await sleep(20);
  const index = [0, 1].find(
    (pod) =>
      pods[pod].pid === (JSON.parse(readFileSync(path.join(run, id, "lock.json"), "utf8")) as { pid: number }).pid,
  ) as number;
  pods[index].signal("SIGTERM");
  // Whoever is told twice ends in the same way.
  pods[index].signal("SIGTERM");
  const ended = await Promise.all(pods.map(({ finished }) => finished));
  expect(ended.map(({ code }) => code)).toEqual([0, 1, 2].map((other) => (other === index ? 143 : 0)));
  expect(ended[index].stdout).toMatch(/^told to end: 0 of 1 cell of this task ended$/m);
  // More tasks than cells: the last has none.
  expect(ended[2].stdout).toMatch(/^0 of 0 cells of this task ended$/m);
  expect(existsSync(path.join(run, id, "checkpoint.bin"))).toBe(true);

  const between = await handgradHere(folder, "collect", "--out", run);
  expect(between.code, between.stderr).toBe(0);
  expect(between.stdout).toMatch(/^1 cell not ended: 0 running, 1 not begun, waiting or lost$/m);
  expect(between.stdout).toMatch(
    /^1 of 2 cells have records in .*, 1 more kept some of their epochs; npm run collect/m,
  );

  expect(await pod(index, `brief-${index}-b`).finished).toMatchObject({ code: 0 });
  const collected = await handgradHere(folder, "collect", "--out", run);
  expect(collected.code, collected.stderr).toBe(0);
  const stored = await directory.readRecord(id);
  expect(stored).toMatchObject({
    record: { run: { resumes: 1, where: { executor: "kubernetes", host: os.hostname(), task: `brief-${index}-b` } } },
  });
  expect((await local).code).toBe(0);
  const merged = (name: string): string => mergedNumbers(path.join(name, "page", "data.js"), "workers");
  expect(merged(run)).toBe(merged(path.join(folder, "local")));
  expect(readdirSync(run, { recursive: true, encoding: "utf8" }).filter((name) => /\.tmp|lock/.test(name))).toEqual([]);
});

test("a task that does not know what it is says so in one line, and writes nothing", async () => {
  const none = path.join(folder, "none");
  for (const [args, line] of [
    [["smoke", "--tasks", "2"], /^handgrad: task: got no index, expected --index I, or Slurm's or Kubernetes'/],
    [
      ["smoke", "--tasks", "2", "--index", "2"],
      /^handgrad: task: got the index 2, expected one below 2: there are 2 tasks/,
    ],
    [["smoke", "--tasks", "2", "--index", "-1"], /^handgrad: --index: got "-1", expected a whole number/],
    [["smoke", "--index", "0"], /^handgrad: task: expected a spec and --tasks N, or --submission NAME/],
    [["--submission", "none", "--index", "0"], /none: nothing was handed over under that name; npm run sweep does it/],
    [["smoke", "--submission", "none", "--index", "0"], /^handgrad: task: got "smoke" with --submission/],
  ] as const) {
    const { code, stderr } = await handgradHere(folder, "task", ...args, "--out", none);
    expect(stderr).toMatch(line);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
    expect(code).toBe(2);
  }
  expect(existsSync(none)).toBe(false);
});
