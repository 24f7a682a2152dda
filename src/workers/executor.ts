/** What trains one cell after the other: the thread pool is one, a test's stand-in another. */
import type { Dataset } from "../core/data/dataset.js";
import type { HostFacts } from "./host.js";
import type { CellMessage, CellOutcome, CellRequest } from "./protocol.js";

/** A promise that it returns never rejects. */
export type ReceiveMessage = (message: CellMessage) => void | Promise<void>;

export interface CellExecutor {
  /**
   * Trains one cell. No message comes after the promise has settled.
   * @param dataset what the request's `dataDigest` names; workers that do not share this process's memory get it by that name
   * @param onMessage where it returns a promise, the next training state is not wanted before that has resolved
   * @param signal stops this cell at its next batch
   * @returns an outcome without a result when cancelled
   * @throws CellFailure where the cell failed
   */
  run(request: CellRequest, dataset: Dataset, onMessage: ReceiveMessage, signal?: AbortSignal): Promise<CellOutcome>;
  /** Stops every running and waiting cell at its next batch, for good. */
  cancel(): void;
  /** Ends all workers. To be called when no cell runs any more. */
  close(): Promise<void>;
}

export interface ExecutorOptions {
  /** A cell is aborted after this long without finishing a batch; DEFAULT_STALL_SECONDS by default. */
  stallSeconds?: number;
  /** Threads that work on one cell's shards; 1 by default. */
  threadsPerCell?: number;
}

/** @param workers cells that train at once */
export type StartExecutor = (workers: number, options?: ExecutorOptions) => CellExecutor;

/** Far above what a batch takes, also on a machine that swaps. */
export const DEFAULT_STALL_SECONDS = 120;

/** Why a cell failed, in one line, and where. */
export class CellFailure extends Error {
  constructor(
    reason: string,
    readonly host: HostFacts,
  ) {
    super(reason);
  }
}
