/** Small stand-ins that the tests of the harness share. */
import { mkdtempSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { trainConfigSchema, type TrainConfig, type TrainConfigInput } from "../../src/core/config.js";
import type { Dataset, Samples } from "../../src/core/data/dataset.js";
import { train } from "../../src/core/training/train.js";
import { ENGINE_VERSION } from "../../src/core/version.js";
import { cellId } from "../../src/sweeps/spec/cell-id.js";
import type { Checkpoint } from "../../src/sweeps/store/checkpoint.js";
import type { PlanFile } from "../../src/sweeps/store/plan-file.js";
import type { CellRecord } from "../../src/sweeps/store/record.js";
import type { CellExecutor } from "../../src/workers/executor.js";
import type { CellRequest } from "../../src/workers/protocol.js";

/** A folder of its own below the system's temporary one. */
export function temporaryFolder(): string {
  return mkdtempSync(path.join(os.tmpdir(), "handgrad-"));
}

/** Runs `action` with the page's data going to a file in `folder`. */
export async function withPageData<T>(folder: string, action: () => Promise<T>): Promise<T> {
  const before = process.env.HANDGRAD_PAGE_DATA;
  process.env.HANDGRAD_PAGE_DATA = path.join(folder, "page", "data.js");
  try {
    return await action();
  } finally {
    if (before === undefined) delete process.env.HANDGRAD_PAGE_DATA;
    else process.env.HANDGRAD_PAGE_DATA = before;
  }
}

/** Images of 8 × 8 whose bright column is their class. */
export function tinyDataset(train = 96, test = 40): Dataset {
  const samples = (count: number, salt: number): Samples => {
    const images = new Uint8Array(new SharedArrayBuffer(count * 64));
    const labels = new Uint8Array(new SharedArrayBuffer(count));
    for (let i = 0; i < count; i++) {
      labels[i] = (i * 7 + salt) % 4;
      for (let pixel = 0; pixel < 64; pixel++)
        images[i * 64 + pixel] = pixel % 8 === labels[i] * 2 ? 255 : (i * 31 + pixel * 17 + salt) % 97;
    }
    return { count, images, labels };
  };
  return {
    name: "tiny",
    digest: "d".repeat(64),
    height: 8,
    width: 8,
    channels: 1,
    classNames: ["a", "b", "c", "d"],
    train: samples(train, 0),
    test: samples(test, 1),
  };
}

export function tinyConfig(changes: Partial<TrainConfigInput> = {}): TrainConfig {
  return trainConfigSchema.parse({
    model: { kind: "mlp", hidden: [6] },
    optimizer: { kind: "nesterov" },
    epochs: 2,
    batchSize: 16,
    kernels: "reference",
    ...changes,
  });
}

/** A whole record with the numbers that are hardest to store. */
export function sampleRecord(config: TrainConfig = tinyConfig(), changes: Partial<CellRecord> = {}): CellRecord {
  const dataDigest = changes.dataDigest ?? "d".repeat(64);
  return {
    id: cellId(config, dataDigest),
    config,
    dataset: "tiny",
    dataDigest,
    engineVersion: ENGINE_VERSION,
    status: "diverged",
    curve: [
      { epoch: 1, trainLoss: 2.3063259922341874, trainAccuracy: 0.136, testLoss: 5e-324, testAccuracy: 0.1 },
      { epoch: 2, trainLoss: NaN, trainAccuracy: 0.1, testLoss: Infinity, testAccuracy: 1 / 3 },
    ],
    steps: { every: 3, loss: [2.5, -Infinity, 1e-300] },
    parameters: 123,
    confusion: [
      [3, 1],
      [0, 4],
    ],
    mistakes: [{ index: 5, label: 1, predicted: 0, confidence: 0.75 }],
    weightsDigest: "ab".repeat(32),
    run: {
      startedAt: "2026-01-02T03:04:05.678Z",
      seconds: 1.5,
      trainSeconds: 1.2,
      testSeconds: 0.2,
      setupSeconds: 0.1,
      samplesPerSecond: 1000,
      node: "v20.19.0",
      platform: "linux-x64",
      cpu: "a processor",
      retries: 0,
      resumes: 0,
    },
    ...changes,
  };
}

export function samplePlan(records: CellRecord[]): PlanFile {
  return {
    sweep: "tiny",
    dataset: "tiny",
    dataDigest: "d".repeat(64),
    engineVersion: ENGINE_VERSION,
    workers: 2,
    wallSeconds: 12.5,
    cells: records.map(({ id, config }) => ({ id, config })).sort((a, b) => (a.id < b.id ? -1 : 1)),
  };
}

/** A checkpoint of `tinyConfig()` after its first epoch, as far as its shape goes. */
export function sampleCheckpoint(config: TrainConfig = tinyConfig()): Checkpoint {
  const weights = Float32Array.from({ length: 418 }, (_, i) => Math.fround(i / 7 - 20));
  return {
    id: cellId(config, "d".repeat(64)),
    config,
    engineVersion: ENGINE_VERSION,
    dataDigest: "d".repeat(64),
    state: {
      epoch: 1,
      step: 6,
      curve: [{ epoch: 1, trainLoss: NaN, trainAccuracy: 0.1, testLoss: 5e-324, testAccuracy: 1 / 3 }],
      stepLosses: [2.5, -Infinity, 1e-300],
      weights,
      optimizer: weights.map((value) => -value),
    },
    spent: {
      startedAt: "2026-01-02T03:04:05.678Z",
      seconds: 1.5,
      trainSeconds: 1,
      testSeconds: 0.25,
      setupSeconds: 0.125,
      resumes: 0,
      retryReasons: [],
    },
  };
}

/** Trains on this thread, one epoch a turn, and sends the state of each; `fault` may throw in a cell's place. Keeps the order of starts, the epochs and the most in flight. */
export function executorHere(fault: (request: CellRequest) => void = () => undefined) {
  const log = { started: [] as string[], resumed: [] as number[], epochs: 0, inFlight: 0, mostInFlight: 0 };
  const timing = { trainSeconds: 1, testSeconds: 1, setupSeconds: 0 };
  const host = { node: "v1.2.3", platform: "elsewhere", cpu: "another processor" };
  let cancelled = false;
  const executor: CellExecutor = {
    async run(request, dataset, onMessage) {
      log.started.push(request.id);
      log.resumed.push(request.resume?.epoch ?? 0);
      log.mostInFlight = Math.max(log.mostInFlight, ++log.inFlight);
      const turn = (): Promise<void> =>
        new Promise((resolve) => setTimeout(resolve, (request.id.charCodeAt(request.id.length - 1) * 7) % 5));
      try {
        await turn();
        fault(request);
        const { resume, until } = request;
        const training = train(request.config, dataset, { resume, until, cancelled: () => cancelled });
        for (;;) {
          const next = training.next();
          if (next.done) return { result: next.value, timing, host };
          if (next.value.kind === "progress") continue;
          log.epochs++;
          void onMessage({
            kind: "epochs",
            curve: [next.value.metrics],
            timing,
            state:
              request.checkpoint && next.value.metrics.epoch < request.config.epochs ? next.value.state() : undefined,
          });
          await turn();
        }
      } finally {
        log.inFlight--;
      }
    },
    cancel: () => void (cancelled = true),
    close: async () => undefined,
  };
  return { executor, log };
}

/** What the commands print of a cell, in this order. */
export const SUMMARY_KEYS = [
  "id",
  "model",
  "optimizer",
  "permutation",
  "seed",
  "status",
  "epochs",
  "trainLoss",
  "trainAccuracy",
  "testLoss",
  "testAccuracy",
  "bestTestAccuracy",
  "parameters",
  "weightsDigest",
  "seconds",
  "config",
];
