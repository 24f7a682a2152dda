/** Grey images and their labels, one byte a pixel and a label; `images` holds `count` images of height × width, row by row. */
export interface Samples {
  count: number;
  images: Uint8Array;
  labels: Uint8Array;
}

export interface Dataset {
  /** "fashion-mnist" or "synthetic". */
  name: string;
  /** sha256 (hex) over the decompressed bytes; part of every cell id. */
  digest: string;
  height: number;
  width: number;
  classNames: string[];
  train: Samples;
  test: Samples;
}
