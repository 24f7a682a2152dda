/** Pictures of any size as the images of a data set: fitted in, in its channels, light and dark as its own are. */
import { bytesOf, type ImageSize } from "../kernels/shape.js";

/** Opaque pixels, four bytes each: red, green, blue, and one that is not looked at. */
export interface Picture {
  width: number;
  height: number;
  data: Uint8Array | Uint8ClampedArray;
}

/** The share of each channel in grey, as in television's luma. */
const LUMA = [0.299, 0.587, 0.114];

/**
 * The picture as large as fits into an image and in its middle, each pixel the mean of those that it covers; what is left
 * over has the mean colour of the picture's edge. A picture of the image's size stays as it is.
 */
export function fitPicture(picture: Picture, image: ImageSize): Uint8Array {
  const { width, height, channels } = image;
  const source = channelsOf(picture, channels);
  const scale = Math.min(width / picture.width, height / picture.height);
  const fitted = [picture.width, picture.height].map((length) => Math.max(1, Math.round(length * scale)));
  const [left, top] = [Math.floor((width - fitted[0]) / 2), Math.floor((height - fitted[1]) / 2)];
  const edge = edgeMeans(source, { ...picture, channels });
  const out = Uint8Array.from({ length: bytesOf(image) }, (_, i) => Math.round(edge[i % channels]));
  for (let y = 0; y < fitted[1]; y++)
    for (let x = 0; x < fitted[0]; x++) {
      const [x0, x1] = covered(x, fitted[0], picture.width);
      const [y0, y1] = covered(y, fitted[1], picture.height);
      for (let c = 0; c < channels; c++) {
        let sum = 0;
        for (let v = y0; v < y1; v++)
          for (let u = x0; u < x1; u++) sum += source[(v * picture.width + u) * channels + c];
        out[((top + y) * width + left + x) * channels + c] = Math.round(sum / ((x1 - x0) * (y1 - y0)));
      }
    }
  return out;
}

/** Which of `all` pixels one of `fitted` covers. */
function covered(at: number, fitted: number, all: number): [from: number, to: number] {
  const from = Math.min(all - 1, Math.floor((at * all) / fitted));
  return [from, Math.max(from + 1, Math.floor(((at + 1) * all) / fitted))];
}

/** Grey in every channel, but of three the colours. */
function channelsOf({ data, width, height }: Picture, channels: number): Uint8Array {
  const out = new Uint8Array(width * height * channels);
  for (let i = 0; i < out.length; i++) {
    const at = 4 * Math.floor(i / channels);
    out[i] =
      channels === 3
        ? data[at + (i % channels)]
        : Math.round(LUMA.reduce((sum, share, c) => sum + share * data[at + c], 0));
  }
  return out;
}

/** The mean of each channel along an image's edge. */
function edgeMeans(bytes: ArrayLike<number>, { width, height, channels }: ImageSize): number[] {
  const sums = new Array<number>(channels).fill(0);
  let pixels = 0;
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x += y === 0 || y === height - 1 ? 1 : Math.max(1, width - 1)) {
      for (let c = 0; c < channels; c++) sums[c] += bytes[(y * width + x) * channels + c];
      pixels += 1;
    }
  return sums.map((sum) => sum / pixels);
}

/** Whether an image's edge is light rather than dark; of several by their mean. None counts as dark. */
export function lightEdge(images: readonly ArrayLike<number>[], size: ImageSize): boolean {
  const means = images.flatMap((bytes) => edgeMeans(bytes, size));
  return means.reduce((sum, mean) => sum + mean, 0) > 127.5 * means.length;
}

/** A picture as an image of a data set, in its size, light and dark as its own are. */
export interface FittedPicture {
  image: Uint8Array;
  /** Sentences on what was done. */
  text: string;
  /** Grey pictures whose background is light where the data's is dark, or the other way round, are inverted. */
  inverted: boolean;
}

/** @param light whether the data's images have a light background */
export function fitAs(picture: Picture, size: ImageSize, light: boolean): FittedPicture {
  const image = fitPicture(picture, size);
  const text = `${picture.width}×${picture.height} pixels, fitted into ${size.width}×${size.height}.`;
  if (size.channels === 3 || lightEdge([image], size) === light) return { image, text, inverted: false };
  const [has, own] = light ? ["dark", "light"] : ["light", "dark"];
  return {
    image: image.map((byte) => 255 - byte),
    text: `${text} Its background is ${has} and that of the data ${own}, so it was inverted.`,
    inverted: true,
  };
}
