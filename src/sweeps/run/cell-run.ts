/** Trains one cell through an executor, with retries, and makes its record. */
import { performance } from "node:perf_hooks";
import { setTimeout } from "node:timers/promises";
import type { Dataset } from "../../core/data/dataset.js";
import { trainingSamples } from "../../core/training/pruning.js";
import type { TrainResult, TrainState } from "../../core/training/result.js";
import { splitSamples } from "../../core/data/splits.js";
import { ENGINE_VERSION } from "../../core/version.js";
import { CellFailure, type CellExecutor } from "../../workers/executor.js";
import type { HostFacts } from "../../workers/host.js";
import {
  NO_TIME,
  type CellMessage,
  type CellOutcome,
  type CellTiming,
  type KernelProof,
} from "../../workers/protocol.js";
import type { SpentSoFar } from "../store/checkpoint.js";
import { checkSamples } from "./cost.js";
import type { CellOrder, TrainedCell } from "./executor.js";
import type { PlannedCell } from "./plan.js";
import type { CellRecord, RunFacts } from "../store/record.js";
import { weightsDigest } from "../store/weights.js";

export interface CellRun extends CellOrder {
  executor: CellExecutor;
  /** Stops this cell at its next batch. */
  signal?: AbortSignal;
  /** For the record, where it is not the process of the sweep that trains. */
  where?: RunFacts["where"];
}

/** From one training state that was written to the next that is wanted: at least this, and this many times what writing took. */
const [STATE_PAUSE_MILLISECONDS, STATE_PAUSE_WRITES] = [1000, 4];

/** Never rejects: a cell that fails gets a record that says why. Undefined when cancelled. */
export async function runCell({
  cell,
  dataset,
  executor,
  onMessage,
  retries = 0,
  onRetry,
  cancelled,
  until,
  init,
  resume,
  save,
  signal,
  where,
}: CellRun): Promise<TrainedCell | undefined> {
  const started = Date.now();
  const secondsBefore = resume?.spent.seconds ?? 0;
  /** Up to `state`. */
  let spent: SpentSoFar = resume ? { ...resume.spent, resumes: resume.spent.resumes + 1 } : nothingSpent(started);
  let state: TrainState | undefined = resume?.state;
  const spentNow = (before: SpentSoFar, timing: CellTiming): SpentSoFar => ({
    ...before,
    seconds: secondsBefore + (Date.now() - started) / 1000,
    trainSeconds: before.trainSeconds + timing.trainSeconds,
    testSeconds: before.testSeconds + timing.testSeconds,
    setupSeconds: before.setupSeconds + timing.setupSeconds,
  });
  const facts = (...args: Parameters<typeof runFacts>): RunFacts => ({ ...runFacts(...args), where });

  for (let left = retries; ; left--) {
    const before = spent;
    const curve = [...(state?.curve ?? [])];
    const receive = async (message: CellMessage): Promise<void> => {
      onMessage(message);
      if (message.kind !== "epochs") return;
      for (const metrics of message.curve) curve.push(metrics);
      if (!message.state) return;
      state = { ...message.state, curve: [...curve] };
      spent = spentNow(before, message.timing);
      const begun = performance.now();
      await save?.({ ...origin(cell, dataset), state, spent });
      const pause = Math.max(STATE_PAUSE_MILLISECONDS, STATE_PAUSE_WRITES * (performance.now() - begun));
      await setTimeout(pause, undefined, { ref: false });
    };
    let outcome: CellOutcome;
    try {
      const checkpoint = save !== undefined || left > 0;
      outcome = await executor.run(
        {
          id: cell.id,
          config: cell.config,
          dataDigest: dataset.digest,
          init,
          resume: state,
          until,
          checkpoint,
          checkSamples: checkSamples(cell.config, dataset),
        },
        dataset,
        receive,
        signal,
      );
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (cancelled?.()) return undefined;
      if (left <= 0) {
        const host = error instanceof CellFailure ? error.host : UNKNOWN_HOST;
        return { record: failedRecord(cell, dataset, reason, facts(spentNow(spent, NO_TIME), host)) };
      }
      spent = { ...spent, retryReasons: [...spent.retryReasons, reason] };
      onRetry?.(reason);
      continue;
    }
    const { result, proof, timing, host } = outcome;
    // The same again would fail the same way.
    if (proof?.fault !== undefined)
      return { record: failedRecord(cell, dataset, proof.fault, facts(spentNow(before, timing), host)) };
    if (!result) return undefined;
    const samples = trainingSamples(cell.config, splitSamples(cell.config, dataset).train.count, result.curve.length);
    const run = facts(spentNow(before, timing), host, samples, proof);
    return { record: endedRecord(cell, dataset, result, run), weights: result.weights };
  }
}

const UNKNOWN_HOST: HostFacts = { node: "", platform: "", cpu: "" };

function nothingSpent(started: number): SpentSoFar {
  return { startedAt: new Date(started).toISOString(), seconds: 0, ...NO_TIME, resumes: 0, retryReasons: [] };
}

function endedRecord({ id, config }: PlannedCell, dataset: Dataset, result: TrainResult, run: RunFacts): CellRecord {
  const { weights, ...numbers } = result;
  return { ...identity(id, config, dataset), ...numbers, weightsDigest: weightsDigest(weights), run };
}

function failedRecord({ id, config }: PlannedCell, dataset: Dataset, error: string, run: RunFacts): CellRecord {
  return {
    ...identity(id, config, dataset),
    status: "failed",
    error,
    curve: [],
    steps: { every: 1, loss: [] },
    parameters: 0,
    confusion: [],
    mistakes: [],
    weightsDigest: "",
    run,
  };
}

/** A cell that failed, where or when is not known. */
export function failedCell(cell: PlannedCell, dataset: Dataset, error: string): TrainedCell {
  return { record: failedRecord(cell, dataset, error, runFacts(nothingSpent(Date.now()), UNKNOWN_HOST)) };
}

/** What a training state belongs to. */
function origin({ id, config }: PlannedCell, dataset: Dataset) {
  return { id, config, dataDigest: dataset.digest, engineVersion: ENGINE_VERSION };
}

/** In the schema's order of keys, in which a record is read back: the page's data are the same bytes either way. */
function identity(id: string, config: CellRecord["config"], dataset: Dataset) {
  return { id, config, dataset: dataset.name, dataDigest: dataset.digest, engineVersion: ENGINE_VERSION };
}

function runFacts(
  { startedAt, seconds, trainSeconds, testSeconds, setupSeconds, resumes, retryReasons }: SpentSoFar,
  { node, platform, cpu, simdBits }: HostFacts,
  samples = 0,
  proof?: KernelProof,
): RunFacts {
  const round = (value: number): number => Math.round(value * 1000) / 1000;
  return {
    startedAt,
    seconds: round(seconds),
    trainSeconds: round(trainSeconds),
    testSeconds: round(testSeconds),
    setupSeconds: round(setupSeconds),
    samplesPerSecond: trainSeconds > 0 ? Math.round(samples / trainSeconds) : 0,
    node,
    platform,
    cpu,
    simdBits,
    retries: retryReasons.length,
    retryReasons: retryReasons.length > 0 ? retryReasons : undefined,
    resumes,
    kernelCheck: proof && { samples: proof.samples, seconds: proof.seconds },
  };
}
