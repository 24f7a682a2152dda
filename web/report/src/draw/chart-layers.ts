/** What a chart draws besides its lines: bands over seeds, marks on points, crosses where a cell diverged. */
import { drawable, stripOf, type ChartSpec, type Series } from "./chart-spec.js";
import { SHAPES } from "../data/shown-models.js";
import { ink, traceShape } from "./marks.js";
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

/** The indices for which there is something to draw, in runs without a gap. @param sparse gaps belong to other series */
function runs(length: number, has: (index: number) => boolean, sparse = false): number[][] {
  const found: number[][] = [];
  for (let i = 0; i < length; i++) {
    if (!has(i)) continue;
    if (found.length > 0 && (sparse || has(i - 1))) found[found.length - 1].push(i);
    else found.push([i]);
  }
  return found;
}

/** Where the axis is squeezed. */
export function drawStrip(spec: ChartSpec, { ctx, box, ratio, y }: Geometry): void {
  const strip = stripOf(spec);
  if (!strip) return;
  const edge = Math.min(box.top + box.height, Math.max(box.top, y(strip.edge)));
  const end = strip.above ? box.top : box.top + box.height;
  ctx.save();
  ctx.fillStyle = colours().muted;
  ctx.globalAlpha = 0.09;
  ctx.fillRect(box.left, Math.min(edge, end), box.width, Math.abs(end - edge));
  ctx.globalAlpha = 1;
  ctx.strokeStyle = colours().muted;
  ctx.lineWidth = ratio;
  ctx.setLineDash([3 * ratio, 3 * ratio]);
  ctx.beginPath();
  ctx.moveTo(box.left, edge);
  ctx.lineTo(box.left + box.width, edge);
  if (edge !== end) ctx.stroke();
  ctx.restore();
}

type Values = Series["values"] | undefined;

/** The areas below the lines: between each series' lowest and highest values, a bar where that is one point wide, and from a series to the one it is shaded to. */
export function drawBands(spec: ChartSpec, geometry: Geometry): void {
  const { ctx, box, ratio, x, y, visible, faint } = geometry;
  const area = (low: Values, high: Values, s: Series, alpha: number): void => {
    if (!low || !high) return;
    ctx.globalAlpha = alpha;
    ctx.fillStyle = ctx.strokeStyle = ink(s.colour);
    ctx.lineWidth = 6 * ratio;
    for (const run of runs(spec.x.length, (i) => drawable(spec, low[i]) && drawable(spec, high[i]), spec.sparse)) {
      ctx.beginPath();
      for (const i of run) ctx.lineTo(x(spec.x[i]), y(high[i] as number));
      for (const i of run.reverse()) ctx.lineTo(x(spec.x[i]), y(low[i] as number));
      if (run.length > 1) ctx.fill();
      else ctx.stroke();
    }
  };
  ctx.save();
  clip(ctx, box, 0);
  spec.series.forEach((s, k) => {
    if (!visible[k]) return;
    area(s.low, s.high, s, faint(k) ? 0.04 : 0.16);
    if (s.shadedTo !== undefined && visible[s.shadedTo])
      area(spec.series[s.shadedTo].values, s.values, s, (s.low ? 0.5 : 1) * (faint(k) ? 0.03 : 0.13));
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
  const colour = ink(s.colour);
  ctx.save();
  clip(ctx, box, 6 * ratio);
  ctx.globalAlpha = faint(k) ? 0.2 : 1;
  ctx.setLineDash([]);
  ctx.strokeStyle = colour;
  const shape = s.shape ?? 0;
  const points = s.values.flatMap((v, i) => (i >= from && i <= to && drawable(spec, v) ? [i] : []));
  const every = s.scatter ? 1 : Math.max(1, Math.ceil(points.length / 14));
  const offset = every > 1 ? Math.floor((every * (shape % SHAPES)) / SHAPES) : 0;
  const open = s.dashed || s.dotted;
  const size = s.scatter ? 4.5 : s.shape === null ? 1.5 : open ? 2.9 : 3.4;
  ctx.fillStyle = open ? colours().surface : colour;
  ctx.lineWidth = 1.4 * ratio;
  points.forEach((i, n) => {
    const marked = s.shape !== null && n % every === offset;
    const led = spec.sparse ? points.length > 1 : drawable(spec, s.values[i - 1]) || drawable(spec, s.values[i + 1]);
    if (!marked && led) return;
    traceShape(ctx, shape, x(spec.x[i]), y(s.values[i] as number), size * ratio);
    ctx.fill();
    ctx.stroke();
  });
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
