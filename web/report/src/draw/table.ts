/** Tables in a frame that scrolls sideways where they do not fit, also by keyboard. */
import type { WordTable } from "../data/format.js";
import { bdi, h, type Child } from "./dom.js";

interface TableFrame {
  /** What the frame is called. */
  label: string;
  caption: HTMLTableCaptionElement;
  /** Beside "table-scroll". */
  look?: string;
}

/** The skeleton of every table that scrolls. @param head cells of the header row @param rows of the body */
export function tableFrame({ label, caption, look }: TableFrame, head: Child, rows: Child): HTMLElement {
  return h(
    "div",
    { class: look ? `table-scroll ${look}` : "table-scroll", tabindex: 0, role: "region", "aria-label": label },
    h("table", {}, caption, h("thead", {}, h("tr", {}, head)), h("tbody", {}, rows)),
  );
}

/** A caption for those who do not see what stands around the table. */
export function hiddenCaption(text: string): HTMLTableCaptionElement {
  return h("caption", { class: "visually-hidden" }, text);
}

/** A table of rows, the first cell of each its header. @param numeric columns that are set as figures */
export function scrollTable(
  label: string,
  columns: readonly Child[],
  rows: readonly Child[][],
  { numeric = [], caption = label }: { numeric?: readonly number[]; caption?: string } = {},
): HTMLElement {
  const look = (i: number) => (numeric.includes(i) ? "numeric" : null);
  const cell = (value: Child, i: number) =>
    i === 0 ? h("th", { scope: "row", class: look(i) }, value) : h("td", { class: look(i) }, value);
  return tableFrame(
    { label, caption: hiddenCaption(caption) },
    columns.map((column, i) => h("th", { scope: "col", class: look(i) }, column)),
    rows.map((row) => h("tr", {}, row.map(cell))),
  );
}

export function wordTable(label: string, { columns, rows }: WordTable, numeric: readonly number[]): HTMLElement {
  return scrollTable(
    label,
    columns,
    rows.map((row) => row.map(bdi)),
    { numeric },
  );
}
