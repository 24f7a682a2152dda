/** Two images in one, for training on pairs: mixup and cutmix, and the distribution of the share. */
import { bytesOf, type ImageSize } from "../kernels/shape.js";
import { cosine, exp, log } from "../numeric/math.js";
import type { RandomStream } from "../numeric/random.js";

/**
 * A number in [0, 1] from Beta(α, α), for any α > 0, from two uniform numbers and without rejection: Devroye, "Random
 * variate generation in one line of code" (1996), after Bailey's polar method for Student's t (1994).
 */
export function symmetricBeta(alpha: number, random: RandomStream): number {
  const growth = exp(-log(random.uniform()) / alpha) - 1;
  const c = cosine(2 * Math.PI * random.uniform());
  const distance = 0.5 / Math.sqrt(1 + 1 / (growth * c * c));
  return c < 0 ? 0.5 - distance : 0.5 + distance;
}

/**
 * Mixup (Zhang et al., 2018): image `slot` of `out` becomes share · itself + (1 - share) · image `other`, rounded to bytes.
 * Returns the share, which comes from Beta(α, α) and is a Float32.
 */
export function mixup(
  alpha: number,
  size: ImageSize,
  random: RandomStream,
  out: Uint8Array,
  slot: number,
  other: number,
): number {
  const share = Math.fround(symmetricBeta(alpha, random));
  const bytes = bytesOf(size);
  for (let i = 0, a = slot * bytes, b = other * bytes; i < bytes; i++)
    out[a + i] = share * out[a + i] + (1 - share) * out[b + i] + 0.5;
  return share;
}

/**
 * Cutmix (Yun et al., 2019): a rectangle of image `other` is pasted into image `slot` of `out` at the same place. With λ
 * from Beta(α, α) its sides are √(1-λ) of the image's, rounded down, around a uniform centre, and cut at the borders.
 * Returns the share of the pixels that stay, as a Float32.
 */
export function cutmix(
  alpha: number,
  { height, width, channels }: ImageSize,
  random: RandomStream,
  out: Uint8Array,
  slot: number,
  other: number,
): number {
  const side = Math.sqrt(1 - symmetricBeta(alpha, random));
  const span = (size: number): [number, number] => {
    const length = Math.floor(size * side);
    const start = random.below(size) - Math.floor(length / 2);
    return [Math.max(0, start), Math.min(size, start + length)];
  };
  const [top, bottom] = span(height);
  const [left, right] = span(width);
  const pixels = height * width;
  const image = (place: number): number => place * pixels * channels;
  for (let y = top; y < bottom; y++)
    for (let i = (y * width + left) * channels; i < (y * width + right) * channels; i++)
      out[image(slot) + i] = out[image(other) + i];
  return Math.fround(1 - ((bottom - top) * (right - left)) / pixels);
}
