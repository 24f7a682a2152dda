/** What trains cells for a sweep, wherever it runs: the thread pool is one, a test's stand-in another. */
import type { CellMessage, CellOutcome, CellRequest } from "./protocol.js";

export interface CellExecutor {
  /**
   * Trains one cell. No message comes after the promise has settled.
   * @returns an outcome without a result when cancelled; rejects when the cell failed
   */
  run(request: CellRequest, onMessage: (message: CellMessage) => void): Promise<CellOutcome>;
  /** Stops every running and waiting cell at its next batch, for good. */
  cancel(): void;
  /** Ends all threads. To be called when no cell runs any more. */
  close(): Promise<void>;
}
