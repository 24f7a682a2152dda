/** The words within a chart: names at the ends of lines, and a remark on a point. No two of them overlap. */
import { visible as shownText } from "../data/format.js";
import { smallest } from "../../../../src/core/numeric/extremes.js";
import { spreadOut } from "../data/spread-out.js";
import type { Geometry } from "./chart-layers.js";
import { drawable, type ChartSpec } from "./chart-spec.js";
import { ink } from "./marks.js";
import { colours } from "./theme.js";

interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

const FAMILY = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';
const SIZE = 11.5;
/** Height of a line of text, distance of labels from their lines, and the widest label; in CSS pixels. */
const LINE = 14;
const GAP = 10;
const WIDEST = 150;
/** Plots narrower than this have names only at their lines' ends, and short ones. */
const NARROW = 440;

const overlaps = (a: Box, b: Box): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

/** The text, with an ellipsis where it is wider than there is room. */
function cut(ctx: CanvasRenderingContext2D, text: string, width: number): string {
  if (ctx.measureText(text).width <= width) return text;
  let length = text.length;
  while (length > 1 && ctx.measureText(`${text.slice(0, length)}…`).width > width) length--;
  return `${text.slice(0, length).trimEnd()}…`;
}

function labelText(ctx: CanvasRenderingContext2D, label: [string, string], chartWidth: number, ratio: number): string {
  const [name, value] = label.map(shownText);
  const narrow = chartWidth < NARROW;
  const room = (narrow ? 0.6 : 1) * WIDEST * ratio;
  const beside = narrow || value === "" ? "" : ` ${value}`;
  return cut(ctx, name, room - ctx.measureText(beside).width) + beside;
}

function beginText(ctx: CanvasRenderingContext2D, ratio: number): void {
  ctx.save();
  ctx.font = font(ratio);
  ctx.textBaseline = "middle";
  ctx.textAlign = "left";
  ctx.setLineDash([]);
}

const font = (ratio: number): string => `${SIZE * ratio}px ${FAMILY}`;

/** CSS pixels that labels need to the right of the plot. @param chartWidth of the whole chart, in CSS pixels */
export function labelRoom(ctx: CanvasRenderingContext2D, { series }: ChartSpec, chartWidth: number): number {
  ctx.save();
  ctx.font = font(1);
  const widths = series.flatMap(({ endLabel }) =>
    endLabel ? [ctx.measureText(labelText(ctx, endLabel, chartWidth, 1)).width + GAP + 4] : [],
  );
  ctx.restore();
  return widths.reduce((most, width) => Math.max(most, width), 14);
}

/** Last index in view at which a series has a value. */
function lastShown(spec: ChartSpec, k: number, [from, to]: Geometry["shown"]): number {
  for (let i = to; i >= from; i--) if (drawable(spec, spec.series[k].values[i])) return i;
  return -1;
}

/** Names where the lines end. */
export function drawEndLabels(spec: ChartSpec, geometry: Geometry, chartWidth: number): Box[] {
  const { ctx, box, ratio, x, y, visible, shown, faint } = geometry;
  beginText(ctx, ratio);
  const ends = spec.series.flatMap((s, k) => {
    const index = s.endLabel && visible[k] ? lastShown(spec, k, shown) : -1;
    if (!s.endLabel || index < 0) return [];
    const [px, py] = [x(spec.x[index]), y(s.values[index] as number)];
    if (py < box.top - 1 || py > box.top + box.height + 1) return [];
    const text = labelText(ctx, s.endLabel, chartWidth, ratio);
    return [{ k, px, py, text, width: ctx.measureText(text).width }];
  });
  const middles = spreadOut(
    ends.map(({ py }) => py),
    LINE * ratio,
    box.top - 0.5 * LINE * ratio,
    box.top + box.height + 0.5 * LINE * ratio,
  );
  const drawn = ends.map(({ k, px, py, text, width }, i): Box => {
    const middle = middles[i];
    const left = px + GAP * ratio;
    ctx.globalAlpha = faint(k) ? 0.3 : 1;
    ctx.strokeStyle = ink(spec.series[k].colour);
    ctx.lineWidth = ratio;
    ctx.beginPath();
    ctx.moveTo(px + 4 * ratio, py);
    ctx.lineTo(left - 2 * ratio, middle);
    ctx.stroke();
    writeText(ctx, text, left, middle, ratio);
    return { x: left, y: middle - (LINE * ratio) / 2, width, height: LINE * ratio };
  });
  ctx.restore();
  return drawn;
}

