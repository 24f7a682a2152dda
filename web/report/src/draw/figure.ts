/**
 * A chart with what a reader needs around it: title, legend that toggles and isolates, values at the cursor,
 * keyboard, the ids behind a point, a data table, and downloads. The chart is drawn when it comes into view.
 */
import { toCsv } from "../data/csv.js";
import { drawChart, type Chart } from "./chart.js";
import { chartPicture } from "./chart-picture.js";
import { dataTable } from "./data-table.js";
import { download, h, visible as visibleText } from "./dom.js";
import { attachKeys } from "./chart-keys.js";
import { chartTable, type FigureSpec } from "./figure-spec.js";
import { legend } from "./legend.js";
import { pointPanel } from "./point-panel.js";
import { onThemeChange } from "./theme.js";
import { tooltip } from "./tooltip.js";

export interface Figure {
  element: HTMLElement;
  /** Replaces the chart's data, keeping the frame. */
  update(spec: FigureSpec): void;
  destroy(): void;
}

const live = new Set<{ ensure(): void; resize(): void }>();
let printing = false;
addEventListener("beforeprint", () => {
  printing = true;
  for (const figure of live) {
    figure.ensure();
    figure.resize();
  }
});
addEventListener("afterprint", () => {
  printing = false;
  for (const figure of live) figure.resize();
});

