/** Trains in a Slurm cluster: array jobs whose tasks (npm run task) work in the same run directory as the sweep. */
import type { Dataset } from "../../core/data/dataset.js";
import { InputError } from "../../core/input-error.js";
import { count, plural } from "../../core/numeric/words.js";
import { cancelTasks, mostTasks, submit, tasksOf, type SlurmTask } from "../../workers/slurm.js";
import { failedCell } from "../run/cell-run.js";
import type { CellOrder, SweepExecutor, TrainedCell } from "../run/executor.js";
import type { PlannedCell } from "../run/plan.js";
import { hasEnded, type CellRecord } from "../store/record.js";
import { holderWords } from "../store/lock.js";
import type { RunDirectory } from "../store/run-directory.js";
import { ProgressReader } from "./progress-reader.js";
import { jobName, scriptFor, tasksFor } from "./slurm-job.js";
import type { ExecutorStart } from "./start.js";

/** Where a cell was handed over: the submission's name, and the index of its task. */
interface Task {
  name: string;
  index: number;
}

/** A cell that is waited for. */
interface WaitingCell {
  order: CellOrder;
  settle: (trained?: TrainedCell) => void;
  /** Polls that found neither its task nor its record. */
  misses: number;
}

const POLL_MILLISECONDS = 2000;
/** Polls for which a record may be on its way through the file system after its task has ended. */
const MOST_MISSES = 5;
/** Of tasks that ended early, of each of which a line is shown. */
const MOST_LINES = 5;

export function startSlurm(start: ExecutorStart): SweepExecutor {
  if (start.fresh)
    throw new InputError(
      "sweep: got --fresh with --executor slurm, whose tasks train what has no record; name a new run directory with --out",
    );
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
  private cancelled = false;
  private timer?: NodeJS.Timeout;

  constructor(private readonly start: ExecutorStart) {
    this.directory = start.directory;
  }

  async begin(cells: readonly PlannedCell[], dataset: Dataset, note: (line: string) => void): Promise<void> {
    const { directory } = this;
    const unsynced = await directory.probe();
    if (unsynced !== undefined) note(unsynced);
    const standing = await this.standing();
    const toSubmit: PlannedCell[] = [];
    const states = new Map<SlurmTask["state"], number>();
    for (const cell of cells) {
      const task = standing.get(cell.id);
      // The task may have ended between the survey and squeue's answer.
      const found = task ? undefined : await directory.readRecord(cell.id);
      if (found?.kind === "valid" && hasEnded(found.record)) this.recorded.set(cell.id, found.record);
      else if (task) {
        this.tasks.set(cell.id, task);
        states.set(task.state, (states.get(task.state) ?? 0) + 1);
      } else {
        const holder = await directory.cellHolder(cell.id);
        if (holder) note(`${cell.id}: ${holderWords(holder)} trains it; left to that process`);
        else toSubmit.push(cell);
      }
    }
    if (states.size > 0)
      note(`in Slurm: ${[...states].map(([state, number]) => `${count(number)} ${state}`).join(", ")}`);
    for (const line of await this.losses(toSubmit)) note(line);
    if (toSubmit.length > 0) note(await this.submit(toSubmit, dataset));
    if (this.start.wait) this.pollLater();
  }

  train(order: CellOrder): Promise<TrainedCell | undefined> {
    const { id } = order.cell;
    const record = this.recorded.get(id);
    if (record || !this.start.wait || !this.tasks.has(id)) return Promise.resolve(record && { record });
    return new Promise((settle) => this.waiting.set(id, { order, settle, misses: 0 }));
  }

  cancel(): void {
    this.cancelled = true;
    const names = new Set([...this.tasks.values()].map(({ name }) => name));
    for (const name of names) cancelTasks(name).catch((error: Error) => this.start.output.warn(error.message));
  }

  detach(): void {
    for (const { settle } of this.waiting.values()) settle();
    this.waiting.clear();
  }

  close(): Promise<void> {
    clearTimeout(this.timer);
    return Promise.resolve();
  }

  /** The tasks of this run directory that have not ended, by the cells that they train. */
  private async standing(): Promise<Map<string, Task & { state: SlurmTask["state"] }>> {
    const { submissions } = this.directory;
    const standing = new Map<string, Task & { state: SlurmTask["state"] }>();
    const lists = new Map<string, string[][]>();
    for (const { name, index, state } of await tasksOf(await submissions.names())) {
      if (!lists.has(name)) lists.set(name, (await submissions.readTasks(name)).tasks);
      for (const id of lists.get(name)?.[index] ?? []) standing.set(id, { name, index, state });
    }
    return standing;
  }

  /** What became of cells that were handed over the last time and are neither recorded nor in Slurm any more. */
  private async losses(cells: readonly PlannedCell[]): Promise<string[]> {
    const { submissions } = this.directory;
    const name = (await submissions.names()).at(-1);
    if (name === undefined || cells.length === 0) return [];
    const ids = new Set(cells.map(({ id }) => id));
    const { tasks } = await submissions.readTasks(name);
    const lost = tasks.flatMap((task, index) => {
      const number = task.filter((id) => ids.has(id)).length;
      return number > 0 ? [{ index, number, of: task.length }] : [];
    });
    const lines = await Promise.all(
      lost.slice(0, MOST_LINES).map(async ({ index, number, of }) => {
        const last = await submissions.lastWords(name, index);
        return `task ${index} of ${name} ended without ${number} of its ${plural(of, "cell")}: ${last}`;
      }),
    );
    if (lost.length > MOST_LINES) lines.push(`… and ${lost.length - MOST_LINES} tasks more`);
    return lines;
  }

  /** @returns what was submitted, in words */
  private async submit(cells: PlannedCell[], dataset: Dataset): Promise<string> {
    const { submissions } = this.directory;
    const plan = await this.directory.readPlan();
    if (!plan) throw new InputError(`${this.directory.folder} has lost its plan.json; run the sweep again`);
    const name = jobName(plan.sweep);
    const tasks = tasksFor(cells, dataset, this.start, await mostTasks());
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

  private async poll(): Promise<void> {
    const standing = await this.standing();
    const { submissions } = this.directory;
    for (const file of new Set(
      [...this.tasks.values()].map(({ name, index }) => submissions.progressFile(name, index)),
    ))
      for (const { id, messages } of await this.progress.news(file))
        for (const message of messages) this.waiting.get(id)?.order.onMessage(message);
    for (const [id, cell] of this.waiting) {
      const found = await this.directory.readRecord(id);
      const record = found.kind === "valid" ? found.record : undefined;
      const gone = !standing.has(id);
      // A failure may be of an earlier submission while the task has not ended.
      if (record && (gone || hasEnded(record))) this.settle(id, { record });
      else if (gone && ++cell.misses > MOST_MISSES) await this.lose(id, cell.order);
    }
  }

  private async lose(id: string, { cell, dataset }: CellOrder): Promise<void> {
    const { name, index } = this.tasks.get(id) as Task;
    const last = await this.directory.submissions.lastWords(name, index);
    this.settle(id, this.cancelled ? undefined : failedCell(cell, dataset, `its task ended without a record: ${last}`));
  }

  private settle(id: string, trained?: TrainedCell): void {
    this.waiting.get(id)?.settle(trained);
    this.waiting.delete(id);
  }
}
