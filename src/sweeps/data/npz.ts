/** Own images as one .npz file of numpy: x_train, y_train, x_test, y_test. */
import { unzipSync } from "fflate";
import { InputError } from "../../core/input-error.js";
import type { Samples } from "../../core/data/dataset.js";
import type { ImageSize } from "../../core/kernels/shape.js";
import { readRegular } from "../spec/regular-file.js";
import { failureReason } from "../store/files.js";
import { checkBytes, labelBytes, type OwnImages } from "./own-images.js";

const ARRAYS = ["x_train", "y_train", "x_test", "y_test"] as const;
/** No deflated byte stands for more. */
const MOST_PER_BYTE = 1032;
/** More channels than these are taken for a side of the image. */
const MAX_CHANNELS = 4;

interface NumpyArray {
  place: string;
  name: string;
  /** Kind and bytes: "u1", "i8", "f4". */
  type: string;
  bigEndian: boolean;
  shape: number[];
  bytes: Uint8Array;
}

function parseNpy(file: Uint8Array, place: string, name: string): NumpyArray {
  const damaged = (why: string): InputError =>
    new InputError(`${place}: ${name}: ${why}; save it again with numpy.savez.`);
  if (file.length < 12 || Buffer.from(file.subarray(0, 6)).toString("latin1") !== "\x93NUMPY")
    throw damaged("got no numpy array");
  const view = new DataView(file.buffer, file.byteOffset, 12);
  const start = file[6] === 1 ? 10 : 12;
  const end = start + (start === 10 ? view.getUint16(8, true) : view.getUint32(8, true));
  const header = Buffer.from(file.subarray(start, Math.min(end, start + 10_000))).toString("latin1");
  const type = /'descr': '([<>|=])([a-zA-Z]\d+)'/.exec(header);
  const shape = /'shape': \(([\d, ]*)\)/.exec(header);
  if (!type || !shape) throw damaged("got an array of objects or a damaged header, expected whole numbers");
  if (header.includes("'fortran_order': True"))
    throw new InputError(
      `${place}: ${name}: got columns first, expected rows first; ${name} = numpy.ascontiguousarray(${name}) mends it.`,
    );
  const dims = shape[1]
    .split(",")
    .filter((text) => text.trim() !== "")
    .map(Number);
  const claimed = dims.reduce((product, dim) => product * dim, Number(type[2].slice(1)));
  if (file.length - end !== claimed)
    throw damaged(`got ${file.length - end} bytes, expected ${claimed} as its header says`);
  return { place, name, type: type[2], bigEndian: type[1] === ">", shape: dims, bytes: file.subarray(end) };
}

function labelsOf({ place, name, type, bigEndian, shape, bytes }: NumpyArray): Uint8Array {
  const wrong = (got: string, remedy: string): InputError =>
    new InputError(`${place}: ${name}: got ${got}, expected whole numbers of shape (N,); ${remedy} mends it.`);
  if (shape.length === 2 && shape[1] > 1)
    throw wrong(`shape (${shape.join(", ")}), as of one-hot labels`, `${name} = ${name}.argmax(1)`);
  if (!/^[iu][1248]$/.test(type)) throw wrong(`type ${type}`, `${name} = ${name}.astype("uint8")`);
  if (shape.length !== 1 && shape.length !== 2)
    throw wrong(`shape (${shape.join(", ")})`, `${name} = ${name}.reshape(-1)`);
  const size = Number(type[1]);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const at = (i: number): number => {
    const little = !bigEndian;
    if (size === 8) return Number(type[0] === "u" ? view.getBigUint64(8 * i, little) : view.getBigInt64(8 * i, little));
    if (size === 4) return type[0] === "u" ? view.getUint32(4 * i, little) : view.getInt32(4 * i, little);
    if (size === 2) return type[0] === "u" ? view.getUint16(2 * i, little) : view.getInt16(2 * i, little);
    return type[0] === "u" ? view.getUint8(i) : view.getInt8(i);
  };
  return labelBytes(
    Float64Array.from({ length: shape[0] }, (_, i) => at(i)),
    `${place}: ${name}`,
  );
}

