/** Replaces a file that no lock guards, such as the page's data: as a whole, and with nothing left beside it. */
import { lstat, realpath, stat } from "node:fs/promises";
import path from "node:path";
import { InputError } from "../../core/input-error.js";
import { kindOf } from "../spec/regular-file.js";
import {
  diskOperations,
  isLeftover,
  isMissing,
  removeEmpty,
  writeAtomic,
  type FileOperations,
} from "../store/files.js";

/**
 * The file that writing to a place replaces, as an absolute path: itself, or what it leads to where it is a link, which stays.
 * @throws InputError where it is no regular file: a folder, a device or a pipe must not give way to one
 */
export async function replaceable(place: string): Promise<string> {
  const file = path.resolve(place);
  try {
    await lstat(file);
  } catch (error) {
    if (isMissing(error)) return file;
    throw error;
  }
  const target = await realpath(file).catch((error: unknown) => {
    throw isMissing(error) ? new InputError("got a link that leads nowhere, expected one to a file") : error;
  });
  const found = await stat(target);
  if (!found.isFile()) throw new InputError(`got ${kindOf(found)}, expected a file or a new name`);
  return target;
}

/** Makes its folder where there is none. @throws where it cannot be written; nothing is left then, and a file that was there stays */
export async function replaceFile(
  place: string,
  content: string | Uint8Array,
  operations: FileOperations = diskOperations,
): Promise<void> {
  const file = await replaceable(place);
  const made = await operations.makeFolder(path.dirname(file));
  try {
    await removeLeftovers(file, operations);
    await writeAtomic(operations, file, content);
  } catch (error) {
    removeEmpty(made);
    throw error;
  }
}

/** Removes what processes of this machine that are gone had begun to write of a file, and nothing else. */
async function removeLeftovers(file: string, operations: FileOperations): Promise<void> {
  const folder = path.dirname(file);
  const names = await operations.list(folder).catch(() => []);
  for (const name of names)
    if (isLeftover(name, file)) await operations.remove(path.join(folder, name)).catch(() => undefined);
}
