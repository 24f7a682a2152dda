/** The explorer: every cell, filtered, grouped, sorted, drawn and compared; its state lives in the address. */
import { heldOutWord, metricsOfCells, type CellView } from "../data/cells.js";
import { toCsv } from "../../../../src/core/csv.js";
import { plural } from "../../../../src/core/numeric/words.js";
import type { ViewState } from "../data/hash-state.js";
import { parallelAxes } from "../data/parallel-axes.js";
import { axesOf, columnValue, groupCells, selectCells } from "../data/selection.js";
import { groupTable } from "../draw/cell-table.js";
import { tableColumns, type Column } from "../draw/columns.js";
import { button, copyLinkButton, download, h, refill, refillInPlace, rerunCommand, type Child } from "../draw/dom.js";
import { figure } from "../draw/figure.js";
import { ParallelPlot } from "../draw/parallel-coordinates.js";
import type { Report } from "../report.js";
import type { ViewStore } from "../view-store.js";
import { comparePanel } from "./compare-panel.js";
import { explorerChart } from "./explorer-chart.js";
import { filters } from "./explorer-filters.js";
import { ExplorerTable } from "./explorer-table.js";
import { partHeading } from "./section.js";

export interface Explorer {
  elements: Child[];
  destroy(): void;
}

export function explorer(report: Report): Explorer {
  const { store, cells } = report;
  const axes = axesOf(cells);
  const columns = tableColumns(cells, axes);
  const shownAxes = parallelAxes(cells, axes);
  let selected = selectCells(cells, store.state);
  const controls = filters(report, axes);
  const summary = h("p", { class: "summary", role: "status" });
  const groups = h("div");
  const table = new ExplorerTable(report, columns);
  const compare = h("div");
  const tools = h("div", { class: "chart-tools" });
  const curves = report.keep(figure(explorerChart(report, selected, store.state)));
  const parallel = new ParallelPlot({
    brush: (axis, range) => store.range(axis.name, range),
    brushCategories: (axis, values) => store.filter(axis.name, values),
  });

  let scheduled = 0;
  function update(state: ViewState, changed: ReadonlySet<keyof ViewState>): void {
    if ([...changed].every((key) => key === "cell" || key === "smoothing")) return;
    if (changed.has("filters") || changed.has("ranges") || changed.has("search")) table.restart();
    selected = selectCells(cells, state);
    controls.update(state);
    summary.textContent = summaryText(selected.length, cells.length);
    refillInPlace(tools, h("div", { class: "tools-inner" }, chartTools(report, state)));
    refill(groups, state.group ? groupPart(store, selected, state.group) : null);
    const compared = cells.filter((cell) => state.compare.includes(cell.id));
    refillInPlace(compare, comparePanel(report, compared));
    table.update(selected);
    cancelAnimationFrame(scheduled);
    // The table answers at once; the drawings follow in the next frame.
    scheduled = requestAnimationFrame(() => {
      parallel.update(cells, selected, shownAxes, state.compare);
      curves.update(explorerChart(report, selected, state));
    });
  }
  update(store.state, new Set(["filters"]));
  const stop = store.subscribe(update);

  const bar = h(
    "div",
    { class: "explorer-bar" },
    summary,
    viewTools(store, () => saveCells(selected, cells, columns)),
  );
  const parts = [
    controls.element,
    bar,
    groups,
    table.element,
    compare,
    tools,
    curves.element,
    parallelFigure(parallel),
  ];
  return {
    elements: frame(parts),
    destroy() {
      stop();
      cancelAnimationFrame(scheduled);
      parallel.destroy();
    },
  };
}

function frame(parts: Child): Child[] {
  return [
    partHeading("explorer", "Explorer", "Every cell of the sweep"),
    h(
      "section",
      { class: "part explorer", "aria-labelledby": "cells-heading" },
      h("h3", { id: "cells-heading" }, "Filter, compare, rerun"),
      h(
        "p",
        { class: "print-hide" },
        "Choose values to keep, sort by any column, tick cells to lay their curves over each other. The address of this page follows what you do: copy it, and the link reopens the same view.",
      ),
      h("div", { class: "wide" }, parts),
    ),
  ];
}

function summaryText(selected: number, all: number): string {
  return selected < all ? `${selected.toLocaleString("en")} of ${plural(all, "cell")}` : plural(all, "cell");
}

/** Figures of the cells, group by group. */
function groupPart(store: ViewStore, cells: readonly CellView[], by: string): Child {
  const variants = by === "variant";
  return [
    h("h4", {}, variants ? "Mean ± standard deviation over seeds" : `Grouped by ${by}`),
    groupTable(groupCells(cells, by), by, variants ? null : (value) => store.filter(by, [value])),
  ];
}

/** What the curves show. */
function chartTools(report: Report, state: ViewState): Child[] {
  const { store, cells } = report;
  const group = (name: string, ...buttons: Child[]) =>
    h("div", { class: "switch", role: "group", "aria-label": name }, buttons);
  const toggle = (label: string, on: boolean, patch: Partial<ViewState>) =>
    button("quiet", label, () => store.change(patch), { "aria-pressed": String(on) });
  const metric = (name: ViewState["metric"]) => toggle(name, state.metric === name, { metric: name });
  const split = (name: ViewState["split"], label: string = name) =>
    toggle(label, state.split === name, { split: name });
  return [
    group("Metric", metric("accuracy"), metric("loss")),
    group("Split", split("test", heldOutWord(cells)), split("train"), split("both")),
    group(
      "Lines",
      toggle("mean over seeds", state.mean, { mean: !state.mean }),
      toggle("log scale", state.log, { log: !state.log }),
    ),
  ];
}

function viewTools(store: ViewStore, save: () => void): HTMLElement {
  return h(
    "div",
    { class: "figure-tools" },
    button("quiet", "Reset view", () => store.reset()),
    copyLinkButton(),
    button("quiet", "CSV", save, { "aria-label": "Download the shown cells as CSV" }),
  );
}

function saveCells(selected: readonly CellView[], all: readonly CellView[], columns: readonly Column[]): void {
  const names = [...new Set([...columns.map(({ name }) => name), ...metricsOfCells(all)])];
  const text = toCsv({
    columns: ["id", ...names, "command"],
    rows: selected.map((cell) => [
      cell.id,
      ...names.map((name) => columnValue(cell, name) ?? null),
      rerunCommand(cell.id),
    ]),
  });
  download("cells.csv", new Blob([text], { type: "text/csv" }));
}

function parallelFigure(plot: ParallelPlot): HTMLElement {
  return h(
    "figure",
    { class: "chart", "aria-labelledby": "parallel-title" },
    h("h4", { id: "parallel-title" }, "Settings and results"),
    plot.element,
    h(
      "figcaption",
      {},
      "Each line is a cell; the last axis is its test accuracy, the colour its rank by it. Drag along an axis to keep that range, click it to clear.",
    ),
  );
}
