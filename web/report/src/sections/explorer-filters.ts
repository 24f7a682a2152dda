/** The explorer's controls: search, a set of values per axis, ranges of results, grouping, and what the chart shows. */
import { metricsOfCells } from "../data/cells.js";
import type { ViewState } from "../data/hash-state.js";
import type { Axis } from "../data/selection.js";
import { metricLabel, metricText } from "../draw/columns.js";
import { h, refill } from "../draw/dom.js";
import type { Report } from "../report.js";

/** Percent columns are typed and shown as percentages. */
const PERCENT = new Set(["testAccuracy", "bestTestAccuracy", "validationAccuracy", "trainAccuracy"]);

export interface Filters {
  element: HTMLElement;
  update(state: ViewState): void;
}

function axisFilter(report: Report, axis: Axis, boxes: Map<HTMLInputElement, [string, string]>): HTMLElement {
  const change = () => {
    const chosen = [...boxes]
      .filter(([box, [name]]) => name === axis.name && box.checked)
      .map(([, [, value]]) => value);
    const filters = { ...report.store.state.filters };
    if (chosen.length === 0 || chosen.length === axis.values.length) delete filters[axis.name];
    else filters[axis.name] = chosen;
    report.store.change({ filters });
  };
  return h(
    "fieldset",
    { class: "axis-filter" },
    h("legend", {}, h("bdi", {}, axis.label)),
    h(
      "div",
      {
        class: axis.values.length > 10 ? "choices long" : "choices",
        tabindex: axis.values.length > 10 ? 0 : null,
        role: axis.values.length > 10 ? "group" : null,
        "aria-label": axis.values.length > 10 ? `Values of ${axis.label}` : null,
      },
      axis.values.slice(0, 200).map((value) => {
        const box = h("input", { type: "checkbox", onchange: change });
        boxes.set(box, [axis.name, value]);
        return h("label", { class: "choice" }, box, h("bdi", {}, value));
      }),
    ),
  );
}

export function filters(report: Report, axes: readonly Axis[]): Filters {
  const { store } = report;
  const boxes = new Map<HTMLInputElement, [string, string]>();
  const search = h("input", {
    type: "search",
    id: "search",
    placeholder: "id, model, optimizer, status",
    oninput: () => store.change({ search: search.value }),
  });
  const group = h(
    "select",
    { id: "group", onchange: () => store.change({ group: group.value }) },
    h("option", { value: "" }, "nothing"),
    h("option", { value: "variant" }, "variant (mean ± std over seeds)"),
    axes.map((axis) => h("option", { value: axis.name }, axis.label)),
  );
  const column = h(
    "select",
    { id: "range-column", "aria-label": "Column" },
    metricsOfCells(report.cells).map((name) => h("option", { value: name }, metricLabel(name))),
  );
  const low = h("input", { type: "number", step: "any", "aria-label": "At least", placeholder: "at least" });
  const high = h("input", { type: "number", step: "any", "aria-label": "At most", placeholder: "at most" });
  const chips = h("div", { class: "chips" });
  const addRange = () => {
    const scale = PERCENT.has(column.value) ? 100 : 1;
    const from = low.value === "" ? -1e300 : Number(low.value) / scale;
    const to = high.value === "" ? 1e300 : Number(high.value) / scale;
    if (!(from <= to) || (low.value === "" && high.value === "")) return;
    store.change({ ranges: { ...store.state.ranges, [column.value]: [from, to] } });
    low.value = high.value = "";
  };
  const form = h(
    "form",
    {
      class: "range-form",
      onsubmit: (event) => {
        event.preventDefault();
        addRange();
      },
    },
    column,
    low,
    high,
    h("button", { type: "submit", class: "quiet" }, "Add"),
  );
  const element = h(
    "div",
    { class: "filters" },
    h(
      "div",
      { class: "filter-row" },
      h("label", { class: "field" }, "Search", search),
      h("label", { class: "field" }, "Group by", group),
      h("fieldset", { class: "field range-field" }, h("legend", {}, "Result between (accuracies in %)"), form),
    ),
    h(
      "div",
      { class: "axis-filters" },
      axes.map((axis) => axisFilter(report, axis, boxes)),
    ),
    chips,
  );

  const rangeText = (name: string, [from, to]: [number, number]) => {
    if (from <= -1e300) return `${metricLabel(name)} ≤ ${metricText(name, to)}`;
    if (to >= 1e300) return `${metricLabel(name)} ≥ ${metricText(name, from)}`;
    return `${metricLabel(name)} ${metricText(name, from)} – ${metricText(name, to)}`;
  };
  return {
    element,
    update(state) {
      if (search.value !== state.search) search.value = state.search;
      group.value = state.group;
      for (const [box, [name, value]] of boxes) box.checked = state.filters[name]?.includes(value) ?? false;
      refill(
        chips,
        Object.entries(state.ranges).map(([name, range]) =>
          h(
            "button",
            {
              type: "button",
              class: "chip",
              onclick: () =>
                store.change({
                  ranges: Object.fromEntries(Object.entries(store.state.ranges).filter(([other]) => other !== name)),
                }),
            },
            h("bdi", {}, rangeText(name, range)),
            h("span", { "aria-hidden": "true" }, " ×"),
            h("span", { class: "visually-hidden" }, ", remove this filter"),
          ),
        ),
      );
    },
  };
}
