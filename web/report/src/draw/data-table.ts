/** A table of numbers behind a disclosure, built when it is first opened: what a chart shows, for those who do not see it. */
import type { Table } from "../data/csv.js";
import { plain } from "../data/format.js";
import { h } from "./dom.js";

const ROWS = 500;

export function dataTable(label: string, make: () => Table): HTMLElement {
  const details = h("details", { class: "data-table" }, h("summary", {}, "Data table"));
  details.addEventListener("toggle", () => {
    if (!details.open || details.childElementCount > 1) return;
    const table = make();
    const rows = table.rows.slice(0, ROWS);
    details.append(
      h(
        "div",
        { class: "table-scroll", tabindex: 0, role: "region", "aria-label": label },
        h(
          "table",
          {},
          h("caption", { class: "visually-hidden" }, label),
          h(
            "thead",
            {},
            h(
              "tr",
              {},
              table.columns.map((name) => h("th", { scope: "col" }, h("bdi", {}, name))),
            ),
          ),
          h(
            "tbody",
            {},
            rows.map((row) =>
              h(
                "tr",
                {},
                row.map((value, i) =>
                  h(
                    i === 0 ? "th" : "td",
                    i === 0 ? { scope: "row" } : {},
                    value === null ? "–" : typeof value === "number" ? plain(value) : value,
                  ),
                ),
              ),
            ),
          ),
        ),
      ),
      table.rows.length > ROWS
        ? h("p", { class: "note" }, `The first ${ROWS} of ${table.rows.length} rows; the CSV has them all.`)
        : "",
    );
  });
  return details;
}
