/** Merges records into what the page draws. The same records give the same data, in whatever order they came. */
import { type Dataset } from "../../core/data/dataset.js";
import { bytesOf, type ImageSize } from "../../core/kernels/shape.js";
import { pixelPermutation } from "../../core/data/permutation.js";
import { count } from "../../core/numeric/words.js";
import { datasets, imagesOf } from "../data/datasets.js";
import type { DatasetText, ImageCounts } from "../data/known-dataset.js";
import { builtInSweeps } from "../spec/built-in.js";
import { placeOf } from "../spec/place.js";
import type { PlanFile } from "../store/plan-file.js";
import type { CellRecord } from "../store/record.js";
import type { LiveStatus, ReportData, ReportImages } from "./report-data.js";

/** Training images shown of each class. */
const SAMPLES_PER_CLASS = 8;

/** @param dataset absent where the data cannot be had: the page then shows no images */
export function mergeReport(
  plan: PlanFile,
  records: Iterable<CellRecord>,
  dataset?: Dataset,
  live?: LiveStatus,
): ReportData {
  const published = datasets.find(({ name }) => name === plan.dataset);
  const known = published ?? ownData(plan, dataset);
  const cells = [...records].map(withoutPlace).sort((a, b) => (a.id < b.id ? -1 : 1));
  const imageSize = imageSizeOf(plan, dataset);
  return {
    source: "sweep",
    sweep: plan.sweep,
    frame: published && Object.hasOwn(builtInSweeps, plan.sweep) ? "homework" : "neutral",
    dataset: plan.dataset,
    datasetText: known?.text,
    imageSize,
    counts: known?.counts,
    dataDigest: plan.dataDigest,
    engineVersion: plan.engineVersion,
    classNames: dataset?.classNames ?? known?.classNames.slice() ?? [],
    wallSeconds: plan.wallSeconds,
    workers: plan.workers,
    planned: plan.cells.map(({ id }) => id),
    places: placesOf(plan),
    search: plan.search,
    cells,
    images: dataset && reportImages(dataset, cells, SAMPLES_PER_CLASS),
    permutations: permutationsOf(cells, imageSize),
    live,
  };
}

/** Whichever executor trained a cell, the page's data are the same. */
function withoutPlace(record: CellRecord): CellRecord {
  const run = { ...record.run };
  delete run.where;
  return { ...record, run };
}

function placesOf({ cells }: PlanFile): ReportData["places"] {
  const placed = cells.filter(({ role, label }) => role !== undefined || label !== undefined);
  return placed.length === 0 ? undefined : Object.fromEntries(placed.map((cell) => [cell.id, placeOf(cell)]));
}

/** What is said of data of the user's own: those at hand, else what the plan remembers. */
function ownData(
  { dataset: title, dataDigest, dataSources }: PlanFile,
  dataset?: Dataset,
): { text: DatasetText; counts: ImageCounts; classNames: string[] } | undefined {
  const facts = dataset
    ? { ...dataset, counts: { train: dataset.train.count, test: dataset.test.count } }
    : dataSources?.[dataDigest];
  if (!facts) return undefined;
  const { classNames, counts, height, width, channels } = facts;
  const colours = channels === 1 ? "grey" : channels === 3 ? "colour" : `${channels}-channel`;
  const about = `${title} has ${count(counts.train)} training and ${count(counts.test)} test images of ${height}×${width} ${colours} pixels in ${classNames.length} classes.`;
  return { text: { title, about }, counts, classNames };
}

/** Size of a data set's images: of those at hand, of those known by that name, or as the plan remembers. */
export function imageSizeOf(plan: PlanFile, dataset?: Dataset): ImageSize | undefined {
  const found = dataset ?? imagesOf(plan, plan);
  return found && { height: found.height, width: found.width, channels: found.channels };
}

/** Numbers of images of a plan's data, as known by name, or as the plan remembers. */
export const imageCountsOf = (plan: PlanFile): ImageCounts | undefined =>
  (datasets.find(({ name }) => name === plan.dataset) ?? plan.dataSources?.[plan.dataDigest])?.counts;

/** The permutations that occur in the cells, by k; none where the images' size is not known. */
export function permutationsOf(
  cells: readonly Pick<CellRecord, "config">[],
  images: ImageSize | undefined,
): ReportData["permutations"] {
  if (!images) return {};
  const used = [...new Set(cells.map(({ config }) => config.permutation))].sort((a, b) => a - b);
  return Object.fromEntries(used.map((k) => [k, [...pixelPermutation(k, images.height * images.width)]]));
}

/** The first `perClass` training images of each class, and the test images that the cells' mistakes name. */
export function reportImages(
  dataset: Dataset,
  cells: readonly Pick<CellRecord, "mistakes">[],
  perClass: number,
): ReportImages {
  const { classNames, train, test } = dataset;
  const size = bytesOf(dataset);
  const base64 = (images: Uint8Array, i: number): string =>
    Buffer.from(images.subarray(i * size, (i + 1) * size)).toString("base64");

  const samples: ReportImages["samples"] = [];
  const found = classNames.map(() => 0);
  for (let i = 0; i < train.count && samples.length < perClass * classNames.length; i++) {
    const label = train.labels[i];
    if (found[label]++ < perClass) samples.push({ label, pixels: base64(train.images, i) });
  }
  samples.sort((a, b) => a.label - b.label);

  const mistaken = new Set(cells.flatMap(({ mistakes }) => mistakes.map(({ index }) => index)));
  const named: ReportImages["test"] = {};
  for (const index of [...mistaken].sort((a, b) => a - b))
    if (index < test.count) named[index] = base64(test.images, index);
  return { samples, test: named };
}
