/** What stands around a figure's chart: title, tools, places for legend, plot and cells behind a point, and what is spoken. */
import { button, h } from "./dom.js";
import type { FigureSpec } from "./figure-spec.js";

export interface FigureFrame {
  element: HTMLElement;
  title: HTMLElement;
  resetButton: HTMLButtonElement;
  logButton: HTMLButtonElement;
  legend: HTMLElement;
  plot: HTMLElement;
  /** Read out as it changes. */
  spoken: HTMLElement;
  panel: HTMLElement;
  caption: HTMLElement;
  table: HTMLElement;
}

/** What the tools beside the title do. */
interface FigureTools {
  resetZoom(): void;
  toggleLog(): void;
  saveTable(): void;
  savePicture(): void;
}

const KEYS =
  "Left and right arrow keys move along the axis, up and down change the series, Enter shows the cells behind a point, plus and minus zoom, 0 resets.";

export function figureFrame({ id, title, canLog }: FigureSpec, tools: FigureTools): FigureFrame {
  const parts = {
    title: h("h4", { id: `${id}-title` }),
    resetButton: button("quiet", "Reset zoom", tools.resetZoom, { hidden: true }),
    logButton: button("quiet", "Log scale", tools.toggleLog),
    legend: h("div", { class: "legend-place" }),
    plot: h("div", {
      class: "plot",
      id: `${id}-plot`,
      tabindex: 0,
      role: "application",
      "aria-roledescription": "chart",
      "aria-describedby": `${id}-help`,
    }),
    spoken: h("p", { class: "visually-hidden", "aria-live": "polite" }),
    panel: h("div", { class: "point-panel-place" }),
    caption: h("figcaption"),
    table: h("div"),
  };
  const toolbar = h(
    "div",
    { class: "figure-tools" },
    parts.resetButton,
    canLog ? parts.logButton : null,
    button("quiet", "CSV", tools.saveTable, { "aria-label": `Download ${title} as CSV` }),
    button("quiet", "PNG", tools.savePicture, { "aria-label": `Download ${title} as PNG` }),
  );
  const element = h(
    "figure",
    { class: "chart", id, "aria-labelledby": `${id}-title` },
    h("div", { class: "figure-head" }, parts.title, toolbar),
    parts.legend,
    h("div", { class: "plot-frame" }, parts.plot),
    h("p", { class: "visually-hidden", id: `${id}-help` }, KEYS),
    parts.spoken,
    parts.panel,
    parts.caption,
    parts.table,
  );
  return { element, ...parts };
}
