/** The run loop: every cell that is to be trained goes through the executor, and its record to disk. */
import pLimit from "p-limit";
import type { Dataset } from "../../core/data/dataset.js";
import type { CellMessage } from "../../workers/protocol.js";
import { InputError } from "../../core/input-error.js";
import type { SweepExecutor } from "./executor.js";
import type { Checkpoint } from "../store/checkpoint.js";
import { CheckpointWriter } from "../store/checkpoint-writer.js";
import { cellCost, checkSamples } from "./cost.js";
import { failureReason } from "../store/files.js";
import { checkpointToResume } from "./resume.js";
import type { PlannedCell } from "./plan.js";
import { hasEnded, isTrainedTo, type CellRecord } from "../store/record.js";
import { holderWords } from "../store/lock.js";
import type { RunDirectory } from "../store/run-directory.js";
import type { CellSurvey } from "./survey.js";

/** Told what happens while the sweep runs. */
export interface SweepObserver {
  /** @param epochs how many its checkpoint has */
  cellStarted(cell: PlannedCell, epochs: number): void;
  cellMessage(cell: PlannedCell, message: CellMessage): void;
  cellEnded(cell: PlannedCell, record: CellRecord): void;
  /** What a user must not miss: retries, checkpoints that cannot be used or written. */
  note(line: string): void;
}

/** Attempts of a cell after one that failed. */
export const DEFAULT_RETRIES = 2;

export interface SweepRun {
  directory: RunDirectory;
  surveys: CellSurvey[];
  dataset: Dataset;
  executor: SweepExecutor;
  observer: SweepObserver;
  /** Train up to this epoch; to the cells' last by default. */
  until?: number;
  /** Train from the start whatever checkpoints there are. */
  fresh: boolean;
  /** Attempts of a cell after a first one that failed. */
  retries: number;
  /** Stop everything at the first cell that failed for good. */
  failFast: boolean;
  /** Asked before each cell starts. */
  cancelled: () => boolean;
}

/**
 * Trains what the surveys say is to be trained. A failing cell takes no other down.
 * @returns the records of all cells that have one now, by id: trained in this run, else as stored
 */