/** With channels last, whichever way they were stored. */
function imagesOf({ place, name, type, shape, bytes }: NumpyArray): ImageSize & { count: number; images: Uint8Array } {
  const wrong = (got: string, mend: string): InputError =>
    new InputError(`${place}: ${name}: got ${got}, expected uint8 of (N, H, W), (N, H, W, C) or (N, C, H, W); ${mend}`);
  if (type !== "u1")
    throw wrong(
      `type ${type}`,
      type.startsWith("f")
        ? `of values in [0, 1] ${name} = (${name} * 255).round().astype("uint8") mends it.`
        : `${name} = ${name}.astype("uint8") mends it.`,
    );
  const last = shape.length === 3 || (shape.length === 4 && shape[3] <= MAX_CHANNELS);
  if (shape.includes(0) || (!last && !(shape.length === 4 && shape[1] <= MAX_CHANNELS)))
    throw wrong(`shape (${shape.join(", ")})`, `${name} = ${name}.reshape(-1, H, W) may mend it.`);
  const [count, height, width, channels] = last ? [...shape, 1] : [shape[0], shape[2], shape[3], shape[1]];
  const images = new Uint8Array(new SharedArrayBuffer(bytes.length));
  if (last) images.set(bytes);
  else {
    const pixels = height * width;
    for (let i = 0; i < count; i++)
      for (let c = 0; c < channels; c++)
        for (let p = 0; p < pixels; p++)
          images[(i * pixels + p) * channels + c] = bytes[(i * channels + c) * pixels + p];
  }
  return { count, height, width, channels, images };
}

/** @throws InputError where the file cannot be read or its arrays are not labelled images */
export async function readNpz(place: string): Promise<OwnImages> {
  const stored = await readRegular(place, Infinity).catch((error: unknown) => {
    throw new InputError(`${place}: cannot be read: ${failureReason(error)}; expected an .npz file.`);
  });
  let total = 0;
  let files: Record<string, Uint8Array>;
  try {
    files = unzipSync(stored, {
      filter: ({ name, size, originalSize, compression }) => {
        if (!ARRAYS.some((array) => name === `${array}.npy`)) return false;
        if (originalSize > (compression === 0 ? size : size * MOST_PER_BYTE) || size > stored.length)
          throw new Error(`${name} claims ${originalSize} bytes`);
        total += originalSize;
        checkBytes(place, total);
        return true;
      },
    });
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(
      `${place}: cannot be read (${(error as Error).message}), expected an .npz file of numpy; it may be cut short or damaged, save it again.`,
    );
  }
  const missing = ARRAYS.filter((array) => !Object.hasOwn(files, `${array}.npy`));
  if (missing.length > 0)
    throw new InputError(
      `${place}: got no ${missing.join(", no ")}, expected x_train, y_train, x_test and y_test; save them under these names with numpy.savez.`,
    );
  const arrays = ARRAYS.map((array) => parseNpy(files[`${array}.npy`], place, array));
  const [train, test] = [imagesOf(arrays[0]), imagesOf(arrays[2])];
  const { height, width, channels } = train;
  if (test.height !== height || test.width !== width || test.channels !== channels)
    throw new InputError(
      `${place}: x_test: got images of ${test.height}×${test.width}×${test.channels}, expected ${height}×${width}×${channels} as in x_train.`,
    );
  const samples = ({ count, images }: { count: number; images: Uint8Array }, labels: NumpyArray): Samples => {
    if (labels.shape[0] !== count)
      throw new InputError(
        `${place}: ${labels.name}: got ${labels.shape[0] ?? 1} labels, expected ${count}, one for each image.`,
      );
    return { count, images, labels: labelsOf(labels) };
  };
  return { height, width, channels, train: samples(train, arrays[1]), test: samples(test, arrays[3]), notes: [] };
}
