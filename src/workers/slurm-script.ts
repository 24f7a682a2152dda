/** The batch script of a Slurm array job: one file that says all there is to say to sbatch. */
import { InputError } from "../core/input-error.js";

export interface ArrayJob {
  /** By which the job's tasks are found again, so no other job may have it: letters, digits, ".", "_", "-". */
  name: string;
  /** How many; their indices begin at 0. At most `mostTasks()`. */
  tasks: number;
  /** Processor cores of each task, unless `options` say otherwise. */
  cpus: number;
  /** Absolute, and there when the tasks start. What task N and Slurm say of it is appended to N.log. */
  logFolder: string;
  /** Where the command runs. */
  folder: string;
  /** Program and arguments, not quoted. The program is what Slurm's signals reach. */
  command: readonly string[];
  /** A user's options of sbatch, quoted as for a shell, such as `--partition=long --time=1:00:00`. */
  options?: string;
}

/** How long before the time limit a task gets SIGTERM, in seconds. Slurm, which looks twice a minute, is early by up to another minute. */
const WARNING_SECONDS = 60;

/** Options of sbatch that a user cannot set: their short form, and why. */
export const FIXED_OPTIONS: Readonly<Record<string, { short?: string; why: string }>> = {
  array: {
    short: "a",
    why: "a task trains the cells that were planned for it; for N tasks at once: scontrol update JobId=JOB ArrayTaskThrottle=N",
  },
  chdir: { short: "D", why: "tasks run where the program lies" },
  clusters: { short: "M", why: "the job is looked for where sbatch runs; set SLURM_CLUSTERS instead" },
  error: { short: "e", why: "a task has one log, in the run directory" },
  "job-name": { short: "J", why: "the job is found by it" },
  "open-mode": { why: "a task that starts again goes on in its log" },
  output: { short: "o", why: "a task has one log, in the run directory" },
  signal: { why: "it tells a task to save its work before the time limit" },
  wait: { short: "W", why: "sweep ends when the job is submitted" },
};

/**
 * The script, to be written to a file and submitted as it is. Options that stand later win, so the user's are last.
 * @throws InputError where the user's options cannot be used, or Slurm could not find the log folder by its name
 */
export function arrayScript({ name, tasks, cpus, logFolder, folder, command, options }: ArrayJob): string {
  if (/[\\\n\r]/.test(logFolder))
    throw new InputError(
      `got ${JSON.stringify(logFolder)} for Slurm's logs, expected a path without backslash and line break; choose another run directory`,
    );
  const words = userOptions(options);
  return [
    "#!/bin/sh",
    `#SBATCH --job-name=${name}`,
    `#SBATCH --array=0-${tasks - 1}`,
    "#SBATCH --ntasks=1",
    `#SBATCH --cpus-per-task=${cpus}`,
    "#SBATCH --requeue",
    `#SBATCH --signal=B:TERM@${WARNING_SECONDS}`,
    `#SBATCH --output=${sbatchWord(`${logFolder.replaceAll("%", "%%")}/%a.log`)}`,
    "#SBATCH --open-mode=append",
    ...(words.length > 0 ? [`#SBATCH ${words.map(sbatchWord).join(" ")}`] : []),
    `cd ${shellWord(folder)} || exit`,
    `exec ${command.map(shellWord).join(" ")}`,
    "",
  ].join("\n");
}

/** A user's options of sbatch as words. @throws InputError where a quotation does not end, or an option is not the user's to set */
export function userOptions(options = ""): string[] {
  const words = shellSplit(options);
  const [first] = words;
  if (first !== undefined && !first.startsWith("-"))
    throw new InputError(`Slurm options: got "${first}", expected options of sbatch such as --partition=long`);
  for (const word of words) {
    const fixed = fixedOption(word);
    if (fixed)
      throw new InputError(`Slurm options: got "${word}", but --${fixed} is fixed: ${FIXED_OPTIONS[fixed].why}`);
  }
  return words;
}

/** sbatch takes any beginning of a long option's name, and short options without a value in one word with others. */
function fixedOption(word: string): string | undefined {
  const long = /^--([a-z-]+)/.exec(word)?.[1];
  const short = /^-[HkOQsv]*([A-Za-z])/.exec(word)?.[1];
  return Object.keys(FIXED_OPTIONS).find((name) =>
    long === undefined ? short !== undefined && FIXED_OPTIONS[name].short === short : name.startsWith(long),
  );
}

/** Words as a shell would take them, without its substitutions. */
function shellSplit(text: string): string[] {
  const word = /(?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"|'[^']*')+/gsu;
  const rest = text.replace(word, "").trim();
  if (rest !== "" || /[\n\r\0]/.test(text.trim()))
    throw new InputError(`Slurm options: got ${JSON.stringify(text)}, expected one line in which every quotation ends`);
  return [...text.matchAll(word)].map(([quoted]) =>
    quoted.replace(
      /\\(.)|"((?:[^"\\]|\\.)*)"|'([^']*)'/gsu,
      (_, escaped?: string, double?: string, single?: string) =>
        escaped ?? single ?? double!.replace(/\\(["\\$`])/g, "$1"),
    ),
  );
}

function shellWord(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** In sbatch's own quotation a backslash escapes, whatever the quotes. */
function sbatchWord(word: string): string {
  return `"${word.replace(/["\\]/g, "\\$&")}"`;
}
