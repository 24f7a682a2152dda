/**
 * The checkpoint: a cell's training state at an epoch's end, as one binary file.
 *
 *     magic [8]  file length [f64]  header length [u32]  header (JSON)  weights [n f32]  optimizer [m f32]
 *     statistics [f32]  average [f32]  seen [f32]  sha256 of all before [32]
 *
 * All numbers little-endian. Float32 bits and JSON's shortest decimals come back exactly, so training resumed
 * from the file goes on bit for bit. Statistics, average and what pruning saw are there where the header gives their lengths.
 */
import { createHash } from "node:crypto";
import { z } from "zod";
import { trainConfigSchema, type TrainConfig } from "../../core/config.js";
import { InputError } from "../../core/input-error.js";
import type { TrainState } from "../../core/training/result.js";
import { stringify } from "../../core/json-text.js";
import { anyNumber, parseJson } from "../spec/json.js";
import { curveSchema } from "./record.js";
import { dottedPath, firstMisfit } from "../spec/zod-issues.js";

export interface Checkpoint {
  id: string;
  config: TrainConfig;
  engineVersion: number;
  dataDigest: string;
  state: TrainState;
  spent: SpentSoFar;
}

/** What a cell's training has taken up to an epoch's end, over all interruptions; goes into the record's `run`. */
export interface SpentSoFar {
  startedAt: string;
  seconds: number;
  trainSeconds: number;
  testSeconds: number;
  setupSeconds: number;
  resumes: number;
  /** Why each retry was needed. */
  retryReasons: string[];
}

const MAGIC = new TextEncoder().encode("HGCKPT1\n");
const FILE_LENGTH = MAGIC.length;
const HEADER_LENGTH = FILE_LENGTH + 8;
const HEADER = HEADER_LENGTH + 4;
const DIGEST = 32;

const count = z.int().min(0);
const headerSchema = z.strictObject({
  id: z.string(),
  config: trainConfigSchema,
  engineVersion: count,
  dataDigest: z.string(),
  epoch: z.int().min(1),
  step: z.int().min(1),
  curve: curveSchema,
  stepLosses: z.array(anyNumber),
  weights: count,
  optimizer: count,
  statistics: count.optional(),
  average: count.optional(),
  seen: count.optional(),
  spent: z.strictObject({
    startedAt: z.string(),
    seconds: anyNumber,
    trainSeconds: anyNumber,
    testSeconds: anyNumber,
    setupSeconds: anyNumber,
    resumes: count,
    retryReasons: z.array(z.string()),
  }),
});

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array = new Float32Array(0)): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);
const digestOf = (bytes: Uint8Array): Uint8Array => createHash("sha256").update(bytes).digest();

export function encodeCheckpoint({ state, ...origin }: Checkpoint): Uint8Array {
  const { weights, optimizer, statistics, average, seen, ...progress } = state;
  const lengths = {
    weights: weights.length,
    optimizer: optimizer.length,
    statistics: statistics?.length,
    average: average?.length,
    seen: seen?.length,
  };
  const fields: z.input<typeof headerSchema> = { ...origin, ...progress, ...lengths };
  const header = new TextEncoder().encode(stringify(fields));
  const parts = [
    MAGIC,
    new Uint8Array(HEADER - MAGIC.length),
    header,
    ...[weights, optimizer, statistics, average, seen].map(bytesOf),
  ];
  const file = new Uint8Array(parts.reduce((sum, part) => sum + part.length, DIGEST));
  let at = 0;
  for (const part of parts) {
    file.set(part, at);
    at += part.length;
  }
  const view = new DataView(file.buffer);
  view.setFloat64(FILE_LENGTH, file.length, true);
  view.setUint32(HEADER_LENGTH, header.length, true);
  file.set(digestOf(file.subarray(0, at)), at);
  return file;
}

/** @param source names the file in errors @throws InputError where the bytes are not a whole checkpoint */
export function decodeCheckpoint(file: Uint8Array, source: string): Checkpoint {
  const end = file.length - DIGEST;
  if (end < HEADER || MAGIC.some((byte, i) => file[i] !== byte))
    throw new InputError(`${source}: not a whole checkpoint`);
  const view = new DataView(file.buffer, file.byteOffset);
  const length = view.getFloat64(FILE_LENGTH, true);
  if (length !== file.length) throw new InputError(`${source}: got ${file.length} bytes, expected ${length}`);
  if (Buffer.compare(digestOf(file.subarray(0, end)), file.subarray(end)) !== 0)
    throw new InputError(`${source}: its digest does not fit its content, so it was altered or damaged`);
  const headerEnd = HEADER + view.getUint32(HEADER_LENGTH, true);
  if (headerEnd > end) throw new InputError(`${source}: its header is longer than the file`);

  const header = parseJson(new TextDecoder().decode(file.subarray(HEADER, headerEnd)), source);
  const parsed = headerSchema.safeParse(header);
  if (!parsed.success) {
    const { path, message } = firstMisfit(parsed.error, header);
    throw new InputError(`${source}: ${dottedPath(path)}: ${message}`);
  }
  const { id, config, engineVersion, dataDigest, spent, weights, optimizer, statistics, average, seen, ...progress } =
    parsed.data;
  const expected = 4 * (weights + optimizer + (statistics ?? 0) + (average ?? 0) + (seen ?? 0));
  if (headerEnd + expected !== end)
    throw new InputError(
      `${source}: got ${end - headerEnd} bytes of weights and optimizer state, expected ${expected}`,
    );
  let at = headerEnd;
  // Copies: the file's floats need not lie on an address divisible by 4.
  const floats = (length: number): Float32Array => {
    const bytes = new Uint8Array(file.subarray(at, at + 4 * length));
    at += bytes.length;
    return new Float32Array(bytes.buffer);
  };
  const state: TrainState = { ...progress, weights: floats(weights), optimizer: floats(optimizer) };
  if (statistics !== undefined) state.statistics = floats(statistics);
  if (average !== undefined) state.average = floats(average);
  if (seen !== undefined) state.seen = floats(seen);
  return { id, config, engineVersion, dataDigest, state, spent };
}
