/** The record: one JSON file a cell, byte-identical between runs outside `run`. */
import { z } from "zod";
import { trainConfigSchema, type TrainConfig } from "../../core/config.js";
import type { CellResult } from "../../core/check/compare-results.js";
import { InputError } from "../../core/input-error.js";
import type { HostFacts } from "../../workers/host.js";
import { cellId, namesCell } from "../spec/cell-id.js";
import { anyNumber, formatFields, isJsonObject, jsonDigest, parseJson } from "../spec/json.js";
import { dottedPath, firstMisfit } from "../spec/zod-issues.js";

/** What training a cell yields but its weights, whose digest is "" when it failed, and where that comes from. */
export interface CellRecord extends CellResult {
  id: string;
  config: TrainConfig;
  dataset: string;
  dataDigest: string;
  /** Why a failed cell failed. */
  error?: string;
  /** All that may differ between two runs of the same cell. */
  run: RunFacts;
}

/** How it went, and on which machine; a host fact that is not known is "". */
export interface RunFacts extends HostFacts {
  startedAt: string;
  seconds: number;
  trainSeconds: number;
  testSeconds: number;
  setupSeconds: number;
  samplesPerSecond: number;
  /** Attempts after the first, in all runs that led to this record. */
  retries: number;
  /** Why each retry was needed; absent where there was none. */
  retryReasons?: string[];
  /** How often a new run went on from a checkpoint. */
  resumes: number;
  /** By how many samples the simd kernels were checked before this network was trained, and how long that took. */
  kernelCheck?: { samples: number; seconds: number };
  /** Where an executor past one machine trained it; stays in the record, and out of the page's data. */
  where?: RunPlace;
}

/** The executor, the machine's name, and the executor's name of the task, such as "123_4". */
export interface RunPlace {
  executor: string;
  host: string;
  task?: string;
}

const count = z.int().min(0);
const digestText = z.string().regex(/^[0-9a-f]{64}$/, "64 hexadecimal digits");

/** Accuracies of older versions may lie above 1 by as much as Float32 rounds: they are read as the 1 that the same cell gives now. */
const ROUNDING = 1e-7;
const accuracy = z
  .number()
  .transform((value) => (value <= 1 + ROUNDING ? Math.min(1, value) : value))
  .pipe(z.number().min(0).max(1));
/** NaN where a model diverged. */
const probability = anyNumber.refine(
  (value) => Number.isNaN(value) || (value >= 0 && value <= 1),
  "expected a number from 0 to 1, or NaN",
);

/** A learning curve, as records and checkpoints hold it. */
export const curveSchema = z.array(
  z.strictObject({
    epoch: count,
    trainLoss: anyNumber,
    trainAccuracy: accuracy,
    testLoss: anyNumber.optional(),
    testAccuracy: accuracy.optional(),
    validationLoss: anyNumber.optional(),
    validationAccuracy: accuracy.optional(),
  }),
);

const recordSchema = z.strictObject({
  id: z.string(),
  config: trainConfigSchema,
  dataset: z.string(),
  dataDigest: digestText,
  engineVersion: count,
  status: z.enum(["done", "diverged", "stopped", "failed"]),
  error: z.string().optional(),
  curve: curveSchema,
  steps: z.strictObject({ every: count, loss: z.array(anyNumber) }),
  parameters: count,
  confusion: z.array(z.array(count)),
  mistakes: z.array(z.strictObject({ index: count, label: count, predicted: count, confidence: probability })),
  test: z.strictObject({ loss: anyNumber, accuracy }).optional(),
  weightsDigest: z.union([digestText, z.literal("")]),
  run: z.strictObject({
    startedAt: z.string(),
    seconds: anyNumber,
    trainSeconds: anyNumber,
    testSeconds: anyNumber,
    setupSeconds: anyNumber,
    samplesPerSecond: anyNumber,
    node: z.string(),
    platform: z.string(),
    cpu: z.string(),
    simdBits: z.union([z.literal(128), z.literal(256)]).optional(),
    retries: count,
    retryReasons: z.array(z.string()).optional(),
    resumes: count,
    kernelCheck: z.strictObject({ samples: count, seconds: anyNumber }).optional(),
    where: z.strictObject({ executor: z.string(), host: z.string(), task: z.string().optional() }).optional(),
  }),
});

/** The text of a record file: one field a line. `run` gets a digest of everything else in the file. */
export function encodeRecord(record: CellRecord): string {
  return formatFields({ ...record, run: { ...record.run, digest: jsonDigest(record) } });
}

/** @param source names the file in errors @throws InputError where the text is not a whole, valid record */
export function decodeRecord(text: string, source: string): CellRecord {
  const value = parseJson(text, source, REMEDY);
  if (!isJsonObject(value) || !isJsonObject(value.run))
    throw new InputError(`${source}: not a cell's record; ${REMEDY}`);
  const { digest, ...run } = value.run;
  const unsealed = { ...value, run };
  const parsed = recordSchema.safeParse(unsealed);
  if (!parsed.success) {
    const { path, message } = firstMisfit(parsed.error, unsealed);
    throw new InputError(`${source}: ${dottedPath(path)}: ${message}; ${REMEDY}`);
  }
  if (digest !== jsonDigest(unsealed))
    throw new InputError(`${source}: its digest does not fit its content, so it was altered or damaged; ${REMEDY}`);
  const record: CellRecord = parsed.data;
  const id = cellId(record.config, record.dataDigest);
  if (!namesCell(record.id, id))
    throw new InputError(`${source}: got the id ${record.id}, expected ${id} by its config and data; ${REMEDY}`);
  return { ...record, id };
}

/** What mends a record, or the weights that it vouches for. */
export const REMEDY = "npm run sweep trains the cell again";

/** The cell ended with a result: as its training does, diverged, or stopped. */
export function hasEnded(record: CellRecord): boolean {
  return record.status !== "failed";
}

/** Whether nothing is left to do for a cell up to an epoch; up to its training's end by default. */
export function isTrainedTo(record: CellRecord, epoch = record.config.epochs): boolean {
  return hasEnded(record) && (record.status !== "stopped" || record.curve.length >= epoch);
}
