/** What a sweep hands to Slurm: its cells in tasks of comparable length, and the script of their array job. */
import { randomBytes } from "node:crypto";
import path from "node:path";
import type { Dataset } from "../../core/data/dataset.js";
import { arrayScript } from "../../workers/slurm-script.js";
import { mostTasks } from "../../workers/slurm.js";
import { cellSeconds } from "../run/forecast.js";
import type { SweepOutput } from "../run/output.js";
import { packCells, taskCount } from "../run/pack.js";
import { entryFile } from "../spec/program.js";
import type { PlannedCell } from "../run/plan.js";
import type { RunDirectory } from "../store/run-directory.js";
import type { SubmittedTasks } from "../store/submission.js";

/** How cells are handed over. */
export interface SlurmOptions extends Pick<SubmittedTasks, "workers" | "threadsPerCell" | "sbatch" | "taskMinutes"> {
  directory: RunDirectory;
  output: SweepOutput;
}

export const DEFAULT_TASK_MINUTES = 10;
/** Slurm's own default for an array job. */
const USUAL_TASKS = 1001;

/** Of a job, found again by it: what it trains, and when and by whom it was handed over. */
export function jobName(sweep: string): string {
  const time = new Date().toISOString().replace(/[-:]|\..*/g, "");
  return `handgrad-${sweep.replace(/[^A-Za-z0-9._-]/g, "_")}-${time}-${randomBytes(3).toString("hex")}`;
}

/** @param most tasks that an array job may have. Trains several cells for about a second, to learn how fast they are. */
export async function tasksFor(
  cells: readonly PlannedCell[],
  dataset: Dataset,
  { taskMinutes, workers, threadsPerCell, output }: SlurmOptions,
  most: number,
): Promise<SubmittedTasks["tasks"]> {
  if (cells.length === 1) return [[cells[0].id]];
  const lengths = await cellSeconds({ configs: cells.map(({ config }) => config), dataset, threadsPerCell, output });
  return packCells({ cells, lengths, tasks: taskCount(lengths, 60 * taskMinutes * workers, most) });
}

/** @throws InputError where the user's options of sbatch cannot be used */
export function scriptFor(
  name: string,
  tasks: number,
  { directory, workers, threadsPerCell, sbatch }: SlurmOptions,
): string {
  const out = path.resolve(directory.folder);
  return arrayScript({
    name,
    tasks,
    cpus: workers * threadsPerCell,
    logFolder: directory.submissions.logFolder(name),
    folder: process.cwd(),
    command: [process.execPath, entryFile(), "task", "--submission", name, "--out", out],
    options: sbatch,
  });
}

/** The script that a sweep would submit now, also where Slurm is not at hand. */
export async function dryScript(
  sweep: string,
  cells: readonly PlannedCell[],
  dataset: Dataset,
  options: SlurmOptions,
): Promise<string> {
  if (cells.length === 0) return "";
  const most = await mostTasks().catch(() => USUAL_TASKS);
  const tasks = await tasksFor(cells, dataset, options, most);
  return scriptFor(jobName(sweep), tasks.length, options);
}
