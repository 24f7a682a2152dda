/**
 * A chart with what a reader needs around it: title, legend that toggles and isolates, values at the cursor,
 * keyboard, the ids behind a point, a data table, and downloads. The chart is drawn when it comes into view.
 */
import { visible } from "../data/format.js";
import { toCsv } from "../../../../src/core/csv.js";
import { drawChart, type Chart } from "./chart.js";
import { attachKeys } from "./chart-keys.js";
import { chartPicture } from "./chart-picture.js";
import { dataTable } from "./data-table.js";
import { download, h } from "./dom.js";
import { figureFrame, type FigureFrame } from "./figure-frame.js";
import { chartTable, type FigureSpec } from "./figure-spec.js";
import { legend } from "./legend.js";
import { pointPanel } from "./point-panel.js";
import { tooltip, type Tooltip } from "./tooltip.js";
import { watchDrawing } from "./watch-drawing.js";

export interface Figure {
  element: HTMLElement;
  /** Replaces the chart's data, keeping the frame. */
  update(spec: FigureSpec): void;
  /** All series but one stand back; null brings them forward again. */
  emphasise(series: number | null): void;
  destroy(): void;
}

/** Phones blank canvases beyond a few dozen: with more figures than this, those out of view give theirs back. */
const CANVASES = 24;
/** A chart on paper: half a page wide, in CSS pixels, and as sharp as a printer can show. */
const PAPER = { width: 460, height: 200, pixels: 3 };

let figures = 0;

export function figure(spec: FigureSpec): Figure {
  return new ChartFigure(spec);
}

class ChartFigure implements Figure {
  readonly element: HTMLElement;
  private readonly frame: FigureFrame;
  private readonly tip: Tooltip;
  private readonly unwatch: () => void;
  /** Null while it is not drawn. */
  private chart: Chart | null = null;
  private drawnWidth = 0;
  private log: boolean;
  /** Labels of the legend's entries that are switched off. */
  private hidden = new Set<string>();
  private printing = false;

  constructor(private spec: FigureSpec) {
    this.log = spec.chart.log;
    this.frame = figureFrame(spec, {
      resetZoom: () => this.chart?.zoomTo(null),
      toggleLog: () => this.toggleLog(),
      saveTable: () => this.save("csv", new Blob([toCsv(chartTable(this.spec))], { type: "text/csv" })),
      savePicture: () => void this.savePicture(),
    });
    this.element = this.frame.element;
    this.tip = tooltip(this.frame.plot);
    this.listenToKeys();
    figures++;
    this.unwatch = watchDrawing(this.element, this.frame.plot, {
      near: (is) => {
        if (is) this.ensure();
        else if (figures > CANVASES) this.takeDown();
      },
      resized: () => this.resize(),
      recoloured: () => this.chart?.redraw(),
      printing: (is) => this.print(is),
    });
    this.fillFrame();
  }

  update(spec: FigureSpec): void {
    this.spec = spec;
    // Without a button of its own, whoever made the figure decides.
    if (!spec.canLog) this.log = spec.chart.log;
    if (!spec.entries.some((entry) => this.hidden.has(entry.label))) this.hidden = new Set();
    this.fillFrame();
    this.frame.panel.replaceChildren();
    this.tip.hide();
    if (this.chart || this.element.getBoundingClientRect().top < innerHeight) {
      this.takeDown();
      this.ensure();
    }
  }

  emphasise(series: number | null): void {
    this.chart?.emphasise(series);
  }

  destroy(): void {
    figures--;
    this.unwatch();
    this.takeDown();
  }

  private fillFrame(): void {
    const { spec, frame } = this;
    frame.title.textContent = visible(spec.title);
    frame.caption.textContent = visible(spec.caption ?? "");
    frame.caption.hidden = !spec.caption;
    // Its place is kept before it is drawn, so that nothing below moves when it is.
    frame.plot.style.minHeight = `${this.size().height}px`;
    this.tellScale();
    frame.legend.replaceChildren(
      legend(spec.entries, this.hidden, {
        toggle: (hidden) => {
          this.hidden = hidden;
          this.chart?.show(this.shown());
        },
        emphasise: (entry) => this.chart?.emphasise(entry && entry.series.length === 1 ? entry.series[0] : null),
      }),
    );
    frame.table.replaceChildren(dataTable(`Data table: ${spec.title}`, () => chartTable(this.spec)));
  }

  private tellScale(): void {
    const { title, chart } = this.spec;
    const scale = this.log ? ", logarithmic" : "";
    const text = `${title}: ${chart.yLabel} by ${chart.xLabel}, ${chart.series.filter(({ context }) => !context).length} series${scale}`;
    this.frame.plot.setAttribute("aria-label", visible(text));
    this.frame.logButton.setAttribute("aria-pressed", String(this.log));
  }

