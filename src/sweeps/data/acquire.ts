/** Where a published data set comes from: a named folder, the cache folder, or a download into the cache folder. */
import type { Dataset, Samples } from "../../core/data/dataset.js";
import { bytesOf } from "../../core/kernels/shape.js";
import { InputError } from "../../core/input-error.js";
import { datasetDigest, type CanonicalFile } from "./canonical-files.js";
import { downloadFiles } from "./download.js";
import { parseSamples, type NamedBytes } from "../../core/data/idx.js";
import type { PublishedDataset } from "./known-dataset.js";
import { readFromFolder } from "./read-file.js";

/** Bytes before the labels in an IDX file. */
const LABELS_HEADER = 8;

/** A folder that the user named, and how: "--data-dir" or an environment variable. */
interface NamedFolder {
  folder: string;
  by: string;
}

function namedFolder(dataDir: string | undefined, variable: string): NamedFolder | undefined {
  if (dataDir !== undefined) return { folder: dataDir, by: "--data-dir" };
  const folder = process.env[variable];
  return folder ? { folder, by: variable } : undefined;
}

async function readNamedFolder(
  { folder, by }: NamedFolder,
  set: PublishedDataset,
  onProgress: (line: string) => void,
): Promise<Uint8Array[]> {
  const { files, text } = set;
  const found = await Promise.all(files.map((file) => readFromFolder(folder, file, onProgress)));
  const missing = files.filter((_, i) => found[i] === undefined).map((file) => file.name);
  if (missing.length === 0) return found as Uint8Array[];
  throw new InputError(
    `${by} ${folder}: got no ${missing.join(", no ")}, expected ${text.title}'s four files there, raw or .gz; ` +
      "name the folder that has them, or name none to have them downloaded.",
  );
}

/** Whether a folder holds at least one of the data set's files, whole and unaltered. */
export async function holdsPartOf(folder: string, { files }: PublishedDataset): Promise<boolean> {
  const found = await Promise.all(
    files.map((file) => readFromFolder(folder, file, () => undefined).catch(() => undefined)),
  );
  return found.some(Boolean);
}

/** What the cache folder holds of the files; a damaged one is announced and counts as missing. */
async function readCache(
  { cacheFolder, files }: PublishedDataset,
  remedy: string,
  onProgress: (line: string) => void,
): Promise<(Uint8Array | undefined)[]> {
  return Promise.all(
    files.map((file) =>
      readFromFolder(cacheFolder, file, onProgress).catch((error: unknown) => {
        if (!(error instanceof InputError)) throw error;
        onProgress(`${error.message} ${remedy}`);
        return undefined;
      }),
    ),
  );
}

/** What is known of the data set without its files. */
function described({
  name,
  files,
  classNames,
  height,
  width,
  channels,
}: PublishedDataset): Omit<Dataset, "train" | "test"> {
  const digest = datasetDigest(files.map((file) => file.sha256));
  return { name, digest, height, width, channels, classNames: [...classNames] };
}

function assemble(bytes: Uint8Array[], set: PublishedDataset): Dataset {
  const named = set.files.map((file, i): NamedBytes => ({ name: file.name, bytes: bytes[i] }));
  const samples = (images: NamedBytes, labels: NamedBytes) => parseSamples(images, labels, set, set.classNames.length);
  return { ...described(set), train: samples(named[0], named[1]), test: samples(named[2], named[3]) };
}

/** The data set's digest, sizes and counts, to plan with; its images are zeros, which take no memory until they are touched. */
function blank(set: PublishedDataset): Dataset {
  const samples = (labels: CanonicalFile): Samples => {
    const count = labels.bytes - LABELS_HEADER;
    const images = new Uint8Array(new SharedArrayBuffer(count * bytesOf(set)));
    return { count, images, labels: new Uint8Array(new SharedArrayBuffer(count)) };
  };
  return { ...described(set), train: samples(set.files[1]), test: samples(set.files[3]) };
}

export interface AcquireOptions {
  /** The folder that the user named. */
  dataDir?: string;
  /** Without it, files that are not at hand are stood in for by zeros of their size: enough to plan with, never to train on. */
  download: boolean;
  onProgress: (line: string) => void;
}

/**
 * Finds a published data set: in `dataDir`, else in the folder that its environment variable names, else in the cache
 * folder, else by download into the cache folder. A folder named by either must have all four files, whole and unaltered;
 * the cache folder is completed and mended by download.
 * @returns the data set on SharedArrayBuffers and where it came from: a folder or host names
 * @throws InputError when a named folder lacks the files or holds others; NotObtainable (also an InputError)
 *   when no folder was named and the download failed
 */
export async function acquire(
  set: PublishedDataset,
  { dataDir, download, onProgress }: AcquireOptions,
): Promise<{ dataset: Dataset; source: string }> {
  const { files, cacheFolder, baseUrls, stallMilliseconds } = set;
  const named = namedFolder(dataDir, set.folderVariable);
  if (named) return { dataset: assemble(await readNamedFolder(named, set, onProgress), set), source: named.folder };

  const remedy = download ? "Downloading it again." : "The sweep would download it again.";
  const cached = await readCache(set, remedy, onProgress);
  const missing = files.filter((_, i) => cached[i] === undefined);
  if (missing.length === 0) return { dataset: assemble(cached as Uint8Array[], set), source: cacheFolder };
  if (!download) {
    const megabytes = missing.reduce((sum, file) => sum + file.compressedBytes, 0) / 1e6;
    const source = `${new URL(baseUrls[0]).host}, from where the sweep would download ${megabytes.toFixed(1)} MB that are not here`;
    return { dataset: blank(set), source };
  }

  const options = { title: set.text.title, baseUrls, stallMilliseconds, onProgress };
  const downloaded = await downloadFiles(missing, cacheFolder, options);
  const bytes = files.map((file, i) => cached[i] ?? downloaded.bytes[missing.indexOf(file)]);
  return { dataset: assemble(bytes, set), source: downloaded.hosts.join(", ") };
}
