/** Slurm: submits array jobs and says how their tasks stand. The only file that calls sbatch, squeue, scontrol and scancel. */
import { execFile, type ExecFileException } from "node:child_process";
import { InputError } from "../core/input-error.js";
import { smallest } from "../core/numeric/extremes.js";
import { FIXED_OPTIONS } from "./slurm-script.js";

/** A task that has not ended. */
export interface SlurmTask {
  /** Its job's name. */
  name: string;
  /** Its array job's number. */
  job: string;
  /** From 0. */
  index: number;
  /** An ending task may wait again after that: where it is requeued. */
  state: "waiting" | "running" | "ending";
  /** Why it waits, in Slurm's word, such as "Resources" or "JobHeldUser"; "" where Slurm names no reason. */
  reason: string;
}

/** What a task knows of itself. */
export interface TaskFacts {
  job: string;
  index: number;
  /** Name of its node. */
  node: string;
  /** How often it was requeued. */
  restarts: number;
  /** Processor cores that it may use. */
  cpus: number;
}

/** Above what Slurm's programs themselves wait for a controller that is down. */
const ANSWER_SECONDS = 100;

/** While a signal is on its way to a task it is SIGNALING. */
const RUNNING = new Set(["RUNNING", "SUSPENDED", "STOPPED", "SIGNALING", "RESIZING"]);
const ENDING = new Set(["COMPLETING", "STAGE_OUT"]);

/**
 * Submits a script of `arrayScript`.
 * @returns the array job's number
 * @throws InputError with what sbatch says
 */
export async function submit(scriptFile: string): Promise<string> {
  const env = { ...process.env };
  // These would win over the script.
  for (const name of [...Object.keys(FIXED_OPTIONS), "array-inx"])
    delete env[`SBATCH_${name.toUpperCase().replaceAll("-", "_")}`];
  const answer = await ask("sbatch", ["--parsable", scriptFile], env);
  const job = /^(\d+)(;|$)/m.exec(answer)?.[1];
  if (job === undefined)
    throw new InputError(
      `sbatch: got ${JSON.stringify(answer.trim())}, expected a job's number; see the options in ${scriptFile}`,
    );
  return job;
}

/**
 * The tasks of these jobs that have not ended. Of those that have, Slurm forgets soon how.
 * @param names jobs' names
 * @throws InputError with what squeue says
 */
export async function tasksOf(names: readonly string[]): Promise<SlurmTask[]> {
  if (names.length === 0) return [];
  const args = ["--array", "--noheader", `--name=${names.join(",")}`, "--format=%j|%F|%K|%T|%r"];
  return parseTasks(await ask("squeue", args));
}

/** @param text a line a task: name|job|index|state|reason. Other jobs than arrays have no index and are left out. */
export function parseTasks(text: string): SlurmTask[] {
  return text
    .split("\n")
    .map((line) => line.split("|"))
    .filter(([, , index]) => /^\d+$/.test(index))
    .map(([name, job, index, state, reason]) => ({
      name,
      job,
      index: Number(index),
      state: RUNNING.has(state) ? "running" : ENDING.has(state) ? "ending" : "waiting",
      reason: reason === "None" ? "" : reason,
    }));
}

/**
 * How many tasks an array job can have at most, by the cluster's configuration; a user's own limits may be lower.
 * @throws InputError with what scontrol says
 */
export async function mostTasks(): Promise<number> {
  const answer = await ask("scontrol", ["show", "config"]);
  return smallest([...answer.matchAll(/^Max(?:ArraySize|JobCount)\s*=\s*(\d+)/gm)].map(([, limit]) => Number(limit)));
}

/** Ends the tasks of a job, those that wait, too: they get SIGTERM, and SIGKILL 30 s later. @throws InputError with what scancel says */
export async function cancelTasks(name: string): Promise<void> {
  await ask("scancel", ["--me", `--name=${name}`]);
}

/** Of the task that this process belongs to; undefined where it belongs to none. */
export function taskFacts(env: NodeJS.ProcessEnv = process.env): TaskFacts | undefined {
  const { SLURM_ARRAY_JOB_ID: job, SLURM_ARRAY_TASK_ID: index } = env;
  if (job === undefined || index === undefined) return undefined;
  return {
    job,
    index: Number(index),
    node: env.SLURMD_NODENAME ?? "",
    restarts: Number(env.SLURM_RESTART_COUNT ?? 0),
    cpus: Number(env.SLURM_CPUS_PER_TASK ?? env.SLURM_CPUS_ON_NODE ?? 1),
  };
}

/**
 * Puts the task that this process belongs to back into the queue; it starts again on any node, by default two minutes
 * later. To be called when SIGTERM has asked it to end, and all is saved: Slurm sends SIGTERM, once more, and SIGKILL 30 s
 * later.
 * @returns false where Slurm has decided how the task goes on, and to requeue it would undo that: a user cancelled it,
 * or it is requeued already
 * @throws InputError with what Slurm says
 */
export async function requeueMe({ job, index }: TaskFacts): Promise<boolean> {
  const task = `${job}_${index}`;
  const answer = await ask("squeue", ["--noheader", `--jobs=${task}`, "--format=%T|%r"]);
  const [state, reason] = answer.trim().split("|");
  // A task is warned of its time limit but once, and may not have heard it: the limit itself is a reason, too.
  if (!RUNNING.has(state) && !(ENDING.has(state) && reason === "TimeLimit")) return false;
  await ask("scontrol", ["requeue", task]);
  return true;
}

function ask(program: string, args: readonly string[], env?: NodeJS.ProcessEnv): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { env, timeout: ANSWER_SECONDS * 1000, maxBuffer: 2 ** 28 };
    execFile(program, args, options, (error, stdout, stderr) => {
      if (error) reject(new InputError(fault(program, error, stderr)));
      else resolve(stdout);
    });
  });
}

function fault(program: string, error: ExecFileException, stderr: string): string {
  if ((error.code as unknown) === "ENOENT")
    return `Slurm's ${program} was not found; run this on a login node of the cluster`;
  if (error.killed) return `${program}: no answer within ${ANSWER_SECONDS} s; try "scontrol ping"`;
  const said = stderr
    .split("\n")
    .map((line) => line.replace(/^\w+: (error: )?/, "").trim())
    .filter((line) => line !== "");
  return `${program}: ${said.join("; ") || error.message}`;
}
