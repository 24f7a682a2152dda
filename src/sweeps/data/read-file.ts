/** Reads one data file, raw or gzip, into shared memory and checks it by length and digest. */
import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { InputError } from "../../core/input-error.js";
import { openRegular } from "../spec/regular-file.js";
import { failureReason, isMissing } from "../store/files.js";
import type { CanonicalFile } from "./canonical-files.js";
import { contentsOf, isGzip } from "./file-contents.js";

/** Bytes a step through the stream: large enough that a step's cost vanishes, small enough to stay in L2. */
const CHUNK = 256 * 1024;
/** As many of a file's first bytes as tell what it is. */
const HEAD = 64;

/**
 * Reads a data file from a folder, raw (faster to load) or .gz, whichever is intact. Where both are there and the raw one is
 * not, `onProgress` is told.
 * @returns as `readCanonicalFile`; undefined when the folder has neither
 * @throws InputError when what it has is not the file
 */
export async function readFromFolder(
  folder: string,
  file: CanonicalFile,
  onProgress: (line: string) => void,
): Promise<Uint8Array | undefined> {
  let failure: InputError | undefined;
  for (const name of [file.name, `${file.name}.gz`]) {
    const place = path.join(folder, name);
    try {
      const bytes = await readCanonicalFile(place, file);
      if (failure) onProgress(`${failure.message} Taking ${name} instead.`);
      return bytes;
    } catch (error) {
      if (!(error instanceof InputError)) {
        if (isAbsent(error)) continue;
        throw error;
      }
      failure ??= error;
    }
  }
  if (failure) throw failure;
  return undefined;
}

function isAbsent(error: unknown): boolean {
  return isMissing(error) || (error as NodeJS.ErrnoException).code === "ENOTDIR";
}

/**
 * Reads the file at `place`, decompressing it if it is gzip. Decompression stops as soon as it yields more
 * than the expected length, so a hostile file costs no more memory than the true one.
 * @returns the decompressed bytes on a SharedArrayBuffer of exactly their length
 * @throws InputError when it cannot be read, is no regular file, or its length or digest is not the expected one; the
 *   operating system's error when there is none
 */
export async function readCanonicalFile(place: string, file: CanonicalFile): Promise<Uint8Array> {
  let handle: FileHandle;
  try {
    ({ handle } = await openRegular(place, Infinity));
  } catch (error) {
    if (isAbsent(error)) throw error;
    throw new InputError(`${place}: cannot be read: ${failureReason(error)}; expected ${file.name}, raw or gzip.`);
  }
  const bytes = new Uint8Array(new SharedArrayBuffer(file.bytes));
  const hash = createHash("sha256");
  let compressed = false;
  let length = 0;
  const collect = async (chunks: AsyncIterable<Uint8Array>) => {
    for await (const chunk of chunks) {
      bytes.set(chunk.subarray(0, Math.max(0, bytes.length - length)), length);
      length += chunk.length;
      if (length > bytes.length) throw new Error("too long");
      hash.update(chunk);
    }
  };
  let unreadable: unknown;
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD), 0, HEAD, 0);
    // By its first bytes and not by its name: some programs decompress a download and keep the ".gz".
    compressed = isGzip(buffer.subarray(0, bytesRead));
    const stored = handle.createReadStream({ start: 0, highWaterMark: CHUNK, autoClose: false });
    await (compressed ? pipeline(stored, createGunzip({ chunkSize: CHUNK }), collect) : pipeline(stored, collect));
  } catch (error) {
    unreadable = error;
  } finally {
    await handle.close();
  }
  const digest = hash.digest("hex");
  if (!unreadable && length === bytes.length && digest === file.sha256) return bytes;

  const other = contentsOf(bytes.slice(0, Math.min(HEAD, length)), compressed);
  if (other !== undefined)
    throw new InputError(
      `${place}: got ${other}, expected ${file.name}, raw or gzip; replace it by the published file.`,
    );
  // By the length and not by the error: a pipeline may report that it was aborted instead of what aborted it.
  if (length > bytes.length)
    throw new InputError(
      `${place}: got more than the ${bytes.length} bytes expected of ${file.name}; replace it by the published file.`,
    );
  if (unreadable)
    throw new InputError(
      `${place}: cannot be read (${(unreadable as Error).message}), expected ${file.name}, raw or gzip; it may be cut short or damaged, replace it by the published file.`,
    );
  if (length !== bytes.length)
    throw new InputError(
      `${place}: got ${length} bytes, expected ${bytes.length}; it is cut short, replace it by the published file.`,
    );
  throw new InputError(
    `${place}: got sha256 ${digest}, expected ${file.sha256}; it is not the published ${file.name}, replace it.`,
  );
}
