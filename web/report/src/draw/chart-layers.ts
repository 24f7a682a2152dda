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

/** The area between each series' lowest and highest values, below the lines. */
export function drawBands(spec: ChartSpec, { ctx, box, x, y, visible, faint }: Geometry): void {
  ctx.save();
  clip(ctx, box, 0);
  spec.series.forEach((s, k) => {
    const { low, high } = s;
    if (!low || !high || !visible[k]) return;
    ctx.globalAlpha = faint(k) ? 0.04 : 0.16;
    ctx.fillStyle = colours().series[s.colour];
    ctx.beginPath();
    const indices = spec.x.map((_, i) => i).filter((i) => drawable(spec, low[i]) && drawable(spec, high[i]));
    for (const i of indices) ctx.lineTo(x(spec.x[i]), y(high[i] as number));
    for (const i of indices.reverse()) ctx.lineTo(x(spec.x[i]), y(low[i] as number));
    ctx.fill();
  });
  ctx.restore();
}

/** One series' marks; with many points only some carry one, each series others. */
export function drawMarks(spec: ChartSpec, k: number, { ctx, box, ratio, x, y, shown, visible, faint }: Geometry): void {
  const s = spec.series[k];
  if (!s || !visible[k]) return;
  const [from, to] = shown;
  const colour = colours().series[s.colour];
  ctx.save();
  clip(ctx, box, 6 * ratio);
  ctx.globalAlpha = faint(k) ? 0.2 : 1;
  ctx.setLineDash([]);
  ctx.strokeStyle = colour;
  if (s.shape !== null) {
    const every = s.scatter ? 1 : Math.max(1, Math.ceil((to - from + 1) / 14));
    const offset = every > 1 ? Math.floor((every * (s.shape % SHAPES)) / SHAPES) : 0;
    ctx.fillStyle = s.dashed ? colours().surface : colour;
    ctx.lineWidth = 1.4 * ratio;
    for (let i = from + offset; i <= to; i += every) {
      const value = s.values[i];
      if (!drawable(spec, value)) continue;
      traceShape(ctx, s.shape, x(spec.x[i]), y(value), (s.scatter ? 5 : s.dashed ? 2.9 : 3.4) * ratio);
      ctx.fill();
      ctx.stroke();
    }
  }
  const last = s.divergedAt === undefined ? null : s.values[s.divergedAt];
  if (s.divergedAt !== undefined && drawable(spec, last)) drawCross(ctx, x(spec.x[s.divergedAt]), y(last), 6 * ratio, 2.5 * ratio);
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
