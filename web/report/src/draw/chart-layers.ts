/** What a chart draws besides its lines: bands over seeds, marks on points, crosses where a cell diverged. */
import { drawable, type ChartSpec } from "./chart-spec.js";
import { SHAPES, traceShape } from "./marks.js";
import { colours } from "./theme.js";

/** The drawn chart, in canvas pixels. */
export interface Geometry {
  ctx: CanvasRenderingContext2D;
  box: { left: number; top: number; width: number; height: number };
  /** Canvas pixels per CSS pixel. */
  ratio: number;
  x(value: number): number;
  y(value: number): number;
  /** First and last index of x in view. */
  shown: [number, number];
  visible: readonly boolean[];
  /** True for a series that stands back behind another. */
  faint(series: number): boolean;
}

function clip(ctx: CanvasRenderingContext2D, box: Geometry["box"], margin: number): void {
  ctx.beginPath();
  ctx.rect(box.left - margin, box.top - margin, box.width + 2 * margin, box.height + 2 * margin);
  ctx.clip();
}

/** The indices for which there is something to draw, in runs without a gap. */
function runs(length: number, has: (index: number) => boolean): number[][] {
  const found: number[][] = [];
  for (let i = 0; i < length; i++) {
    if (!has(i)) continue;
    if (i > 0 && has(i - 1)) found[found.length - 1].push(i);
    else found.push([i]);
  }
  return found;
}

/** The area between each series' lowest and highest values, below the lines; a bar where it is one point wide. */
export function drawBands(spec: ChartSpec, { ctx, box, ratio, x, y, visible, faint }: Geometry): void {
  ctx.save();
  clip(ctx, box, 0);
  spec.series.forEach((s, k) => {
    const { low, high } = s;
    if (!low || !high || !visible[k]) return;
    ctx.globalAlpha = faint(k) ? 0.04 : 0.16;
    ctx.fillStyle = ctx.strokeStyle = colours().series[s.colour];
    ctx.lineWidth = 6 * ratio;
    for (const run of runs(spec.x.length, (i) => drawable(spec, low[i]) && drawable(spec, high[i]))) {
      ctx.beginPath();
      for (const i of run) ctx.lineTo(x(spec.x[i]), y(high[i] as number));
      for (const i of run.reverse()) ctx.lineTo(x(spec.x[i]), y(low[i] as number));
      if (run.length > 1) ctx.fill();
      else ctx.stroke();
    }
  });
  ctx.restore();
}

/** One series' marks. Of many points only some carry one, different ones in each series; a point without neighbours, which no line leads to, always does. */
export function drawMarks(
  spec: ChartSpec,
  k: number,
  { ctx, box, ratio, x, y, shown, visible, faint }: Geometry,
): void {
  const s = spec.series[k];
  if (!s || !visible[k]) return;
  const [from, to] = shown;
  const colour = colours().series[s.colour];
  ctx.save();
  clip(ctx, box, 6 * ratio);
  ctx.globalAlpha = faint(k) ? 0.2 : 1;
  ctx.setLineDash([]);
  ctx.strokeStyle = colour;
  const shape = s.shape ?? 0;
  const every = s.scatter ? 1 : Math.max(1, Math.ceil((to - from + 1) / 14));
  const offset = every > 1 ? Math.floor((every * (shape % SHAPES)) / SHAPES) : 0;
  const size = s.scatter ? 5 : s.shape === null ? 1.5 : s.dashed ? 2.9 : 3.4;
  ctx.fillStyle = s.dashed ? colours().surface : colour;
  ctx.lineWidth = 1.4 * ratio;
  for (let i = from; i <= to; i++) {
    const value = s.values[i];
    if (!drawable(spec, value)) continue;
    const marked = s.shape !== null && (i - from) % every === offset;
    if (!marked && (drawable(spec, s.values[i - 1]) || drawable(spec, s.values[i + 1]))) continue;
    traceShape(ctx, shape, x(spec.x[i]), y(value), size * ratio);
    ctx.fill();
    ctx.stroke();
  }
  const last = s.divergedAt === undefined ? null : s.values[s.divergedAt];
  if (s.divergedAt !== undefined && drawable(spec, last))
    drawCross(ctx, x(spec.x[s.divergedAt]), y(last), 6 * ratio, 2.5 * ratio);
  ctx.restore();
}

function drawCross(ctx: CanvasRenderingContext2D, x: number, y: number, r: number, width: number): void {
  ctx.lineWidth = width;
  ctx.beginPath();
  ctx.moveTo(x - r, y - r);
  ctx.lineTo(x + r, y + r);
  ctx.moveTo(x + r, y - r);
  ctx.lineTo(x - r, y + r);
  ctx.stroke();
}
