/**
 * kill -9 at random moments of a sweep on several workers, then completion: the merged data have the same bytes.
 * HANDGRAD_KILLS is the number of kills; the delays are seeded, the moments they hit are the machine's.
 */
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { beforeAll, expect, test } from "vitest";
import { RandomStream } from "../../src/core/numeric/random.js";
import { temporaryFolder } from "../sweeps/fixtures.js";
import { pageDataOf } from "../sweeps/handgrad.js";
import { mergedNumbers } from "./merged.js";
import { privateBuild, type PrivateBuild } from "./private-build.js";

const KILLS = Number(process.env.HANDGRAD_KILLS ?? 10);
/** Kills of one sweep before it may run to its end. */
const KILLS_PER_SWEEP = 5;
const SWEEP = [
  "sweep",
  "smoke",
  "--epochs",
  "12",
  "--train-limit",
  "600",
  "--test-limit",
  "100",
  "--workers",
  "3",
  "--out",
  "run",
];

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

test(`${KILLS} kills lose nothing`, { timeout: 60_000 + 8_000 * KILLS }, async () => {
  const calm = temporaryFolder();
  const before = Date.now();
  const uninterrupted = start(calm, ...SWEEP);
  await training(uninterrupted);
  const begun = Date.now();
  expect(await uninterrupted.finished).toMatchObject({ code: 0 });
  const duration = Date.now() - begun;
  const expected = mergedNumbers(pageDataOf(calm));

  const random = new RandomStream("shuffle", KILLS);
  let kills = 0;
  let afterCheckpoint = 0;
  let resumes = 0;
  while (kills < KILLS) {
    const folder = temporaryFolder();
    const run = path.join(folder, "run");
    for (let i = 0; i < KILLS_PER_SWEEP && kills < KILLS; i++) {
      const sweep = start(folder, ...SWEEP);
      if (!(await training(sweep))) break;
      // Short against the whole sweep, so that several kills hit before it ends.
      await new Promise((resolve) => setTimeout(resolve, random.uniform() * duration * 0.7));
      sweep.signal("SIGKILL");
      if ((await sweep.finished).code !== null) break;
      kills += 1;
      if (having(run, "checkpoint.bin") + having(run, "record.json") > 0) afterCheckpoint += 1;
    }
    const { code, stdout, stderr } = await start(folder, ...SWEEP).finished;
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
