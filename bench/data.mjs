// The images that all peers train on: FashionMNIST's training images where they can be found, else synthetic ones.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
/** More than fit in any processor's cache, as floats or bytes. */
const SAMPLES = 60_000;
const PIXELS = 784;

/** The folder with the four FashionMNIST files, or undefined. */
export function findFashionMnist() {
  const folders = [
    process.env.FASHION_MNIST_DIR,
    path.join(root, "data/fashion-mnist"),
    path.join(root, "../shared/data/fashion-mnist"),
  ];
  return folders.find((folder) => folder && readIdx(folder, "train-labels-idx1-ubyte", 8));
}

/** The bytes after an IDX file's header, from the raw file or its .gz; undefined where there is neither. */
function readIdx(folder, name, header) {
  for (const [suffix, unpack] of [
    ["", (bytes) => bytes],
    [".gz", gunzipSync],
  ]) {
    const file = path.join(folder, name + suffix);
    if (fs.existsSync(file)) return unpack(fs.readFileSync(file)).subarray(header);
  }
  return undefined;
}

/** Ten blurred shapes on black, one a class, each sample shifted and noisy: about as many zero pixels as real images have. */
function synthetic() {
  let state = 1;
  const random = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  const images = new Uint8Array(SAMPLES * PIXELS);
  const labels = new Uint8Array(SAMPLES);
  for (let n = 0; n < SAMPLES; n++) {
    const label = n % 10;
    labels[n] = label;
    const centreX = 13.5 + 3 * random() - 1.5;
    const centreY = 13.5 + 3 * random() - 1.5;
    const radiusX = 6 + (label % 5) * 1.5;
    const radiusY = 6 + Math.floor(label / 5) * 5;
    for (let y = 0; y < 28; y++)
      for (let x = 0; x < 28; x++) {
        const inside = Math.abs((x - centreX) / radiusX) ** 3 + Math.abs((y - centreY) / radiusY) ** 3 < 1;
        if (inside) images[n * PIXELS + y * 28 + x] = 60 + 20 * (label % 3) + Math.floor(100 * random());
      }
  }
  return { images, labels };
}

/** Writes `images` and `labels` (bytes, in one order for all peers) of the first `count` samples into a new temporary folder. */
export function writeData(count = SAMPLES) {
  const source = findFashionMnist();
  const { images, labels } = source
    ? { images: readIdx(source, "train-images-idx3-ubyte", 16), labels: readIdx(source, "train-labels-idx1-ubyte", 8) }
    : synthetic();
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "handgrad-bench-"));
  fs.writeFileSync(path.join(folder, "images"), images.subarray(0, count * PIXELS));
  fs.writeFileSync(path.join(folder, "labels"), labels.subarray(0, count));
  return { folder, name: source ? "FashionMNIST" : "synthetic images" };
}
