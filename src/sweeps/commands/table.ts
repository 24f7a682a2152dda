import { largest } from "../../core/numeric/extremes.js";

/** Aligned columns for a terminal. The first `left` columns hold words, the others figures. */
export function formatTable(header: string[], rows: string[][], left: number): string {
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
