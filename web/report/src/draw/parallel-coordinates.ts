/** Parallel coordinates on canvas: one line a cell through its settings and its result. Drag along an axis to filter. */
import type { CellView } from "../data/cells.js";
import { axisPosition, axisValue, type ParallelAxis } from "../data/parallel-axes.js";
import { sortCells } from "../data/selection.js";
import { metricLabel, metricText } from "./columns.js";
import { h, visible } from "./dom.js";
import { colours, currentTheme, onThemeChange } from "./theme.js";

const TOP = 44;
const BOTTOM = 22;
const SIDE = 64;
const HEIGHT = 300;

export interface ParallelEvents {
  brush(axis: ParallelAxis, range: [number, number] | null): void;
  brushCategories(axis: ParallelAxis, values: string[] | null): void;
  open(id: string): void;
}

export interface ParallelPlot {
  element: HTMLElement;
  update(
    all: readonly CellView[],
    chosen: readonly CellView[],
    axes: ParallelAxis[],
    highlighted: readonly string[],
  ): void;
  destroy(): void;
}

/** From blue (worst) to yellow (best), equally dark steps, told apart without colour vision. */
function heat(t: number): string {
  const dark = currentTheme() === "dark";
  const stops = dark
    ? [
        [88, 104, 168],
        [66, 152, 170],
        [120, 200, 120],
        [250, 225, 80],
      ]
    : [
        [190, 196, 214],
        [110, 150, 190],
        [40, 105, 150],
        [12, 35, 80],
      ];
  const at = Math.min(0.9999, Math.max(0, t)) * (stops.length - 1);
  const i = Math.floor(at);
  const mix = stops[i].map((c, k) => Math.round(c + (at - i) * (stops[i + 1][k] - c)));
  return `rgb(${mix.join(",")})`;
}

/** Each cell's place by test accuracy, 0 worst to 1 best: a few failures do not use up the scale. */
function ranks(cells: readonly CellView[]): Map<string, number> {
  const order = sortCells(cells, "testAccuracy", true);
  return new Map(order.map((cell, i) => [cell.id, order.length > 1 ? 1 - i / (order.length - 1) : 1]));
}

