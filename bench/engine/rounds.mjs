// Builds of the engine measured side by side: each in a process of its own, one round each in turns.
import { fork, spawnSync } from "node:child_process";
import os from "node:os";
import { fileURLToPath } from "node:url";
import { median } from "../median.mjs";
import { modelFigures } from "./report.mjs";

const trainer = fileURLToPath(new URL("trainer.mjs", import.meta.url));
const pin = ["-c", String(os.cpus().length - 1), process.execPath];

/** One build, the process that trains with it (engine/trainer.mjs), and what was measured. */
class Side {
  peaks = [];

  constructor(build, runs) {
    this.build = build;
    /** Samples a second of every run in every round. */
    this.rounds = runs.map(() => []);
    /** What every process of it found of every run, layer by layer. */
    this.looks = runs.map(() => []);
  }

  start(pinned) {
    this.process = fork(trainer, pinned ? { execPath: "taskset", execArgv: [...pin, ...process.execArgv] } : {});
  }

  ask(...request) {
    return new Promise((resolve, reject) => {
      const { exitCode, signalCode } = this.process;
      const end = (code, signal) =>
        reject(
          Object.assign(new Error(`the process that trains ended with ${signal ?? code}`), { name: "EndedError" }),
        );
      if (exitCode !== null || signalCode !== null) return end(exitCode, signalCode);
      this.process.once("exit", end);
      this.process.once("message", ({ result, error }) => {
        this.process.off("exit", end);
        if (error) reject(Object.assign(new Error(), error));
        else resolve(result);
      });
      // Where it cannot be sent, the end is about to be heard.
      this.process.send(request, () => undefined);
    });
  }
}

/** Objects of one shape as one: of numbers the median, of all else the first. */
function middle(values) {
  const [first] = values;
  if (typeof first === "number") return median(values);
  if (typeof first !== "object") return first;
  const entries = Object.keys(first).map((key) => [key, middle(values.map((value) => value[key]))]);
  return Array.isArray(first) ? entries.map(([, value]) => value) : Object.fromEntries(entries);
}

/**
 * Trains each of `runs` ({ name, optimizer, config }) with each build, then looks at it layer by layer.
 * @param pace how many `processes` a build gets, one after the other; in each at least so many `rounds`, for at least
 *   so many `seconds`; the length of a round and of the warm-up in seconds
 * @returns of each build `result`, what --json tells; `rounds`, the samples a second of every run in every round; and
 *   `passes`, the figures of every run in every process
 */
export async function measure(builds, runs, pace, note) {
  const sides = builds.map((build) => new Side(build, runs));
  const pinned = sides.length > 1 && spawnSync("taskset", [...pin, "--version"]).status === 0;
  const configs = runs.map(({ config }) => config);
  /** One side after the other; the first one is the second the next time. */
  const turn = (nth) => (nth % 2 ? sides : sides.toReversed());
  const inTurns = async (round, ask) => {
    for (const run of runs.keys()) for (const side of turn(round)) await ask(side, run);
  };
  for (let nth = 1; nth <= pace.processes; nth++) {
    try {
      note("loading the images …");
      for (const side of turn(nth)) {
        side.start(pinned);
        side.images = await side.ask("open", side.build.folder, configs);
      }
      note("warming up …");
      await inTurns(0, (side, run) => side.ask("train", run, pace.warmUpSeconds));
      const start = performance.now();
      for (let round = 1; round <= pace.rounds || performance.now() - start < pace.seconds * 1000; round++) {
        note(`round ${round}${sides.length > 1 ? ` of ${pace.rounds}, processes ${nth} of ${pace.processes}` : ""} …`);
        await inTurns(round, async (side, run) => {
          side.rounds[run].push(await side.ask("train", run, pace.roundSeconds));
        });
        for (const side of sides) side.peaks.push(await side.ask("peak"));
      }
      note("layer by layer …");
      await inTurns(nth, async (side, run) => side.looks[run].push(await side.ask("look", run)));
    } finally {
      for (const side of sides) side.process?.kill();
    }
  }
  note("");
  return sides.map(({ build, peaks, images, rounds, looks }) => {
    const figures = (look, i) => modelFigures({ ...runs[i], samplesPerSecond: median(rounds[i]), ...look });
    const models = looks.map((found, i) => figures(middle(found), i));
    const passes = looks.map((found, i) => found.map((look) => figures(look, i)));
    return { result: { build, peakGflops: Math.max(...peaks), images, models }, rounds, passes };
  });
}
