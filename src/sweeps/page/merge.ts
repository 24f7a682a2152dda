/** Merges records into what the page draws. The same records give the same data, in whatever order they came. */
import { type Dataset } from "../../core/data/dataset.js";
import { bytesOf, type ImageSize } from "../../core/kernels/shape.js";
import { pixelPermutation } from "../../core/data/permutation.js";
import { datasets } from "../data/datasets.js";
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
  const known = datasets.find(({ name }) => name === plan.dataset);
  const cells = [...records].sort((a, b) => (a.id < b.id ? -1 : 1));
  const permutations: Record<string, number[]> = {};
  const imageSize = imageSizeOf(plan.dataset, dataset);
  const used = [...new Set(cells.map(({ config }) => config.permutation))].sort((a, b) => a - b);
  if (imageSize) for (const k of used) permutations[k] = [...pixelPermutation(k, imageSize.height * imageSize.width)];
  return {
    source: "sweep",
    sweep: plan.sweep,
    dataset: plan.dataset,
    datasetText: known?.text,
    imageSize,
    counts: known?.counts,
    dataDigest: plan.dataDigest,
    engineVersion: plan.engineVersion,
    classNames: dataset?.classNames ?? [],
    wallSeconds: plan.wallSeconds,
    workers: plan.workers,
    planned: plan.cells.map(({ id }) => id),
    places: placesOf(plan),
    cells,
    images: dataset && reportImages(dataset, cells),
    permutations,
    live,
  };
}

function placesOf({ cells }: PlanFile): ReportData["places"] {
  const placed = cells.filter(({ role, label }) => role !== undefined || label !== undefined);
  return placed.length === 0 ? undefined : Object.fromEntries(placed.map((cell) => [cell.id, placeOf(cell)]));
}

/** Size of a data set's images: of those at hand, or of those known by that name. */
export function imageSizeOf(name: string, dataset?: Dataset): ImageSize | undefined {
  const found = dataset ?? datasets.find((set) => set.name === name);
  return found && { height: found.height, width: found.width, channels: found.channels };
}

function reportImages(dataset: Dataset, cells: CellRecord[]): ReportImages {
  const { classNames, train, test } = dataset;
  const size = bytesOf(dataset);
  const base64 = (images: Uint8Array, i: number): string =>
    Buffer.from(images.subarray(i * size, (i + 1) * size)).toString("base64");

  const samples: ReportImages["samples"] = [];
  const found = classNames.map(() => 0);
  for (let i = 0; i < train.count && samples.length < SAMPLES_PER_CLASS * classNames.length; i++) {
    const label = train.labels[i];
    if (found[label]++ < SAMPLES_PER_CLASS) samples.push({ label, pixels: base64(train.images, i) });
  }
  samples.sort((a, b) => a.label - b.label);

  const mistaken = new Set(cells.flatMap(({ mistakes }) => mistakes.map(({ index }) => index)));
  const named: ReportImages["test"] = {};
  for (const index of [...mistaken].sort((a, b) => a - b))
    if (index < test.count) named[index] = base64(test.images, index);
  return { samples, test: named };
}
