/** Paints parallel coordinates: a line a cell, coloured by rank, then the axes with their names and values. */
import type { CellView } from "../data/cells.js";
import { axisPosition, categoryPosition, type ParallelAxis } from "../data/parallel-axes.js";
import { metricLabel, metricText } from "./columns.js";
import { visible } from "./dom.js";
import type { ParallelLayout } from "./parallel-layout.js";
import { colours, currentTheme } from "./theme.js";

/** What there is to paint. */
export interface ParallelView {
  all: readonly CellView[];
  chosen: readonly CellView[];
  axes: readonly ParallelAxis[];
  /** Ids of cells whose lines stand out. */
  highlighted: ReadonlySet<string>;
  /** Each cell's place by test accuracy, by id: 0 worst to 1 best. */
  rank: ReadonlyMap<string, number>;
}

/** A stretch of an axis between two heights, while it is dragged along. */
export interface Brush {
  axis: number;
  from: number;
  to: number;
}

/** Most names along an axis. */
const NAMES = 14;

/** From worst to best: in the dark from blue to yellow, in the light from pale to dark blue; told apart without colour vision. */
const HEAT = {
  dark: [
    [88, 104, 168],
    [66, 152, 170],
    [120, 200, 120],
    [250, 225, 80],
  ],
  light: [
    [190, 196, 214],
    [110, 150, 190],
    [40, 105, 150],
    [12, 35, 80],
  ],
};

function heat(rank: number): string {
  const stops = HEAT[currentTheme()];
  const at = Math.min(0.9999, Math.max(0, rank)) * (stops.length - 1);
  const i = Math.floor(at);
  const mix = stops[i].map((c, k) => Math.round(c + (at - i) * (stops[i + 1][k] - c)));
  return `rgb(${mix.join(",")})`;
}

export function paintParallel(
  canvas: HTMLCanvasElement,
  layout: ParallelLayout,
  view: ParallelView,
  brush: Brush | null,
): void {
  const ctx = sizedContext(canvas, layout);
  if (!ctx) return;
  paintLines(ctx, layout, view);
  view.axes.forEach((axis, i) => paintAxis(ctx, layout, axis, layout.x(i)));
  if (brush) paintBrush(ctx, layout, brush);
}

function sizedContext(canvas: HTMLCanvasElement, { width, height }: ParallelLayout): CanvasRenderingContext2D | null {
  const ratio = Math.max(1, devicePixelRatio);
  canvas.width = width * ratio;
  canvas.height = height * ratio;
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const ctx = canvas.getContext("2d");
  ctx?.scale(ratio, ratio);
  return ctx;
}

function paintLines(ctx: CanvasRenderingContext2D, layout: ParallelLayout, view: ParallelView): void {
  const { all, chosen, axes, highlighted, rank } = view;
  const paint = colours();
  ctx.lineWidth = 1;
  ctx.strokeStyle = paint.rule;
  if (chosen.length < all.length) for (const cell of all) paintLine(ctx, layout, axes, cell);
  ctx.globalAlpha = chosen.length > 300 ? 0.35 : chosen.length > 60 ? 0.6 : 0.9;
  ctx.lineWidth = chosen.length > 300 ? 1 : 1.6;
  for (const cell of chosen) {
    ctx.strokeStyle = heat(rank.get(cell.id) ?? 0);
    paintLine(ctx, layout, axes, cell);
  }
  ctx.globalAlpha = 1;
  ctx.lineWidth = 3;
  ctx.strokeStyle = paint.series[1];
  for (const cell of chosen) if (highlighted.has(cell.id)) paintLine(ctx, layout, axes, cell);
}

/** A line with a gap at each axis on which the cell has no place. */
function paintLine(
  ctx: CanvasRenderingContext2D,
  layout: ParallelLayout,
  axes: readonly ParallelAxis[],
  cell: CellView,
): void {
  ctx.beginPath();
  let open = false;
  axes.forEach((axis, i) => {
    const at = axisPosition(axis, cell);
    if (at !== null) {
      if (open) ctx.lineTo(layout.x(i), layout.y(at));
      else ctx.moveTo(layout.x(i), layout.y(at));
    }
    open = at !== null;
  });
  ctx.stroke();
}

function paintAxis(ctx: CanvasRenderingContext2D, layout: ParallelLayout, axis: ParallelAxis, x: number): void {
  ctx.strokeStyle = colours().muted;
  ctx.lineWidth = 1;
  ctx.beginPath();
  ctx.moveTo(x, layout.top);
  ctx.lineTo(x, layout.bottom);
  ctx.stroke();
  const { name, categories, range } = axis;
  paintLabel(ctx, metricLabel(name).replace(/^(model|optimizer)\./, ""), x, 16, true);
  if (categories) {
    const step = Math.ceil(categories.length / NAMES);
    categories.forEach((text, k) => {
      if (k % step === 0) paintLabel(ctx, text, x, layout.y(categoryPosition(categories, k)) - 5);
    });
  } else if (range) {
    paintLabel(ctx, metricText(name, range[1]), x, layout.top - 8);
    paintLabel(ctx, metricText(name, range[0]), x, layout.height - 6);
  }
}

/** A label's beginning, with a rim that keeps it apart from the lines behind. */
function paintLabel(ctx: CanvasRenderingContext2D, text: string, x: number, y: number, bold = false): void {
  const paint = colours();
  const safe = visible(text);
  const short = safe.length > 14 ? `${safe.slice(0, 13)}…` : safe;
  ctx.font = `${bold ? 600 : 400} 12px system-ui, -apple-system, "Segoe UI", Roboto, Arial, sans-serif`;
  ctx.textAlign = "center";
  ctx.lineWidth = 4;
  ctx.strokeStyle = paint.surface;
  ctx.strokeText(short, x, y);
  ctx.fillStyle = bold ? paint.text : paint.muted;
  ctx.fillText(short, x, y);
}

function paintBrush(ctx: CanvasRenderingContext2D, layout: ParallelLayout, { axis, from, to }: Brush): void {
  ctx.fillStyle = colours().text;
  ctx.globalAlpha = 0.15;
  ctx.fillRect(layout.x(axis) - 10, Math.min(from, to), 20, Math.abs(to - from));
  ctx.globalAlpha = 1;
}