export async function runCells({
  directory,
  surveys,
  dataset,
  executor,
  observer,
  until,
  fresh,
  retries,
  failFast,
  cancelled,
}: SweepRun): Promise<Map<string, CellRecord>> {
  const records = new Map<string, CellRecord>();
  for (const { cell, stored } of surveys) if (stored) records.set(cell.id, stored);

  const limit = pLimit(executor.inFlight);
  /** Why all cells stop: one failed under failFast, or there was an error outside of any cell. */
  let stop: { error?: unknown } | undefined;
  const stopped = (): boolean => cancelled() || stop !== undefined;
  const stopAll = (why: { error?: unknown }): void => {
    stop ??= why;
    executor.cancel();
  };
  const end = (cell: PlannedCell, record: CellRecord): void => {
    records.set(cell.id, record);
    observer.cellEnded(cell, record);
    if (failFast && !hasEnded(record)) stopAll({});
  };
  const trainCell = async (survey: CellSurvey): Promise<void> => {
    if (stopped()) return;
    const { id } = survey.cell;
    if (executor.place !== "here") return trainLocked(survey);
    // Two that train it give the same bits: what keeps a lock from being written is told when the record cannot be.
    const lock = await directory.lockCell(id).catch((error: unknown) => {
      if (error instanceof InputError) return { release: undefined, holder: undefined };
      throw error;
    });
    if (lock.holder) observer.note(`${id}: ${holderWords(lock.holder)} trains it; left to that process`);
    else await trainLocked(survey).finally(lock.release);
  };
  const trainLocked = async ({ cell, stored: known }: CellSurvey): Promise<void> => {
    const note = (line: string): void => observer.note(`${cell.id}: ${line}`);
    const stored = executor.place === "run directory";
    // Since the survey another process may have trained it.
    const ended = known || executor.place !== "here" ? undefined : await endedRecord(directory, cell.id);
    if (ended && isTrainedTo(ended, until)) return end(cell, ended);
    const resume = fresh || stored ? undefined : await checkpointToResume(directory, cell, dataset, note);
    let started = false;
    const start = (epochs: number): void => {
      started = true;
      observer.cellStarted(cell, epochs);
    };
    // Elsewhere it may wait for long, or have come far already.
    if (executor.place === "here") start(resume?.state.epoch ?? 0);
    if (cell.config.kernels === "simd" && checkSamples(cell.config, dataset) === 0)
      note("its network is too large to check the kernels on it before it trains; training all the same");
    const checkpoints = new CheckpointWriter(directory, (reason) =>
      note(`its checkpoint cannot be written: ${reason}; training goes on without`),
    );
    const trained = await executor.train({
      cell,
      dataset,
      onMessage: (message) => {
        if (!started && message.kind !== "started")
          start((message.kind === "progress" ? message.epoch : message.curve[0].epoch) - 1);
        observer.cellMessage(cell, message);
      },
      retries,
      onRetry: (reason) => note(`${reason}; trying again`),
      cancelled: stopped,
      until,
      resume,
      save: (checkpoint: Checkpoint) => checkpoints.save(checkpoint),
    });
    // Of two writes the older must not come last; and a checkpoint must not come back after it was removed.
    await checkpoints.settled();
    if (!trained) return;
    const { record, weights } = trained;
    // A failure must not replace numbers that are valid, also where a bad disk hid them before.
    const valid = stored || hasEnded(record) ? undefined : await endedRecord(directory, cell.id);
    const kept = stored || valid ? failedAfter(record, valid) : await storeRecord(directory, record, weights);
    if (hasEnded(kept) && kept.status !== "stopped" && !stored)
      await directory
        .removeCheckpoint(cell.id)
        .catch((error: unknown) => note(`its checkpoint cannot be removed: ${failureReason(error)}`));
    // What could not be written stays where it came from, for the next sweep.
    if (kept === record)
      await trained
        .stored?.()
        .catch((error: unknown) => note(`something of it stays elsewhere: ${failureReason(error)}`));
    end(cell, kept);
  };

  // Longest first, so that the workers finish together; p-limit starts them in this order.
  const order = surveys
    .filter(({ train }) => train)
    .map((survey) => ({ survey, cost: cellCost(survey.cell.config, dataset) }))
    .sort((a, b) => b.cost - a.cost)
    .map(({ survey }) => survey);
  const cells = order.map(({ cell }) => cell);
  if (cells.length > 0) await executor.begin(cells, dataset, (line) => observer.note(line));
  await Promise.all(order.map((survey) => limit(trainCell, survey).catch((error: unknown) => stopAll({ error }))));
  if (stop && "error" in stop) throw stop.error;
  return new Map([...records].sort(([a], [b]) => (a < b ? -1 : 1)));
}

async function endedRecord(directory: RunDirectory, id: string): Promise<CellRecord | undefined> {
  const found = await directory.readRecord(id);
  return found.kind === "valid" && hasEnded(found.record) ? found.record : undefined;
}

/** What counts of a cell that failed after it was stopped: its rung knows the epochs before. */
function failedAfter(failed: CellRecord, valid?: CellRecord): CellRecord {
  return valid?.status === "stopped" ? { ...valid, status: "failed", error: failed.error, run: failed.run } : failed;
}

/** A cell whose record cannot be written has failed: its numbers are lost. @returns the record as it counts now */
export async function storeRecord(
  directory: RunDirectory,
  record: CellRecord,
  weights?: Float32Array,
): Promise<CellRecord> {
  try {
    await directory.writeRecord(record, weights);
    return record;
  } catch (error) {
    return { ...record, status: "failed", error: `its record could not be written: ${failureReason(error)}` };
  }
}
