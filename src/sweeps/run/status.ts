/** Where a running sweep stands: fed by the run loop, read by the progress display and the page's live part. */
import type { Dataset } from "../../core/data/dataset.js";
import { heldOut } from "../../core/training/held-out.js";
import type { CellMessage } from "../../workers/protocol.js";
import { cellCost, costSoFar } from "./cost.js";
import type { PlannedCell } from "./plan.js";
import type { CellRecord } from "../store/record.js";
import type { LiveStatus } from "../page/report-data.js";

export interface RunningCell {
  cell: PlannedCell;
  epoch: number;
  /** Share of the epoch that is done, in [0, 1]. */
  part: number;
  loss: number;
  samplesPerSecond: number;
  /** On the test set, or on the validation split where there is one, after the last finished epoch. */
  accuracy?: number;
}

export class SweepStatus {
  readonly startedAt = Date.now();
  readonly running = new Map<string, RunningCell>();
  ended = 0;
  failed = 0;
  /** When the first cell began: elsewhere they may wait for long. */
  private begunAt?: number;
  private endedCost = 0;
  /** What checkpoints spared: no part of the work by which the speed is judged. */
  private sparedCost = 0;
  /** Of each cell that is to be trained, by its id. */
  private readonly costs: Map<string, number>;
  private readonly totalCost: number;

  /**
   * @param skipped how many of `total` cells were done before; `cells` are those to train
   * @param until the epoch up to which they train; to their last by default
   */
  constructor(
    cells: PlannedCell[],
    readonly skipped: number,
    readonly total: number,
    private readonly workers: number,
    private readonly dataset: Dataset,
    until?: number,
  ) {
    const cost = ({ config }: PlannedCell): number =>
      until !== undefined && until < config.epochs ? costSoFar(config, dataset, until) : cellCost(config, dataset);
    this.costs = new Map(cells.map((cell) => [cell.id, cost(cell)]));
    this.totalCost = [...this.costs.values()].reduce((sum, cost) => sum + cost, 0);
  }

  /** @param epochs how many its checkpoint had */
  cellStarted(cell: PlannedCell, epochs: number): void {
    this.begunAt ??= Date.now();
    this.running.set(cell.id, { cell, epoch: epochs + 1, part: 0, loss: NaN, samplesPerSecond: 0 });
    this.sparedCost += costSoFar(cell.config, this.dataset, epochs);
  }

  cellMessage(cell: PlannedCell, message: CellMessage): void {
    const running = this.running.get(cell.id);
    if (!running || message.kind === "started") return;
    if (message.kind === "progress") {
      const { epoch, samples, samplesPerEpoch, loss, samplesPerSecond } = message;
      Object.assign(running, { epoch, part: samples / samplesPerEpoch, loss, samplesPerSecond });
    } else {
      const last = message.curve[message.curve.length - 1];
      Object.assign(running, { epoch: last.epoch, part: 1, accuracy: heldOut(last).accuracy });
    }
  }

  cellEnded(cell: PlannedCell, record: CellRecord): void {
    // Trained before this sweep looked.
    if (!this.running.delete(cell.id)) this.sparedCost += this.costOf(cell);
    this.ended += 1;
    if (record.status === "failed") this.failed += 1;
    this.endedCost += this.costOf(cell);
  }

  private costOf({ id }: PlannedCell): number {
    return this.costs.get(id) ?? 0;
  }

  /** Cells with a record, skipped ones included. */
  get done(): number {
    return this.skipped + this.ended;
  }

  /** Seconds to the end of the sweep; null until there is something to judge by. */
  etaSeconds(now = Date.now()): number | null {
    let begun = this.endedCost;
    let longest = 0;
    for (const { cell, epoch, part } of this.running.values()) {
      const cost = costSoFar(cell.config, this.dataset, epoch - 1, part);
      begun += cost;
      longest = Math.max(longest, this.costOf(cell) - cost);
    }
    const elapsed = (now - (this.begunAt ?? now)) / 1000;
    const trained = begun - this.sparedCost;
    if (trained <= 0 || elapsed <= 0) return null;
    const costPerSecond = trained / elapsed;
    const threads = Math.min(this.workers, Math.max(1, this.running.size));
    // Near the end one long cell may run alone, at one thread's speed.
    return Math.max((this.totalCost - begun) / costPerSecond, longest / (costPerSecond / threads));
  }

  live(): LiveStatus {
    return {
      startedAt: this.startedAt,
      heartbeat: Date.now(),
      running: [...this.running.values()].map(({ cell, epoch, loss, samplesPerSecond }) => ({
        id: cell.id,
        epoch,
        epochs: cell.config.epochs,
        loss,
        samplesPerSecond,
      })),
      done: this.done,
      total: this.total,
      etaSeconds: this.etaSeconds(),
    };
  }
}
