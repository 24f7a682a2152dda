/**
 * kill -9 at random moments of a sweep on several workers, then completion: the merged data have the same bytes.
 * HANDGRAD_KILLS is the number of kills; the delays are seeded, the moments they hit are the machine's.
 */
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, expect, test } from "vitest";
import { RandomStream } from "../../src/core/numeric/random.js";
import { temporaryFolder } from "../sweeps/fixtures.js";
import { pageDataOf } from "../sweeps/handgrad.js";
import { mergedNumbers } from "./merged.js";
import { privateBuild, type PrivateBuild } from "./private-build.js";

const KILLS = Number(process.env.HANDGRAD_KILLS ?? 6);
/** Kills of one sweep before it may run to its end. */
const KILLS_PER_SWEEP = 5;
/** In turn: some epochs a cell, and thousands, of which many end between two checkpoints. */
const SWEEPS = [
  ["smoke", "--epochs", "12", "--train-limit", "600", "--test-limit", "100"],
  ["brief.json", "--epochs", "6000", "--train-limit", "20", "--test-limit", "1"],
].map((args) => ["sweep", ...args, "--data", "synthetic", "--workers", "3", "--out", "run"]);
const BRIEF = {
  name: "brief",
  base: { model: { kind: "mlp", hidden: [1] }, optimizer: "nesterov" },
  axes: { seed: [0, 1, 2] },
};

/** A folder of its own, with the spec of the cells whose epochs are brief. */
function folderOfSweep(): string {
  const folder = temporaryFolder();
  writeFileSync(path.join(folder, "brief.json"), JSON.stringify(BRIEF));
  return folder;
}

let start: PrivateBuild["start"];
beforeAll(async () => ({ start } = await privateBuild()));

/** Resolves when training begins; false when the process ended first. */
const training = ({ said }: ReturnType<typeof start>): Promise<boolean> =>
  said(/ to train on /).then(
    () => true,
    () => false,
  );

/** Cells below a run directory that have a file of this name. */
function having(run: string, name: string): number {
  return existsSync(run) ? readdirSync(run).filter((id) => existsSync(path.join(run, id, name))).length : 0;
}

/** A sweep that runs to its end: how long it trains, in milliseconds, and its merged data. */
async function uninterrupted(args: string[]): Promise<{ duration: number; expected: string }> {
  const folder = folderOfSweep();
  const sweep = start(folder, ...args);
  await training(sweep);
  const begun = Date.now();
  expect(await sweep.finished).toMatchObject({ code: 0 });
  return { duration: Date.now() - begun, expected: mergedNumbers(pageDataOf(folder)) };
}

test(`${KILLS} kills lose nothing`, { timeout: 180_000 + 24_000 * KILLS }, async () => {
  const before = Date.now();
  const calm = [];
  for (const args of SWEEPS) calm.push({ args, ...(await uninterrupted(args)) });
  const random = new RandomStream("shuffle", KILLS);
  let kills = 0;
  let afterCheckpoint = 0;
  let resumes = 0;
  for (let round = 0; kills < KILLS; round++) {
    const { args, duration, expected } = calm[round % calm.length];
    const folder = folderOfSweep();
    const run = path.join(folder, "run");
    for (let i = 0; i < KILLS_PER_SWEEP && kills < KILLS; i++) {
      const sweep = start(folder, ...args);
      if (!(await training(sweep))) break;
      // Short against the whole sweep, so that several kills hit before it ends: one in three early, two once there is a
      // checkpoint or a record, whatever that takes on a busy machine.
      let over = false;
      void sweep.finished.then(() => (over = true));
      const kept = () => having(run, "checkpoint.bin") + having(run, "record.json") > 0;
      while (kills % 3 > 0 && !kept() && !over) await new Promise((resolve) => setTimeout(resolve, 5));
      await new Promise((resolve) => setTimeout(resolve, random.uniform() * duration * 0.2));
      sweep.signal("SIGKILL");
      if ((await sweep.finished).code !== null) break;
      kills += 1;
      if (kept()) afterCheckpoint += 1;
    }
    const { code, stdout, stderr } = await start(folder, ...args).finished;
    expect(code, stdout + stderr).toBe(0);
    resumes += (stdout.match(/going on after epoch/g) ?? []).length;
    expect(mergedNumbers(pageDataOf(folder))).toBe(expected);
    expect(having(run, "checkpoint.bin")).toBe(0);
    expect(readdirSync(run, { recursive: true, encoding: "utf8" }).filter((name) => /\.tmp|lock/.test(name))).toEqual(
      [],
    );
  }
  console.log(
    `${kills} kills, ${afterCheckpoint} after a first checkpoint, ${resumes} cells resumed at the last start, ${((Date.now() - before) / 1000).toFixed(0)} s`,
  );
  expect(afterCheckpoint).toBeGreaterThan(kills / 2);
  expect(resumes).toBeGreaterThan(0);
});

test(
  "what a kill loses is about a second of training, however short the epochs are",
  { timeout: 240_000 },
  async () => {
    const folder = folderOfSweep();
    const args = ["sweep", "brief.json", "--epochs", "100000", "--train-limit", "200", "--test-limit", "1"];
    const sweep = (): ReturnType<typeof start> =>
      start(folder, ...args, "--seeds", "0", "--data", "synthetic", "--workers", "1", "--out", "run");
    // A line a second, of which the last four may show what was not kept: three seconds for a busy machine.
    const [lines, lost] = [8, 4];
    const killed = sweep();
    await killed.said(new RegExp(`(: epoch \\d+/100000, [^]*){${lines}}`));
    killed.signal("SIGKILL");
    const shown = [...(await killed.finished).stdout.matchAll(/: epoch (\d+)\/100000, /g)].map(([, epoch]) =>
      Number(epoch),
    );
    const resumed = sweep();
    await resumed.said(/going on after epoch \d+ of/);
    resumed.signal("SIGKILL");
    const kept = Number(/going on after epoch (\d+) of/.exec((await resumed.finished).stdout)![1]);
    console.log(`shown: ${shown.join(", ")}; kept: ${kept}`);
    expect(kept).toBeGreaterThanOrEqual(shown.at(-lost)!);
  },
);
