/** npm run task: trains one task's share of a sweep. Clusters call it; its cells lie in a run directory that machines share. */
import { appendFile } from "node:fs/promises";
import os from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { InputError } from "../../core/input-error.js";
import { plural } from "../../core/numeric/words.js";
import { DEFAULT_STALL_SECONDS } from "../../workers/executor.js";
import { startPool } from "../../workers/pool.js";
import { Outbox } from "../../workers/outbox.js";
import type { CellMessage } from "../../workers/protocol.js";
import { taskHere } from "../../workers/task-here.js";
import { dataChoices } from "../data/datasets.js";
import { localExecutor } from "../executors/local.js";
import type { SweepExecutor } from "../run/executor.js";
import { Interrupt } from "../run/interrupt.js";
import { DEFAULT_RETRIES, runCells, type SweepObserver } from "../run/run.js";
import { dealtShare, submittedShare, type Share } from "../run/share.js";
import { surveyCells } from "../run/survey.js";
import { withExecutor } from "../run/with-executor.js";
import { specFault } from "../spec/fault.js";
import { expandGrid } from "../spec/grid.js";
import { hasEnded, isTrainedTo, type CellRecord } from "../store/record.js";
import { RunDirectory } from "../store/run-directory.js";
import { endLine, outputOn } from "./progress.js";
import { chooseSpec, specChoice } from "../run/spec-choice.js";
import { oneOf, parseOptions, threadsPerCellOf, wholeNumber, workersOf, type Streams } from "./command.js";

export const help = `npm run task -- (SPEC.json --tasks N | --submission NAME) --out DIR [options]

Trains one task's share of a sweep's cells, with its records, checkpoints and locks in a run directory that all tasks share.
Slurm's array tasks are such (npm run sweep -- SPEC.json --executor slurm writes their script), and the pods of a Kubernetes
Indexed Job (docs/cluster.md). A task that is asked to end (SIGTERM) keeps what its cells have reached; run again, it goes on.
npm run collect tells how far all are, and writes the page. For example:
  npm run task -- rates.json --tasks 8 --index 0 --out /shared/runs/rates

  --tasks N           the cells of SPEC.json, or of a built-in sweep, are dealt to N tasks of comparable length
  --submission NAME   train a task of what a sweep handed to a cluster under this name
  --index I           which task, from 0 (default: what Slurm or Kubernetes says: $SLURM_ARRAY_TASK_ID, $JOB_COMPLETION_INDEX)
  --out DIR           the run directory
  --workers N         cells trained at once (default: the number of processor cores, ${os.availableParallelism()} here)
  --threads-per-cell N  threads that share the shards of a cell's batches, for cells with a shardSize (default: 1)
  --retries N         attempts of a cell after one that failed (default: ${DEFAULT_RETRIES})
  --stall-timeout N   abort an attempt after N seconds without a finished batch (default: ${DEFAULT_STALL_SECONDS})
  --data NAME         ${dataChoices.join(", ")}
  --data-dir DIR      folder with the images (default: where the sweep found them): IDX, .npz or PNG

Exit codes: 0 all cells of the task ended, 1 some failed or are trained by another process, 2 wrong usage or input, 143 ended
by SIGTERM.
`;

const options = {
  tasks: { type: "string" },
  submission: { type: "string" },
  index: { type: "string" },
  out: { type: "string" },
  workers: { type: "string" },
  "threads-per-cell": { type: "string" },
  retries: { type: "string" },
  "stall-timeout": { type: "string" },
  data: { type: "string" },
  "data-dir": { type: "string" },
} as const;

/** More than any cluster has. */
const MOST_TASKS = 10_000_000;
/** Clusters kill a process some 30 s after they asked it to end. */
const END_MILLISECONDS = 25_000;
/** Another process's cell is looked at again after this long, and left to it after some leases. */
const [LOOK_SECONDS, PATIENCE_SECONDS] = [5, 300];

