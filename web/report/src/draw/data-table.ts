/** A table of numbers behind a disclosure, built when it is first opened: what a chart shows, for those who do not see it. */
import type { Table } from "../../../../src/core/csv.js";
import { plain } from "../data/format.js";
import { bdi, h } from "./dom.js";
import { scrollTable } from "./table.js";

const ROWS = 500;

export function dataTable(label: string, make: () => Table): HTMLElement {
  const details = h("details", { class: "data-table" }, h("summary", {}, "Data table"));
  details.addEventListener("toggle", () => {
    if (!details.open || details.childElementCount > 1) return;
    const { columns, rows } = make();
    details.append(
      scrollTable(
        label,
        columns.map((name) => bdi(name)),
        rows
          .slice(0, ROWS)
          .map((row) => row.map((value) => (value === null ? "–" : typeof value === "number" ? plain(value) : value))),
      ),
      rows.length > ROWS
        ? h("p", { class: "note" }, `The first ${ROWS} of ${rows.length} rows; the CSV has them all.`)
        : "",
    );
  });
  return details;
}
