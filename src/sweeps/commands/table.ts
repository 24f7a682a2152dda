/** Aligned columns for a terminal, within its width. */
import stringWidth from "string-width";
import { largest } from "../../core/numeric/extremes.js";

/** Names and labels may hold line feeds, which would make lines of their own. */
export function onOneLine(text: string): string {
  return text.replace(/[\n\t]/g, (control) => (control === "\n" ? "\\n" : "\\t"));
}

export interface Column {
  title: string;
  /** One a row. */
  texts: string[];
  /** Words stand on the left, and long ones are shortened where there is no room; figures stand on the right. */
  words?: "whole" | "long";
  /** Where there is no room, columns are left out, those with the smallest number first; without one, never. */
  spare?: number;
}

const GAP = 2;
/** To which width words are shortened before a column is left out, and at last. */
const [SHORT, SHORTEST] = [16, 6];

/** @param width of the terminal; no line is longer, and what was left out is told below */
export function formatTable(columns: Column[], width = Infinity): string {
  let shown = columns.map((column) => {
    const texts = column.texts.map(onOneLine);
    return { ...column, texts, width: largest(texts.map(widthOf), widthOf(column.title)) };
  });
  type Shown = (typeof shown)[number];
  const within = (column: Shown, most: number): number =>
    column.words === "long" ? Math.min(column.width, most) : column.width;
  const total = (most: number): number => shown.reduce((sum, column) => sum + GAP + within(column, most), -GAP);
  const left: string[] = [];
  const spare = shown.filter((column) => column.spare !== undefined).sort((a, b) => a.spare! - b.spare!);
  for (const column of spare) {
    if (total(SHORT) <= width) break;
    shown = shown.filter((other) => other !== column);
    left.push(column.title);
  }
  let most = largest(shown.map((column) => column.width));
  while (most > SHORTEST && total(most) > width) most -= 1;
  const line = (cell: (column: Shown) => string): string =>
    shorten(
      shown
        .map((column) => {
          const text = shorten(cell(column), within(column, most));
          const padding = " ".repeat(within(column, most) - widthOf(text));
          return column.words ? text + padding : padding + text;
        })
        .join(" ".repeat(GAP))
        .trimEnd(),
      width,
    );
  const lines = [line(({ title }) => title), ...columns[0].texts.map((_, row) => line(({ texts }) => texts[row]))];
  if (left.length > 0) lines.push(shorten(`left out, for want of width: ${left.join(", ")}`, width));
  return `${lines.join("\n")}\n`;
}

/** Columns that a text takes: two for a wide character, none for an accent. */
const widthOf = (text: string): number => (/^[ -~]*$/.test(text) ? text.length : stringWidth(text));

const characters = new Intl.Segmenter();

/** The text, or as much of its beginning as fits, and an ellipsis. */
function shorten(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let kept = "";
  for (const { segment } of characters.segment(text)) {
    if (widthOf(kept + segment) > width - 1) break;
    kept += segment;
  }
  return `${kept}…`;
}
