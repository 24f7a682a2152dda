/** The safetensors format: the length of a JSON header [u64, little-endian], the header, then the tensors' bytes. */
import { z } from "zod";
import { InputError } from "../../core/input-error.js";
import { elementsOf } from "../../core/kernels/shape.js";
import { roundUp } from "../../core/numeric/math.js";
import { weightBytes } from "../../core/training/weight-bytes.js";
import { parseJson } from "../spec/json.js";
import { dottedPath, firstMisfit } from "../spec/zod-issues.js";
import type { NamedTensor } from "./parameter-names.js";

/** As the format's own reader has it. */
const MOST_HEADER_BYTES = 100_000_000;
const ALIGNMENT = 8;

const size = z.int().min(0);
const headerSchema = z.record(
  z.string(),
  z.object({ dtype: z.string(), shape: z.array(size), data_offsets: z.tuple([size, size]) }),
);

/** @param metadata what readers are told beside the tensors */
export function encodeSafetensors(tensors: readonly NamedTensor[], metadata: Record<string, string>): Uint8Array {
  let end = 0;
  const entries = tensors.map(({ name, shape, values }) => {
    const start = end;
    end += values.byteLength;
    return [name, { dtype: "F32", shape, data_offsets: [start, end] }] as const;
  });
  const json = JSON.stringify({ __metadata__: metadata, ...Object.fromEntries(entries) });
  // What other programs write, our file saved again among it, has no space there.
  const text = Buffer.from(json.replace("{", "{ "));
  const header = Buffer.alloc(8 + roundUp(text.length, ALIGNMENT), " ");
  header.writeBigUInt64LE(BigInt(header.length - 8));
  text.copy(header, 8);
  return Buffer.concat([header, ...tensors.map(({ values }) => weightBytes(values))]);
}

/**
 * Of all that are there by name, in whatever order, the tensors that hold weights: batch normalisation's counters
 * ("num_batches_tracked") are left out.
 * @param source names the file in errors
 * @throws InputError where the bytes are no such file, tensors overlap or leave bytes out, as the format forbids, or one is not of Float32
 */
export function decodeSafetensors(bytes: Uint8Array, source: string): Map<string, NamedTensor> {
  const wrong = (why: string): InputError => new InputError(`${source}: ${why}`);
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const length = buffer.length < 8 ? NaN : Number(buffer.readBigUInt64LE());
  if (!(length <= MOST_HEADER_BYTES && 8 + length <= buffer.length) || buffer[8] !== "{".charCodeAt(0))
    throw wrong("got a file that does not begin as safetensors do; save it again, as by safetensors.torch.save_file");
  const value = parseJson(buffer.toString("utf8", 8, 8 + length), source, "save it again", (key, item) =>
    key === "__metadata__" ? undefined : item,
  );
  const parsed = headerSchema.safeParse(value);
  if (!parsed.success) {
    const { path, message } = firstMisfit(parsed.error, value);
    throw wrong(`header: ${dottedPath(path)}: ${message}`);
  }
  const data = buffer.subarray(8 + length);
  const tensors = new Map<string, NamedTensor>();
  for (const [name, { dtype, shape, data_offsets }] of Object.entries(parsed.data)) {
    if (name.endsWith("num_batches_tracked")) continue;
    const [start, end] = data_offsets;
    if (dtype !== "F32") throw wrong(`tensor ${name}: got ${dtype}, expected F32; .float() in PyTorch makes it that`);
    if (end > data.length || end - start !== 4 * elementsOf(shape))
      throw wrong(
        `tensor ${name}: got bytes ${start} to ${end} of ${data.length}, expected ${4 * elementsOf(shape)} for [${shape.join(", ")}]; the file is cut short or damaged, save it again`,
      );
    // The bytes need not lie on an address divisible by 4.
    const values = Float32Array.from({ length: (end - start) / 4 }, (_, i) => data.readFloatLE(start + 4 * i));
    tensors.set(name, { name, shape, values });
  }
  let covered = 0;
  const ranges = Object.values(parsed.data).map(({ data_offsets }) => data_offsets);
  for (const [start, end] of [...ranges, [data.length, data.length]].sort(([a, b], [c, d]) => a - c || b - d)) {
    if (start !== covered)
      throw wrong(
        `got tensors that ${start < covered ? "share" : "leave out"} bytes before byte ${Math.max(start, covered)} of ${data.length}, expected one after the other; the file is damaged, save it again`,
      );
    covered = end;
  }
  return tensors;
}
