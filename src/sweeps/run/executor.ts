/** What trains the cells of a sweep, wherever: threads of this process, a cluster's tasks, workers behind a queue. */
import type { Dataset } from "../../core/data/dataset.js";
import type { CellMessage } from "../../workers/protocol.js";
import type { Checkpoint } from "../store/checkpoint.js";
import type { CellRecord } from "../store/record.js";
import type { PlannedCell } from "./plan.js";

/** One cell to train. */
export interface CellOrder {
  cell: PlannedCell;
  dataset: Dataset;
  onMessage: (message: CellMessage) => void;
  /** Attempts after a first one that failed; each goes on from the newest training state. */
  retries?: number;
  /** Told before each retry why it is needed. */
  onRetry?: (reason: string) => void;
  /** Asked before each retry. */
  cancelled?: () => boolean;
  /** End after this epoch, with a checkpoint, where the training has more; after its last by default. */
  until?: number;
  /** Go on from here. */
  resume?: Checkpoint;
  /** Given each training state that comes here. Resolves when it has been written, or could not be. */
  save?: (checkpoint: Checkpoint) => Promise<void>;
}

export interface TrainedCell {
  record: CellRecord;
  /** Absent when the cell failed. */
  weights?: Float32Array;
  /** To be told when it is stored: nothing of it has to be kept elsewhere then. */
  stored?: () => Promise<void>;
}

/**
 * Where cells train: in this process, which holds each cell's lock meanwhile; elsewhere, from where the trained cell comes
 * here to be stored; or elsewhere, by processes that share the run directory and store it there themselves.
 */
export type Place = "here" | "elsewhere" | "run directory";

export interface SweepExecutor {
  readonly place: Place;
  /** What it trains on, in words: "2 workers". */
  readonly words: string;
  /** Cells that it is given at once. */
  readonly inFlight: number;
  /**
   * Told once, before the first `train`, which cells will be asked for, longest first.
   * @param note tells the user a line
   */
  begin(cells: readonly PlannedCell[], dataset: Dataset, note: (line: string) => void): Promise<void>;
  /**
   * Trains one cell. Never rejects for what goes wrong with the cell: its record says why it failed. No message comes after
   * the promise has settled.
   * @returns undefined when cancelled, or when the cell goes on training elsewhere while nobody waits for it
   */
  train(order: CellOrder): Promise<TrainedCell | undefined>;
  /** Stops every running and waiting cell at its next batch, for good; what they had reached is kept. */
  cancel(): void;
  /** Waits no longer for cells that train elsewhere: they go on, and a later sweep collects them. Cancels what trains here. */
  detach(): void;
  /** To be called when no `train` is under way any more. */
  close(): Promise<void>;
}
