/** Trains in a Slurm cluster: array jobs whose tasks (npm run task) work in the same run directory as the sweep. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Dataset } from "../../core/data/dataset.js";
import { InputError } from "../../core/input-error.js";
import { count, plural } from "../../core/numeric/words.js";
import { userOptions } from "../../workers/slurm-script.js";
import { cancelTasks, mostTasks, submit, tasksOf } from "../../workers/slurm.js";
import { failedCell } from "../run/cell-run.js";
import type { CellOrder, SweepExecutor, TrainedCell } from "../run/executor.js";
import type { PlannedCell } from "../run/plan.js";
import { hasEnded, isTrainedTo, type CellRecord } from "../store/record.js";
import { holderWords } from "../store/lock.js";
import type { RunDirectory } from "../store/run-directory.js";
import { weightsFault } from "../run/survey.js";
import { ENGINE_VERSION } from "../../core/version.js";
import { ProgressReader } from "./progress-reader.js";
import { jobName, scriptFor, tasksFor } from "./slurm-job.js";
import type { ExecutorStart } from "./start.js";

/** Where a cell was handed over: the submission's name, and the index of its task. */
interface Task {
  name: string;
  index: number;
}

interface StandingTask extends Task {
  /** In words. */
  state: string;
}

/** A cell that is waited for. */
interface WaitingCell {
  order: CellOrder;
  settle: (trained?: TrainedCell) => void;
  /** Its task has told of it. */
  begun: boolean;
  /** Of Slurm's answers without its task, how many found no record either. */
  misses: number;
}

const POLL_MILLISECONDS = 2000;
/** Of polls, one asks Slurm: its controller serves all users. */
const POLLS_A_QUESTION = 5;
/** Answers during which a record may be on its way through the file system after its task has ended: half a minute. */
const MOST_MISSES = 3;
/** Polls for which tasks that are ending are waited for: somewhat longer than Slurm gives them by default. */
const MOST_LOOKS = 20;
/** Of tasks that ended early, of each of which a line is shown. */
const MOST_LINES = 5;

export function startSlurm(start: ExecutorStart): SweepExecutor {
  if (start.fresh)
    throw new InputError(
      "sweep: got --fresh with --executor slurm, whose tasks train what has no record; name a new run directory with --out",
    );
  userOptions(start.sbatch);
  return new SlurmExecutor(start);
}

class SlurmExecutor implements SweepExecutor {
  readonly place = "run directory";
  readonly words = "Slurm";
  readonly inFlight = Infinity;
  /** Cells in tasks that have not ended, and what was recorded since the sweep looked. */
  private readonly tasks = new Map<string, Task>();
  private readonly recorded = new Map<string, CellRecord>();
  private readonly waiting = new Map<string, WaitingCell>();
  private readonly directory: RunDirectory;
  private readonly progress = new ProgressReader();
  private stopped = false;
  private cancelling?: Promise<void>;
  private polls = 0;
  /** Cells whose task Slurm does not know any more. */
  private gone = new Set<string>();
  private timer?: NodeJS.Timeout;

  constructor(private readonly start: ExecutorStart) {
    this.directory = start.directory;
  }

  async begin(cells: readonly PlannedCell[], dataset: Dataset, note: (line: string) => void): Promise<void> {
    const { directory } = this;
    const unsynced = await directory.probe();
    if (unsynced !== undefined) note(unsynced);
    const standing = await this.settled();
    const [toSubmit, lost]: PlannedCell[][] = [[], []];
    const states = new Map<string, number>();
    for (const cell of cells) {
      const task = standing.get(cell.id);
      // The task may have ended between the survey and squeue's answer.
      const found = task ? undefined : await directory.readRecord(cell.id);
      if (found?.kind === "valid" && (await this.isWhole(found.record))) this.recorded.set(cell.id, found.record);
      else if (task) {
        this.tasks.set(cell.id, task);
        states.set(task.state, (states.get(task.state) ?? 0) + 1);
      } else {
        const holder = await directory.cellHolder(cell.id);
        if (holder)
          note(
            `${cell.id}: ${holderWords(holder)} trains it; left to that process (the lock of one that died runs out within 90 s: collect again then)`,
          );
        else toSubmit.push(cell);
        // A failed one has said so.
        if (!holder && found?.kind !== "valid") lost.push(cell);
      }
    }
    if (states.size > 0)
      note(`in Slurm: ${[...states].map(([state, number]) => `${count(number)} ${state}`).join(", ")}`);
    for (const line of await this.losses(lost)) note(line);
    if (toSubmit.length > 0 && !this.stopped) note(await this.submit(toSubmit, dataset));
    if (this.start.wait) this.pollLater();
  }

  train(order: CellOrder): Promise<TrainedCell | undefined> {
    const { id } = order.cell;
    const record = this.recorded.get(id);
    if (record || !this.start.wait || this.stopped || !this.tasks.has(id)) return Promise.resolve(record && { record });
    return new Promise((settle) => this.waiting.set(id, { order, settle, begun: false, misses: 0 }));
  }

  cancel(): void {
    // Who does not wait for tasks does not end them.
    const names = this.start.wait ? new Set([...this.tasks.values()].map(({ name }) => name)) : [];
    this.cancelling ??= Promise.all([...names].map(cancelTasks)).then(
      () => undefined,
      (error: Error) => this.start.output.warn(error.message),
    );
    this.detach();
  }

  detach(): void {
    this.stopped = true;
    for (const id of this.waiting.keys()) this.settle(id);
  }

