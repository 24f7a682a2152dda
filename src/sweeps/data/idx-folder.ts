/** Own images as IDX files, as MNIST, KMNIST, EMNIST and QMNIST are published. */
import path from "node:path";
import { promisify } from "node:util";
import { constants, gunzip, gunzipSync } from "node:zlib";
import { InputError } from "../../core/input-error.js";
import type { Samples } from "../../core/data/dataset.js";
import type { ImageSize } from "../../core/kernels/shape.js";
import { readRegular } from "../spec/regular-file.js";
import { failureReason } from "../store/files.js";
import { contentsOf, isGzip } from "./file-contents.js";
import { checkBytes, labelBytes, type OwnImages } from "./own-images.js";

const NAME = /^(?:(.+)[-_])?(train|test|t10k)[-_](images|labels)[-.]idx\d[-.](?:ubyte|int)(?:\.gz)?$/i;
const PARTS = ["train images", "train labels", "test images", "test labels"] as const;
/** Compressed bytes that surely hold a header. */
const HEAD = 4096;

/** File names of the sets in a folder, by what stands before "train": "" where nothing does. */
export function idxSets(names: readonly string[]): Map<string, (string | undefined)[]> {
  const sets = new Map<string, (string | undefined)[]>();
  for (const name of names) {
    const found = NAME.exec(name);
    if (!found) continue;
    const prefix = (found[1] ?? "").toLowerCase();
    const parts = sets.get(prefix) ?? [undefined, undefined, undefined, undefined];
    const part = (found[2].toLowerCase() === "train" ? 0 : 2) + (found[3].toLowerCase() === "images" ? 0 : 1);
    // Sorted, so the raw file stands before the compressed one.
    parts[part] ??= name;
    sets.set(prefix, parts);
  }
  return sets;
}

interface IdxArray {
  dims: number[];
  values: ArrayLike<number>;
  place: string;
}

