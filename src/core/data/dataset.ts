import type { ImageSize } from "../kernels/shape.js";

/** Images and their labels, one byte a value and a label; `images` holds `count` images of height × width × channels, row by row, a pixel's channels side by side. */
export interface Samples {
  count: number;
  images: Uint8Array;
  labels: Uint8Array;
}

/** What a network needs to know of a data set. */
export interface ImageClasses extends ImageSize {
  /** By label. */
  classNames: readonly string[];
}

export interface Dataset extends ImageClasses {
  /** As records name it. */
  name: string;
  /** sha256 (hex) over the decompressed bytes; part of every cell id. */
  digest: string;
  classNames: string[];
  train: Samples;
  test: Samples;
}
