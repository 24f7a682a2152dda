/** What executors are started from; each takes of it what it needs. */
import os from "node:os";
import type { SweepOutput } from "../run/output.js";
import type { RunDirectory } from "../store/run-directory.js";

/** Most threads that a cell or a pool may have. */
export const MAX_THREADS = 256;

/** Cells that train at once where nobody says: as many as the cores can serve. */
export const usualWorkers = (threadsPerCell: number): number =>
  Math.max(1, Math.floor(os.availableParallelism() / threadsPerCell));

export interface ExecutorStart {
  directory: RunDirectory;
  output: SweepOutput;
  /** Cells that train at once in one process. */
  workers: number;
  threadsPerCell: number;
  /** An attempt is aborted after this long without a finished batch. */
  stallSeconds: number;
  /** Attempts of a cell after a first one that failed. */
  retries: number;
  /** Train from the start whatever records and checkpoints there are. */
  fresh: boolean;
  /** Address of the queue's server, where it was given. */
  redis?: string;
  /** Wait for cells that train elsewhere without a process of the sweep's. */
  wait: boolean;
  /** The user's options of sbatch. */
  sbatch?: string;
  /** That a cluster's task should take, roughly. */
  taskMinutes: number;
}
