/** The frame of a section: an anchor, a heading, what the homework asks, and the answer. */
import { h, prose, type Child } from "../draw/dom.js";

export interface SectionHead {
  id: string;
  /** Number in the homework, such as "2.3". */
  number?: string;
  title: string;
  /** The question, in short. */
  asked?: string;
}

export function section(head: SectionHead, ...children: Child[]): HTMLElement {
  return h(
    "section",
    { id: head.id, "aria-labelledby": `${head.id}-heading`, class: "part" },
    h("h3", { id: `${head.id}-heading` }, head.number ? h("span", { class: "number" }, head.number) : null, head.title),
    head.asked ? h("p", { class: "asked" }, prose(head.asked)) : null,
    children,
  );
}

/** A part of the homework: a large heading above its sections. */
export function partHeading(id: string, number: string, title: string): HTMLElement {
  return h("header", { class: "part-heading", id }, h("p", { class: "kicker" }, number), h("h2", {}, title));
}

/** Comments computed from the records, set apart from the fixed text. */
export function commentary(texts: readonly string[]): HTMLElement {
  return h(
    "div",
    { class: "commentary" },
    texts.filter(Boolean).map((text) => h("p", {}, prose(text))),
  );
}

/** A table that scrolls sideways where it does not fit, also by keyboard. */
export function scrollTable(
  label: string,
  columns: Child[],
  rows: Child[][],
  options: { numeric?: number[]; rowHeader?: boolean } = {},
): HTMLElement {
  const numeric = new Set(options.numeric ?? []);
  const rowHeader = options.rowHeader ?? true;
  return h(
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
          columns.map((column, i) => h("th", { scope: "col", class: numeric.has(i) ? "numeric" : null }, column)),
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
                i === 0 && rowHeader ? "th" : "td",
                { scope: i === 0 && rowHeader ? "row" : null, class: numeric.has(i) ? "numeric" : null },
                value,
              ),
            ),
          ),
        ),
      ),
    ),
  );
}