  async close(): Promise<void> {
    clearTimeout(this.timer);
    await this.cancelling;
  }

  /** `standing`, once no task is ending: whether it comes back, as a requeued one does, is not known before. */
  private async settled(): Promise<Map<string, StandingTask>> {
    for (let looks = 0; ; looks++) {
      const standing = await this.standing();
      const ending = [...standing.values()].some(({ state }) => state.startsWith("ending"));
      if (!ending || this.stopped || looks === MOST_LOOKS) return standing;
      await sleep(POLL_MILLISECONDS);
    }
  }

  /** The tasks of this run directory that have not ended, by the cells that they train. */
  private async standing(): Promise<Map<string, StandingTask>> {
    const { submissions } = this.directory;
    const standing = new Map<string, StandingTask>();
    const lists = new Map<string, string[][]>();
    for (const { name, index, state, reason } of await tasksOf(await submissions.names())) {
      if (!lists.has(name)) lists.set(name, (await submissions.readTasks(name))?.tasks ?? []);
      const words = reason === "" || state === "running" ? state : `${state} (${reason})`;
      for (const id of lists.get(name)?.[index] ?? []) standing.set(id, { name, index, state: words });
    }
    return standing;
  }

  /** What became of cells that were handed over and are neither recorded nor in Slurm any more: a line for each task. */
  private async losses(cells: readonly PlannedCell[]): Promise<string[]> {
    const { submissions } = this.directory;
    const ids = new Set(cells.map(({ id }) => id));
    const lost: (Task & { number: number; of: number })[] = [];
    for await (const { name, tasks } of submissions.latestFirst()) {
      if (ids.size === 0) break;
      for (const [index, task] of tasks.entries()) {
        const number = task.filter((id) => ids.delete(id)).length;
        if (number > 0) lost.push({ name, index, number, of: task.length });
      }
    }
    const lines = await Promise.all(
      lost.slice(0, MOST_LINES).map(async ({ name, index, number, of }) => {
        const last = await submissions.lastWords(name, index);
        return `lost: ${number} of ${plural(of, "cell")} of task ${index} of ${name}: ${last}`;
      }),
    );
    if (lost.length > MOST_LINES) lines.push(`lost: cells of ${count(lost.length - MOST_LINES)} tasks more`);
    return lines;
  }

  /** @returns what was submitted, in words */
  private async submit(cells: PlannedCell[], dataset: Dataset): Promise<string> {
    const { submissions } = this.directory;
    const plan = await this.directory.readPlan();
    if (!plan) throw new InputError(`${this.directory.folder} has lost its plan.json; run the sweep again`);
    const name = jobName(plan.sweep);
    const tasks = await tasksFor(cells, dataset, this.start, await mostTasks());
    const script = scriptFor(name, tasks.length, this.start);
    const { workers, threadsPerCell, retries, stallSeconds, sbatch, taskMinutes } = this.start;
    const options = { workers, threadsPerCell, retries, stallSeconds, sbatch, taskMinutes };
    await submissions.write({ name, plan, tasks, ...options });
    const job = await submit(await submissions.writeScript(name, script));
    tasks.forEach((ids, index) => ids.forEach((id) => this.tasks.set(id, { name, index })));
    return `submitted ${plural(cells.length, "cell")} in ${plural(tasks.length, "task")} as Slurm's job ${job} (${name}); logs in ${submissions.logFolder(name)}; scancel ${job} ends them`;
  }

  private pollLater(): void {
    this.timer = setTimeout(() => {
      this.poll()
        .catch((error: Error) => this.start.output.warn(error.message))
        .finally(() => {
          if (this.waiting.size > 0) this.pollLater();
        });
    }, POLL_MILLISECONDS);
  }

  /** Nothing is left to train: as a survey would judge it. */
  private async isWhole(record: CellRecord): Promise<boolean> {
    if (!isTrainedTo(record) || record.engineVersion !== ENGINE_VERSION) return false;
    return (await weightsFault(this.directory, record)) === undefined;
  }

  private async poll(): Promise<void> {
    const { submissions } = this.directory;
    const asked = ++this.polls % POLLS_A_QUESTION === 0;
    if (asked) {
      const standing = await this.standing();
      this.gone = new Set([...this.waiting.keys()].filter((id) => !standing.has(id)));
    }
    for (const file of new Set(
      [...this.tasks.values()].map(({ name, index }) => submissions.progressFile(name, index)),
    ))
      for (const { id, messages } of await this.progress.news(file)) {
        const cell = this.waiting.get(id);
        if (cell) cell.begun = true;
        for (const message of messages) cell?.order.onMessage(message);
      }
    for (const [id, cell] of this.waiting) {
      const gone = this.gone.has(id);
      if (!gone && !cell.begun) continue;
      const found = await this.directory.readRecord(id);
      const record = found.kind === "valid" ? found.record : undefined;
      // A failure may be of an earlier submission while the task has not ended.
      if (record && ((await this.isWhole(record)) || (gone && !hasEnded(record)))) this.settle(id, { record });
      else if (gone && asked && ++cell.misses >= MOST_MISSES) await this.lose(id, cell.order);
    }
  }

  private async lose(id: string, { cell, dataset }: CellOrder): Promise<void> {
    const { name, index } = this.tasks.get(id) as Task;
    const last = await this.directory.submissions.lastWords(name, index);
    this.settle(id, failedCell(cell, dataset, `its task ended without a record: ${last}`));
  }

  private settle(id: string, trained?: TrainedCell): void {
    this.waiting.get(id)?.settle(trained);
    this.waiting.delete(id);
  }
}
