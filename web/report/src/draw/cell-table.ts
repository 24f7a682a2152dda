/** The table of cells: sortable, in pages, each row with its id, its rerun command and its details. */
import type { CellView } from "../data/cells.js";
import type { CellGroup } from "../data/selection.js";
import { duration, percent, plural } from "../data/format.js";
import type { Column } from "./columns.js";
import { copyButton, h, rerunCommand } from "./dom.js";

export const PAGE = 50;

export interface TableState {
  sort: { column: string; descending: boolean };
  compare: readonly string[];
  page: number;
}

export interface TableEvents {
  sort(column: string): void;
  compare(id: string, on: boolean): void;
  open(id: string): void;
  page(page: number): void;
}

function header(columns: readonly Column[], state: TableState, events: TableEvents): HTMLElement {
  return h(
    "thead",
    {},
    h(
      "tr",
      {},
      h("th", { scope: "col" }, h("span", { class: "visually-hidden" }, "Compare")),
      columns.map((column) => {
        const sorted = state.sort.column === column.name;
        return h(
          "th",
          {
            scope: "col",
            class: column.numeric ? "numeric" : null,
            "aria-sort": sorted ? (state.sort.descending ? "descending" : "ascending") : null,
          },
          h(
            "button",
            {
              type: "button",
              class: "sort",
              id: `sort-${column.name}`,
              title: column.title,
              onclick: () => events.sort(column.name),
            },
            h("bdi", {}, column.label),
            h("span", { class: "arrow", "aria-hidden": "true" }, sorted ? (state.sort.descending ? "▼" : "▲") : ""),
          ),
        );
      }),
      h("th", { scope: "col" }, "cell and rerun command"),
    ),
  );
}

function row(cell: CellView, columns: readonly Column[], state: TableState, events: TableEvents): HTMLElement {
  const command = rerunCommand(cell.id);
  const box = h("input", {
    type: "checkbox",
    "aria-label": `Compare ${cell.id}`,
    onchange: (event) => events.compare(cell.id, (event.target as HTMLInputElement).checked),
  });
  box.checked = state.compare.includes(cell.id);
  return h(
    "tr",
    { "data-id": cell.id },
    h("td", {}, box),
    columns.map((column) =>
      h(
        "td",
        {
          class:
            [column.numeric ? "numeric" : "", column.name === "status" ? `status status-${cell.record.status}` : ""]
              .join(" ")
              .trim() || null,
          title: column.name === "status" ? cell.record.error : null,
        },
        h("bdi", {}, column.text(cell)),
      ),
    ),
    h(
      "td",
      { class: "rerun-column" },
      h(
        "div",
        { class: "rerun" },
        h(
          "button",
          {
            type: "button",
            class: "cell-link",
            "aria-label": `Details of ${cell.id}`,
            onclick: () => events.open(cell.id),
          },
          h("bdi", {}, cell.id),
        ),
        copyButton(command, "Copy", command),
      ),
    ),
  );
}

export function pager(total: number, page: number, go: (page: number) => void): HTMLElement | null {
  const pages = Math.ceil(total / PAGE);
  if (pages < 2) return null;
  return h(
    "nav",
    { class: "pager", "aria-label": "Pages of the cell table" },
    h("button", { type: "button", class: "quiet", disabled: page === 0, onclick: () => go(page - 1) }, "Previous"),
    h("span", {}, `${page * PAGE + 1}–${Math.min(total, (page + 1) * PAGE)} of ${total.toLocaleString("en")}`),
    h("button", { type: "button", class: "quiet", disabled: page >= pages - 1, onclick: () => go(page + 1) }, "Next"),
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
    h(
      "div",
      { class: "table-scroll cells", tabindex: 0, role: "region", "aria-label": "All cells" },
      h(
        "table",
        {},
        h("caption", { class: "visually-hidden" }, "All cells that pass the filters"),
        header(columns, state, events),
        h(
          "tbody",
          {},
          shown.map((cell) => row(cell, columns, state, events)),
        ),
      ),
    ),
    shown.length === 0 ? h("p", { class: "absent" }, "No cell passes these filters.") : null,
    pager(cells.length, state.page, events.page),
  );
}

/** Mean ± standard deviation per group. */
export function groupTable(
  groups: readonly CellGroup[],
  by: string,
  filter: ((value: string) => void) | null,
): HTMLElement {
  const spread = (s: { n: number; mean: number; std: number }) =>
    s.n === 0 ? "–" : s.n === 1 ? percent(s.mean, 2) : `${(100 * s.mean).toFixed(2)} ± ${percent(s.std, 2)}`;
  return h(
    "div",
    { class: "table-scroll", tabindex: 0, role: "region", "aria-label": `Cells grouped by ${by}` },
    h(
      "table",
      {},
      h("caption", { class: "visually-hidden" }, `Cells grouped by ${by}: mean and standard deviation`),
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          [by, "cells", "test accuracy", "lowest – highest", "best of any epoch", "mean time"].map((name, i) =>
            h("th", { scope: "col", class: i > 0 ? "numeric" : null }, h("bdi", {}, name)),
          ),
        ),
      ),
      h(
        "tbody",
        {},
        groups.slice(0, 200).map((group) =>
          h(
            "tr",
            {},
            h(
              "th",
              { scope: "row" },
              filter
                ? h(
                    "button",
                    {
                      type: "button",
                      class: "cell-link",
                      onclick: () => filter(group.value),
                      title: "Show these cells only",
                    },
                    h("bdi", {}, group.value),
                  )
                : h("bdi", {}, group.value),
            ),
            [
              String(group.cells.length),
              spread(group.test),
              group.test.n > 1 ? `${percent(group.test.min)} – ${percent(group.test.max)}` : "–",
              spread(group.best),
              duration(group.seconds.mean),
            ].map((text) => h("td", { class: "numeric" }, text)),
          ),
        ),
      ),
    ),
    groups.length > 200 ? h("p", { class: "note" }, `The first 200 of ${plural(groups.length, "group")}.`) : null,
  );
}
