/** One training image, randomly shifted, mirrored, rotated, scaled, and with a rectangle erased: all its channels alike. Bytes in, bytes out. */
import { mat2d } from "gl-matrix";
import type { AugmentSpec } from "../config.js";
import { bytesOf, type ImageSize } from "../kernels/shape.js";
import { cosine, sine } from "../numeric/math.js";
import type { RandomStream } from "../numeric/random.js";

/** A whole-pixel shift (right and down), and whether the image is mirrored first. */
export interface Move {
  dx: number;
  dy: number;
  mirror: boolean;
}

/** An image among others that lie one after another. */
export interface ImagePlace {
  images: Uint8Array;
  index: number;
}

/**
 * The image at `to` becomes the one at `from` as `spec` changes it; draws come from `random` alone. Where
 * nothing rotates or scales, bytes are copied exactly; else they are interpolated and rounded to the nearest byte.
 * Mixing with a second image is not done here: ./mix.ts.
 */
export function augmentImage(
  spec: AugmentSpec,
  size: ImageSize,
  { images, index }: ImagePlace,
  to: ImagePlace,
  random: RandomStream,
): void {
  const bytes = bytesOf(size);
  const [out, start] = [to.images, to.index * bytes];
  const { shift = 0, rotate = 0, scale = 0 } = spec;
  const move = {
    dx: shift > 0 ? random.below(2 * shift + 1) - shift : 0,
    dy: shift > 0 ? random.below(2 * shift + 1) - shift : 0,
    mirror: spec.flip === true && random.below(2) === 1,
  };
  if (rotate > 0 || scale > 0) {
    const angle = rotate > 0 ? (2 * random.uniform() - 1) * rotate * (Math.PI / 180) : 0;
    const factor = scale > 0 ? 1 + (2 * random.uniform() - 1) * scale : 1;
    warp(affineMap(move, angle, factor, size), size, images, index * bytes, out, start);
  } else copyMoved(move, size, images, index * bytes, out, start);
  if (spec.erase && random.uniform() < spec.erase.probability) erase(spec.erase, size, random, out, start);
}

const map = new Float64Array(6);
const linear = new Float64Array(6);

/**
 * Where in the input [x, y] a pixel of the output comes from: the inverse of mirroring, rotating by `angle` (radians) and
 * scaling by `factor` about the image's centre, then shifting. The result is valid until the next call. Sine and cosine
 * are the core's own, since mat2d.rotate takes the engine's.
 */
export function affineMap(
  { dx, dy, mirror }: Move,
  angle: number,
  factor: number,
  { height, width }: ImageSize,
): Float64Array {
  const x = (width - 1) / 2;
  const y = (height - 1) / 2;
  const [c, s] = [cosine(angle) / factor, sine(angle) / factor];
  mat2d.fromTranslation(map, [x, y]);
  mat2d.scale(map, map, [mirror ? -1 : 1, 1]);
  mat2d.multiply(map, map, mat2d.set(linear, c, -s, s, c, 0, 0));
  mat2d.translate(map, map, [-x - dx, -y - dy]);
  return map;
}

/** out(x, y) = in(map · (x, y)), bilinear between the four neighbours, 0 outside. */
export function warp(
  map: Float64Array,
  size: ImageSize,
  images: Uint8Array,
  from: number,
  out: Uint8Array,
  to: number,
): void {
  for (let channel = 0; channel < size.channels; channel++)
    warpChannel(map, size, images, from + channel, out, to + channel);
}

/** `warp` of the bytes that lie `channels` apart from `from` on. */
function warpChannel(
  [a, b, c, d, tx, ty]: Float64Array,
  { height, width, channels }: ImageSize,
  images: Uint8Array,
  from: number,
  out: Uint8Array,
  to: number,
): void {
  const row = width * channels;
  const byte = (x: number, y: number): number =>
    x >= 0 && x < width && y >= 0 && y < height ? images[from + y * row + x * channels] : 0;
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const u = a * x + (c * y + tx);
      const v = b * x + (d * y + ty);
      const left = Math.floor(u);
      const top = Math.floor(v);
      let p: number, q: number, r: number, s: number;
      if (left >= 0 && left < width - 1 && top >= 0 && top < height - 1) {
        const at = from + top * row + left * channels;
        p = images[at];
        q = images[at + channels];
        r = images[at + row];
        s = images[at + row + channels];
      } else {
        p = byte(left, top);
        q = byte(left + 1, top);
        r = byte(left, top + 1);
        s = byte(left + 1, top + 1);
      }
      const upper = p + (u - left) * (q - p);
      const lower = r + (u - left) * (s - r);
      out[to + y * row + x * channels] = upper + (v - top) * (lower - upper) + 0.5;
    }
}

/** What `warp` gives without rotation and scaling, by copying. */
export function copyMoved(
  { dx, dy, mirror }: Move,
  { height, width, channels }: ImageSize,
  images: Uint8Array,
  from: number,
  out: Uint8Array,
  to: number,
): void {
  const row = width * channels;
  out.fill(0, to, to + height * row);
  const [left, right] = [Math.max(0, dx), Math.min(width, width + dx)];
  for (let y = Math.max(0, dy); y < Math.min(height, height + dy); y++) {
    const target = to + y * row;
    const source = from + (y - dy) * row;
    if (mirror)
      for (let channel = 0; channel < channels; channel++) {
        const last = source + (width - 1 + dx) * channels + channel;
        for (let x = left; x < right; x++) out[target + x * channels + channel] = images[last - x * channels];
      }
    else for (let i = left * channels; i < right * channels; i++) out[target + i] = images[source - dx * channels + i];
  }
}

/** Fills a rectangle anywhere inside the image, each side uniform in [least, most], with uniform random bytes (Zhong et al., "Random Erasing", 2020). */
function erase(
  { least, most }: { least: number; most: number },
  { height, width, channels }: ImageSize,
  random: RandomStream,
  out: Uint8Array,
  to: number,
): void {
  const rows = least + random.below(most - least + 1);
  const columns = least + random.below(most - least + 1);
  const top = random.below(height - rows + 1);
  const left = random.below(width - columns + 1);
  for (let y = top; y < top + rows; y++) {
    const start = to + (y * width + left) * channels;
    let bits = 0;
    for (let i = 0; i < columns * channels; i++, bits >>>= 8) {
      if (i % 4 === 0) bits = random.uint32();
      out[start + i] = bits & 255;
    }
  }
}
