/** An x-y chart: the one file that draws with uPlot. What surrounds it (legend, table, keyboard) is figure.ts. */
import uPlot from "uplot";
import { colours } from "./theme.js";
import { drawBands, drawMarks, type Geometry } from "./chart-layers.js";
import { largest } from "../../../../src/core/numeric/extremes.js";
import { linearTicks, logTicks } from "../data/ticks.js";
import { drawable, xRange, yRange, type ChartEvents, type ChartSpec } from "./chart-spec.js";

export interface Chart {
  show(visible: readonly boolean[]): void;
  resize(width: number, height: number): void;
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

/** Draws the spec into the host and keeps it interactive until destroyed. */
export function drawChart(
  host: HTMLElement,
  spec: ChartSpec,
  size: { width: number; height: number },
  events: ChartEvents,
): Chart {
  const visible = spec.series.map(() => true);
  let emphasised: number | null = null;
  const full: [number, number] = [spec.x[0] ?? 0, spec.x.at(-1) ?? 1];
  const data = [
    spec.x,
    ...spec.series.map((s) => s.values.map((v) => (drawable(spec, v) ? v : null))),
  ] as uPlot.AlignedData;
  const indexRange = (u: uPlot): [number, number] => {
    const { min, max } = u.scales.x;
    const first = spec.x.findIndex((x) => x >= (min ?? -Infinity));
    const last = spec.x.findLastIndex((x) => x <= (max ?? Infinity));
    return [Math.max(0, first), last < 0 ? spec.x.length - 1 : last];
  };
  const dim = (k: number) => emphasised !== null && emphasised !== k;

  const geometry = (u: uPlot): Geometry => ({
    ctx: u.ctx,
    box: u.bbox,
    ratio: uPlot.pxRatio,
    x: (value) => u.valToPos(value, "x", true),
    y: (value) => u.valToPos(value, "y", true),
    shown: indexRange(u),
    visible,
    faint: dim,
  });

  const axis = {
    // uPlot asks for ticks once it has found an increment; this one fits every axis. Its own ticks of a log axis never end for
    // some minima (it takes the tick after a power of ten for the next increment), those of a linear one where a tick is so
    // large that adding the increment changes nothing.
    incrs: [Infinity],
    filter: (_: uPlot, splits: number[]) => splits,
    stroke: () => colours().muted,
    font: FONT,
    labelFont: FONT,
    grid: { stroke: () => colours().rule, width: 1 },
    ticks: { stroke: () => colours().rule, width: 1, size: 4 },
    labelSize: 24,
    labelGap: 4,
  };
  const tick = spec.formatTick ?? ((y: number) => spec.formatY(y));
  let pressed: { x: number; y: number } | null = null;

  const options: uPlot.Options = {
    width: size.width,
    height: size.height,
    padding: [10, 14, 0, 0],
    legend: { show: false },
    cursor: {
      drag: { x: true, y: true, uni: 40, dist: 6 },
      points: { size: 8, width: 2 },
      ...(spec.sync ? { sync: { key: spec.sync, setSeries: false, scales: ["x", null] } } : {}),
    },
    scales: {
      x: { time: false, distr: spec.logX ? 3 : 1, range: (_, min, max) => xRange(spec, min, max) },
      y: { distr: spec.log ? 3 : 1, range: (u) => yRange(spec, visible, ...indexRange(u)) },
    },
    axes: [
      {
        ...axis,
        label: spec.xLabel,
        size: 30,
        splits: (u, _, min, max) => {
          const most = u.bbox.width / uPlot.pxRatio / SPACE.x;
          return spec.logX ? logTicks(min, max, most) : linearTicks(min, max, most, spec.wholeX);
        },
        values: (_, splits) => splits.map((v) => spec.formatX(v)),
      },
      {
        ...axis,
        label: spec.yLabel,
        size: (_, values) =>
          14 +
          7 *
            largest(
              (values ?? []).map((v) => v.length),
              3,
            ),
        splits: (u, _, min, max) =>
          (spec.log ? logTicks : linearTicks)(min, max, u.bbox.height / uPlot.pxRatio / SPACE.y),
        values: (_, splits) => splits.map((v) => tick(v, splits.length > 1 ? splits[1] - splits[0] : 0)),
      },
    ],
    series: [
      {},
      ...spec.series.map((s, k): uPlot.Series => ({
        label: s.label,
        width: s.scatter ? 0 : (s.width ?? 2),
        dash: s.dashed ? [6, 4] : undefined,
        stroke: () => colours().series[s.colour],
        paths: s.scatter ? () => null : undefined,
        points: { show: false },
        alpha: 1,
        spanGaps: false,
        show: visible[k],
      })),
    ],
    hooks: {
      drawAxes: [(u) => drawBands(spec, geometry(u))],
      drawSeries: [(u, index) => drawMarks(spec, index - 1, geometry(u))],
      setCursor: [
        (u) => {
          const { idx, left, top } = u.cursor;
          if (idx === null || idx === undefined || (left ?? -1) < 0) events.cursor(null, 0, 0);
          else events.cursor(idx, (left ?? 0) + u.over.offsetLeft, (top ?? 0) + u.over.offsetTop);
        },
      ],
      setScale: [
        (u, key) => {
          if (key === "x") events.zoom(zoomedRange(u));
        },
      ],
    },
  };

  function zoomedRange(u: uPlot): [number, number] | null {
    const { min, max } = u.scales.x;
    if (min === undefined || max === undefined || spec.x.length < 2 || (min <= full[0] && max >= full[1])) return null;
    return [min, max];
  }

  /** What lies outside the data is no part of a range; null shows everything. */
  function zoomTo(range: [number, number] | null): void {
    if (!range) return plot.setData(data, true);
    const [min, max] = [Math.max(range[0], full[0]), Math.min(range[1], full[1])];
    if (min < max) plot.setScale("x", { min, max });
  }

  const plot = new uPlot(options, data, host);
  plot.over.addEventListener("mousedown", (e) => (pressed = { x: e.clientX, y: e.clientY }));
  plot.over.addEventListener("click", (e) => {
    if (!pressed || Math.hypot(e.clientX - pressed.x, e.clientY - pressed.y) > 5) return;
    const index = plot.cursor.idx;
    if (index === null || index === undefined) return;
    let nearest = -1;
    let distance = Infinity;
    spec.series.forEach((_, k) => {
      const v = data[k + 1][index];
      if (!visible[k] || v === null || v === undefined) return;
      const d = Math.abs(plot.valToPos(v, "y") - (plot.cursor.top ?? 0));
      if (d < distance) [nearest, distance] = [k, d];
    });
    if (nearest >= 0) events.click(index, nearest);
  });
  if (spec.zoom) zoomTo(spec.zoom);

  return {
    show(next) {
      plot.batch(() => {
        next.forEach((on, k) => {
          if (visible[k] === on) return;
          visible[k] = on;
          plot.setSeries(k + 1, { show: on });
        });
      });
    },
    resize: (width, height) => plot.setSize({ width, height }),
    redraw: () => plot.redraw(false, true),
    zoomTo,
    zoomed: () => zoomedRange(plot),
    pointAt(index, k) {
      const v = data[k + 1]?.[index];
      const left = plot.valToPos(spec.x[index], "x");
      plot.setCursor({ left, top: v === null || v === undefined ? 0 : plot.valToPos(v, "y") }, true);
    },
    emphasise(k) {
      if (emphasised === k) return;
      emphasised = k;
      plot.series.forEach((s, i) => {
        if (i > 0) s.alpha = dim(i - 1) ? 0.2 : 1;
      });
      plot.redraw(false, false);
    },
    canvas: () => plot.ctx.canvas,
    destroy: () => plot.destroy(),
  };
}