/** @throws InputError where the file is not IDX of bytes or 32-bit whole numbers, or not as long as its header says */
async function readIdx(place: string): Promise<IdxArray> {
  const stored = await readRegular(place, Infinity).catch((error: unknown) => {
    throw new InputError(`${place}: cannot be read: ${failureReason(error)}; expected an IDX file.`);
  });
  const compressed = isGzip(stored);
  const damaged = (why: string): InputError =>
    new InputError(`${place}: ${why}; it may be cut short or damaged, fetch it again.`);
  let head: Uint8Array = stored.subarray(0, HEAD);
  try {
    if (compressed) head = gunzipSync(head, { finishFlush: constants.Z_SYNC_FLUSH });
  } catch (error) {
    throw damaged(`cannot be decompressed (${(error as Error).message})`);
  }
  const [zero, zeroToo, type, rank] = head;
  const bytesOfValue = type === 0x08 ? 1 : type === 0x0c ? 4 : 0;
  if (zero !== 0 || zeroToo !== 0 || bytesOfValue === 0 || !(rank >= 1 && rank <= 4)) {
    const got =
      contentsOf(head.slice(0, 64), compressed) ??
      `a file that begins ${Buffer.from(head.subarray(0, 4)).toString("hex")}`;
    throw new InputError(
      `${place}: got ${got}, expected IDX (000008 or 00000c and the rank), raw or gzip; fetch it again.`,
    );
  }
  const start = 4 + 4 * rank;
  if (head.length < start) throw damaged(`got ${head.length} bytes, expected an IDX header of ${start}`);
  const header = new DataView(head.buffer, head.byteOffset, start);
  const dims = Array.from({ length: rank }, (_, d) => header.getUint32(4 + 4 * d));
  if (dims.includes(0)) throw damaged(`got dimensions ${dims.join(" × ")}, expected each to be at least 1`);
  const claimed = dims.reduce((product, dim) => product * dim, bytesOfValue);
  checkBytes(place, claimed);
  let bytes: Uint8Array = stored;
  try {
    if (compressed) bytes = await promisify(gunzip)(stored, { maxOutputLength: start + claimed });
  } catch (error) {
    const tooLong = (error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE";
    throw damaged(
      tooLong
        ? `got more than the ${claimed} bytes that its header says (${dims.join(" × ")})`
        : `cannot be decompressed (${(error as Error).message})`,
    );
  }
  if (bytes.length - start !== claimed)
    throw damaged(
      `got ${bytes.length - start} bytes of values, expected ${claimed} as its header says (${dims.join(" × ")})`,
    );
  if (bytesOfValue === 1) {
    const values = new Uint8Array(new SharedArrayBuffer(claimed));
    values.set(bytes.subarray(start));
    return { dims, values, place };
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset + start, claimed);
  return { dims, values: Int32Array.from({ length: claimed / 4 }, (_, i) => view.getInt32(4 * i)), place };
}

/** QMNIST has eight columns a label, of which the first is the class. */
function labelsOf({ dims, values, place }: IdxArray, first: number): Uint8Array {
  if (dims.length > 2)
    throw new InputError(
      `${place}: got labels of ${dims.join(" × ")}, expected one number or one row for each image; take another file.`,
    );
  const columns = dims.length === 2 ? dims[1] : 1;
  return labelBytes(
    Int32Array.from({ length: dims[0] }, (_, i) => values[i * columns] - first),
    place,
  );
}

function transposed(images: Uint8Array, { height, width, channels }: ImageSize): Uint8Array {
  const upright = new Uint8Array(new SharedArrayBuffer(images.length));
  const size = height * width * channels;
  for (let from = 0; from < images.length; from += size)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        for (let c = 0; c < channels; c++)
          upright[from + (x * height + y) * channels + c] = images[from + (y * width + x) * channels + c];
  return upright;
}

export type IdxImages = ImageSize & { count: number; images: Uint8Array };

/** @param turned whether they are stored transposed @throws InputError where the array holds no images */
function imagesOf({ dims, values, place }: IdxArray, turned: boolean): IdxImages {
  if (!(values instanceof Uint8Array) || dims.length < 3)
    throw new InputError(
      `${place}: got values of ${dims.join(" × ")}, expected bytes of count × height × width, or with channels last; check that files were not swapped.`,
    );
  const [count, height, width, channels = 1] = dims;
  if (!turned) return { count, height, width, channels, images: values };
  return { count, height: width, width: height, channels, images: transposed(values, { height, width, channels }) };
}

/** All images of one file. @param turned default: those of EMNIST are stored transposed @throws InputError where it is no IDX file of images */
export const readIdxImages = async (place: string, turned = isEmnist(path.basename(place))): Promise<IdxImages> =>
  imagesOf(await readIdx(place), turned);

const isEmnist = (name: string): boolean => name.toLowerCase().startsWith("emnist");

/**
 * Reads one set of IDX files.
 * @param prefix the set's, as `idxSets` names it
 * @param turned whether images are stored transposed; default: those of EMNIST are
 * @throws InputError where a file lacks, is damaged, or does not fit the others
 */
export async function readIdxSet(
  folder: string,
  prefix: string,
  files: (string | undefined)[],
  turned = isEmnist(prefix),
): Promise<OwnImages> {
  const missing = PARTS.filter((_, i) => files[i] === undefined);
  if (missing.length > 0)
    throw new InputError(
      `${folder}: got no IDX file of ${missing.join(", none of ")} beside ${files.find(Boolean) ?? ""}, expected all four; put them there.`,
    );
  const arrays = await Promise.all((files as string[]).map((name) => readIdx(path.join(folder, name))));
  const notes: string[] = [];
  const first = prefix.endsWith("letters") ? 1 : 0;
  if (first === 1) notes.push(`The labels of ${prefix} count from 1: 1 was taken from each.`);
  if (turned) notes.push("The images are stored transposed: they were turned upright.");
  const samples = (images: IdxArray, labels: IdxArray): Samples => {
    const { dims, place } = images;
    const read = imagesOf(images, turned);
    const size = dims.slice(1);
    if (size.join() !== arrays[0].dims.slice(1).join())
      throw new InputError(
        `${place}: got images of ${size.join(" × ")}, expected ${arrays[0].dims.slice(1).join(" × ")} as in ${arrays[0].place}; take both files from the same place.`,
      );
    if (labels.dims[0] !== dims[0])
      throw new InputError(
        `${labels.place}: got ${labels.dims[0]} labels, expected ${dims[0]}, one for each image of ${place}; take both files from the same place.`,
      );
    return { count: read.count, images: read.images, labels: labelsOf(labels, first) };
  };
  const [train, test] = [samples(arrays[0], arrays[1]), samples(arrays[2], arrays[3])];
  const [, height, width, channels = 1] = arrays[0].dims;
  return { ...(turned ? { height: width, width: height } : { height, width }), channels, train, test, notes };
}
