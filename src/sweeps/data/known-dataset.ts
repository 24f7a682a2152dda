/** What a data set is before it is loaded: its images' size, its classes, where it comes from, and how the page speaks of it. */
import type { Dataset } from "../../core/data/dataset.js";
import type { ImageSize } from "../../core/kernels/shape.js";
import type { CanonicalFiles } from "./canonical-files.js";

/** How the page speaks of a data set. */
export interface DatasetText {
  /** Its name in the middle of a sentence. */
  title: string;
  /** Sentences: what it holds. */
  about: string;
  /** What no reader may miss: a word, a headline, and sentences. */
  warning?: { badge: string; headline: string; text: string };
}

/** Numbers of images. */
export interface ImageCounts {
  train: number;
  test: number;
}

interface Known extends ImageSize {
  /** As records, specs and --data name it. */
  name: string;
  /** Images in the whole set. */
  counts: ImageCounts;
  /** By label. */
  classNames: readonly string[];
  text: DatasetText;
}

/** Lies in four IDX files in a folder, or is downloaded. */
export interface PublishedDataset extends Known {
  files: CanonicalFiles;
  /** Tried in this order; each ends with "/". */
  baseUrls: readonly string[];
  /** A source that sends nothing for this long is given up, in milliseconds. */
  stallMilliseconds: number;
  /** Where downloads go, relative to the working directory. */
  cacheFolder: string;
  /** The environment variable that may name the folder. */
  folderVariable: string;
}

/** Comes with the project. */
export interface DrawnDataset extends Known {
  /** The first training and test images, this many, at most all there are, on SharedArrayBuffers. */
  draw(trainLimit?: number, testLimit?: number): Dataset;
}

export type KnownDataset = PublishedDataset | DrawnDataset;
