/** Images and labels as the four IDX files that would hold them, whatever held them; their digest is the data's. */
import { createHash } from "node:crypto";
import { idxHeader } from "../../core/data/idx.js";
import type { Samples } from "../../core/data/dataset.js";
import type { ImageSize } from "../../core/kernels/shape.js";
import { largest } from "../../core/numeric/extremes.js";
import { datasetDigest } from "./canonical-files.js";

interface Images extends ImageSize {
  train: Samples;
  test: Samples;
}

/** Training images, training labels, test images, test labels: of each file its header, then its values. */
export function idxFiles({ height, width, channels, train, test }: Images): [Uint8Array, Uint8Array][] {
  const size = channels === 1 ? [height, width] : [height, width, channels];
  return [train, test].flatMap(({ count, images, labels }): [Uint8Array, Uint8Array][] => [
    [idxHeader([count, ...size]), images],
    [idxHeader([count]), labels],
  ]);
}

/** How many classes the labels show: the largest, and 1. */
export const labelsSeen = ({ train, test }: Pick<Images, "train" | "test">): number =>
  1 + Math.max(largest(train.labels), largest(test.labels));

/** The same for the same images and labels; where there are more classes than the labels show, their number counts, too. */
export function imagesDigest(images: Images, classes: number): string {
  const files = idxFiles(images).map(([header, values]) =>
    createHash("sha256").update(header).update(values).digest("hex"),
  );
  return datasetDigest(classes === labelsSeen(images) ? files : [...files, String(classes)]);
}
