/** Own images as PNG files, a folder per class: DIR/train/CLASS and DIR/test/CLASS, or DIR/CLASS alone. */
import path from "node:path";
import { convertIndexedToRgb, decode } from "fast-png";
import { InputError } from "../../core/input-error.js";
import type { Samples } from "../../core/data/dataset.js";
import { RandomStream } from "../../core/numeric/random.js";
import { readRegular } from "../spec/regular-file.js";
import { MAX_CLASSES } from "../spec/data-options.js";
import { failureReason } from "../store/files.js";
import { checkBytes, foldersIn, labelBytes, listFolder, type OwnImages } from "./own-images.js";

/** Without splits every sixth image of a class is a test image, as in the MNIST family. */
const TEST_SHARE = 6;
/** What a PNG may hold beside its pixels, which deflate makes hardly larger: so none unpacks to more than a few hundred megabytes. */
const MOST_BESIDE = 1 << 18;
const SIGNATURE = "89504e470d0a1a0a0000000d49484452";

interface Picture {
  place: string;
  label: number;
}

interface Pixels {
  height: number;
  width: number;
  channels: number;
  bytes: Uint8Array;
}

/** The classes' folders, sorted, and the PNG files of each. */
async function classFolders(folder: string): Promise<Map<string, string[]>> {
  const classes = new Map<string, string[]>();
  for (const name of await foldersIn(folder, await listFolder(folder))) {
    const place = path.join(folder, name);
    const files = (await listFolder(place)).filter((file) => /\.png$/i.test(file));
    if (files.length > 0)
      classes.set(
        name,
        files.map((file) => path.join(place, file)),
      );
  }
  return classes;
}

/** Eight bits a value, grey or RGB. @throws InputError where the file is no such picture */
async function readPng(place: string): Promise<Pixels> {
  const wrong = (why: string): InputError => new InputError(`${place}: ${why}`);
  const file = await readRegular(place, Infinity).catch((error: unknown) => {
    throw wrong(`cannot be read: ${failureReason(error)}; expected a PNG file.`);
  });
  if (file.length < 33 || file.subarray(0, 16).toString("hex") !== SIGNATURE)
    throw wrong("got a file that does not begin as PNG does; save it as PNG again.");
  const [width, height] = [file.readUInt32BE(16), file.readUInt32BE(20)];
  const raw = width * height * 8;
  if (raw > 2 ** 28)
    throw wrong(`got ${width}×${height} pixels, expected at most ${2 ** 25}; make the images smaller.`);
  if (file.length > 2 * raw + MOST_BESIDE)
    throw wrong(`got ${file.length} bytes for ${width}×${height} pixels, expected fewer; save it as PNG again.`);
  try {
    const png = decode(file, { checkCrc: true });
    if (png.palette) {
      const bytes = convertIndexedToRgb(png);
      return opaque({ height, width, channels: bytes.length / (height * width), bytes }, place);
    }
    if (png.transparency) throw wrong("got transparent pixels, expected opaque ones; save it without transparency.");
    return opaque({ height, width, channels: png.channels, bytes: eightBits(png, place) }, place);
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw wrong(
      `cannot be decoded (${(error as Error).message}), expected PNG; it may be cut short or damaged, save it again.`,
    );
  }
}

function eightBits({ data, depth, width, height, channels }: ReturnType<typeof decode>, place: string): Uint8Array {
  if (depth === 8) return Uint8Array.from(data);
  const bytes = new Uint8Array(width * height * channels);
  if (depth === 16) {
    for (let i = 0; i < bytes.length; i++) {
      bytes[i] = data[i] >> 8;
      if (bytes[i] * 257 !== data[i])
        throw new InputError(`${place}: got 16 bits a value, expected 8; save it with 8 bits.`);
    }
    return bytes;
  }
  const rowBytes = Math.ceil((width * depth) / 8);
  const most = 2 ** depth - 1;
  for (let i = 0; i < bytes.length; i++) {
    const bit = (i % width) * depth;
    const byte = data[Math.floor(i / width) * rowBytes + (bit >> 3)];
    bytes[i] = (((byte >> (8 - depth - (bit & 7))) & most) * 255) / most;
  }
  return bytes;
}

