/** What every reader of the user's own images gives, and the bounds that all of them keep. */
import { readdir, stat } from "node:fs/promises";
import os from "node:os";
import { InputError } from "../../core/input-error.js";
import type { Samples } from "../../core/data/dataset.js";
import type { ImageSize } from "../../core/kernels/shape.js";
import { failureReason } from "../store/files.js";
import { MAX_CLASSES } from "../spec/data-options.js";

export interface OwnImages extends ImageSize {
  train: Samples;
  test: Samples;
  /** Names of the classes, where what was read has any. */
  classNames?: string[];
  /** What the user is to know of how they were read, a line each. */
  notes: string[];
}

/** Half of the memory: cells need the other. */
const mostBytes = (): number => Math.min(os.totalmem(), process.constrainedMemory() || Infinity) / 2;

/** @throws InputError where that many bytes of data are more than this machine takes */
export function checkBytes(place: string, bytes: number): void {
  if (!(bytes <= mostBytes()))
    throw new InputError(
      `${place}: got ${bytes.toExponential(1)} bytes of images, expected at most ${mostBytes().toExponential(1)}, half of this machine's memory; make the images fewer or smaller.`,
    );
}

/** @param values whole numbers @returns them as bytes in shared memory @throws InputError where one is no label */
export function labelBytes(values: ArrayLike<number>, place: string): Uint8Array {
  const labels = new Uint8Array(new SharedArrayBuffer(values.length));
  for (let i = 0; i < values.length; i++) {
    if (!(values[i] >= 0 && values[i] < MAX_CLASSES))
      throw new InputError(
        `${place}: got label ${values[i]} at position ${i}, expected 0 to ${MAX_CLASSES - 1}; number the classes from 0.`,
      );
    labels[i] = values[i];
  }
  return labels;
}

/** Names in a folder, sorted. @throws InputError where it cannot be listed */
export async function listFolder(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => !name.startsWith(".")).sort();
  } catch (error) {
    throw new InputError(`${folder}: cannot be read: ${failureReason(error)}; expected a folder of images.`);
  }
}

/** The folders among these names. A link that leads nowhere, or in a circle, is none. */
export async function foldersIn(folder: string, names: string[]): Promise<string[]> {
  const kinds = await Promise.all(
    names.map((name) =>
      stat(`${folder}/${name}`).then(
        (stats) => stats.isDirectory(),
        () => false,
      ),
    ),
  );
  return names.filter((_, i) => kinds[i]);
}
