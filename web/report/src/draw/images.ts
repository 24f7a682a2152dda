/** Images on canvas: grey ones in the ink of the theme, 0 the paper and 255 the text; those of three channels in their own colours. */
import type { ImageSize } from "../../../../src/core/data/dataset.js";
import { h } from "./dom.js";
import { onThemeChange } from "./theme.js";

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

type Rgb = [number, number, number];

function ink(): { paper: Rgb; text: Rgb } {
  return document.documentElement.dataset.theme === "dark"
    ? { paper: [38, 43, 50], text: [240, 242, 245] }
    : { paper: [243, 244, 246], text: [17, 20, 24] };
}

const drawn = new Map<HTMLCanvasElement, () => void>();
onThemeChange(() => {
  for (const [canvas, draw] of drawn) {
    if (canvas.isConnected) draw();
    else drawn.delete(canvas);
  }
});

/** A canvas with the image, one canvas pixel per image pixel; the style sheet scales it. */
export function imageCanvas(
  bytes: ArrayLike<number>,
  { height, width, channels }: ImageSize,
  label: string,
): HTMLCanvasElement {
  const canvas = h("canvas", { class: "image", width, height, role: "img", "aria-label": label });
  const draw = () => {
    const ctx = canvas.getContext("2d");
    if (!ctx) return;
    const { paper, text } = ink();
    const out = ctx.createImageData(width, height);
    for (let i = 0; i < width * height; i++) {
      const t = (bytes[i * channels] ?? 0) / 255;
      for (let c = 0; c < 3; c++)
        out.data[4 * i + c] = channels === 3 ? bytes[i * 3 + c] : paper[c] + t * (text[c] - paper[c]);
      out.data[4 * i + 3] = 255;
    }
    ctx.putImageData(out, 0, 0);
  };
  draw();
  drawn.set(canvas, draw);
  return canvas;
}

/** Signed values as an image: blue below zero, orange above, the paper at zero. */
export function signedCanvas(
  values: ArrayLike<number>,
  width: number,
  height: number,
  label: string,
): HTMLCanvasElement {
  const canvas = h("canvas", { class: "image", width, height, role: "img", "aria-label": label });
  let largest = 0;
  for (let i = 0; i < width * height; i++)
    if (Number.isFinite(values[i])) largest = Math.max(largest, Math.abs(values[i]));
  const draw = () => {
    const ctx = canvas.getContext("2d");
    if (!ctx) return;
    const { paper } = ink();
    const out = ctx.createImageData(width, height);
    for (let i = 0; i < width * height; i++) {
      const t = largest > 0 && Number.isFinite(values[i]) ? values[i] / largest : 0;
      const target: Rgb = t < 0 ? [0, 90, 181] : [213, 94, 0];
      for (let c = 0; c < 3; c++) out.data[4 * i + c] = paper[c] + Math.abs(t) * (target[c] - paper[c]);
      out.data[4 * i + 3] = 255;
    }
    ctx.putImageData(out, 0, 0);
  };
  draw();
  drawn.set(canvas, draw);
  return canvas;
}
