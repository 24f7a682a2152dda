/** Trains one cell through an executor and makes its record. */
import type { Dataset } from "../core/dataset.js";
import type { TrainResult } from "../core/result.js";
import { ENGINE_VERSION } from "../core/version.js";
import type { CellExecutor } from "../workers/executor.js";
import type { CellMessage, CellOutcome, CellTiming } from "../workers/protocol.js";
import { hostFacts } from "./host.js";
import type { PlannedCell } from "./plan.js";
import type { CellRecord, RunFacts } from "./record.js";
import { weightsDigest } from "./weights.js";

export interface TrainedCell {
  record: CellRecord;
  /** Absent when the cell failed. */
  weights?: Float32Array;
}

/** Never rejects: a cell that fails gets a record that says why. Undefined when cancelled. */
export async function runCell(
  cell: PlannedCell,
  dataset: Dataset,
  executor: CellExecutor,
  onMessage: (message: CellMessage) => void,
): Promise<TrainedCell | undefined> {
  const startedAt = new Date();
  let outcome: CellOutcome;
  try {
    outcome = await executor.run({ ...cell, dataset, checkpoint: false }, onMessage);
  } catch (error) {
    return { record: failedRecord(cell, dataset, error, runFacts(startedAt)) };
  }
  const { result, timing } = outcome;
  if (!result) return undefined;
  return { record: endedRecord(cell, dataset, result, runFacts(startedAt, timing, trainedSamples(cell, dataset, result))), weights: result.weights };
}

function endedRecord({ id, config }: PlannedCell, dataset: Dataset, result: TrainResult, run: RunFacts): CellRecord {
  const { status, curve, steps, parameters, confusion, mistakes, weights } = result;
  return {
    ...identity(id, config, dataset),
    status,
    curve,
    steps,
    parameters,
    confusion,
    mistakes,
    weightsDigest: weightsDigest(weights),
    run,
  };
}

function failedRecord({ id, config }: PlannedCell, dataset: Dataset, error: unknown, run: RunFacts): CellRecord {
  return {
    ...identity(id, config, dataset),
    status: "failed",
    error: error instanceof Error ? error.message : String(error),
    curve: [],
    steps: { every: 1, loss: [] },
    parameters: 0,
    confusion: [],
    mistakes: [],
    weightsDigest: "",
    run,
  };
}

function identity(id: string, config: CellRecord["config"], dataset: Dataset) {
  return { id, config, dataset: dataset.name, dataDigest: dataset.digest, engineVersion: ENGINE_VERSION };
}

function trainedSamples({ config }: PlannedCell, dataset: Dataset, { curve }: TrainResult): number {
  return curve.length * Math.min(config.trainLimit ?? Infinity, dataset.train.count);
}

function runFacts(startedAt: Date, timing?: CellTiming, samples = 0): RunFacts {
  const { trainSeconds, testSeconds, setupSeconds } = timing ?? { trainSeconds: 0, testSeconds: 0, setupSeconds: 0 };
  const round = (value: number): number => Math.round(value * 1000) / 1000;
  return {
    startedAt: startedAt.toISOString(),
    seconds: round((Date.now() - startedAt.getTime()) / 1000),
    trainSeconds: round(trainSeconds),
    testSeconds: round(testSeconds),
    setupSeconds: round(setupSeconds),
    samplesPerSecond: trainSeconds > 0 ? Math.round(samples / trainSeconds) : 0,
    ...hostFacts(),
    retries: 0,
    resumes: 0,
  };
}
