/** An x-y chart: the one file that draws with uPlot. What surrounds it (legend, table, keyboard) is figure.ts. */
import uPlot from "uplot";
import { largest } from "../../../../src/core/numeric/extremes.js";
import { fromAxis, toAxis } from "../data/shared-scale.js";
import { drawEndLabels, drawRemark, labelRoom } from "./chart-labels.js";
import { drawBands, drawMarks, drawStrip, type Geometry } from "./chart-layers.js";
import {
  drawable,
  endsOf,
  indicesWithin,
  least,
  stripOf,
  xRange,
  xTicks,
  yRange,
  yTicks,
  type ChartEvents,
  type ChartSpec,
} from "./chart-spec.js";
import { dashes, ink } from "./marks.js";
import { colours } from "./theme.js";

export interface Chart {
  show(visible: readonly boolean[]): void;
  /** @param sharpness canvas pixels to one of the screen's: paper has more */
  resize(width: number, height: number, sharpness?: number): void;
  redraw(): void;
  zoomTo(range: [number, number] | null): void;
  zoomed(): [number, number] | null;
  /** Puts the cursor on a point, as the mouse would. */
  pointAt(index: number, series: number): void;
  emphasise(series: number | null): void;
  canvas(): HTMLCanvasElement;
  destroy(): void;
}

const FONT = '12px system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';
/** Pixels that a tick's label needs along its axis. */
const SPACE = { x: 50, y: 30 };
/** Pixels from a line within which the cursor means it. */
const REACH = 14;

/** Which series are drawn, and how. */
interface Look {
  visible: boolean[];
  /** The series that all others stand back behind. */
  emphasised: number | null;
  sharpness: number;
}

/** Draws the spec into the host and keeps it interactive until destroyed. */
export function drawChart(
  host: HTMLElement,
  spec: ChartSpec,
  size: { width: number; height: number },
  events: ChartEvents,
): Chart {
  const look: Look = { visible: spec.series.map(() => true), emphasised: null, sharpness: 1 };
  const data = [
    spec.x,
    ...spec.series.map((s) => s.values.map((v) => (drawable(spec, v) ? v : null))),
  ] as uPlot.AlignedData;
  const plot = new uPlot({ ...size, ...options(spec, look, events) }, data, host);
  onClick(plot, (index) => {
    const k = nearestSeries(plot, index, look);
    if (k >= 0) events.click(index, k);
  });
  const chart: Chart = {
    show(next) {
      plot.batch(() => {
        next.forEach((on, k) => {
          if (look.visible[k] === on) return;
          look.visible[k] = on;
          plot.setSeries(k + 1, { show: on });
        });
      });
    },
    resize(width, height, sharpness = 1) {
      look.sharpness = sharpness;
      plot.setSize({ width, height });
    },
    redraw: () => plot.redraw(false, true),
    zoomTo(range) {
      if (!range) return plot.setData(data, true);
      const [first, last] = endsOf(spec.x);
      const [min, max] = [Math.max(range[0], first), Math.min(range[1], last)];
      if (min < max) plot.setScale("x", { min, max });
    },
    zoomed: () => zoomedRange(plot, spec),
    pointAt(index, k) {
      const v = data[k + 1]?.[index];
      const left = plot.valToPos(spec.x[index], "x");
      plot.setCursor({ left, top: v === null || v === undefined ? 0 : plot.valToPos(v, "y") }, true);
    },
    emphasise(k) {
      if (look.emphasised === k) return;
      look.emphasised = k;
      plot.series.forEach((s, i) => {
        if (i > 0) s.alpha = standsBack(look, i - 1) ? 0.2 : 1;
      });
      plot.redraw(false, false);
    },
    canvas: () => plot.ctx.canvas,
    destroy: () => plot.destroy(),
  };
  if (spec.zoom) chart.zoomTo(spec.zoom);
  return chart;
}

function options(spec: ChartSpec, look: Look, events: ChartEvents): Omit<uPlot.Options, "width" | "height"> {
  return {
    padding: [10, (u) => labelRoom(u.ctx, spec, u.width), 0, 0],
    legend: { show: false },
    cursor: {
      drag: { x: true, y: true, uni: 40, dist: 6 },
      points: { size: 8, width: 2 },
      ...(spec.sync ? { sync: { key: spec.sync, setSeries: false, scales: ["x", null] } } : {}),
    },
    scales: {
      x: { time: false, distr: spec.logX ? 3 : 1, range: (_, min, max) => xRange(spec, min, max) },
      y: { ...yScale(spec), range: (u) => yRange(spec, look.visible, ...indicesToCome(u)) },
    },
    axes: axes(spec),
    series: [
      {},
      ...spec.series.map((s): uPlot.Series => ({
        label: s.label,
        width: s.scatter ? 0 : (s.width ?? 2),
        dash: dashes(s),
        stroke: () => ink(s.colour),
        paths: s.scatter ? () => null : s.stepped ? uPlot.paths.stepped?.({ align: 1 }) : undefined,
        points: { show: false },
        alpha: 1,
        spanGaps: spec.sparse === true,
      })),
    ],
    hooks: {
      drawClear: [(u) => sharpen(u, look.sharpness)],
      drawAxes: [(u) => [drawStrip, drawBands].forEach((layer) => layer(spec, geometry(u, spec, look)))],
      drawSeries: [(u, index) => drawMarks(spec, index - 1, geometry(u, spec, look))],
      draw: [
        (u) => {
          const drawn = geometry(u, spec, look);
          drawRemark(spec, drawn, drawEndLabels(spec, drawn, u.width));
        },
      ],
      setCursor: [(u) => tellCursor(u, look, events)],
      setScale: [
        (u, key) => {
          if (key === "x") events.zoom(zoomedRange(u, spec));
        },
      ],
    },
  };
}

