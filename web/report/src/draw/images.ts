/** Images on canvas: grey ones inverted, those of three channels in their own colours. */
import type { ImageSize } from "../../../../src/core/kernels/shape.js";
import { largest } from "../../../../src/core/numeric/extremes.js";
import type { Picture } from "../../../../src/core/data/fit-picture.js";
import { h } from "./dom.js";
import { currentTheme, onThemeChange, type Theme } from "./theme.js";

/** Longest side that a file's picture is read with. */
const LONGEST = 1024;

/** The picture in a file, on white where it is transparent. @throws Error, one line, where the browser cannot read it */
export async function readPicture(file: File): Promise<Picture> {
  const bitmap = await createImageBitmap(file, { colorSpaceConversion: "none" }).catch(() => {
    throw new Error(`${file.name}: got a file that this browser cannot read as a picture; try a PNG or JPEG.`);
  });
  const scale = Math.min(1, LONGEST / Math.max(bitmap.width, bitmap.height));
  const [width, height] = [bitmap.width, bitmap.height].map((length) => Math.max(1, Math.round(length * scale)));
  const ctx = h("canvas", { width, height }).getContext("2d", { willReadFrequently: true });
  if (!ctx) throw new Error(`${file.name}: this browser gives no canvas to read it with.`);
  ctx.fillStyle = "#fff";
  ctx.fillRect(0, 0, width, height);
  ctx.drawImage(bitmap, 0, 0, width, height);
  bitmap.close();
  return ctx.getImageData(0, 0, width, height);
}

type Rgb = [number, number, number];

/** What zero is among signed values. */
const PAPER: Record<Theme, Rgb> = { light: [243, 244, 246], dark: [38, 43, 50] };
const BELOW: Rgb = [0, 90, 181];
const ABOVE: Rgb = [213, 94, 0];

const drawn = new Map<HTMLCanvasElement, () => void>();
onThemeChange(() => {
  for (const [canvas, draw] of drawn) {
    if (canvas.isConnected) draw();
    else drawn.delete(canvas);
  }
});

/**
 * A canvas with one pixel per image pixel; the style sheet scales it.
 * @param colourOf what a pixel's red, green and blue are
 */
function painted(
  { width, height }: Omit<ImageSize, "channels">,
  label: string,
  colourOf: (pixel: number, paper: Rgb) => ArrayLike<number>,
) {
  const canvas = h("canvas", { class: "image", width, height, role: "img", "aria-label": label });
  const draw = () => {
    const ctx = canvas.getContext("2d");
    if (!ctx) return;
    const paper = PAPER[currentTheme()];
    const out = ctx.createImageData(width, height);
    for (let i = 0; i < width * height; i++) {
      const colour = colourOf(i, paper);
      for (let c = 0; c < 3; c++) out.data[4 * i + c] = colour[c];
      out.data[4 * i + 3] = 255;
    }
    ctx.putImageData(out, 0, 0);
  };
  draw();
  drawn.set(canvas, draw);
  return canvas;
}

/** From the paper, at 0, to a colour, at 1. */
const shaded = (paper: Rgb, t: number, colour: Rgb): number[] => paper.map((p, c) => p + t * (colour[c] - p));

/** Draws a canvas of this file anew, whose bytes have changed. */
export const redraw = (canvas: HTMLCanvasElement): void => drawn.get(canvas)?.();

/** An image's bytes: grey ones inverted, 0 white and 255 black; three channels are red, green and blue. */
export function imageCanvas(bytes: ArrayLike<number>, image: ImageSize, label: string): HTMLCanvasElement {
  const { channels } = image;
  return painted(image, label, (i) =>
    channels === 3
      ? [bytes[3 * i], bytes[3 * i + 1], bytes[3 * i + 2]]
      : new Array<number>(3).fill(255 - (bytes[i * channels] ?? 0)),
  );
}

/** Signed values as an image: blue below zero, orange above, the paper at zero. */
export function signedCanvas(
  values: readonly number[],
  width: number,
  height: number,
  label: string,
): HTMLCanvasElement {
  const most = largest(values.filter(Number.isFinite).map(Math.abs), 0);
  return painted({ width, height }, label, (i, paper) => {
    const t = most > 0 && Number.isFinite(values[i]) ? values[i] / most : 0;
    return shaded(paper, Math.abs(t), t < 0 ? BELOW : ABOVE);
  });
}
