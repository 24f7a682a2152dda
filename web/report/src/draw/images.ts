/** Images on canvas, in the colours of the theme. */
import { largest } from "../../../../src/core/numeric/extremes.js";
import { h } from "./dom.js";
import { currentTheme, onThemeChange, type Theme } from "./theme.js";

/** Bytes of base64 text; empty when it is not base64. */
export function decodePixels(base64: string): Uint8Array {
  try {
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  } catch {
    return new Uint8Array(0);
  }
}

/** permuted[i] = original[permutation[i]]. */
export function permutePixels(pixels: Uint8Array, permutation: ArrayLike<number>): Uint8Array {
  return Uint8Array.from({ length: pixels.length }, (_, i) => pixels[permutation[i]]);
}

type Rgb = [number, number, number];

interface Ink {
  paper: Rgb;
  text: Rgb;
}

const INK: Record<Theme, Ink> = {
  light: { paper: [243, 244, 246], text: [17, 20, 24] },
  dark: { paper: [38, 43, 50], text: [240, 242, 245] },
};
const BELOW: Rgb = [0, 90, 181];
const ABOVE: Rgb = [213, 94, 0];

const drawn = new Map<HTMLCanvasElement, () => void>();
onThemeChange(() => {
  for (const [canvas, draw] of drawn) {
    if (canvas.isConnected) draw();
    else drawn.delete(canvas);
  }
});

interface Size {
  width: number;
  height: number;
}

/**
 * A canvas with one pixel per image pixel; the style sheet scales it.
 * @param shade of a pixel: how far from the paper, in [0, 1], to which colour
 */
function painted({ width, height }: Size, label: string, shade: (pixel: number, ink: Ink) => [number, Rgb]) {
  const canvas = h("canvas", { class: "image", width, height, role: "img", "aria-label": label });
  const draw = () => {
    const ctx = canvas.getContext("2d");
    if (!ctx) return;
    const ink = INK[currentTheme()];
    const out = ctx.createImageData(width, height);
    for (let i = 0; i < width * height; i++) {
      const [t, colour] = shade(i, ink);
      for (let c = 0; c < 3; c++) out.data[4 * i + c] = ink.paper[c] + t * (colour[c] - ink.paper[c]);
      out.data[4 * i + 3] = 255;
    }
    ctx.putImageData(out, 0, 0);
  };
  draw();
  drawn.set(canvas, draw);
  return canvas;
}

/** Bytes as an image in the theme's ink: 0 is the paper, 255 the text. */
export function imageCanvas(
  pixels: ArrayLike<number>,
  width: number,
  height: number,
  label: string,
): HTMLCanvasElement {
  return painted({ width, height }, label, (i, { text }) => [(pixels[i] ?? 0) / 255, text]);
}

/** Signed values as an image: blue below zero, orange above, the paper at zero. */
export function signedCanvas(
  values: readonly number[],
  width: number,
  height: number,
  label: string,
): HTMLCanvasElement {
  const most = largest(values.filter(Number.isFinite).map(Math.abs), 0);
  return painted({ width, height }, label, (i) => {
    const t = most > 0 && Number.isFinite(values[i]) ? values[i] / most : 0;
    return [Math.abs(t), t < 0 ? BELOW : ABOVE];
  });
}
