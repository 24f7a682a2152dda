/** The few file operations that run directories are made of, and the atomic write over them. */
import { randomBytes } from "node:crypto";
import { constants, rmdirSync } from "node:fs";
import { copyFile, link, mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import { performance } from "node:perf_hooks";
import { setImmediate } from "node:timers/promises";
import { InputError } from "../../core/input-error.js";
import { openRegular, readRegular } from "../spec/regular-file.js";
import { isGone, placeDigest } from "./lock-holder.js";

/** What touches the disk; a test puts a failing one in its place. */
export interface FileOperations {
  /** Makes a folder and what it lies in. Resolves to the folders that were not there before, innermost first. */
  makeFolder(folder: string): Promise<string[]>;
  /** Reads a regular file of at most `limit` bytes; anything else is an error. */
  read(file: string, limit: number): Promise<Uint8Array>;
  /** Writes a whole new file and waits until it is on the disk. */
  write(file: string, content: Uint8Array): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** Gives a file a second name; fails with EEXIST where that is taken. */
  link(from: string, to: string): Promise<void>;
  /** Makes a rename within the folder survive a power loss, or says that the file system cannot. */
  syncFolder(folder: string): Promise<void>;
  /** When a file was last written, in milliseconds of the file server's clock. */
  modified(file: string): Promise<number>;
  /** Makes a file that holds this text one that was written now. False where it holds another, or is not there. */
  renew(file: string, text: string): Promise<boolean>;
  /** Removes a file if it is there. */
  remove(file: string): Promise<void>;
  list(folder: string): Promise<string[]>;
}

const isFolder = (place: string): Promise<boolean> =>
  stat(place).then(
    (found) => found.isDirectory(),
    () => false,
  );

/** mkdir's own `recursive` loops for ever where a parent can have no folders, as below /proc. */
async function makeFolder(folder: string): Promise<string[]> {
  if (await isFolder(folder)) return [];
  const parent = path.dirname(folder);
  const made = parent === folder ? [] : await makeFolder(parent);
  try {
    await mkdir(folder);
    return [folder, ...made];
  } catch (error) {
    // Another process may have made it in the meantime.
    if (await isFolder(folder)) return made;
    removeEmpty(made);
    throw error;
  }
}

/** Removes the folders that `makeFolder` made as far as they are still empty. At once, so that it may run when the process ends. */
export function removeEmpty(made: readonly string[]): void {
  for (const folder of made)
    try {
      rmdirSync(folder);
    } catch {
      // It holds something, so those around it do, too.
      return;
    }
}

/** Reading waits for nothing: once a second, timers and messages get their turn between two of thousands of files. */
const TURN_MILLISECONDS = 1000;
let turn = performance.now();

async function readInTurns(file: string, limit: number): Promise<Uint8Array> {
  if (performance.now() - turn > TURN_MILLISECONDS) {
    await setImmediate();
    turn = performance.now();
  }
  return readRegular(file, limit);
}

export const diskOperations: FileOperations = {
  makeFolder,
  read: readInTurns,
  async write(file, content) {
    const handle = await open(file, "w");
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
  rename,
  // Some file systems know no links; a copy that does not overwrite is the next best.
  link: (from, to) =>
    link(from, to).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "EEXIST" || error.code === "ENOENT") throw error;
      return copyFile(from, to, constants.COPYFILE_EXCL);
    }),
  async syncFolder(folder) {
    // Windows opens no folders; its renames are journaled.
    if (process.platform === "win32") return;
    const handle = await open(folder, "r");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
  async modified(file) {
    // Opening a file asks its server: without, a network file system may tell what it was told a minute ago.
    const { handle } = await openRegular(file, Infinity);
    try {
      return (await handle.stat()).mtimeMs;
    } finally {
      await handle.close();
    }
  },
  async renew(file, text) {
    const handle = await open(file, "r+").catch((error: unknown) => {
      if (isMissing(error)) return undefined;
      throw error;
    });
    try {
      if (!handle || (await handle.readFile("utf8")) !== text) return false;
      // In place, and to the file that was read: what has been put in its place since stays. `utimes` would set this machine's clock.
      await handle.write(text.slice(0, 1), 0);
      return true;
    } finally {
      await handle?.close();
    }
  },
  remove: (file) => rm(file, { force: true }),
  list: (folder) => readdir(folder),
};

