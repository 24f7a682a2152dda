/** The JSON that `sweep --json`, `cells --json` and `cell --json` print, and the table of the same rows. */
import { modelName, type TrainConfig } from "../core/config.js";
import type { PlanFile } from "./plan-file.js";
import type { CellRecord } from "./record.js";
import { formatTable } from "./table.js";

export interface CellSummary {
  id: string;
  model: string;
  optimizer: string;
  permutation: number;
  seed: number;
  status: CellRecord["status"];
  /** Why a failed cell failed. */
  error?: string;
  /** Epochs recorded. The figures below are of the last one; null where there is none. */
  epochs: number;
  trainLoss: number | null;
  trainAccuracy: number | null;
  testLoss: number | null;
  testAccuracy: number | null;
  bestTestAccuracy: number | null;
  parameters: number;
  weightsDigest: string;
  seconds: number;
  config: TrainConfig;
}

export interface SweepSummary {
  sweep: string;
  dataset: string;
  dataDigest: string;
  engineVersion: number;
  wallSeconds: number;
  cells: CellSummary[];
}

export function summariseCell(record: CellRecord): CellSummary {
  const { id, config, status, error, curve, parameters, weightsDigest, run } = record;
  const last = curve.at(-1);
  return {
    id,
    model: modelName(config.model),
    optimizer: config.optimizer.kind,
    permutation: config.permutation,
    seed: config.seed,
    status,
    error,
    epochs: curve.length,
    trainLoss: last?.trainLoss ?? null,
    trainAccuracy: last?.trainAccuracy ?? null,
    testLoss: last?.testLoss ?? null,
    testAccuracy: last?.testAccuracy ?? null,
    bestTestAccuracy: last ? Math.max(...curve.map(({ testAccuracy }) => testAccuracy ?? NaN)) : null,
    parameters,
    weightsDigest,
    seconds: run.seconds,
    config,
  };
}

/** @param records in the order of their ids */
export function summariseSweep(plan: PlanFile, wallSeconds: number, records: Iterable<CellRecord>): SweepSummary {
  const { sweep, dataset, dataDigest, engineVersion } = plan;
  return { sweep, dataset, dataDigest, engineVersion, wallSeconds, cells: [...records].map(summariseCell) };
}

/** One row a cell; planned ids without a record are rows too. */
export function summaryTable(cells: CellSummary[], notRun: string[] = []): string {
  const percent = (value: number | null): string => (value === null ? "" : `${(100 * value).toFixed(2)} %`);
  const loss = (value: number | null): string => (value === null ? "" : value.toFixed(4));
  const rows = [
    ...cells.map((cell) => [
      cell.id,
      cell.status,
      String(cell.epochs),
      loss(cell.trainLoss),
      loss(cell.testLoss),
      percent(cell.testAccuracy),
      percent(cell.bestTestAccuracy),
      cell.parameters.toLocaleString("en-US"),
      `${cell.seconds.toFixed(1)} s`,
    ]),
    ...notRun.map((id) => [id, "not run", "", "", "", "", "", "", ""]),
  ].sort(([a], [b]) => (a < b ? -1 : 1));
  return formatTable(["cell", "status", "epochs", "train loss", "test loss", "test acc.", "best", "parameters", "time"], rows, 2);
}
