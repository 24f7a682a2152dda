// Trivial cells by each executor: how many a second, and what a cell takes beside its training.
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { measured, trivialSpec } from "../measured.mjs";
import { temporaryFolder } from "../temporary.mjs";

const handgrad = path.join(path.dirname(fileURLToPath(import.meta.url)), "../../scripts/handgrad.mjs");

/** Calls `use` with a folder that holds the spec of so many cells, and removes it. */
export async function inFolder(cells, use) {
  const folder = temporaryFolder("cluster");
  try {
    fs.writeFileSync(path.join(folder, "scale.json"), JSON.stringify(trivialSpec(cells)));
    return await use(folder);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * What the records of a run directory tell, from the first cell's start to the last record's writing, whatever it took to
 * start: cells a second, and milliseconds of a place (a worker's thread) for each cell beyond its training and testing.
 */
function figuresOf(run, places) {
  const records = fs
    .readdirSync(run, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && fs.existsSync(path.join(run, entry.name, "record.json")))
    .map(({ name }) => path.join(run, name, "record.json"));
  const runs = records.map((file) => JSON.parse(fs.readFileSync(file, "utf8")).run);
  const first = Math.min(...runs.map(({ startedAt }) => Date.parse(startedAt)));
  const seconds = (Math.max(...records.map((file) => fs.statSync(file).mtimeMs)) - first) / 1000;
  const training = runs.reduce((sum, { trainSeconds, testSeconds }) => sum + trainSeconds + testSeconds, 0);
  const cells = records.length;
  return {
    cells,
    cellsPerSecond: cells / seconds,
    overheadMilliseconds: (1000 * (places * seconds - training)) / cells,
  };
}

/** CPU of the sweep's process for a cell: what the same command takes again, with nothing to train, is not the cells'. */
async function sweepFigures(folder, args, places, env) {
  const command = ["sweep", "scale.json", "--out", "run", ...args];
  const sweep = await measured(folder, command, env);
  const figures = figuresOf(path.join(folder, "run"), places);
  const again = await measured(folder, command, env);
  return { ...figures, sweepCpuMilliseconds: (1000 * (sweep.cpuSeconds - again.cpuSeconds)) / figures.cells };
}

export const local = (cells, workers) =>
  inFolder(cells, (folder) => sweepFigures(folder, ["--workers", `${workers}`], workers));

/** @param redis where the queue lies @param processes of workers, of one thread each */
export function bullmq(cells, processes, redis, { start }) {
  return inFolder(cells, async (folder) => {
    const options = ["worker", "--redis", redis, "--workers", "1", "--data", "synthetic"];
    const workers = Array.from({ length: processes }, () => start([handgrad, ...options], { seconds: 3600 }));
    try {
      await Promise.all(workers.map(({ said }) => said(/takes 1 cell/)));
      return await sweepFigures(folder, ["--executor", "bullmq", "--redis", redis], processes);
    } finally {
      for (const { signal } of workers) signal("SIGTERM");
      await Promise.all(workers.map(({ finished }) => finished));
    }
  });
}

/** All cells in one task of one thread. */
export const slurm = (cells, { env }) =>
  inFolder(cells, (folder) => sweepFigures(folder, ["--executor", "slurm", "--wait"], 1, env));

/** Tasks a second of one cell each, and of no work at all; and a look of squeue's at all of them, in seconds. */
export function slurmTasks(tasks, { call }) {
  return inFolder(tasks, async (folder) => {
    const out = path.join(folder, "run");
    const command = `exec ${process.execPath} ${handgrad} task ${folder}/scale.json --tasks ${tasks} --workers 1 --out ${out}`;
    const seconds = async (program, ...args) => {
      const begun = performance.now();
      await call(program, ...args);
      return (performance.now() - begun) / 1000;
    };
    const array = (line, ...more) =>
      seconds("sbatch", `--array=0-${tasks - 1}`, "--output=/dev/null", ...more, `--wrap=${line}`);
    const [nothing, trained] = [await array("true", "--wait"), await array(command, "--wait")];
    await array("true", "--hold");
    const look = await seconds("squeue", "--me", "--array", "--noheader", "--format=%j|%F|%K|%T|%r");
    await call("scancel", "--me");
    return { tasksPerSecond: tasks / trained, emptyTasksPerSecond: tasks / nothing, squeueSeconds: look };
  });
}
