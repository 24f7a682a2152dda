/**
 * What the page draws: the merge of a sweep's records. Written as `window.HANDGRAD_DATA = …` into
 * web/report/build/data.js, since a page on file:// can load scripts but neither fetch nor modules.
 */
import type { ImageSize } from "../../core/kernels/shape.js";
import type { DatasetText, ImageCounts } from "../data/known-dataset.js";
import type { CellPlace } from "../spec/place.js";
import type { Search } from "../spec/search.js";
import type { CellRecord } from "../store/record.js";

export interface ReportData {
  /** "sweep": records of a run on this machine; "reference": results committed with the project. */
  source: "sweep" | "reference";
  sweep: string;
  /** Whether the page answers the homework (the built-in sweeps, and data of earlier versions without this field) or speaks of the sweep alone. */
  frame?: "homework" | "neutral";
  /** In the data of web/report/index.html alone: which run it shows. */
  latest?: LatestRun;
  dataset: string;
  /** How the page speaks of the data; absent of those that this version does not know. */
  datasetText?: DatasetText;
  /** Of the data's images; absent where neither they are at hand nor this version knows them. */
  imageSize?: ImageSize;
  /** Images of the whole data set, of which cells may use fewer; absent where this version does not know it. */
  counts?: ImageCounts;
  dataDigest: string;
  engineVersion: number;
  classNames: string[];
  wallSeconds: number;
  workers: number;
  /** Ids in the last spec run here, sorted; `cells` may lack some while the sweep runs. */
  planned: string[];
  /** By id, the cells that have a role or a label in the sweep; absent where none has. */
  places?: Record<string, CellPlace>;
  /** How the sweep searched beyond a grid; absent where it did not. */
  search?: Search;
  /** Records sorted by id. Reference results carry no `steps`. */
  cells: CellRecord[];
  /** Sample images of the data the sweep used, or of those that stand in for them. */
  images?: ReportImages;
  /** The pixel permutations that occur in the cells, by k: dst[i] = src[permutation[i]]. */
  permutations: Record<string, number[]>;
  /** What the first layer of a cell looks for, by id: `count` filters of height × width, one after another; their channels lie side by side. */
  filters?: Record<string, FirstLayerFilters>;
  /** What the page can load on demand, from beside its data or out of its file; absent where there is nothing, and while the sweep runs. */
  parts?: { images?: PartPlace & { bytes: number }; weights?: PartPlace & { cells: { id: string; bytes: number }[] } };
  /** Present while the sweep runs: the page refreshes itself until its next heartbeat is long overdue. */
  live?: LiveStatus;
}

/** Where a part lies: its pieces are called NAME-0, NAME-1, … */
export interface PartPlace {
  name: string;
  pieces: number;
}

export interface LatestRun {
  folder: string;
  /** To the run's own page, where it has one. */
  link?: string;
  others: { folder: string; link: string }[];
}

export interface FirstLayerFilters {
  height: number;
  width: number;
  count: number;
  values: number[];
}

/** All of the data's `imageSize`. */
export interface ReportImages {
  /** A few training images per class, and the test images named in `mistakes`; pixels are base64 of bytes. */
  samples: { label: number; pixels: string }[];
  test: Record<string, string>;
  /** True where the synthetic set drew them, standing in for images that are not at hand. */
  drawn?: boolean;
}

export interface LiveStatus {
  /** Milliseconds since 1970. */
  startedAt: number;
  heartbeat: number;
  /** By when new data are to be expected; in data of earlier versions, seconds after `heartbeat`. */
  nextHeartbeat?: number;
  running: { id: string; epoch: number; epochs: number; loss: number; samplesPerSecond: number }[];
  done: number;
  total: number;
  etaSeconds: number | null;
}
