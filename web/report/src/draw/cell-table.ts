/** The table of cells: sortable, in pages, each row with its id, its rerun command and its details. */
import type { CellView } from "../data/cells.js";
import type { CellGroup } from "../data/selection.js";
import { duration, percent, spreadText } from "../data/format.js";
import { plural } from "../../../../src/core/numeric/words.js";
import type { Column } from "./columns.js";
import { bdi, button, copyButton, h, rerunCommand, visuallyHidden, type Child } from "./dom.js";
import { hiddenCaption, tableFrame } from "./table.js";

const PAGE = 50;
const GROUPS = 200;

interface TableState {
  sort: { column: string; descending: boolean };
  compare: readonly string[];
  page: number;
  /** Id of the best cell. */
  best?: string;
  /** Index of a cell's colour. */
  colour(cell: CellView): number;
}

interface TableEvents {
  sort(column: string): void;
  compare(id: string, on: boolean): void;
  open(id: string): void;
  check(cell: CellView): void;
  page(page: number): void;
}

function sortableHeader(column: Column, { sort }: TableState, events: TableEvents): HTMLElement {
  const sorted = sort.column === column.name;
  return h(
    "th",
    {
      scope: "col",
      class: column.numeric ? "numeric" : null,
      "aria-sort": sorted ? (sort.descending ? "descending" : "ascending") : null,
    },
    button(
      "sort",
      [
        bdi(column.label),
        h("span", { class: "arrow", "aria-hidden": "true" }, sorted ? (sort.descending ? "▼" : "▲") : ""),
      ],
      () => events.sort(column.name),
      { id: `sort-${column.name}`, title: column.title },
    ),
  );
}

/** Marks the best row for the eye and the ear. */
const star = (): Child =>
  h("span", { class: "best-mark", title: "The best of the shown" }, "★", visuallyHidden(" best "));

/** A figure before a bar of its size. @param fraction in [0, 1] */
function barred(label: string, fraction: number, ...children: Child[]): HTMLElement {
  const cell = h("td", { class: "numeric barred", "data-label": label }, children);
  cell.style.setProperty("--share", Number.isFinite(fraction) ? `${100 * fraction}%` : "0%");
  return cell;
}

function valueCell(column: Column, cell: CellView, best: boolean): HTMLElement {
  const { name, label } = column;
  const text = bdi(column.text(cell));
  if (column.fraction)
    return barred(label, column.fraction(cell), best && name === `${cell.judge.split}Accuracy` ? star() : null, text);
  const attributes =
    name === "status"
      ? { class: `status status-${cell.outcome}`, title: cell.record.error }
      : { class: column.numeric ? "numeric" : null };
  return h("td", { ...attributes, "data-label": label }, text);
}

/** A row in the colour that stands for it elsewhere. */
function colouredRow(colour: number | null, attributes: Record<string, string | number>, cells: Child[]): HTMLElement {
  const made = h("tr", attributes, cells);
  if (colour !== null) made.style.setProperty("--hue", `var(--series-${colour})`);
  return made;
}

function row(cell: CellView, columns: readonly Column[], state: TableState, events: TableEvents): HTMLElement {
  const box = h("input", {
    type: "checkbox",
    "aria-label": `Compare ${cell.id}`,
    onchange: () => events.compare(cell.id, box.checked),
  });
  box.checked = state.compare.includes(cell.id);
  const details = { "aria-label": `Details of ${cell.id}` };
  const rerun = [
    copyButton(rerunCommand(cell.id)),
    button("copy", "Check", () => events.check(cell), { "aria-label": `Check ${cell.id}` }),
    button("cell-link", bdi(cell.id), () => events.open(cell.id), details),
  ];
  return colouredRow(state.colour(cell), { "data-id": cell.id }, [
    h("td", { "data-label": "compare" }, box),
    columns.map((column) => valueCell(column, cell, cell.id === state.best)),
    h("td", { class: "rerun-column" }, h("div", { class: "rerun" }, rerun)),
  ]);
}

/** The page's number, or that of the last page where there are fewer. */
export function pageWithin(page: number, total: number): number {
  return Math.min(page, Math.max(0, Math.ceil(total / PAGE) - 1));
}

function pager(total: number, page: number, go: (page: number) => void): HTMLElement | null {
  const pages = Math.ceil(total / PAGE);
  if (pages < 2) return null;
  return h(
    "nav",
    { class: "pager", "aria-label": "Pages of the cell table" },
    button("quiet", "Previous", () => go(page - 1), { disabled: page === 0 }),
    h("span", {}, `${page * PAGE + 1}–${Math.min(total, (page + 1) * PAGE)} of ${total.toLocaleString("en")}`),
    button("quiet", "Next", () => go(page + 1), { disabled: page >= pages - 1 }),
  );
}

export function cellTable(
  cells: readonly CellView[],
  columns: readonly Column[],
  state: TableState,
  events: TableEvents,
): HTMLElement {
  const shown = cells.slice(state.page * PAGE, (state.page + 1) * PAGE);
  return h(
    "div",
    {},
    tableFrame(
      { label: "All cells", caption: hiddenCaption("All cells that pass the filters"), look: "cells" },
      [
        h("th", { scope: "col" }, visuallyHidden("Compare")),
        columns.map((column) => sortableHeader(column, state, events)),
        h("th", { scope: "col" }, "rerun command and cell"),
      ],
      shown.map((cell) => row(cell, columns, state, events)),
    ),
    shown.length === 0 ? h("p", { class: "absent" }, "No cell passes these filters.") : null,
    pager(cells.length, state.page, events.page),
  );
}

/** Mean ± standard deviation per group, best first. @param choose shows a group's cells only */
export function groupTable(
  groups: readonly CellGroup[],
  by: string,
  colour: (cells: readonly CellView[]) => number | null,
  choose: (group: CellGroup) => void,
): HTMLElement {
  const heads = [
    by,
    "cells",
    `${groups.length > 0 ? groups[0].judge.split : "test"} accuracy`,
    "lowest – highest",
    "best of any epoch",
    "mean time",
  ];
  const figure = (label: string, text: Child) => h("td", { class: "numeric", "data-label": label }, text);
  const rows = groups.slice(0, GROUPS).map((group, i) => {
    const { value, cells, judged, best, seconds } = group;
    const show = button("cell-link", bdi(value), () => choose(group), { title: "Show these cells only" });
    return colouredRow(colour(cells), { "data-group": i }, [
      h("th", { scope: "row" }, show),
      figure(heads[1], cells.length),
      barred(
        heads[2],
        judged.mean,
        i === 0 && judged.n > 0 ? star() : null,
        judged.n === 0 ? "–" : spreadText(judged, 2),
      ),
      figure(heads[3], judged.n > 1 ? `${percent(judged.min)} – ${percent(judged.max)}` : "–"),
      figure(heads[4], best.n === 0 ? "–" : spreadText(best, 2)),
      figure(heads[5], duration(seconds.mean)),
    ]);
  });
  return h(
    "div",
    {},
    tableFrame(
      {
        label: `Cells grouped by ${by}`,
        caption: hiddenCaption(`Cells grouped by ${by}: mean and standard deviation`),
        look: "groups",
      },
      heads.map((text, i) => h("th", { scope: "col", class: i > 0 ? "numeric" : null }, bdi(text))),
      rows,
    ),
    groups.length > GROUPS
      ? h("p", { class: "note" }, `The first ${GROUPS} of ${plural(groups.length, "group")}.`)
      : null,
  );
}
