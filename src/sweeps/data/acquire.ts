/** Where a published data set comes from: a named folder, the cache folder, or a download into the cache folder. */
import type { Dataset } from "../../core/data/dataset.js";
import { InputError } from "../../core/input-error.js";
import { datasetDigest, type CanonicalFiles } from "./canonical-files.js";
import { downloadFiles } from "./download.js";
import { parseSamples, type NamedBytes } from "./idx.js";
import type { PublishedDataset } from "./known-dataset.js";
import { findCanonicalFile, readCanonicalFile } from "./read-file.js";

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

async function readNamedFolder({ folder, by }: NamedFolder, { files, text }: PublishedDataset): Promise<Uint8Array[]> {
  const places = await Promise.all(files.map((file) => findCanonicalFile(folder, file)));
  const missing = files.filter((_, i) => places[i] === undefined).map((file) => file.name);
  if (missing.length > 0)
    throw new InputError(
      `${by} ${folder}: got no ${missing.join(", no ")}, expected ${text.title}'s four files there, raw or .gz; name the folder that has them, or name none to have them downloaded.`,
    );
  return Promise.all(files.map((file, i) => readCanonicalFile(places[i] as string, file)));
}

/** What the cache folder holds of the files; a damaged one is announced and counts as missing. */
async function readCache(
  cacheFolder: string,
  files: CanonicalFiles,
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

function assemble(
  bytes: Uint8Array[],
  { name, files, classNames, height, width, channels }: PublishedDataset,
): Dataset {
  const named = files.map((file, i): NamedBytes => ({ name: file.name, bytes: bytes[i] }));
  const samples = (images: NamedBytes, labels: NamedBytes) =>
    parseSamples(images, labels, { height, width, channels }, classNames.length);
  return {
    name,
    digest: datasetDigest(files.map((file) => file.sha256)),
    height,
    width,
    channels,
    classNames: [...classNames],
    train: samples(named[0], named[1]),
    test: samples(named[2], named[3]),
  };
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
  dataDir: string | undefined,
  onProgress: (line: string) => void,
): Promise<{ dataset: Dataset; source: string }> {
  const { files, cacheFolder, baseUrls, stallMilliseconds } = set;
  const named = namedFolder(dataDir, set.folderVariable);
  if (named) return { dataset: assemble(await readNamedFolder(named, set), set), source: named.folder };

  const cached = await readCache(cacheFolder, files, onProgress);
  const missing = files.filter((_, i) => cached[i] === undefined);
  if (missing.length === 0) return { dataset: assemble(cached as Uint8Array[], set), source: cacheFolder };

  const options = { title: set.text.title, baseUrls, stallMilliseconds, onProgress };
  const downloaded = await downloadFiles(missing, cacheFolder, options);
  const bytes = files.map((file, i) => cached[i] ?? downloaded.bytes[missing.indexOf(file)]);
  return { dataset: assemble(bytes, set), source: downloaded.hosts.join(", ") };
}
