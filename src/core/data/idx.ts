/**
 * The IDX format of the MNIST family: two zero bytes, a type byte (8: unsigned byte), the rank, then each
 * dimension as a big-endian 32-bit number, then the values. What a header claims is compared with what is
 * there; nothing is ever allocated by it.
 */
import { InputError } from "../input-error.js";
import type { Samples } from "./dataset.js";
import type { ImageSize } from "../kernels/shape.js";

const hex = (magic: number) => `0x${magic.toString(16).padStart(8, "0")}`;

const idxMagic = (rank: number) => 0x00000800 + rank;

/** What stands before the values in an IDX file of unsigned bytes. */
export function idxHeader(dims: readonly number[]): Uint8Array {
  const header = new DataView(new ArrayBuffer(4 + 4 * dims.length));
  [idxMagic(dims.length), ...dims].forEach((word, i) => header.setUint32(4 * i, word));
  return new Uint8Array(header.buffer);
}

/**
 * Reads one IDX file of unsigned bytes.
 * @param bytes the whole file, decompressed
 * @param file its name, for error messages
 * @param rank how many dimensions it must have: 1 for labels (count), 3 for grey images (count, height, width), 4 for others (channels last)
 * @returns the dimensions, all at least 1, and a view (no copy) on the values, as many as the dimensions' product
 * @throws InputError when magic, dimensions or length are not what they must be
 */
export function parseIdx(bytes: Uint8Array, file: string, rank: 1 | 3 | 4): { dims: number[]; values: Uint8Array } {
  const headerLength = 4 + 4 * rank;
  if (bytes.length < headerLength)
    throw new InputError(
      `${file}: got ${bytes.length} bytes, expected an IDX header of ${headerLength}; the file is cut short, fetch it again.`,
    );
  const header = new DataView(bytes.buffer, bytes.byteOffset, headerLength);
  const magic = header.getUint32(0);
  if (magic !== idxMagic(rank))
    throw new InputError(
      `${file}: got magic number ${hex(magic)}, expected ${hex(idxMagic(rank))} (IDX, ${rank === 1 ? "labels" : "images"}); check that files were not swapped or left compressed.`,
    );
  const dims = Array.from({ length: rank }, (_, d) => header.getUint32(4 + 4 * d));
  if (dims.includes(0))
    throw new InputError(
      `${file}: got dimensions ${dims.join(" × ")}, expected each to be at least 1; fetch the file again.`,
    );
  // At most 2^96: past 2^53 the product is rounded, yet still far above any length.
  const claimed = dims.reduce((product, dim) => product * dim, 1);
  if (bytes.length - headerLength !== claimed)
    throw new InputError(
      `${file}: got ${bytes.length - headerLength} values, expected ${claimed} as its header says (${dims.join(" × ")}); the file is damaged, fetch it again.`,
    );
  return { dims, values: bytes.subarray(headerLength) };
}

/** A decompressed file and the name to call it by in messages. */
export interface NamedBytes {
  name: string;
  bytes: Uint8Array;
}

/**
 * Reads a file of images and the file of their labels.
 * @param size what the images must have
 * @param classes how many classes there are: each label must be below it
 * @returns the samples (views, no copy)
 * @throws InputError when either is not IDX, when the images have another size, when counts differ, or when a label is out of range
 */
export function parseSamples(
  images: NamedBytes,
  labels: NamedBytes,
  { height, width, channels }: ImageSize,
  classes: number,
): Samples {
  const pixels = parseIdx(images.bytes, images.name, channels === 1 ? 3 : 4);
  const classOf = parseIdx(labels.bytes, labels.name, 1);
  const [count, ...size] = pixels.dims;
  const expected = channels === 1 ? [height, width] : [height, width, channels];
  if (size.some((side, i) => side !== expected[i]))
    throw new InputError(
      `${images.name}: got images of ${size.join(" × ")}, expected ${expected.join(" × ")}; fetch the file again.`,
    );
  if (classOf.dims[0] !== count)
    throw new InputError(
      `${labels.name}: got ${classOf.dims[0]} labels, expected ${count}, one for each image of ${images.name}; take both files from the same place.`,
    );
  const wrong = classOf.values.findIndex((label) => label >= classes);
  if (wrong >= 0)
    throw new InputError(
      `${labels.name}: got label ${classOf.values[wrong]} at position ${wrong}, expected 0 to ${classes - 1}; fetch the file again.`,
    );
  return { count, images: pixels.values, labels: classOf.values };
}
