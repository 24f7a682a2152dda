/** The four files a FashionMNIST-like data set consists of, and how its digest is made of theirs. */
import { createHash } from "node:crypto";

export interface CanonicalFile {
  /** Without ".gz". */
  name: string;
  /** Length after decompression, in bytes, IDX header included. */
  bytes: number;
  /** Length of the published .gz, in bytes; only progress is reckoned from it. */
  compressedBytes: number;
  /** sha256 (hex) over the decompressed bytes, IDX header included. */
  sha256: string;
}

/** In this order: train images, train labels, test images, test labels. */
export type CanonicalFiles = readonly [CanonicalFile, CanonicalFile, CanonicalFile, CanonicalFile];

/** As published at https://github.com/zalandoresearch/fashion-mnist (MIT licence). */
export const fashionMnistFiles: CanonicalFiles = [
  {
    name: "train-images-idx3-ubyte",
    bytes: 47_040_016,
    compressedBytes: 26_421_880,
    sha256: "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
  },
  {
    name: "train-labels-idx1-ubyte",
    bytes: 60_008,
    compressedBytes: 29_515,
    sha256: "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
  },
  {
    name: "t10k-images-idx3-ubyte",
    bytes: 7_840_016,
    compressedBytes: 4_422_102,
    sha256: "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
  },
  {
    name: "t10k-labels-idx1-ubyte",
    bytes: 10_008,
    compressedBytes: 5_148,
    sha256: "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
  },
];

/** FashionMNIST's classes by label; the synthetic set has the same. */
export const fashionMnistClasses = [
  "T-shirt/top",
  "Trouser",
  "Pullover",
  "Dress",
  "Coat",
  "Sandal",
  "Shirt",
  "Sneaker",
  "Bag",
  "Ankle boot",
];

/**
 * A data set's digest: sha256 (hex) over the four files' sha256, each as 64 lower-case hex digits, joined
 * without separator in the order train images, train labels, test images, test labels. A file's sha256 is
 * taken over its decompressed bytes, IDX header included, so raw and .gz files give the same digest.
 */
export function datasetDigest(fileDigests: readonly string[]): string {
  return createHash("sha256").update(fileDigests.join("")).digest("hex");
}
