/**
 * Reads files of which nothing is known but their path. What stands there may be no file at all: a named pipe holds
 * its reader up for ever, and a device may have no end.
 */
import { constants, type Stats } from "node:fs";
import { lstat, open, stat, type FileHandle } from "node:fs/promises";
import { InputError } from "../../core/input-error.js";

/** Bytes of one call: larger ones are cut by the system. */
const CHUNK = 1 << 28;

/**
 * Opens a regular file, or a link to one, for reading; whoever calls closes it.
 * @param limit most bytes that it may have
 * @throws InputError where it is larger, else what the system says (ENOENT where there is nothing), or what else it is
 */
export async function openRegular(file: string, limit: number): Promise<{ handle: FileHandle; size: number }> {
  // Before it is opened, since opening a device may do something; and again then, since it may be another by now.
  check(await stat(file).catch((error: unknown) => refuseDangling(file, error)), file, limit);
  // Without waiting for a pipe's other end; Windows has no such flag, and no such pipes.
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
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

function check(stats: Stats, file: string, limit: number): void {
  if (!stats.isFile()) throw new Error(`${nameOf(stats)} stands where a file should be`);
  if (stats.size > limit) throw new InputError(`${file}: got ${stats.size} bytes, expected at most ${limit}`);
}

function nameOf(stats: Stats): string {
  if (stats.isDirectory()) return "a folder";
  if (stats.isFIFO()) return "a named pipe";
  return stats.isSocket() ? "a socket" : "a device";
}

/** A link to nothing counts as there: what is missing could be made in its place. */
async function refuseDangling(file: string, error: unknown): Promise<never> {
  if ((error as NodeJS.ErrnoException).code === "ENOENT" && (await lstat(file).catch(() => undefined)))
    throw new Error("a link that leads nowhere stands where a file should be");
  throw error;
}
