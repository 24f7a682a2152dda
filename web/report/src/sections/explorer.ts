/** The explorer: every cell, filtered, grouped, sorted, drawn and compared; its state lives in the address. */
import { heldOutWord, metricsOfCells, type CellView } from "../data/cells.js";
import { toCsv } from "../data/csv.js";
import { plural } from "../data/format.js";
import type { ViewState } from "../data/hash-state.js";
import { parallelAxes } from "../data/parallel-axes.js";
import { axesOf, columnValue, groupCells, selectCells } from "../data/selection.js";
import { cellTable, groupTable } from "../draw/cell-table.js";
import { tableColumns } from "../draw/columns.js";
import { copyText, download, h, refill, rerunCommand, type Child } from "../draw/dom.js";
import { figure } from "../draw/figure.js";
import { parallelPlot } from "../draw/parallel-coordinates.js";
import type { Report } from "../report.js";
import { comparePanel } from "./compare-panel.js";
import { explorerChart } from "./explorer-chart.js";
import { filters } from "./explorer-filters.js";
import { partHeading } from "./section.js";

function pressed(label: string, on: boolean, set: () => void): HTMLButtonElement {
  return h("button", { type: "button", class: "quiet", "aria-pressed": String(on), onclick: set }, label);
}

function chartTools(report: Report, state: ViewState): Child[] {
  const { store } = report;
  return [
    h(
      "div",
      { class: "switch", role: "group", "aria-label": "Metric" },
      (["accuracy", "loss"] as const).map((metric) =>
        pressed(metric, state.metric === metric, () => store.change({ metric })),
      ),
    ),
    h(
      "div",
      { class: "switch", role: "group", "aria-label": "Split" },
      (["test", "train", "both"] as const).map((split) =>
        pressed(split === "test" ? heldOutWord(report.cells) : split, state.split === split, () =>
          store.change({ split }),
        ),
      ),
    ),
    h(
      "div",
      { class: "switch", role: "group", "aria-label": "Lines" },
      pressed("mean over seeds", state.mean, () => store.change({ mean: !state.mean })),
      pressed("log scale", state.log, () => store.change({ log: !state.log })),
    ),
  ];
}

/** Redraws `place` without losing the keyboard's place: focus returns to the control of the same position. */
function replace(place: HTMLElement, child: Child): void {
  const focused = document.activeElement;
  const controls = "button, input, select, [tabindex]";
  const index = focused && place.contains(focused) ? [...place.querySelectorAll(controls)].indexOf(focused) : -1;
  refill(place, child);
  if (index >= 0) (place.querySelectorAll(controls)[index] as HTMLElement | undefined)?.focus({ preventScroll: true });
}

export interface Explorer {
  elements: Child[];
  destroy(): void;
}

