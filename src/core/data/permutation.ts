import { RandomStream } from "../numeric/random.js";

/**
 * The k-th fixed random permutation of an image's pixels, as the homework's
 * `RandomPermutation` has it: permuted[i] = original[permutation[i]]; k = 0 is
 * the original order. It depends on k and size alone, never on a cell's seed.
 */
export function pixelPermutation(k: number, size: number): Uint32Array {
  const permutation = Uint32Array.from({ length: size }, (_, i) => i);
  if (k > 0) new RandomStream("permutation", k, size).shuffle(permutation);
  return permutation;
}
