/** Reads one data file, raw or gzip, into shared memory and checks it by length and digest. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, stat } from "node:fs/promises";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { InputError } from "../../core/input-error.js";
import type { CanonicalFile } from "./canonical-files.js";

/** Bytes a step through the stream: large enough that a step's cost vanishes, small enough to stay in L2. */
const CHUNK = 256 * 1024;

/** The path of a data file in a folder, the raw one (faster to load) before the .gz; undefined when it has neither. */
export async function findCanonicalFile(folder: string, file: CanonicalFile): Promise<string | undefined> {
  for (const name of [file.name, `${file.name}.gz`]) {
    const place = path.join(folder, name);
    if ((await stat(place).catch(() => undefined))?.isFile()) return place;
  }
  return undefined;
}

/** By its first two bytes and not by its name: some programs decompress a download and keep the ".gz". */
async function isGzip(place: string): Promise<boolean> {
  const handle = await open(place);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
  } finally {
    await handle.close();
  }
}

/**
 * Reads the file at `place`, decompressing it if it is gzip. Decompression stops as soon as it yields more
 * than the expected length, so a hostile file costs no more memory than the true one.
 * @returns the decompressed bytes on a SharedArrayBuffer of exactly their length
 * @throws InputError when it cannot be read, or its length or digest is not the expected one
 */
export async function readCanonicalFile(place: string, file: CanonicalFile): Promise<Uint8Array> {
  const bytes = new Uint8Array(new SharedArrayBuffer(file.bytes));
  const hash = createHash("sha256");
  let length = 0;
  const collect = async (chunks: AsyncIterable<Uint8Array>) => {
    for await (const chunk of chunks) {
      length += chunk.length;
      if (length > bytes.length) throw new Error("too long");
      bytes.set(chunk, length - chunk.length);
      hash.update(chunk);
    }
  };
  try {
    const compressed = await isGzip(place);
    const stored = createReadStream(place, { highWaterMark: CHUNK });
    await (compressed ? pipeline(stored, createGunzip({ chunkSize: CHUNK }), collect) : pipeline(stored, collect));
  } catch (error) {
    // By the length and not by the error: a pipeline may report that it was aborted instead of what aborted it.
    if (length > bytes.length)
      throw new InputError(
        `${place}: got more than the ${bytes.length} bytes expected of ${file.name}; replace it by the published file.`,
      );
    throw new InputError(
      `${place}: cannot be read (${(error as Error).message}), expected ${file.name}, raw or gzip; it may be cut short or damaged, replace it by the published file.`,
    );
  }
  if (length !== bytes.length)
    throw new InputError(
      `${place}: got ${length} bytes, expected ${bytes.length}; it is cut short, replace it by the published file.`,
    );
  const digest = hash.digest("hex");
  if (digest !== file.sha256)
    throw new InputError(
      `${place}: got sha256 ${digest}, expected ${file.sha256}; it is not the published ${file.name}, replace it.`,
    );
  return bytes;
}
