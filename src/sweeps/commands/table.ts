import { largest } from "../../core/numeric/extremes.js";

/** Names and labels may hold line feeds, which would make lines of their own. */
export function onOneLine(text: string): string {
  return text.replace(/[\n\t]/g, (control) => (control === "\n" ? "\\n" : "\\t"));
}

/** Aligned columns for a terminal. The first `left` columns hold words, the others figures. */
export function formatTable(header: string[], texts: string[][], left: number): string {
  const rows = texts.map((row) => row.map(onOneLine));
  const widths = header.map((title, column) =>
    largest(
      rows.map((row) => row[column].length),
      title.length,
    ),
  );
  const line = (row: string[]): string =>
    row
      .map((text, column) => (column < left ? text.padEnd(widths[column]) : text.padStart(widths[column])))
      .join("  ")
      .trimEnd();
  return [line(header), ...rows.map(line)].join("\n") + "\n";
}
