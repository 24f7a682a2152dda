/** A chart as a picture of its own: title, legend and plot on one canvas. */
import { visible } from "../data/format.js";
import type { Series } from "./chart-spec.js";
import { dashes, ink, traceShape } from "./marks.js";
import { colours } from "./theme.js";

const FAMILY = 'system-ui, -apple-system, "Segoe UI", Roboto, Arial, sans-serif';

export function chartPicture(plot: HTMLCanvasElement, title: string, series: readonly Series[]): Promise<Blob | null> {
  const ratio = Math.max(1, devicePixelRatio);
  const width = plot.width;
  const paint = colours();
  const canvas = document.createElement("canvas");
  const ctx = canvas.getContext("2d");
  if (!ctx) return Promise.resolve(null);
  const pad = 16 * ratio;
  const line = 20 * ratio;
  const font = (size: number, weight = 400) => `${weight} ${size * ratio}px ${FAMILY}`;

  ctx.font = font(12);
  const places: { x: number; y: number; s: Series }[] = [];
  let x = pad;
  let y = pad + 2 * line;
  for (const s of series.slice(0, 40)) {
    const need = 40 * ratio + ctx.measureText(s.label).width;
    if (x + need > width - pad && x > pad) {
      x = pad;
      y += line;
    }
    places.push({ x, y, s });
    x += need + 12 * ratio;
  }
  canvas.width = width;
  canvas.height = y + line + plot.height;
  ctx.fillStyle = paint.surface;
  ctx.fillRect(0, 0, canvas.width, canvas.height);
  ctx.fillStyle = paint.text;
  ctx.textBaseline = "middle";
  ctx.font = font(15, 600);
  ctx.fillText(visible(title), pad, pad + line / 2);
  ctx.font = font(12);
  for (const { x: left, y: top, s } of places) {
    ctx.strokeStyle = ink(s.colour);
    ctx.lineWidth = 2 * ratio;
    ctx.setLineDash(dashes(s).map((length) => length * ratio));
    ctx.beginPath();
    ctx.moveTo(left, top);
    ctx.lineTo(left + 26 * ratio, top);
    if (!s.scatter) ctx.stroke();
    ctx.setLineDash([]);
    if (s.shape !== null) {
      traceShape(ctx, s.shape, left + 13 * ratio, top, 3.4 * ratio);
      ctx.fillStyle = ink(s.colour);
      ctx.fill();
    }
    ctx.fillStyle = paint.text;
    ctx.fillText(visible(s.label), left + 32 * ratio, top);
  }
  ctx.drawImage(plot, 0, y + line);
  return new Promise((done) => canvas.toBlob(done, "image/png"));
}