  private toggleLog(): void {
    this.log = !this.log;
    this.tellScale();
    if (this.chart) this.draw();
  }

  private ensure(): void {
    if (!this.chart && this.element.isConnected) this.draw();
  }

  private draw(): void {
    const { chart: spec, onZoom } = this.spec;
    const { plot, resetButton } = this.frame;
    const zoom = this.chart ? this.chart.zoomed() : (spec.zoom ?? null);
    this.takeDown();
    if (spec.x.length === 0 || spec.series.length === 0) {
      plot.replaceChildren(h("p", { class: "empty" }, "Nothing to draw yet."));
      return;
    }
    this.chart = drawChart(plot, { ...spec, log: this.log, zoom }, this.size(), {
      cursor: (index, x, y) => this.tip.show(index, x, y, spec, this.shown()),
      hover: (k) => this.spec.onHover?.(k),
      click: (index, k) => this.showCells(index, k),
      zoom(range) {
        resetButton.hidden = range === null;
        onZoom?.(range);
      },
    });
    this.chart.show(this.shown());
  }

  private takeDown(): void {
    this.chart?.destroy();
    this.chart = null;
    this.frame.plot.querySelector(".empty")?.remove();
  }

  private size(): { width: number; height: number } {
    if (this.printing) return PAPER;
    return {
      width: Math.max(240, this.frame.plot.clientWidth),
      height: this.spec.height ?? (innerWidth < 600 ? 250 : 300),
    };
  }

  private resize(): void {
    if (!this.chart || this.frame.plot.clientWidth === 0) return;
    const { width, height } = this.size();
    if (width === this.drawnWidth) return;
    this.drawnWidth = width;
    this.chart.resize(width, height);
  }

  private print(is: boolean): void {
    this.printing = is;
    if (is) this.ensure();
    const { width, height } = this.size();
    this.drawnWidth = width;
    this.chart?.resize(width, height, is ? Math.max(1, PAPER.pixels / devicePixelRatio) : 1);
  }

  /** Which series the legend leaves on. */
  private shown(): boolean[] {
    const off = this.spec.entries.filter((entry) => this.hidden.has(entry.label)).flatMap((entry) => entry.series);
    return this.spec.chart.series.map((_, k) => !off.includes(k));
  }

  private describe(index: number, k: number): string {
    const { xName, chart } = this.spec;
    const series = chart.series[k];
    if (!series) return "";
    const value = series.values[index] ?? null;
    return `${xName} ${chart.formatX(chart.x[index])}, ${series.label}: ${value === null ? "no value" : chart.formatY(value)}`;
  }

  private showCells(index: number, k: number): void {
    const { cellIds, openCell } = this.spec;
    const { panel } = this.frame;
    if (!cellIds) return;
    panel.replaceChildren(
      pointPanel(this.describe(index, k), cellIds(k, index), openCell, () => panel.replaceChildren()),
    );
  }

  private listenToKeys(): void {
    attachKeys(this.frame.plot, {
      length: () => this.spec.chart.x.length,
      series: () => this.shown().flatMap((on, k) => (on && !this.spec.chart.series[k].context ? [k] : [])),
      has: (index, k) => (this.spec.chart.series[k]?.values[index] ?? null) !== null,
      move: (index, k) => {
        this.chart?.pointAt(index, k);
        this.frame.spoken.textContent = visible(this.describe(index, k));
      },
      open: (index, k) => this.showCells(index, k),
      zoom: (index, factor) => this.zoomAround(index, factor),
      reset: () => this.chart?.zoomTo(null),
      leave: () => this.tip.hide(),
    });
  }

  private zoomAround(index: number, factor: number): void {
    const { x } = this.spec.chart;
    const [first, last] = [x[0], x[x.length - 1]];
    const [low, high] = this.chart?.zoomed() ?? [first, last];
    const half = ((high - low) * factor) / 2;
    const range: [number, number] = [Math.max(first, x[index] - half), Math.min(last, x[index] + half)];
    this.chart?.zoomTo(range[1] - range[0] >= (last - first) * 0.999 ? null : range);
  }

  private save(ending: string, content: Blob): void {
    download(`${this.spec.id.replace(/[^\w-]+/g, "-")}.${ending}`, content);
  }

  private async savePicture(): Promise<void> {
    this.ensure();
    if (!this.chart) return;
    const shown = this.shown();
    const series = this.spec.chart.series.filter(({ context }, k) => shown[k] && !context);
    const picture = await chartPicture(this.chart.canvas(), this.spec.title, series);
    if (picture) this.save("png", picture);
  }
}
