/** Cells of a notebook, and the notebook as text: nbformat 4.5. */

import { visible } from "../data/format.js";

export interface Cell {
  /** 1 to 64 letters, digits, - and _; each cell's own. */
  id: string;
  cell_type: "markdown" | "code";
  text: string;
  /** What the cell shows when it is run. */
  shown?: { svg: string } | { png: string; width: number };
  /** Whether the source is folded away. */
  folded?: boolean;
}

/** Paragraphs of Markdown, those left out that are empty. */
export const markdown = (id: string, ...paragraphs: (string | false | undefined)[]): Cell => ({
  id,
  cell_type: "markdown",
  text: paragraphs.filter(Boolean).join("\n\n"),
});

export const python = (id: string, text: string, more: Pick<Cell, "shown" | "folded"> = {}): Cell => ({
  id,
  cell_type: "code",
  text,
  ...more,
});

/** A backslash before < and & would not keep every reader of Markdown from taking them for HTML. */
const ENTITIES: Record<string, string> = { "<": "&lt;", "&": "&amp;" };

/** Characters that Markdown, HTML or mathematics would read as marks. Code between backticks stays. */
export const escaped = (text: string): string =>
  visible(text).replaceAll(/`[^`]*`|[\\*_<&$|[\]`]/g, (mark) =>
    mark.length > 1 ? mark : (ENTITIES[mark] ?? `\\${mark}`),
  );

/** A table of Markdown. */
export function tableText({ columns, rows }: { columns: string[]; rows: string[][] }): string {
  const line = (cells: string[]) => `| ${cells.map((cell) => escaped(cell).replaceAll("\n", " ")).join(" | ")} |`;
  return [line(columns), `|${" --- |".repeat(columns.length)}`, ...rows.map(line)].join("\n");
}

/** Lines as notebooks hold them: each with its end but the last. */
const lines = (text: string): string[] => text.split(/(?<=\n)/);

const outputOf = (shown: NonNullable<Cell["shown"]>) =>
  "svg" in shown
    ? { data: { "image/svg+xml": lines(shown.svg) }, metadata: {} }
    : { data: { "image/png": shown.png }, metadata: { "image/png": { width: shown.width } } };

function cellJson({ id, cell_type, text, shown, folded }: Cell, count: number) {
  const metadata = folded ? { jupyter: { source_hidden: true }, cellView: "form" } : {};
  const cell = { id, cell_type, metadata, source: lines(text) };
  if (cell_type === "markdown") return cell;
  const outputs = shown ? [{ output_type: "display_data", ...outputOf(shown) }] : [];
  return { ...cell, execution_count: count, outputs };
}

/** @param title of the notebook @param version of the program that writes it */
export function notebookText(cells: readonly Cell[], title: string, version: string): string {
  let count = 0;
  const notebook = {
    nbformat: 4,
    nbformat_minor: 5,
    metadata: {
      handgrad: { version },
      title,
      kernelspec: { name: "python3", display_name: "Python 3", language: "python" },
      language_info: { name: "python" },
    },
    cells: cells.map((cell) => cellJson(cell, cell.cell_type === "code" ? ++count : 0)),
  };
  return `${JSON.stringify(notebook, null, 1)}\n`;
}