export function explorer(report: Report): Explorer {
  const { store, cells } = report;
  const axes = axesOf(cells);
  const columns = tableColumns(cells, axes);
  const controls = filters(report, axes);
  const curves = report.keep(
    figure({ ...explorerChart(report, selectCells(cells, store.state), store.state), canLog: false }),
  );
  const parallel = parallelPlot({
    brush(axis, range) {
      const ranges = Object.fromEntries(Object.entries(store.state.ranges).filter(([name]) => name !== axis.name));
      store.change({ ranges: range ? { ...ranges, [axis.name]: range } : ranges });
    },
    brushCategories(axis, values) {
      const kept = Object.fromEntries(Object.entries(store.state.filters).filter(([name]) => name !== axis.name));
      store.change({ filters: values ? { ...kept, [axis.name]: values } : kept });
    },
    open: report.openCell,
  });
  const parallelAxesShown = parallelAxes(cells, axes);
  const summary = h("p", { class: "summary", role: "status" });
  const tools = h("div", { class: "chart-tools" });
  const groups = h("div", {});
  const compare = h("div", {});
  const table = h("div", {});
  let page = 0;
  let selected: CellView[] = [];

  function drawTable(state: ViewState): void {
    replace(
      table,
      cellTable(
        selected,
        columns,
        { sort: state.sort, compare: state.compare, page },
        {
          sort: (column) => {
            page = 0;
            const same = state.sort.column === column;
            const numeric = columns.find((c) => c.name === column)?.numeric ?? false;
            store.change({ sort: { column, descending: same ? !state.sort.descending : numeric } });
          },
          compare: (id, on) =>
            store.change({
              compare: on ? [...store.state.compare, id] : store.state.compare.filter((other) => other !== id),
            }),
          open: report.openCell,
          page: (next) => {
            page = next;
            drawTable(store.state);
          },
        },
      ),
    );
  }

  let scheduled = 0;
  function update(state: ViewState, changed: ReadonlySet<keyof ViewState>): void {
    if ([...changed].every((key) => key === "cell" || key === "smoothing")) return;
    if (changed.has("filters") || changed.has("ranges") || changed.has("search")) page = 0;
    selected = selectCells(cells, state);
    page = Math.min(page, Math.max(0, Math.ceil(selected.length / 50) - 1));
    controls.update(state);
    const narrowed = selected.length < cells.length;
    summary.textContent = narrowed
      ? `${selected.length.toLocaleString("en")} of ${plural(cells.length, "cell")}`
      : plural(cells.length, "cell");
    replace(tools, h("div", { class: "tools-inner" }, chartTools(report, state)));
    refill(
      groups,
      state.group
        ? [
            h(
              "h4",
              {},
              state.group === "variant" ? "Mean ± standard deviation over seeds" : `Grouped by ${state.group}`,
            ),
            groupTable(
              groupCells(selected, state.group),
              state.group,
              state.group === "variant"
                ? null
                : (value) => store.change({ filters: { ...store.state.filters, [state.group]: [value] } }),
            ),
          ]
        : null,
    );
    replace(
      compare,
      comparePanel(
        report,
        cells.filter((cell) => state.compare.includes(cell.id)),
      ),
    );
    drawTable(state);
    cancelAnimationFrame(scheduled);
    // The table answers at once; the drawings follow in the next frame.
    scheduled = requestAnimationFrame(() => {
      parallel.update(cells, selected, parallelAxesShown, state.compare);
      curves.update({ ...explorerChart(report, selected, state), canLog: false });
    });
  }
  const stop = store.subscribe(update);
  update(store.state, new Set(["filters"]));

  const names = [...new Set([...columns.map((c) => c.name), ...metricsOfCells(cells)])];
  const csv = () =>
    download(
      "cells.csv",
      new Blob(
        [
          toCsv({
            columns: ["id", ...names, "command"],
            rows: selected.map((cell) => [
              cell.id,
              ...names.map((name) => columnValue(cell, name) ?? null),
              rerunCommand(cell.id),
            ]),
          }),
        ],
        { type: "text/csv" },
      ),
    );
  const link = h(
    "button",
    {
      type: "button",
      class: "quiet",
      onclick: () =>
        void copyText(location.href).then((ok) => {
          link.textContent = ok ? "Link copied" : "Copy the address";
          setTimeout(() => (link.textContent = "Copy link to this view"), 1500);
        }),
    },
    "Copy link to this view",
  );
  return {
    elements: [
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
        h(
          "div",
          { class: "wide" },
          controls.element,
          h(
            "div",
            { class: "explorer-bar" },
            summary,
            h(
              "div",
              { class: "figure-tools" },
              h("button", { type: "button", class: "quiet", onclick: () => store.reset() }, "Reset view"),
              link,
              h(
                "button",
                { type: "button", class: "quiet", "aria-label": "Download the shown cells as CSV", onclick: csv },
                "CSV",
              ),
            ),
          ),
          groups,
          table,
          compare,
          tools,
          curves.element,
          h(
            "figure",
            { class: "chart", "aria-labelledby": "parallel-title" },
            h("h4", { id: "parallel-title" }, "Settings and results"),
            parallel.element,
            h(
              "figcaption",
              {},
              "Each line is a cell; the last axis is its test accuracy, the colour its rank by it. Drag along an axis to keep that range, click it to clear.",
            ),
          ),
        ),
      ),
    ],
    destroy() {
      stop();
      cancelAnimationFrame(scheduled);
      parallel.destroy();
    },
  };
}
