/** The pixels of a report's images. */
import { pixelPermutation } from "../../../../src/core/data/permutation.js";
import { smallest } from "../../../../src/core/numeric/extremes.js";
import type { SweepCells } from "./sweep-cells.js";

/** Bytes of base64 text; empty when it is not base64. */
export function decodePixels(base64: string): Uint8Array {
  try {
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  } catch {
    return new Uint8Array(0);
  }
}

/** Pixel i of the permuted image is pixel permutation[i] of the original, all its channels. */
export function permutePixels(bytes: Uint8Array, permutation: ArrayLike<number>): Uint8Array {
  const channels = bytes.length / permutation.length;
  return bytes.map((_, i) => bytes[permutation[Math.floor(i / channels)] * channels + (i % channels)]);
}

/** The first permutation of the cells' pixels, and its order where the images' size is known; undefined where no cell has one. */
export function firstPermutation({ data, homework }: SweepCells): { k: number; order?: ArrayLike<number> } | undefined {
  const k = smallest(homework.map((cell) => cell.permutation).filter((of) => of > 0));
  if (!Number.isFinite(k)) return undefined;
  const { imageSize: size, permutations } = data;
  return { k, order: size && (permutations[k] ?? pixelPermutation(k, size.height * size.width)) };
}