export function figure(initial: FigureSpec): Figure {
  let spec = initial;
  let chart: Chart | null = null;
  let log = spec.chart.log;
  let hidden = new Set<string>();
  const plotId = `${spec.id}-plot`;
  const plot = h("div", {
    class: "plot",
    id: plotId,
    tabindex: 0,
    role: "application",
    "aria-roledescription": "chart",
    "aria-describedby": `${spec.id}-help`,
  });
  const spoken = h("p", { class: "visually-hidden", "aria-live": "polite" });
  const tip = tooltip(plot);
  const panel = h("div", { class: "point-panel-place" });
  const legendPlace = h("div", { class: "legend-place" });
  const tablePlace = h("div", {});
  const logButton = h(
    "button",
    { type: "button", class: "quiet", "aria-pressed": String(log), onclick: () => setLog(!log) },
    "Log scale",
  );
  const resetButton = h(
    "button",
    { type: "button", class: "quiet", hidden: true, onclick: () => chart?.zoomTo(null) },
    "Reset zoom",
  );
  const title = h("h4", { id: `${spec.id}-title` }, spec.title);
  const caption = h("figcaption", {}, spec.caption ?? "");
  const fileName = () => spec.id.replace(/[^\w-]+/g, "-");
  const element = h(
    "figure",
    { class: "chart", id: spec.id, "aria-labelledby": `${spec.id}-title` },
    h(
      "div",
      { class: "figure-head" },
      title,
      h(
        "div",
        { class: "figure-tools" },
        resetButton,
        spec.canLog ? logButton : null,
        h(
          "button",
          {
            type: "button",
            class: "quiet",
            "aria-label": `Download ${spec.title} as CSV`,
            onclick: () => download(`${fileName()}.csv`, new Blob([toCsv(chartTable(spec))], { type: "text/csv" })),
          },
          "CSV",
        ),
        h(
          "button",
          {
            type: "button",
            class: "quiet",
            "aria-label": `Download ${spec.title} as PNG`,
            onclick: () => void savePicture(),
          },
          "PNG",
        ),
      ),
    ),
    legendPlace,
    h("div", { class: "plot-frame" }, plot),
    h(
      "p",
      { class: "visually-hidden", id: `${spec.id}-help` },
      "Left and right arrow keys move along the axis, up and down change the series, Enter shows the cells behind a point, plus and minus zoom, 0 resets.",
    ),
    spoken,
    panel,
    caption,
    tablePlace,
  );

  const visible = () =>
    spec.chart.series.map((_, k) => !spec.entries.some((entry) => hidden.has(entry.label) && entry.series.includes(k)));
  const chartHeight = () => spec.height ?? (innerWidth < 600 ? 250 : 300);
  const size = () => ({
    width: Math.max(240, printing ? Math.min(plot.clientWidth, 660) : plot.clientWidth),
    height: chartHeight(),
  });

  function applyVisible(): void {
    chart?.show(visible());
  }

  function drawLegend(): void {
    legendPlace.replaceChildren(
      legend(spec.entries, hidden, {
        toggle(next) {
          hidden = next;
          applyVisible();
        },
        emphasise: (entry) => chart?.emphasise(entry && entry.series.length === 1 ? entry.series[0] : null),
      }),
    );
  }

  function name(): void {
    plot.setAttribute(
      "aria-label",
      visibleText(
        `${spec.title}: ${spec.chart.yLabel} by ${spec.chart.xLabel}, ${spec.chart.series.length} series${log ? ", logarithmic" : ""}`,
      ),
    );
  }

  function drawFrame(): void {
    title.textContent = visibleText(spec.title);
    caption.textContent = visibleText(spec.caption ?? "");
    caption.hidden = !spec.caption;
    // Its place is kept before it is drawn, so that nothing below moves when it is.
    plot.style.minHeight = `${chartHeight()}px`;
    name();
    drawLegend();
    tablePlace.replaceChildren(dataTable(`Data table: ${spec.title}`, () => chartTable(spec)));
  }

  function describe(index: number, k: number): string {
    const s = spec.chart.series[k];
    const v = s?.values[index];
    if (!s) return "";
    return `${spec.xName} ${spec.chart.formatX(spec.chart.x[index])}, ${s.label}: ${v === null || v === undefined ? "no value" : spec.chart.formatY(v)}`;
  }

  function showPoint(index: number, k: number): void {
    if (!spec.cellIds) return;
    panel.replaceChildren(
      pointPanel(describe(index, k), spec.cellIds(k), spec.openCell, () => panel.replaceChildren()),
    );
  }

  function draw(): void {
    const zoom = chart ? chart.zoomed() : (spec.chart.zoom ?? null);
    chart?.destroy();
    chart = null;
    if (spec.chart.x.length === 0 || spec.chart.series.length === 0) {
      plot.replaceChildren(h("p", { class: "empty" }, "Nothing to draw yet."));
      return;
    }
    plot.querySelector(".empty")?.remove();
    chart = drawChart(plot, { ...spec.chart, log, zoom }, size(), {
      cursor: (index, x, y) => tip.show(index, x, y, spec.chart, visible()),
      click: showPoint,
      zoom(range) {
        resetButton.hidden = range === null;
        spec.onZoom?.(range);
      },
    });
    applyVisible();
  }

  function setLog(next: boolean): void {
    log = next;
    logButton.setAttribute("aria-pressed", String(log));
    name();
    if (chart) draw();
  }

  async function savePicture(): Promise<void> {
    self.ensure();
    if (!chart) return;
    const shown = visible();
    const blob = await chartPicture(
      chart.canvas(),
      spec.title,
      spec.chart.series.filter((_, k) => shown[k]),
    );
    if (blob) download(`${fileName()}.png`, blob);
  }

  attachKeys(plot, {
    length: () => spec.chart.x.length,
    series: () => visible().flatMap((on, k) => (on ? [k] : [])),
    has: (index, k) =>
      spec.chart.series[k]?.values[index] !== null && spec.chart.series[k]?.values[index] !== undefined,
    move(index, k) {
      chart?.pointAt(index, k);
      spoken.textContent = visibleText(describe(index, k));
    },
    open: showPoint,
    zoom(index, factor) {
      if (!chart) return;
      const x = spec.chart.x;
      const [low, high] = chart.zoomed() ?? [x[0], x[x.length - 1]];
      const half = ((high - low) * factor) / 2;
      const from = Math.max(x[0], x[index] - half);
      const to = Math.min(x[x.length - 1], x[index] + half);
      if (to - from >= (x[x.length - 1] - x[0]) * 0.999) chart.zoomTo(null);
      else if (to > from) chart.zoomTo([from, to]);
    },
    reset: () => chart?.zoomTo(null),
    leave: () => tip.hide(),
  });

  let drawnWidth = 0;
  const self = {
    ensure() {
      if (!chart && element.isConnected) draw();
    },
    resize() {
      if (!chart || plot.clientWidth === 0) return;
      const next = size();
      if (next.width === drawnWidth) return;
      drawnWidth = next.width;
      chart.resize(next.width, next.height);
    },
  };
  live.add(self);
  const seen = new IntersectionObserver(
    (entries) => {
      if (entries.some((entry) => entry.isIntersecting)) self.ensure();
      else if (chart && live.size > 24) {
        // Phones blank canvases beyond a few dozen: those far out of view are given back.
        chart.destroy();
        chart = null;
      }
    },
    { rootMargin: "400px" },
  );
  seen.observe(element);
  const sized = new ResizeObserver(() => self.resize());
  sized.observe(plot);
  const stopTheme = onThemeChange(() => chart?.redraw());
  drawFrame();

  return {
    element,
    update(next) {
      spec = next;
      // Without a button of its own, whoever made the figure decides.
      if (!spec.canLog) log = spec.chart.log;
      if (!spec.entries.some((entry) => hidden.has(entry.label))) hidden = new Set();
      drawFrame();
      panel.replaceChildren();
      tip.hide();
      if (chart || element.getBoundingClientRect().top < innerHeight) {
        chart?.destroy();
        chart = null;
        plot.querySelector(".empty")?.remove();
        self.ensure();
      }
    },
    destroy() {
      live.delete(self);
      seen.disconnect();
      sized.disconnect();
      stopTheme();
      chart?.destroy();
      chart = null;
    },
  };
}
