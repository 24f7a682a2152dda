/** The marks that tell series apart besides colour: shapes, and solid or dashed lines. */
import { SHAPES } from "../data/shown-models.js";
import { svg } from "./dom.js";
import { colours } from "./theme.js";

/** What a colour index stands for on a canvas; null is the ink of axes. */
export function ink(colour: number | null): string {
  return colour === null ? colours().muted : colours().series[colour];
}

/** Lengths of dashes and gaps of a line, in CSS pixels; none of a solid one. */
export function dashes({ dashed, dotted }: { dashed: boolean; dotted?: boolean }): number[] {
  return dotted ? [2, 3] : dashed ? [6, 4] : [];
}

/** Traces a shape around a point: circle, square, triangle, diamond, inverted triangle, plus. */
export function traceShape(ctx: CanvasRenderingContext2D, shape: number, x: number, y: number, r: number): void {
  ctx.beginPath();
  switch (shape % SHAPES) {
    case 0:
      ctx.arc(x, y, r, 0, 2 * Math.PI);
      break;
    case 1:
      ctx.rect(x - 0.88 * r, y - 0.88 * r, 1.76 * r, 1.76 * r);
      break;
    default:
      corners(shape).forEach(([dx, dy], i) =>
        i === 0 ? ctx.moveTo(x + r * dx, y + r * dy) : ctx.lineTo(x + r * dx, y + r * dy),
      );
      ctx.closePath();
  }
}

function corners(shape: number): [number, number][] {
  switch (shape % SHAPES) {
    case 2:
      return [
        [0, -1.2],
        [1.1, 0.8],
        [-1.1, 0.8],
      ];
    case 3:
      return [
        [0, -1.3],
        [1.3, 0],
        [0, 1.3],
        [-1.3, 0],
      ];
    case 4:
      return [
        [0, 1.2],
        [1.1, -0.8],
        [-1.1, -0.8],
      ];
    default:
      return [
        [-0.4, -1.2],
        [0.4, -1.2],
        [0.4, -0.4],
        [1.2, -0.4],
        [1.2, 0.4],
        [0.4, 0.4],
        [0.4, 1.2],
        [-0.4, 1.2],
        [-0.4, 0.4],
        [-1.2, 0.4],
        [-1.2, -0.4],
        [-0.4, -0.4],
      ];
  }
}

/** A shape around a point, in SVG. */
export function shapeMark(shape: number, x: number, y: number, r: number): SVGElement {
  switch (shape % SHAPES) {
    case 0:
      return svg("circle", { cx: x, cy: y, r });
    case 1:
      return svg("rect", { x: x - 0.88 * r, y: y - 0.88 * r, width: 1.76 * r, height: 1.76 * r });
    default: {
      const points = corners(shape).map(([dx, dy]) => `${x + r * dx},${y + r * dy}`);
      return svg("polygon", { points: points.join(" ") });
    }
  }
}

/** A legend swatch: a piece of the line with the series' mark. @param bare without the line */
export function swatch(
  colour: number | null,
  shape: number | null,
  dashed: boolean,
  { dotted = false, bare = false } = {},
): SVGElement {
  const paint = colour === null ? "currentColor" : `var(--series-${colour})`;
  const mark = shape === null ? null : shapeMark(shape, 13, 7, 3.6);
  mark?.setAttribute("fill", paint);
  return svg(
    "svg",
    { class: "swatch", width: 26, height: 14, viewBox: "0 0 26 14", "aria-hidden": "true" },
    bare
      ? null
      : svg("line", {
          x1: 0,
          y1: 7,
          x2: 26,
          y2: 7,
          stroke: paint,
          "stroke-width": 2,
          "stroke-dasharray": dashes({ dashed, dotted }).join(" ") || null,
        }),
    mark,
  );
}
