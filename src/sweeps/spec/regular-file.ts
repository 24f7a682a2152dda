/**
 * Reads files of which nothing is known but their path. What stands there may be no file at all: a named pipe holds
 * its reader up for ever, and a device may have no end.
 */
import { closeSync, constants, fstatSync, lstatSync, openSync, readFileSync, statSync, type Stats } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { InputError } from "../../core/input-error.js";

/** Bytes of one call: larger ones are cut by the system. */
const CHUNK = 1 << 28;
/** Bytes of a file that is read at once: of thousands, as a survey reads them, waiting for five answers each takes most of the time. */
const SMALL = 1 << 20;
/** Without waiting for a pipe's other end; Windows has no such flag, and no such pipes. */
const READ = constants.O_RDONLY | constants.O_NONBLOCK;

/**
 * Opens a regular file, or a link to one, for reading; whoever calls closes it.
 * @param limit most bytes that it may have
 * @throws InputError where it is larger, else what the system says (ENOENT where there is nothing), or what else it is
 */
export async function openRegular(file: string, limit: number): Promise<{ handle: FileHandle; size: number }> {
  // Before it is opened, since opening a device may do something; and again then, since it may be another by now.
  check(statsOf(file), file, limit);
  const handle = await open(file, READ);
  try {
    const stats = await handle.stat();
    check(stats, file, limit);
    return { handle, size: stats.size };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** The content of a regular file; parameters and errors as of `openRegular`. */
export async function readRegular(file: string, limit: number): Promise<Buffer> {
  const stats = statsOf(file);
  check(stats, file, limit);
  if (stats.size <= SMALL) return readSmall(file, limit);
  const { handle, size } = await openRegular(file, limit);
  try {
    const bytes = Buffer.allocUnsafeSlow(size);
    let length = 0;
    while (length < size) {
      const { bytesRead } = await handle.read(bytes, length, Math.min(size - length, CHUNK), length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return bytes.subarray(0, length);
  } finally {
    await handle.close();
  }
}

function readSmall(file: string, limit: number): Buffer {
  const descriptor = openSync(file, READ);
  try {
    check(fstatSync(descriptor), file, limit);
    return readFileSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** A link to nothing counts as there: what is missing could be made in its place. */
function statsOf(file: string): Stats {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats) return stats;
  if (lstatSync(file, { throwIfNoEntry: false }))
    throw new Error("a link that leads nowhere stands where a file should be");
  return statSync(file);
}

function check(stats: Stats, file: string, limit: number): void {
  if (!stats.isFile()) throw new Error(`${kindOf(stats)} stands where a file should be`);
  if (stats.size > limit) throw new InputError(`${file}: got ${stats.size} bytes, expected at most ${limit}`);
}

/** What stands at a path instead of a file, in words. */
export function kindOf(stats: Stats): string {
  if (stats.isDirectory()) return "a folder";
  if (stats.isFIFO()) return "a named pipe";
  return stats.isSocket() ? "a socket" : "a device";
}
