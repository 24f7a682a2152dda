/** Height and width of an image in pixels, and its channels: 1 is grey. */
export interface ImageSize {
  height: number;
  width: number;
  channels: number;
}

/** Bytes of an image. */
export const bytesOf = ({ height, width, channels }: ImageSize): number => height * width * channels;

/** Images and their labels, one byte a value and a label; `images` holds `count` images of height × width × channels, row by row, a pixel's channels side by side. */
export interface Samples {
  count: number;
  images: Uint8Array;
  labels: Uint8Array;
}

export interface Dataset extends ImageSize {
  /** As records name it. */
  name: string;
  /** sha256 (hex) over the decompressed bytes; part of every cell id. */
  digest: string;
  classNames: string[];
  train: Samples;
  test: Samples;
}