/** Text that can be read across lines. */
function writeText(ctx: CanvasRenderingContext2D, text: string, x: number, y: number, ratio: number): void {
  ctx.strokeStyle = colours().surface;
  ctx.lineWidth = 3 * ratio;
  ctx.lineJoin = "round";
  ctx.strokeText(text, x, y);
  ctx.fillStyle = colours().text;
  ctx.fillText(text, x, y);
}

/** Pixels of the visible lines, near enough to tell whether a box lies on one. */
function linePoints(spec: ChartSpec, { x, y, visible, shown: [from, to] }: Geometry): [number, number][] {
  const points: [number, number][] = [];
  const every = Math.max(1, Math.floor((to - from) / 200));
  spec.series.forEach(({ values }, k) => {
    if (!visible[k]) return;
    let before: [number, number] | null = null;
    for (let i = from; i <= to; i += every) {
      const value = values[i];
      if (!drawable(spec, value)) continue;
      const here: [number, number] = [x(spec.x[i]), y(value)];
      for (let t = 0; before && t < 8; t++)
        points.push([before[0] + (t / 8) * (here[0] - before[0]), before[1] + (t / 8) * (here[1] - before[1])]);
      points.push(here);
      before = here;
    }
  });
  return points;
}

/** A remark beside its point, where it hides least. @param taken where labels stand */
export function drawRemark(spec: ChartSpec, geometry: Geometry, taken: readonly Box[]): void {
  const { remark } = spec;
  const { ctx, box, ratio, x, y, visible, shown } = geometry;
  const value = remark && spec.series[remark.series].values[remark.index];
  if (!remark || !visible[remark.series] || !drawable(spec, value)) return;
  if (remark.index < shown[0] || remark.index > shown[1]) return;
  beginText(ctx, ratio);
  const lines = remark.lines.map((line) => cut(ctx, shownText(line), 0.7 * box.width));
  const width = lines.reduce((most, line) => Math.max(most, ctx.measureText(line).width), 0);
  const height = lines.length * LINE * ratio;
  const [px, py] = [x(spec.x[remark.index]), y(value)];
  const points = linePoints(spec, geometry);
  const hidden = (at: Box): number => {
    const near = { x: at.x - 4, y: at.y - 4, width: at.width + 8, height: at.height + 8 };
    const onLines = points.filter(([u, v]) => overlaps(near, { x: u, y: v, width: 0.1, height: 0.1 })).length;
    return onLines + (taken.some((other) => overlaps(near, other)) ? 1000 : 0);
  };
  const places = [30, 50, 70, 95, 120, 150, 180].flatMap((distance) =>
    [1, -1].flatMap((side) =>
      [-0.1, -0.5, -0.9, 0.1].map((shift): Box => {
        const left = Math.min(box.left + box.width - width - 4, Math.max(box.left + 4, px + shift * width));
        const middle = py + side * distance * ratio;
        return { x: left, y: middle - height / 2, width, height };
      }),
    ),
  );
  const inside = places.filter((at) => at.y > box.top && at.y + at.height < box.top + box.height);
  const costs = inside.map((at, i) => hidden(at) + i / 100);
  const best = inside[costs.indexOf(smallest(costs))];
  if (best) {
    ctx.strokeStyle = ctx.fillStyle = colours().text;
    ctx.lineWidth = ratio;
    ctx.beginPath();
    ctx.arc(px, py, 6 * ratio, 0, 2 * Math.PI);
    ctx.stroke();
    const below = best.y > py;
    ctx.beginPath();
    ctx.moveTo(px, py + (below ? 6 : -6) * ratio);
    ctx.lineTo(Math.min(best.x + width, Math.max(best.x, px)), below ? best.y : best.y + height);
    ctx.stroke();
    lines.forEach((line, i) => writeText(ctx, line, best.x, best.y + (i + 0.5) * LINE * ratio, ratio));
  }
  ctx.restore();
}
