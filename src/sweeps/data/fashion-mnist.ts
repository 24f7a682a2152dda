/** Where FashionMNIST comes from: a named folder, the cache folder, or a download into the cache folder. */
import path from "node:path";
import type { Dataset } from "../../core/data/dataset.js";
import { InputError } from "../../core/input-error.js";
import { datasetDigest, fashionMnistClasses, fashionMnistFiles, type CanonicalFiles } from "./canonical-files.js";
import { downloadFiles, type DownloadOptions } from "./download.js";
import { parseSamples, type NamedBytes } from "./idx.js";
import { findCanonicalFile, readCanonicalFile } from "./read-file.js";

/** The files looked for and the places that have them. Tests put their own in its place. */
export interface Origin extends Omit<DownloadOptions, "onProgress"> {
  files: CanonicalFiles;
  /** Relative to the working directory. */
  cacheFolder: string;
}

export const fashionMnistOrigin: Origin = {
  files: fashionMnistFiles,
  baseUrls: [
    "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
    "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
  ],
  cacheFolder: path.join("data", "fashion-mnist"),
  stallMilliseconds: 15_000,
};

/** A folder that the user named, and how ("--data-dir" or "FASHION_MNIST_DIR"). */
interface NamedFolder {
  folder: string;
  by: string;
}

function namedFolder(dataDir: string | undefined): NamedFolder | undefined {
  if (dataDir !== undefined) return { folder: dataDir, by: "--data-dir" };
  const folder = process.env.FASHION_MNIST_DIR;
  return folder ? { folder, by: "FASHION_MNIST_DIR" } : undefined;
}

async function readNamedFolder({ folder, by }: NamedFolder, files: CanonicalFiles): Promise<Uint8Array[]> {
  const places = await Promise.all(files.map((file) => findCanonicalFile(folder, file)));
  const missing = files.filter((_, i) => places[i] === undefined).map((file) => file.name);
  if (missing.length > 0)
    throw new InputError(
      `${by} ${folder}: got no ${missing.join(", no ")}, expected FashionMNIST's four files there, raw or .gz; name the folder that has them, or name none to have them downloaded.`,
    );
  return Promise.all(files.map((file, i) => readCanonicalFile(places[i] as string, file)));
}

/** What the cache folder holds of the files; a damaged one is announced and counts as missing. */
async function readCache(
  { cacheFolder, files }: Origin,
  onProgress: (line: string) => void,
): Promise<(Uint8Array | undefined)[]> {
  return Promise.all(
    files.map(async (file) => {
      const place = await findCanonicalFile(cacheFolder, file);
      if (place === undefined) return undefined;
      return readCanonicalFile(place, file).catch((error: unknown) => {
        if (!(error instanceof InputError)) throw error;
        onProgress(`${error.message} Downloading it again.`);
        return undefined;
      });
    }),
  );
}

function assemble(bytes: Uint8Array[], files: CanonicalFiles): Dataset {
  const [trainImages, trainLabels, testImages, testLabels]: NamedBytes[] = files.map(({ name }, i) => ({
    name,
    bytes: bytes[i],
  }));
  const train = parseSamples(trainImages, trainLabels, fashionMnistClasses.length);
  const test = parseSamples(testImages, testLabels, fashionMnistClasses.length);
  if (train.height !== test.height || train.width !== test.width)
    throw new InputError(
      `${testImages.name}: got images of ${test.height} × ${test.width}, expected ${train.height} × ${train.width} as in ${trainImages.name}.`,
    );
  return {
    name: "fashion-mnist",
    digest: datasetDigest(files.map((file) => file.sha256)),
    height: train.height,
    width: train.width,
    classNames: [...fashionMnistClasses],
    train: train.samples,
    test: test.samples,
  };
}

/**
 * Finds FashionMNIST: in `dataDir`, else in $FASHION_MNIST_DIR, else in the cache folder, else by download
 * into the cache folder. A folder named by either must have all four files, whole and unaltered; the cache
 * folder is completed and mended by download.
 * @returns the data set on SharedArrayBuffers and where it came from: a folder or host names
 * @throws InputError when a named folder lacks the files or holds others; NotObtainable (also an InputError)
 *   when no folder was named and the download failed
 */
export async function acquireFashionMnist(
  dataDir: string | undefined,
  onProgress: (line: string) => void,
  origin: Origin = fashionMnistOrigin,
): Promise<{ dataset: Dataset; source: string }> {
  const { files, cacheFolder } = origin;
  const named = namedFolder(dataDir);
  if (named) return { dataset: assemble(await readNamedFolder(named, files), files), source: named.folder };

  const cached = await readCache(origin, onProgress);
  const missing = files.filter((_, i) => cached[i] === undefined);
  if (missing.length === 0) return { dataset: assemble(cached as Uint8Array[], files), source: cacheFolder };

  const downloaded = await downloadFiles(missing, cacheFolder, { ...origin, onProgress });
  const bytes = files.map((file, i) => cached[i] ?? downloaded.bytes[missing.indexOf(file)]);
  return { dataset: assemble(bytes, files), source: downloaded.hosts.join(", ") };
}
