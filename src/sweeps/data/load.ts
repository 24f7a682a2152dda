/** The one door to the data: the set that was asked for, or under "auto" the stand-in when the preferred one cannot be had. */
import type { Dataset } from "../../core/data/dataset.js";
import type { DataOptions } from "../spec/data-options.js";
import type { DataSource } from "../store/data-source.js";
import path from "node:path";
import { acquire, holdsPartOf } from "./acquire.js";
import { findData, loadOwnData } from "./own-data.js";
import { datasetDigest } from "./canonical-files.js";
import { datasets, preferred, standIn, type DataChoice } from "./datasets.js";
import { NotObtainable } from "./download.js";
import type { KnownDataset } from "./known-dataset.js";

export interface LoadOptions {
  /** "auto" is what `dataDir` holds, else the preferred data set, or the stand-in when that cannot be had; the others are what they say or an error. */
  data: DataChoice | DataOptions;
  /** The folder with the data; it stands in for that of the options. */
  dataDir?: string;
  /** How many training and test images are needed. A set that is drawn is drawn no further; a published one is always whole. */
  trainLimit?: number;
  testLimit?: number;
  /** False to plan only: what is not at hand is not fetched, and stood in for by zeros. */
  download?: boolean;
  /** Gets lines for people, without line ends. */
  onProgress?: (line: string) => void;
}

export interface Loaded {
  /** All its arrays are views on SharedArrayBuffers. */
  dataset: Dataset;
  /** Present when the stand-in is given instead of the preferred set: to be shown where nobody can miss it. */
  notice?: string;
  /** A folder, host names, or "embedded". */
  source: string;
  /** Present where a folder was looked into: what finds the data again. */
  found?: DataSource;
}

/**
 * Loads the data set, once, for all workers.
 * @param known the data sets there are; tests put their own in their place
 * @throws InputError when a named folder lacks a set's files or holds others, and when a set asked for by name cannot be had
 */
export async function loadDataset(
  { data, dataDir, trainLimit, testLimit, download = true, onProgress = () => undefined }: LoadOptions,
  known: readonly KnownDataset[] = datasets,
): Promise<Loaded> {
  if (typeof data === "object" || (data === "auto" && dataDir !== undefined)) {
    const options = { ...(typeof data === "object" ? data : {}), dir: dataDir ?? (data as DataOptions).dir };
    return look(options, known, onProgress);
  }
  const get = async (name: string): Promise<Loaded> => {
    const set = known.find((other) => other.name === name) as KnownDataset;
    if ("draw" in set) return { dataset: set.draw(trainLimit, testLimit), source: "embedded" };
    try {
      return await acquire(set, { dataDir, download, onProgress });
    } catch (error) {
      if (!(error instanceof NotObtainable)) throw error;
      const { text, cacheFolder, folderVariable } = set;
      const remedy = `put its four files into ${cacheFolder}, or name the folder that has them with --data-dir or ${folderVariable}`;
      if (data !== "auto") throw new NotObtainable(`${error.message}; ${remedy}.`);
      const notice = `${error.message}. USING THE SYNTHETIC SET INSTEAD: drawn garments, not ${text.title}, and no result on them is a result on ${text.title}. For the real set ${remedy}.`;
      return { ...(await get(standIn.name)), notice };
    }
  };
  return get(data === "auto" ? preferred.name : data);
}

/** What lies in a folder: a published data set, whole or damaged, or images of the user's own. */
async function look(
  options: DataOptions,
  known: readonly KnownDataset[],
  onProgress: (line: string) => void,
): Promise<Loaded> {
  const at = await findData(options);
  const named = { ...options, dir: path.resolve(options.dir) };
  for (const set of known)
    if ("files" in set && (await holdsPartOf(at.place, set))) {
      const { dataset, source } = await acquire(set, { dataDir: at.place, download: false, onProgress });
      return { dataset, source, found: sourceOf(named, dataset) };
    }
  const { dataset, notes } = await loadOwnData(options, at);
  const same = known.find(
    (set) => "files" in set && datasetDigest(set.files.map(({ sha256 }) => sha256)) === dataset.digest,
  );
  if (same) Object.assign(dataset, { name: same.name, classNames: [...same.classNames] });
  for (const line of notes) onProgress(line);
  return { dataset, source: at.place, found: sourceOf(named, dataset) };
}

function sourceOf(options: DataOptions, { classNames, height, width, channels, train, test }: Dataset): DataSource {
  return { options, classNames, height, width, channels, counts: { train: train.count, test: test.count } };
}