export function parallelPlot(events: ParallelEvents): ParallelPlot {
  const canvas = h("canvas", {
    class: "parallel",
    role: "img",
    "aria-label":
      "Parallel coordinates of the cells' settings and results; the filters and ranges above select the same by keyboard, the table below holds the values.",
  });
  const element = h(
    "div",
    { class: "parallel-frame", tabindex: 0, role: "region", "aria-label": "Parallel coordinates" },
    canvas,
  );
  let all: readonly CellView[] = [];
  let chosen: readonly CellView[] = [];
  let axes: ParallelAxis[] = [];
  let highlighted: ReadonlySet<string> = new Set();
  let rank = new Map<string, number>();
  /** Drawn only when it is near the view. */
  let near = false;
  let waiting = true;
  let drag: { axis: number; from: number; to: number } | null = null;

  const width = () => Math.max(element.clientWidth, axes.length * 78);
  const axisX = (i: number) => (axes.length < 2 ? width() / 2 : SIDE + (i * (width() - 2 * SIDE)) / (axes.length - 1));
  const y = (position: number) => TOP + (1 - position) * (HEIGHT - TOP - BOTTOM);
  const position = (top: number) => Math.min(1, Math.max(0, 1 - (top - TOP) / (HEIGHT - TOP - BOTTOM)));

  function line(ctx: CanvasRenderingContext2D, cell: CellView): void {
    ctx.beginPath();
    let open = false;
    axes.forEach((axis, i) => {
      const at = axisPosition(axis, cell);
      if (at === null) {
        open = false;
        return;
      }
      if (open) ctx.lineTo(axisX(i), y(at));
      else ctx.moveTo(axisX(i), y(at));
      open = true;
    });
    ctx.stroke();
  }

  function drawAxis(ctx: CanvasRenderingContext2D, axis: ParallelAxis, i: number): void {
    const paint = colours();
    const x = axisX(i);
    ctx.strokeStyle = paint.muted;
    ctx.lineWidth = 1;
    ctx.beginPath();
    ctx.moveTo(x, TOP);
    ctx.lineTo(x, HEIGHT - BOTTOM);
    ctx.stroke();
    const fit = (name: string, text = visible(name)) => (text.length > 14 ? `${text.slice(0, 13)}…` : text);
    const label = (text: string, top: number, bold = false) => {
      ctx.font = `${bold ? 600 : 400} 12px system-ui, -apple-system, "Segoe UI", Roboto, Arial, sans-serif`;
      ctx.textAlign = "center";
      ctx.lineWidth = 4;
      ctx.strokeStyle = paint.surface;
      ctx.strokeText(fit(text), x, top);
      ctx.fillStyle = bold ? paint.text : paint.muted;
      ctx.fillText(fit(text), x, top);
    };
    label(metricLabel(axis.name).replace(/^(model|optimizer)\./, ""), 16, true);
    if (axis.categories) {
      const step = Math.ceil(axis.categories.length / 14);
      axis.categories.forEach((text, k) => {
        if (k % step === 0)
          label(text, y(axis.categories?.length === 1 ? 0.5 : k / ((axis.categories?.length ?? 2) - 1)) - 5);
      });
    } else if (axis.range) {
      label(metricText(axis.name, axis.range[1]), TOP - 8);
      label(metricText(axis.name, axis.range[0]), HEIGHT - 6);
    }
  }

  function draw(): void {
    waiting = !near;
    if (!near || !element.isConnected || element.clientWidth === 0) return;
    const ratio = Math.max(1, devicePixelRatio);
    const wide = width();
    canvas.width = wide * ratio;
    canvas.height = HEIGHT * ratio;
    canvas.style.width = `${wide}px`;
    canvas.style.height = `${HEIGHT}px`;
    const ctx = canvas.getContext("2d");
    if (!ctx) return;
    ctx.scale(ratio, ratio);
    const paint = colours();
    ctx.lineWidth = 1;
    ctx.strokeStyle = paint.rule;
    if (chosen.length < all.length) for (const cell of all) line(ctx, cell);
    ctx.globalAlpha = chosen.length > 300 ? 0.35 : chosen.length > 60 ? 0.6 : 0.9;
    ctx.lineWidth = chosen.length > 300 ? 1 : 1.6;
    for (const cell of chosen) {
      ctx.strokeStyle = heat(rank.get(cell.id) ?? 0);
      line(ctx, cell);
    }
    ctx.globalAlpha = 1;
    ctx.lineWidth = 3;
    ctx.strokeStyle = paint.series[1];
    for (const cell of chosen) if (highlighted.has(cell.id)) line(ctx, cell);
    axes.forEach((axis, i) => drawAxis(ctx, axis, i));
    if (drag) {
      ctx.fillStyle = paint.text;
      ctx.globalAlpha = 0.15;
      ctx.fillRect(axisX(drag.axis) - 10, Math.min(drag.from, drag.to), 20, Math.abs(drag.to - drag.from));
      ctx.globalAlpha = 1;
    }
  }

  function at(event: PointerEvent): { x: number; y: number } {
    const box = canvas.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }
  canvas.addEventListener("pointerdown", (event) => {
    const p = at(event);
    const axis = axes.findIndex((_, i) => Math.abs(axisX(i) - p.x) < 24);
    if (axis < 0 || event.pointerType === "touch") return;
    drag = { axis, from: p.y, to: p.y };
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!drag) return;
    drag.to = at(event).y;
    draw();
  });
  canvas.addEventListener("pointerup", () => {
    if (!drag) return;
    const { axis: i, from, to } = drag;
    drag = null;
    const axis = axes[i];
    const [low, high] = [position(Math.max(from, to)), position(Math.min(from, to))];
    const clicked = Math.abs(from - to) < 5;
    if (axis.categories) {
      const kept = axis.categories.filter((_, k, list) => {
        const p = list.length === 1 ? 0.5 : k / (list.length - 1);
        return p >= low - 0.02 && p <= high + 0.02;
      });
      events.brushCategories(axis, clicked || kept.length === 0 ? null : kept);
    } else events.brush(axis, clicked ? null : [axisValue(axis, low), axisValue(axis, high)]);
    draw();
  });
  const sized = new ResizeObserver(draw);
  sized.observe(element);
  const seen = new IntersectionObserver(
    (entries) => {
      near = entries.some((entry) => entry.isIntersecting);
      if (near && waiting) draw();
    },
    { rootMargin: "300px" },
  );
  seen.observe(element);
  const beforePrint = () => {
    near = true;
    draw();
  };
  addEventListener("beforeprint", beforePrint);
  const stop = onThemeChange(draw);

  return {
    element,
    update(nextAll, nextChosen, nextAxes, ids) {
      if (nextAll !== all) rank = ranks(nextAll);
      [all, chosen, axes, highlighted] = [nextAll, nextChosen, nextAxes, new Set(ids)];
      draw();
    },
    destroy() {
      sized.disconnect();
      seen.disconnect();
      removeEventListener("beforeprint", beforePrint);
      stop();
    },
  };
}
