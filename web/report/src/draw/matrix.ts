/** A small matrix with its name and size. */
import { h, type Child } from "./dom.js";

/** @param cells row by row */
export function matrix(name: string, columns: number, cells: readonly Child[]): HTMLElement {
  const rows = Array.from({ length: cells.length / columns }, (_, i) => cells.slice(i * columns, (i + 1) * columns));
  const label = `${name} (${rows.length}×${columns})`;
  return h(
    "figure",
    { class: "matrix" },
    h("figcaption", {}, label),
    h(
      "table",
      { "aria-label": label },
      h(
        "tbody",
        {},
        rows.map((row) =>
          h(
            "tr",
            {},
            row.map((cell) => h("td", {}, cell)),
          ),
        ),
      ),
    ),
  );
}