/** Ending of files that are being written; whatever has it after a crash is rubbish. */
export const TEMPORARY = ".tmp";
/** This machine, and this thread among all that may share a folder. */
const [HERE, OWN] = [placeDigest(), randomBytes(4).toString("hex")];
let written = 0;

/** A name for what a file is written under at first, which no other process gives, on whatever machine. */
export function draftName(file: string): string {
  return `${file}.${process.pid}-${written++}-${HERE}-${OWN}${TEMPORARY}`;
}

/** Whether a name is one of `file`'s drafts, and its process gone; earlier versions wrote fewer fields. */
export function isLeftover(name: string, file: string): boolean {
  const begin = `${path.basename(file)}.`;
  if (!name.startsWith(begin) || !name.endsWith(TEMPORARY)) return false;
  const fields = /^(\d+)-\d+(?:-([0-9a-f]{8})-[0-9a-f]{8})?$/.exec(name.slice(begin.length, -TEMPORARY.length));
  return fields !== null && (fields[2] ?? HERE) === HERE && isGone(Number(fields[1]));
}

/** Replaces a file as a whole: a crash at any moment leaves the old content or the new. */
export async function writeAtomic(
  operations: FileOperations,
  file: string,
  content: string | Uint8Array,
): Promise<void> {
  const temporary = draftName(file);
  try {
    await operations.write(temporary, typeof content === "string" ? new TextEncoder().encode(content) : content);
    await operations.rename(temporary, file);
  } catch (error) {
    await operations.remove(temporary).catch(() => undefined);
    throw error;
  }
  await syncFolder(operations, path.dirname(file));
}

/** Makes a rename within a folder survive a power loss. False where the file system cannot, and says so, as some of networks. */
export async function syncFolder(operations: FileOperations, folder: string): Promise<boolean> {
  try {
    await operations.syncFolder(folder);
    return true;
  } catch (error) {
    if (["EINVAL", "ENOTSUP", "EOPNOTSUPP"].includes((error as NodeJS.ErrnoException).code ?? "")) return false;
    throw error;
  }
}

/** The input was right, and what came of it cannot be written. */
export class NotWritten extends InputError {}

/** Why a file operation failed, in words. */
export function failureReason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  const words: Record<string, string> = {
    EACCES: "permission denied",
    EPERM: "not permitted",
    EROFS: "read-only file system",
    ENOSPC: "no space left",
    ENOTDIR: "a file stands where a folder should be",
    EEXIST: "a file stands where a folder should be",
    EISDIR: "a folder stands where a file should be",
    ENOENT: "no such file or folder",
    EIO: "input/output error",
    EDQUOT: "quota used up",
    ESTALE: "removed or replaced on the file server",
    ETIMEDOUT: "no answer in time",
    EAGAIN: "not available at the moment",
    EDEADLK: "locked on the file server",
    ELOOP: "a link that leads back to itself",
  };
  return code === undefined ? message : `${words[code] ?? message} (${code})`;
}

export function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === "ENOENT";
}

/** Reads a text file of at most `limit` bytes; undefined where there is none. @throws InputError where it cannot be read */
export async function readText(operations: FileOperations, file: string, limit: number): Promise<string | undefined> {
  const bytes = await readBytes(operations, file, limit);
  return bytes && new TextDecoder().decode(bytes);
}

/** `readText` for binary files. */
export async function readBytes(
  operations: FileOperations,
  file: string,
  limit: number,
): Promise<Uint8Array | undefined> {
  try {
    return await operations.read(file, limit);
  } catch (error) {
    if (isMissing(error)) return undefined;
    if (error instanceof InputError) throw error;
    throw new InputError(`${file}: cannot be read: ${failureReason(error)}`);
  }
}