export async function run(args: string[], { stdout, stderr }: Streams): Promise<number> {
  const { values, positionals } = parseOptions("task", args, options, 1);
  const here = taskHere();
  const index = wholeNumber("index", values.index, 0, MOST_TASKS) ?? here?.index;
  if (index === undefined)
    throw new InputError("task: got no index, expected --index I, or Slurm's or Kubernetes' in the environment");
  if (values.out === undefined) throw new InputError("task: got no run directory, expected --out DIR");
  const directory = new RunDirectory(values.out);
  const output = outputOn(stdout, stderr);
  const dataDir = values["data-dir"];
  const interrupt = new Interrupt({ limitMilliseconds: END_MILLISECONDS, patient: true });
  interrupt.setStop(() => undefined);
  const own = async (): Promise<Share> => {
    const [name] = positionals;
    const tasks = wholeNumber("tasks", values.tasks, 1, MOST_TASKS);
    if (name === undefined || tasks === undefined)
      throw new InputError(
        "task: expected a spec and --tasks N, or --submission NAME; npm run task -- --help explains",
      );
    const spec = await chooseSpec("task", name);
    if (spec.halving)
      throw specFault(
        spec,
        name,
        ["halving"],
        `got rungs in a task, which does not know the others' cells; expected npm run sweep, or no "halving"`,
      );
    const configs = expandGrid(spec, name);
    const threadsPerCell = threadsPerCellOf(values["threads-per-cell"]);
    const workers = workersOf(values.workers, threadsPerCell);
    const data = oneOf("data", values.data, dataChoices) ?? specChoice(spec, name);
    const request = { spec, source: name, configs, directory, data, dataDir, workers, threadsPerCell, output };
    return {
      ...(await dealtShare(request, { tasks, index })),
      workers,
      threadsPerCell,
      retries: wholeNumber("retries", values.retries, 0, 100) ?? DEFAULT_RETRIES,
      stallSeconds: wholeNumber("stall-timeout", values["stall-timeout"], 1, 1_000_000) ?? DEFAULT_STALL_SECONDS,
    };
  };
  const name = values.submission;
  if (name !== undefined) refuseOthers(values, positionals);
  const share = name === undefined ? await own() : await submittedShare({ directory, name, index, dataDir, output });
  await directory.prepare();
  const { workers, threadsPerCell, stallSeconds } = share;
  const where = { executor: here?.executor ?? "task", host: os.hostname(), task: here?.task };
  const say = (line: string): void => output.say(line);
  const start = async (): Promise<SweepExecutor> =>
    localExecutor(await startPool(workers, { threadsPerCell, stallSeconds, say }), workers, where);
  return withExecutor(
    start,
    async (executor) => {
      interrupt.setStop(() => executor.cancel());
      const training = { directory, executor, interrupt, say, moved: false };
      const records = await trainShare(share, training);
      const ended = [...records.values()].filter((record) => isTrainedTo(record)).length;
      const failures = [...records.values()].filter((record) => !hasEnded(record)).map(endLine);
      const told = interrupt.exitCode === undefined ? "" : "told to end: ";
      output.say(
        [`${told}${ended} of ${plural(share.cells.length, "cell")} of this task ended`, ...failures].join("; "),
      );
      if (interrupt.exitCode === undefined) return ended < share.cells.length ? 1 : 0;
      if (ended === share.cells.length || !here?.requeue) return interrupt.exitCode;
      if (!training.moved)
        output.warn("no epoch ended in this run of the task, so it is not requeued; a longer time limit may help it");
      else if (await here.requeue().catch((error: Error) => output.warn(error.message)))
        output.say("requeued: it goes on from what it kept");
      return interrupt.exitCode;
    },
    interrupt,
  );
}

/** @throws InputError where something is given that a submission says */
function refuseOthers(values: object, positionals: string[]): void {
  const own = ["submission", "index", "out", "data-dir"];
  const [foreign] = [
    ...positionals.map((word) => `"${word}"`),
    ...Object.keys(values).flatMap((option) => (own.includes(option) ? [] : [`--${option}`])),
  ];
  if (foreign !== undefined)
    throw new InputError(`task: got ${foreign} with --submission, which says it already; leave one of them out`);
}

interface Training {
  directory: RunDirectory;
  executor: SweepExecutor;
  interrupt: Interrupt;
  say: (line: string) => void;
  /** Set where an epoch ends: a task in which none does would be requeued for ever. */
  moved: boolean;
}

/** Trains the cells; those that another process holds are left to it, unless that gives them up. */
async function trainShare(share: Share, training: Training): Promise<Map<string, CellRecord>> {
  const { directory, executor, interrupt, say } = training;
  const { cells, dataset, retries, progressFile } = share;
  const tell = (line: string): void => say(`${new Date().toISOString()} ${line}`);
  const observer: SweepObserver = {
    cellStarted: ({ id, config }, epochs) => tell(`${id}: epoch ${epochs + 1} of ${config.epochs}`),
    cellMessage(cell, message) {
      if (message.kind === "epochs") training.moved = true;
      progress(cell.id, message);
    },
    cellEnded: (_cell, record) => tell(endLine(record)),
    note: tell,
  };
  const progress = progressWriter(progressFile);
  const stopped = (): boolean => interrupt.exitCode !== undefined;
  const records = new Map<string, CellRecord>();
  let waited = 0;
  for (let left = cells; left.length > 0 && !stopped();) {
    const surveys = await surveyCells(directory, left, false);
    const common = { directory, surveys, dataset, executor, observer, retries, cancelled: stopped };
    for (const [id, record] of await runCells({ ...common, fresh: false, failFast: false })) records.set(id, record);
    // A cell that was stopped, as it lay there, is left to whoever holds it.
    left = left.filter(({ id }) => records.get(id)?.status === "stopped" || !records.has(id));
    if (waited >= PATIENCE_SECONDS) return records;
    for (let free = false; left.length > 0 && !free && !stopped() && waited < PATIENCE_SECONDS;) {
      await sleep(1000 * LOOK_SECONDS);
      waited += LOOK_SECONDS;
      const holders = await Promise.all(left.map(({ id }) => directory.cellHolder(id)));
      free = holders.includes(undefined);
    }
  }
  return records;
}

/** A file server may have a thousand tasks to serve. */
const TELL_MILLISECONDS = 5000;

/** Appends what a sweep that waits for the cells is to show. */
function progressWriter(file: string | undefined): (id: string, message: CellMessage) => void {
  const outboxes = new Map<string, Outbox>();
  return (id, message) => {
    if (file === undefined) return;
    let outbox = outboxes.get(id);
    if (!outbox) {
      outbox = new Outbox((messages) => appendFile(file, `{"id":"${id}","messages":${messages}}\n`), TELL_MILLISECONDS);
      outboxes.set(id, outbox);
    }
    outbox.add(message);
  };
}
