/** What travels between a sweep and a worker of its queue: a cell as text, and the trained cell as bytes. */
import { createHash } from "node:crypto";
import { z } from "zod";
import { trainConfigSchema } from "../../core/config.js";
import { InputError } from "../../core/input-error.js";
import { stringify } from "../../core/json-text.js";
import type { CellOrder, TrainedCell } from "../run/executor.js";
import type { PlannedCell } from "../run/plan.js";
import { parseJson } from "../spec/json.js";
import { dottedPath, firstMisfit } from "../spec/zod-issues.js";
import { decodeRecord, encodeRecord } from "../store/record.js";
import { weightBytes } from "../../core/training/weight-bytes.js";

const orderSchema = z.strictObject({
  id: z.string(),
  config: trainConfigSchema,
  retries: z.int().min(0),
  /** `weightBytes`, in base64. */
  init: z
    .base64()
    .transform((text) => new Float32Array(new Uint8Array(Buffer.from(text, "base64")).buffer))
    .optional(),
  until: z.int().min(1).optional(),
});

/** What a worker is told of a cell beside its config: see `CellOrder`. */
type OrderOptions = Pick<CellOrder, "init" | "until"> & { retries: number };

export function encodeOrder({ id, config }: PlannedCell, { retries, init, until }: OrderOptions): string {
  const start = init && Buffer.from(weightBytes(init)).toString("base64");
  return stringify({ id, config, retries, init: start, until });
}

/** @throws InputError where the text is no order */
export function decodeOrder(text: string, source: string): z.output<typeof orderSchema> {
  const value = parseJson(text, source);
  const parsed = orderSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { path, message } = firstMisfit(parsed.error, value);
  throw new InputError(`${source}: ${dottedPath(path)}: ${message}`);
}

/** Length of the record [u32, little-endian], record (JSON), weights. Both have their digest in the record. */
export function encodeTrained({ record, weights }: TrainedCell): Uint8Array {
  const text = Buffer.from(encodeRecord(record));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(text.length);
  return Buffer.concat([length, text, weights ? weightBytes(weights) : Buffer.alloc(0)]);
}

/** @throws InputError where the bytes are not a whole trained cell */
export function decodeTrained(bytes: Uint8Array, source: string): TrainedCell {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const length = buffer.length < 4 ? Infinity : buffer.readUInt32LE();
  if (4 + length > buffer.length) throw new InputError(`${source}: not a whole trained cell`);
  const record = decodeRecord(buffer.toString("utf8", 4, 4 + length), source);
  if (record.weightsDigest === "") return { record };
  // A copy: the floats need not lie on an address divisible by 4.
  const weights = new Uint8Array(buffer.subarray(4 + length));
  if (createHash("sha256").update(weights).digest("hex") !== record.weightsDigest)
    throw new InputError(`${source}: its weights are not what its record vouches for`);
  return { record, weights: new Float32Array(weights.buffer) };
}
