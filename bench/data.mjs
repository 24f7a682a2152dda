// The images that both benchmarks train on, as the product loads them: FashionMNIST where it can be found, else the synthetic set.
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { temporaryFolder } from "./temporary.mjs";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
/** More than fit in any processor's cache, as floats or bytes. */
const SAMPLES = 60_000;

/** The data set as the product loads it, and what to call its images. Needs the build in dist/. */
export async function loadImages(limits) {
  const { loadDataset } = await import("../dist/sweeps/data/load.js");
  const { preferred, standIn } = await import("../dist/sweeps/data/datasets.js");
  const folders = [
    process.env[preferred.folderVariable],
    path.join(root, preferred.cacheFolder),
    path.join(root, "../shared/data/fashion-mnist"),
  ];
  const found = (folder) =>
    folder &&
    preferred.files.every(({ name }) => ["", ".gz"].some((end) => fs.existsSync(path.join(folder, name + end))));
  const dataDir = folders.find(found);
  const data = dataDir ? preferred.name : standIn.name;
  const { dataset } = await loadDataset({ data, dataDir, ...limits });
  return { dataset, dataDir, images: dataDir ? preferred.text.title : "synthetic images" };
}

/** Writes `images` and `labels` (bytes, in one order for all peers) of the first `count` samples into a temporary folder. */
export async function writeData(count = SAMPLES) {
  const { dataset, images: name } = await loadImages({ trainLimit: count, testLimit: 0 });
  const { images, labels } = dataset.train;
  const folder = temporaryFolder("bench");
  fs.writeFileSync(path.join(folder, "images"), images.subarray(0, count * dataset.height * dataset.width));
  fs.writeFileSync(path.join(folder, "labels"), labels.subarray(0, count));
  return { folder, name };
}
