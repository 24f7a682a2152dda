/** The explorer's filters: search, a set of values per axis, ranges of results; and what its other choices are made with. */
import { metricsOfCells } from "../data/cells.js";
import type { ViewState } from "../data/hash-state.js";
import type { Axis } from "../data/selection.js";
import { metricLabel, metricText } from "../draw/columns.js";
import { bdi, button, h, refill, visuallyHidden } from "../draw/dom.js";
import type { Report } from "../report.js";
import type { ViewStore } from "../view-store.js";

/** Percent columns are typed and shown as percentages. */
const PERCENT = new Set(["testAccuracy", "bestTestAccuracy", "validationAccuracy", "trainAccuracy"]);
/** Stands for no end of a range, since the address holds finite numbers only. */
const ENDLESS = 1e300;
/** An axis with more values than this scrolls; of more than MOST only the first can be chosen. */
const MANY = 10;
const MOST = 200;

/** From here on the filters stand beside the table; the style sheet's width, too. */
const WIDE = "(min-width: 1100px)";

interface Choice {
  element: HTMLElement;
  /** Shows a state, whoever changed it. */
  update(state: ViewState): void;
}

interface Filters extends Choice {
  destroy(): void;
}

export function filters({ store, cells }: Report, axes: readonly Axis[]): Filters {
  const search = h("input", {
    type: "search",
    id: "find",
    placeholder: "id, model, optimizer, status",
    oninput: () => store.change({ search: search.value }),
  });
  const choices = axes.map((axis) => axisFilter(store, axis));
  const chips = h("div", { class: "chips" });
  const element = h(
    "details",
    { class: "filters" },
    h("summary", {}, "Filters"),
    labelled("Search", search),
    choices.map((choice) => choice.element),
    h(
      "fieldset",
      { class: "field range-field" },
      h("legend", {}, "Result between (accuracies in %)"),
      rangeForm(store, metricsOfCells(cells)),
    ),
    chips,
  );
  // Where there is room they are always open; the style sheet hides what would close them.
  const wide = matchMedia(WIDE);
  const follow = () => (element.open = wide.matches);
  follow();
  wide.addEventListener("change", follow);
  return {
    element,
    update(state) {
      if (search.value !== state.search) search.value = state.search;
      for (const choice of choices) choice.update(state);
      refill(
        chips,
        Object.entries(state.ranges).map(([name, range]) => rangeChip(store, name, range)),
      );
    },
    destroy: () => wide.removeEventListener("change", follow),
  };
}

/** A control with its name. */
export function labelled(name: string, control: HTMLElement): HTMLElement {
  return h("label", { class: "field" }, name, control);
}

/** A choice of texts. */
export function optionSelect(
  id: string,
  options: readonly (string | readonly [value: string, label: string])[],
  chosen: string,
  choose: (value: string) => void,
): HTMLSelectElement {
  const select = h(
    "select",
    { id, onchange: () => choose(select.value) },
    options
      .map((option) => (typeof option === "string" ? [option, option] : option))
      .map(([value, label]) => h("option", { value, selected: value === chosen }, label)),
  );
  return select;
}

/** A choice of axes. @param none what it reads where none is chosen, if that can be */
export function axisSelect(
  id: string,
  axes: readonly Axis[],
  chosen: string,
  choose: (name: string) => void,
  none?: string,
): HTMLSelectElement {
  const empty: [string, string][] = none === undefined ? [] : [["", none]];
  return optionSelect(id, [...empty, ...axes.map(({ name, label }) => [name, label] as const)], chosen, choose);
}

/** A box for each value of an axis; none ticked keeps all. */
function axisFilter(store: ViewStore, { name, label, values }: Axis): Choice {
  const boxes = new Map<string, HTMLInputElement>();
  const choose = () => {
    const chosen = [...boxes].filter(([, box]) => box.checked).map(([value]) => value);
    store.filter(name, chosen.length === 0 || chosen.length === values.length ? null : chosen);
  };
  for (const value of values.slice(0, MOST)) boxes.set(value, h("input", { type: "checkbox", onchange: choose }));
  const scrolls = { class: "choices long", tabindex: 0, role: "group", "aria-label": `Values of ${label}` };
  const element = h(
    "fieldset",
    { class: "axis-filter" },
    h("legend", {}, bdi(label)),
    h(
      "div",
      values.length > MANY ? scrolls : { class: "choices" },
      [...boxes].map(([value, box]) => h("label", { class: "choice" }, box, bdi(value))),
    ),
  );
  return {
    element,
    update(state) {
      for (const [value, box] of boxes) box.checked = state.filters[name]?.includes(value) ?? false;
    },
  };
}

/** Adds a range of a figure; either end may be left open. */
function rangeForm(store: ViewStore, columns: readonly string[]): HTMLElement {
  const column = h(
    "select",
    { id: "range-column", "aria-label": "Column" },
    columns.map((name) => h("option", { value: name }, metricLabel(name))),
  );
  const low = h("input", { type: "number", step: "any", "aria-label": "At least", placeholder: "at least" });
  const high = h("input", { type: "number", step: "any", "aria-label": "At most", placeholder: "at most" });
  const add = (event: Event) => {
    event.preventDefault();
    const scale = PERCENT.has(column.value) ? 100 : 1;
    const from = low.value === "" ? -ENDLESS : Number(low.value) / scale;
    const to = high.value === "" ? ENDLESS : Number(high.value) / scale;
    if (!(from <= to) || (low.value === "" && high.value === "")) return;
    store.range(column.value, [from, to]);
    low.value = high.value = "";
  };
  const submit = h("button", { type: "submit", class: "quiet" }, "Add");
  return h("form", { class: "range-form", onsubmit: add }, column, low, high, submit);
}

/** A range that is in force; a click takes it away. */
function rangeChip(store: ViewStore, name: string, range: [number, number]): HTMLElement {
  return button(
    "chip",
    [bdi(rangeText(name, range)), h("span", { "aria-hidden": "true" }, " ×"), visuallyHidden(", remove this filter")],
    () => store.range(name, null),
  );
}

function rangeText(name: string, [from, to]: [number, number]): string {
  const label = metricLabel(name);
  if (from <= -ENDLESS) return `${label} ≤ ${metricText(name, to)}`;
  if (to >= ENDLESS) return `${label} ≥ ${metricText(name, from)}`;
  return `${label} ${metricText(name, from)} – ${metricText(name, to)}`;
}
