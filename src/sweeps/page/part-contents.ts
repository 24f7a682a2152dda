/** What the page's parts hold: the images that a sweep trained on, and the final weights of its cells. */
import { createHash } from "node:crypto";
import type { Dataset } from "../../core/data/dataset.js";
import { bytesOf as imageBytes } from "../../core/kernels/shape.js";
import { heldOut } from "../../core/training/held-out.js";
import { weightBytes } from "../../core/training/weight-bytes.js";
import { isDrawn } from "../data/datasets.js";
import { idxFiles, imagesDigest } from "../data/idx-files.js";
import type { CellRecord } from "../store/record.js";
import type { RunDirectory } from "../store/run-directory.js";
import { PIECE_BYTES, piecesOf, type Part } from "./parts.js";
import type { ReportData } from "./report-data.js";

/** A page holds images and what it trains on at once, in a browser. */
export const MOST_IMAGE_BYTES = 256 * 2 ** 20;
const [MOST_CELL_BYTES, MOST_WEIGHT_BYTES] = [4 * 2 ** 20, 16 * 2 ** 20];

const nameOf = (kind: string, digest: string): string => `${kind}-${digest.slice(0, 8)}`;

export interface PageParts {
  images?: Part;
  weights?: Part & { cells: { id: string; bytes: number }[] };
}

/**
 * The four IDX files one after the other: training images, training labels, test images, test labels.
 * @param dataset absent where the data cannot be had; images that have not the digest of `data` are none of its
 * @returns undefined for a set that the page draws itself, one that is too large, and one of which nothing is known
 */
export function imagesPart(
  { dataset: set, dataDigest, imageSize, counts }: ReportData,
  dataset: Dataset | undefined,
): Part | undefined {
  if (isDrawn(set) || !imageSize || !counts) return undefined;
  const rank = imageSize.channels === 1 ? 3 : 4;
  const bytesOf = (count: number): number => 4 + 4 * rank + count * imageBytes(imageSize) + 8 + count;
  const part = { name: nameOf("images", dataDigest), bytes: bytesOf(counts.train) + bytesOf(counts.test) };
  if (part.bytes > MOST_IMAGE_BYTES) return undefined;
  const own = dataset && imagesDigest(dataset, dataset.classNames.length) === dataDigest;
  return { ...part, chunks: own ? idxFiles(dataset).flat() : undefined, pieceBytes: PIECE_BYTES };
}

/**
 * The final weights of cells that are done, as `weightBytes`, by id: of at most 4 MiB each and 16 MiB together, and where
 * there are more, of those with the best held-out accuracy. Cells whose weights are not those that the record vouches for are left out.
 */
export async function weightsPart(
  directory: RunDirectory,
  records: Iterable<CellRecord>,
): Promise<PageParts["weights"]> {
  const accuracyOf = ({ curve }: CellRecord): number => heldOut(curve[curve.length - 1]).accuracy;
  const best = [...records]
    .filter(
      ({ status, parameters, curve }) => status === "done" && curve.length > 0 && 4 * parameters <= MOST_CELL_BYTES,
    )
    .sort((a, b) => accuracyOf(b) - accuracyOf(a) || (a.id < b.id ? -1 : 1));
  const found: { id: string; weights: Uint8Array }[] = [];
  let sum = 0;
  for (const record of best) {
    const weights = await directory.readWeights(record).then(weightBytes, () => new Uint8Array());
    if (weights.length === 0 || weights.length > MOST_CELL_BYTES) continue;
    sum += weights.length;
    if (sum > MOST_WEIGHT_BYTES) break;
    found.push({ id: record.id, weights });
  }
  if (found.length === 0) return undefined;
  found.sort((a, b) => (a.id < b.id ? -1 : 1));
  const chunks = found.map(({ weights }) => weights);
  const cells = found.map(({ id, weights }) => ({ id, bytes: weights.length }));
  const digest = createHash("sha256");
  for (const chunk of chunks) digest.update(chunk);
  const bytes = cells.reduce((total, cell) => total + cell.bytes, 0);
  return { name: nameOf("weights", digest.digest("hex")), bytes, chunks, cells, pieceBytes: PIECE_BYTES };
}

/** What the page is told of its parts; undefined where it has none. */
export function toldParts({ images, weights }: PageParts): ReportData["parts"] {
  const told = (part: Part) => ({ name: part.name, pieces: piecesOf(part).length });
  if (!images && !weights) return undefined;
  return {
    ...(images && { images: { ...told(images), bytes: images.bytes } }),
    ...(weights && { weights: { ...told(weights), cells: weights.cells } }),
  };
}
