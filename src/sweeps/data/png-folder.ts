/** Own images as PNG files, a folder per class: DIR/train/CLASS and DIR/test/CLASS, or DIR/CLASS alone. */
import path from "node:path";
import { InputError } from "../../core/input-error.js";
import type { Samples } from "../../core/data/dataset.js";
import { RandomStream } from "../../core/numeric/random.js";
import { MAX_CLASSES } from "../spec/data-options.js";
import { checkBytes, foldersIn, labelBytes, listFolder, type OwnImages } from "./own-images.js";
import { readPng, type Pixels } from "./png.js";

/** Without splits every sixth image of a class is a test image, as in the MNIST family. */
const TEST_SHARE = 6;

interface Picture {
  place: string;
  label: number;
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
