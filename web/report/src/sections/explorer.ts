/** The explorer: every cell, filtered, grouped, sorted, drawn and compared; its state lives in the address. */
import { metricsOfCells, type CellView } from "../data/cells.js";
import { colouringBy } from "../data/colouring.js";
import { toCsv } from "../../../../src/core/csv.js";
import type { ViewState } from "../data/hash-state.js";
import { parallelAxes } from "../data/parallel-axes.js";
import { axesOf, columnValue, isMany, rowsOf, selectCells } from "../data/selection.js";
import { metricText, tableColumns, type Column } from "../draw/columns.js";
import { download, h, refillInPlace, rerunCommand, type Child } from "../draw/dom.js";
import { figure } from "../draw/figure.js";
import { ParallelPlot } from "../draw/parallel-coordinates.js";
import { wordsOf, written } from "../draw/written.js";
import type { Report } from "../report.js";
import { ComparePanel } from "./compare-panel.js";
import { ExplorerBar, chartTools, parallelTools } from "./explorer-bar.js";
import { explorerChart } from "./explorer-chart.js";
import { filters } from "./explorer-filters.js";
import { Matters } from "./explorer-matters.js";
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
  let selected = selectCells(cells, store.state);
  const controls = filters(report, axes);
  const bar = new ExplorerBar(report, axes, () => saveCells(selected, cells, columns));
  const table = new ExplorerTable(report, axes, columns, (ids) => light(ids));
  const compare = new ComparePanel(report, axes);
  const matters = new Matters(report, axes);
  const tools = h("div", { class: "chart-tools" });
  const asked = h("div", { class: "chart-tools" });
  const parallel = new ParallelPlot({
    brush: (axis, range) => store.range(axis.name, range),
    brushCategories: (axis, values) => store.filter(axis.name, values),
    hover: (cell) => light(cell ? [cell.id] : []),
  });
  const colouringOf = ({ colour }: ViewState) =>
    colouringBy(
      cells,
      colour,
      (cell) => report.mark(cell).colour,
      (value) => metricText(colour, value),
    );
  let colouring = colouringOf(store.state);
  const chartOf = (state: ViewState) => {
    const mean = state.mean || !rowsOf(selected, state.group).single;
    const chart = explorerChart(report, { selected, colouring, mean }, state);
    const onHover = (k: number | null) => light(k === null ? [] : (chart.figure.cellIds?.(k, 0) ?? []));
    return { ...chart, figure: { ...chart.figure, onHover } };
  };
  let chart = chartOf(store.state);
  const curves = report.keep(figure(chart.figure));

  let lit = "";
  /** Shows the same cells in every view. */
  function light(ids: readonly string[]): void {
    if (ids.join() === lit) return;
    lit = ids.join();
    const found = new Set(ids);
    table.light(found);
    parallel.light(found);
    curves.emphasise(found.size > 0 ? chart.seriesOf(found) : null);
  }

  let scheduled = 0;
  function update(state: ViewState, changed: ReadonlySet<keyof ViewState>): void {
    if ([...changed].every((key) => key === "cell" || key === "smoothing")) return;
    if (changed.has("filters") || changed.has("ranges") || changed.has("search")) table.restart();
    selected = selectCells(cells, state);
    if (changed.has("colour")) colouring = colouringOf(state);
    const rows = rowsOf(selected, state.group);
    controls.update(state);
    bar.update(selected, state, colouring);
    refillInPlace(tools, chartTools(report, state, !rows.single));
    refillInPlace(asked, parallelTools(report, state));
    compare.update(state);
    table.update(selected, rows, colouring);
    cancelAnimationFrame(scheduled);
    // The table answers at once; the drawings follow in the next frame.
    scheduled = requestAnimationFrame(() => draw(state));
  }
  function draw(state: ViewState): void {
    lit = "";
    drawViews(state);
    chart = chartOf(state);
    curves.update(chart.figure);
  }
  function drawViews(state: ViewState): void {
    matters.update(selected, state, colouring);
    parallel.update({
      all: cells,
      chosen: selected,
      axes: parallelAxes(cells, axes, state.axes),
      compared: new Set(state.compare),
      colour: (cell) => colouring.of(cell),
    });
  }
  update(store.state, new Set(["filters"]));
  // The curves are of this state already.
  cancelAnimationFrame(scheduled);
  drawViews(store.state);
  const stop = store.subscribe(update);

  const charts = h(
    "div",
    { class: "bench-charts" },
    h("div", { class: "panel" }, tools, curves.element),
    compare.element,
  );
  const many = isMany(cells);
  return {
    elements: frame(many, [
      controls.element,
      bar.element,
      many ? matters.element : null,
      charts,
      table.element,
      many ? null : matters.element,
      parallelFigure(parallel, asked),
    ]),
    destroy() {
      stop();
      cancelAnimationFrame(scheduled);
      controls.destroy();
      parallel.destroy();
    },
  };
}

function frame(many: boolean, parts: Child): Child[] {
  return [
    partHeading("explorer", "Explorer", wordsOf("explorer").title),
    h(
      "section",
      { class: "part explorer", "aria-labelledby": "cells-heading" },
      h("h3", { id: "cells-heading" }, "Filter, compare, rerun"),
      h("div", { class: "print-hide" }, written("explorer")),
      h("div", { class: many ? "bench many" : "bench" }, parts),
    ),
  ];
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

function parallelFigure(plot: ParallelPlot, tools: HTMLElement): HTMLElement {
  return h(
    "figure",
    { class: "chart panel bench-parallel", "aria-labelledby": "parallel-title" },
    h("div", { class: "view-head" }, h("h4", { id: "parallel-title" }, "Settings and results"), tools),
    plot.element,
    h(
      "figcaption",
      {},
      "Each line is a cell; the last axis is the accuracy that it is ranked by. Drag along an axis to keep that range, click it to clear.",
    ),
  );
}