/** Without the alpha channel, which must say nothing. */
function opaque(pixels: Pixels, place: string): Pixels {
  const { channels, bytes } = pixels;
  if (channels % 2 === 1) return pixels;
  const colours = channels - 1;
  const kept = new Uint8Array((bytes.length / channels) * colours);
  for (let i = 0; i * channels < bytes.length; i++) {
    if (bytes[i * channels + colours] !== 255)
      throw new InputError(`${place}: got transparent pixels, expected opaque ones; save it without transparency.`);
    for (let c = 0; c < colours; c++) kept[i * colours + c] = bytes[i * channels + c];
  }
  return { ...pixels, channels: colours, bytes: kept };
}

/** In a fixed random order, since limits and validation take images from the ends. @param key tells the split */
async function readPictures(pictures: Picture[], key: number, first: Pixels & { place: string }): Promise<Samples> {
  const { height, width, channels } = first;
  const size = height * width * channels;
  const order = Uint32Array.from(pictures.keys());
  new RandomStream("shuffle", 0x706e67, key).shuffle(order);
  const images = new Uint8Array(new SharedArrayBuffer(order.length * size));
  for (let i = 0; i < order.length; i++) {
    const { place } = pictures[order[i]];
    const pixels = await readPng(place);
    if (pixels.height !== height || pixels.width !== width || pixels.channels !== channels)
      throw new InputError(
        `${place}: got ${pixels.height}×${pixels.width}×${pixels.channels}, expected ${height}×${width}×${channels} as ${first.place} has; make all images of one size and kind.`,
      );
    images.set(pixels.bytes, i * size);
  }
  const labels = labelBytes(
    Array.from(order, (index) => pictures[index].label),
    first.place,
  );
  return { count: order.length, images, labels };
}

/** @param classes the spec's names: their order counts where they are the folders' @returns undefined where there are no PNG files in folders */
export async function readPngFolder(folder: string, classes?: string[]): Promise<OwnImages | undefined> {
  const split = (await foldersIn(folder, ["train", "test"])).length === 2;
  const train = await classFolders(split ? path.join(folder, "train") : folder);
  if (train.size === 0) return undefined;
  const test = split ? await classFolders(path.join(folder, "test")) : new Map<string, string[]>();
  const found = [...new Set([...train.keys(), ...test.keys()])].sort();
  const same = classes?.length === found.length && classes.every((name) => found.includes(name));
  const names = same ? classes : found;
  if (names.length < 2 || names.length > MAX_CLASSES)
    throw new InputError(
      `${folder}: got ${names.length} folders with PNG files, expected 2 to ${MAX_CLASSES}, one for each class.`,
    );
  const pictures = (files: Map<string, string[]>, take: (i: number) => boolean): Picture[] =>
    names.flatMap((name, label) =>
      (files.get(name) ?? []).filter((_, i) => take(i)).map((place) => ({ place, label })),
    );
  const isTest = (i: number): boolean => i % TEST_SHARE === TEST_SHARE - 1;
  const forTrain = pictures(train, (i) => split || !isTest(i));
  const forTest = split ? pictures(test, () => true) : pictures(train, isTest);
  if (forTrain.length === 0 || forTest.length === 0)
    throw new InputError(
      `${folder}: got ${forTrain.length} training and ${forTest.length} test images, expected some of both; add images (of each class every sixth is for the test).`,
    );
  const { place } = forTrain[0];
  const first = { ...(await readPng(place)), place };
  const { height, width, channels } = first;
  checkBytes(folder, (forTrain.length + forTest.length) * height * width * channels);
  return {
    height,
    width,
    channels,
    train: await readPictures(forTrain, 0, first),
    test: await readPictures(forTest, 1, first),
    classNames: names,
    notes: split
      ? []
      : [`${folder} has no train and test folders: every sixth image of each class, by name, is a test image.`],
  };
}
