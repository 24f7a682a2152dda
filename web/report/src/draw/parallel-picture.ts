/** Paints parallel coordinates: a line a cell, in the colour of its field, then the axes with their names and values. */
import { visible } from "../data/format.js";
import type { CellView } from "../data/cells.js";
import { axisPosition, categoryPosition, type ParallelAxis } from "../data/parallel-axes.js";
import { metricLabel, metricText } from "./columns.js";
import type { ParallelLayout } from "./parallel-layout.js";
import { colours } from "./theme.js";

/** What there is to paint. */
export interface ParallelView {
  all: readonly CellView[];
  chosen: readonly CellView[];
  axes: readonly ParallelAxis[];
  /** Ids of cells that are compared. */
  compared: ReadonlySet<string>;
  /** Ids of the cells that are pointed at. */
  lit: ReadonlySet<string>;
  /** Index of a cell's colour. */
  colour(cell: CellView): number;
}

/** A stretch of an axis between two heights, while it is dragged along. */
export interface Brush {
  axis: number;
  from: number;
  to: number;
}

/** Most names along an axis. */
const NAMES = 14;
/** Pixels above or below a line within which a pointer means it. */
const LINE_REACH = 9;

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
  const { all, chosen, axes, compared, lit } = view;
  const paint = colours();
  ctx.lineWidth = 1;
  ctx.strokeStyle = paint.rule;
  if (chosen.length < all.length) for (const cell of all) paintLine(ctx, layout, axes, cell);
  ctx.globalAlpha = chosen.length > 300 ? 0.35 : chosen.length > 60 ? 0.6 : 0.9;
  ctx.lineWidth = chosen.length > 300 ? 1 : 1.6;
  for (const cell of chosen) {
    ctx.strokeStyle = paint.series[view.colour(cell)];
    paintLine(ctx, layout, axes, cell);
  }
  ctx.globalAlpha = 1;
  for (const cell of all) {
    if (!compared.has(cell.id) && !lit.has(cell.id)) continue;
    ctx.lineWidth = lit.has(cell.id) ? 5 : 3;
    ctx.strokeStyle = lit.has(cell.id) ? paint.text : paint.series[view.colour(cell)];
    paintLine(ctx, layout, axes, cell);
  }
}

/** The cell whose line passes nearest to a place, within reach of it. */
export function cellAt(layout: ParallelLayout, view: ParallelView, x: number, y: number): CellView | null {
  const { axes, chosen } = view;
  const right = axes.findIndex((_, i) => i > 0 && layout.x(i) >= x);
  if (right < 0 || x < layout.x(0)) return null;
  const part = (x - layout.x(right - 1)) / (layout.x(right) - layout.x(right - 1));
  let nearest: CellView | null = null;
  let distance = LINE_REACH;
  for (const cell of chosen) {
    const [from, to] = [axisPosition(axes[right - 1], cell), axisPosition(axes[right], cell)];
    if (from === null || to === null) continue;
    const away = Math.abs(layout.y(from + part * (to - from)) - y);
    if (away < distance) [nearest, distance] = [cell, away];
  }
  return nearest;
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

/** A label with a rim that keeps it apart from the lines behind. Of a long one both ends stay: names that begin alike end apart. */
function paintLabel(ctx: CanvasRenderingContext2D, text: string, x: number, y: number, bold = false): void {
  const paint = colours();
  const safe = visible(text);
  const short = safe.length > 14 ? `${safe.slice(0, 5)}…${safe.slice(-8)}` : safe;
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
