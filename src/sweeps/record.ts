/** The record: one JSON file a cell, byte-identical between runs outside `run`. */
import type { TrainConfig } from "../core/config.js";
import type { EpochMetrics, Mistake, StepLosses } from "../core/result.js";

export interface CellRecord {
  id: string;
  config: TrainConfig;
  dataset: string;
  dataDigest: string;
  engineVersion: number;
  status: "done" | "diverged" | "failed";
  /** Why a failed cell failed. */
  error?: string;
  curve: EpochMetrics[];
  steps: StepLosses;
  parameters: number;
  confusion: number[][];
  mistakes: Mistake[];
  /** sha256 of the final weights (NaN bits canonical); "" when failed. */
  weightsDigest: string;
  /** All that may differ between two runs of the same cell. */
  run: RunFacts;
}

export interface RunFacts {
  startedAt: string;
  seconds: number;
  trainSeconds: number;
  testSeconds: number;
  setupSeconds: number;
  samplesPerSecond: number;
  node: string;
  platform: string;
  cpu: string;
  retries: number;
  resumes: number;
}
