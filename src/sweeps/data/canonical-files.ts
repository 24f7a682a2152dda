/** The four files that a published data set consists of, and how its digest is made of theirs. */
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

/**
 * A data set's digest: sha256 (hex) over the four files' sha256, each as 64 lower-case hex digits, joined
 * without separator in the order train images, train labels, test images, test labels. A file's sha256 is
 * taken over its decompressed bytes, IDX header included, so raw and .gz files give the same digest.
 */
export function datasetDigest(fileDigests: readonly string[]): string {
  return createHash("sha256").update(fileDigests.join("")).digest("hex");
}
