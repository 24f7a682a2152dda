/** The JSON that `sweep --json`, `cells --json` and `cell --json` print. */
import type { TrainConfig } from "../../core/config.js";
import { largest } from "../../core/numeric/extremes.js";
import { modelName } from "../../core/models/table.js";
import { placeOf, type CellPlace } from "../spec/place.js";
import type { PlanFile } from "../store/plan-file.js";
import type { CellRecord } from "../store/record.js";

export interface CellSummary extends CellPlace {
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
  /** Of a cell with a validation split, all three are of the one reading of the test set after the last epoch. */
  testLoss: number | null;
  testAccuracy: number | null;
  bestTestAccuracy: number | null;
  /** Only of a cell with a validation split. */
  validationLoss?: number | null;
  validationAccuracy?: number | null;
  bestValidationAccuracy?: number | null;
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

/** @param place the cell's place in its sweep, where it has one */
export function summariseCell(record: CellRecord, place: CellPlace = {}): CellSummary {
  const { id, config, status, error, curve, parameters, weightsDigest, run } = record;
  const last = curve.at(-1);
  return {
    id,
    ...placeOf(place),
    model: modelName(config.model),
    optimizer: config.optimizer.kind,
    permutation: config.permutation,
    seed: config.seed,
    status,
    error,
    epochs: curve.length,
    trainLoss: last?.trainLoss ?? null,
    trainAccuracy: last?.trainAccuracy ?? null,
    ...(config.validation === undefined ? testFigures(record) : validationFigures(record)),
    parameters,
    weightsDigest,
    seconds: run.seconds,
    config,
  };
}

function testFigures({ curve }: CellRecord) {
  const last = curve.at(-1);
  return {
    testLoss: last?.testLoss ?? null,
    testAccuracy: last?.testAccuracy ?? null,
    bestTestAccuracy: best(curve.map(({ testAccuracy }) => testAccuracy)),
  };
}

function validationFigures({ curve, test }: CellRecord) {
  const last = curve.at(-1);
  return {
    testLoss: test?.loss ?? null,
    testAccuracy: test?.accuracy ?? null,
    bestTestAccuracy: test?.accuracy ?? null,
    validationLoss: last?.validationLoss ?? null,
    validationAccuracy: last?.validationAccuracy ?? null,
    bestValidationAccuracy: best(curve.map(({ validationAccuracy }) => validationAccuracy)),
  };
}

function best(accuracies: (number | undefined)[]): number | null {
  return accuracies.length === 0 ? null : largest(accuracies.map((accuracy) => accuracy ?? NaN));
}

/** @param records in the order of their ids */
export function summariseSweep(plan: PlanFile, wallSeconds: number, records: Iterable<CellRecord>): SweepSummary {
  const { sweep, dataset, dataDigest, engineVersion } = plan;
  const places = new Map(plan.cells.map((cell) => [cell.id, cell]));
  return {
    sweep,
    dataset,
    dataDigest,
    engineVersion,
    wallSeconds,
    cells: [...records].map((record) => summariseCell(record, places.get(record.id))),
  };
}