/** Enlarges a canvas that uPlot has just sized for the screen; it draws with the same numbers all the same. */
function sharpen({ ctx, width }: uPlot, sharpness: number): void {
  const { canvas } = ctx;
  if (sharpness === 1 || canvas.width !== Math.round(width * uPlot.pxRatio)) return;
  canvas.width *= sharpness;
  canvas.height *= sharpness;
  ctx.scale(sharpness, sharpness);
}

function axes(spec: ChartSpec): uPlot.Axis[] {
  const shared: uPlot.Axis = {
    // uPlot asks for ticks once it has found an increment; this one fits every axis. Its own ticks of a log axis never end for
    // some minima (it takes the tick after a power of ten for the next increment), those of a linear one where a tick is so
    // large that adding the increment changes nothing.
    incrs: [Infinity],
    filter: (_, splits) => splits,
    stroke: () => colours().muted,
    font: FONT,
    labelFont: FONT,
    grid: { stroke: () => colours().rule, width: 1 },
    ticks: { stroke: () => colours().rule, width: 1, size: 4 },
    labelSize: 24,
    labelGap: 4,
  };
  const tick = spec.formatTick ?? ((y: number) => spec.formatY(y));
  const room = (pixels: number, space: number) => pixels / uPlot.pxRatio / space;
  return [
    {
      ...shared,
      label: spec.xLabel,
      size: 30,
      splits: (u, _, min, max) => xTicks(spec, min, max, room(u.bbox.width, SPACE.x)),
      values: (_, splits) => splits.map((v) => spec.formatX(v)),
    },
    {
      ...shared,
      label: spec.yLabel,
      size: (_, values) => {
        const lengths = (values ?? []).map((v) => v.length);
        return 14 + 7 * largest(lengths, 3);
      },
      splits: (u, _, min, max) => yTicks(spec, min, max, room(u.bbox.height, SPACE.y)),
      values: (_, splits) => splits.map((v) => tick(v, least(splits))),
    },
  ];
}

function yScale(spec: ChartSpec): Pick<uPlot.Scale, "distr" | "fwd" | "bwd"> {
  const strip = stripOf(spec);
  return strip
    ? { distr: 100, fwd: (value) => toAxis(strip, value), bwd: (place) => fromAxis(strip, place) }
    : { distr: spec.log ? 3 : 1 };
}

function geometry(u: uPlot, spec: ChartSpec, look: Look): Geometry {
  return {
    ctx: u.ctx,
    box: u.bbox,
    ratio: uPlot.pxRatio,
    x: (value) => u.valToPos(value, "x", true),
    y: (value) => u.valToPos(value, "y", true),
    shown: indexRange(u, spec),
    visible: look.visible,
    faint: (k) => standsBack(look, k),
  };
}

function standsBack({ emphasised }: Look, k: number): boolean {
  return emphasised !== null && emphasised !== k;
}

/** First and last index of x in view, as soon as uPlot fits y to them: its x scale changes after that. */
const indicesToCome = ({ series }: uPlot): [number, number] => series[0].idxs ?? [0, -1];

/** Those in the range that is drawn; its ends are null before it is first set. */
const indexRange = (u: uPlot, { x }: ChartSpec) =>
  indicesWithin(x, u.scales.x.min ?? undefined, u.scales.x.max ?? undefined);

/** The range of x in view; null where that is all of it. */
function zoomedRange(u: uPlot, spec: ChartSpec): [number, number] | null {
  const { min, max } = u.scales.x;
  const [first, last] = endsOf(spec.x);
  if (min === undefined || max === undefined || spec.x.length < 2 || (min <= first && max >= last)) return null;
  return [min, max];
}

function tellCursor(u: uPlot, look: Look, events: ChartEvents): void {
  const { idx, left = -1, top = 0 } = u.cursor;
  const away = idx === null || idx === undefined || left < 0;
  if (away) events.cursor(null, 0, 0);
  else events.cursor(idx, left + u.over.offsetLeft, top + u.over.offsetTop);
  const near = away || !events.hover ? -1 : nearestSeries(u, idx, look, REACH);
  events.hover?.(near < 0 ? null : near);
}

/** Calls back with the cursor's index of x on a click that is no drag. */
function onClick(plot: uPlot, clicked: (index: number) => void): void {
  let pressed: { x: number; y: number } | null = null;
  plot.over.addEventListener("mousedown", (e) => (pressed = { x: e.clientX, y: e.clientY }));
  plot.over.addEventListener("click", (e) => {
    if (!pressed || Math.hypot(e.clientX - pressed.x, e.clientY - pressed.y) > 5) return;
    const index = plot.cursor.idx;
    if (index !== null && index !== undefined) clicked(index);
  });
}

/** The visible series that comes nearest to the cursor at an index of x; -1 where none is so near. */
function nearestSeries(plot: uPlot, index: number, { visible }: Look, reach = Infinity): number {
  let nearest = -1;
  let distance = reach;
  visible.forEach((on, k) => {
    const v = plot.data[k + 1][index];
    if (!on || v === null || v === undefined) return;
    const d = Math.abs(plot.valToPos(v, "y") - (plot.cursor.top ?? 0));
    if (d < distance) [nearest, distance] = [k, d];
  });
  return nearest;
}
