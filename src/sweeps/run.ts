/** The run loop: every cell that is to be trained goes through the executor, and its record to disk. */
import pLimit from "p-limit";
import type { Dataset } from "../core/dataset.js";
import type { CellExecutor } from "../workers/executor.js";
import type { CellMessage } from "../workers/protocol.js";
import { runCell } from "./cell-run.js";
import { cellCost } from "./cost.js";
import { failureReason } from "./files.js";
import type { PlannedCell } from "./plan.js";
import { hasEnded, type CellRecord } from "./record.js";
import type { RunDirectory } from "./run-directory.js";
import type { CellSurvey } from "./survey.js";

/** Told what happens while the sweep runs. */
export interface SweepObserver {
  cellStarted(cell: PlannedCell): void;
  cellMessage(cell: PlannedCell, message: CellMessage): void;
  cellEnded(cell: PlannedCell, record: CellRecord): void;
}

export interface SweepRun {
  directory: RunDirectory;
  surveys: CellSurvey[];
  dataset: Dataset;
  executor: CellExecutor;
  /** How many cells are in flight at once. */
  workers: number;
  observer: SweepObserver;
  /** Asked before each cell starts. */
  cancelled: () => boolean;
}

/**
 * Trains what the surveys say is to be trained. A failing cell takes no other down.
 * @returns the records of all cells that have one now, by id: trained in this run, else as stored
 */
export async function runCells({ directory, surveys, dataset, executor, workers, observer, cancelled }: SweepRun): Promise<Map<string, CellRecord>> {
  const records = new Map<string, CellRecord>();
  for (const { cell, stored } of surveys) if (stored) records.set(cell.id, stored);

  const limit = pLimit(workers);
  const trainCell = async ({ cell, stored }: CellSurvey): Promise<void> => {
    if (cancelled()) return;
    observer.cellStarted(cell);
    const trained = await runCell(cell, dataset, executor, (message) => observer.cellMessage(cell, message));
    if (!trained) return;
    const { record, weights } = trained;
    // A failure must not replace numbers that are valid.
    const store = hasEnded(record) || !stored || !hasEnded(stored);
    const kept = store ? await storeRecord(directory, record, weights) : record;
    records.set(cell.id, kept);
    observer.cellEnded(cell, kept);
  };

  // Longest first, so that the workers finish together; p-limit starts them in this order.
  const order = surveys.filter(({ train }) => train).sort((a, b) => cellCost(b.cell.config, dataset) - cellCost(a.cell.config, dataset));
  await Promise.all(order.map((survey) => limit(trainCell, survey)));
  return new Map([...records].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** A cell whose record cannot be written has failed, whatever it learned: nobody could find its numbers again. */
async function storeRecord(directory: RunDirectory, record: CellRecord, weights?: Float32Array): Promise<CellRecord> {
  try {
    await directory.writeRecord(record, weights);
    return record;
  } catch (error) {
    return { ...record, status: "failed", error: `its record could not be written: ${failureReason(error)}` };
  }
}
