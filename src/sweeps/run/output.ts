/** What a sweep tells its user, whatever it is shown on. */
import type { CellMessage } from "../../workers/protocol.js";
import type { CellRecord } from "../store/record.js";
import type { PlannedCell } from "./plan.js";
import type { SweepStatus } from "./status.js";

export interface SweepOutput {
  /** Tells where things stand, in a line. */
  say(line: string): void;
  /** Tells what must not be missed. */
  warn(line: string): void;
  /** Shows the cells that train, until the view is closed. */
  show(status: SweepStatus): Promise<ProgressView>;
}

export interface ProgressView {
  cellMessage(cell: PlannedCell, message: CellMessage): void;
  cellEnded(record: CellRecord): void;
  /** A line to keep. */
  note(line: string): void;
  close(): void;
}
