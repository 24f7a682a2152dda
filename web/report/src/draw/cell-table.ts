/** The table of cells: sortable, in pages, each row with its id, its rerun command and its details. */
import type { CellView } from "../data/cells.js";
import type { CellGroup } from "../data/selection.js";
import { duration, percent, spreadText } from "../data/format.js";
import { plural } from "../../../../src/core/numeric/words.js";
import type { Column } from "./columns.js";
import { bdi, button, copyButton, h, rerunCommand, visuallyHidden } from "./dom.js";
import { hiddenCaption, scrollTable, tableFrame } from "./table.js";

const PAGE = 50;
const GROUPS = 200;

interface TableState {
  sort: { column: string; descending: boolean };
  compare: readonly string[];
  page: number;
}

interface TableEvents {
  sort(column: string): void;
  compare(id: string, on: boolean): void;
  open(id: string): void;
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

function valueCell(column: Column, cell: CellView): HTMLElement {
  const attributes =
    column.name === "status"
      ? { class: `status status-${cell.outcome}`, title: cell.record.error }
      : { class: column.numeric ? "numeric" : null };
  return h("td", attributes, bdi(column.text(cell)));
}

function row(cell: CellView, columns: readonly Column[], state: TableState, events: TableEvents): HTMLElement {
  const box = h("input", {
    type: "checkbox",
    "aria-label": `Compare ${cell.id}`,
    onchange: () => events.compare(cell.id, box.checked),
  });
  box.checked = state.compare.includes(cell.id);
  const details = { "aria-label": `Details of ${cell.id}` };
  return h(
    "tr",
    { "data-id": cell.id },
    h("td", {}, box),
    columns.map((column) => valueCell(column, cell)),
    h(
      "td",
      { class: "rerun-column" },
      h(
        "div",
        { class: "rerun" },
        button("cell-link", bdi(cell.id), () => events.open(cell.id), details),
        copyButton(rerunCommand(cell.id)),
      ),
    ),
  );
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
        h("th", { scope: "col" }, "cell and rerun command"),
      ],
      shown.map((cell) => row(cell, columns, state, events)),
    ),
    shown.length === 0 ? h("p", { class: "absent" }, "No cell passes these filters.") : null,
    pager(cells.length, state.page, events.page),
  );
}

/** Mean ± standard deviation per group. @param choose where a group can be chosen: shows its cells only */
export function groupTable(
  groups: readonly CellGroup[],
  by: string,
  choose: ((value: string) => void) | null,
): HTMLElement {
  const columns = [by, "cells", "test accuracy", "lowest – highest", "best of any epoch", "mean time"];
  const name = ({ value }: CellGroup) => {
    const text = bdi(value);
    return choose ? button("cell-link", text, () => choose(value), { title: "Show these cells only" }) : text;
  };
  const table = scrollTable(
    `Cells grouped by ${by}`,
    columns.map((text) => bdi(text)),
    groups
      .slice(0, GROUPS)
      .map((group) => [
        name(group),
        group.cells.length,
        group.test.n === 0 ? "–" : spreadText(group.test, 2),
        group.test.n > 1 ? `${percent(group.test.min)} – ${percent(group.test.max)}` : "–",
        group.best.n === 0 ? "–" : spreadText(group.best, 2),
        duration(group.seconds.mean),
      ]),
    { numeric: [1, 2, 3, 4, 5], caption: `Cells grouped by ${by}: mean and standard deviation` },
  );
  if (groups.length > GROUPS)
    table.append(h("p", { class: "note" }, `The first ${GROUPS} of ${plural(groups.length, "group")}.`));
  return table;
}
