/** Which colour a cell has when colours stand for a field: names get the palette, numbers a ramp from pale to strong. */
import type { CellView } from "./cells.js";
import type { FieldValue } from "../../../../src/core/config-fields.js";
import { columnValue, valueText } from "./selection.js";

/** Colours of the style sheet, --series-N: names, then the ramp, then what stands behind. */
const NAMES = 7;
const RAMP = 8;
const RAMP_STEPS = 7;
export const CONTEXT_COLOUR = RAMP + RAMP_STEPS;

export interface Colouring {
  of(cell: CellView): number;
  /** From the first name or the smallest number on. */
  entries: { colour: number; label: string }[];
}

/**
 * @param cells all of them: a colour means the same whatever is filtered
 * @param hue an optimizer's own colour
 */
export function colouringBy(
  cells: readonly CellView[],
  column: string,
  hue: (cell: CellView) => number,
  text: (value: number) => string,
): Colouring {
  const compareText = new Intl.Collator("en", { numeric: true }).compare;
  const seen = new Map<string, { value: FieldValue | undefined; cell: CellView }>();
  for (const cell of cells) {
    const value = columnValue(cell, column);
    if (!seen.has(valueText(value))) seen.set(valueText(value), { value, cell });
  }
  const numbers = [...seen.values()]
    .map(({ value }) => value)
    .filter((v) => typeof v === "number" && Number.isFinite(v)) as number[];
  if (numbers.length > 2)
    return ramp(
      numbers.sort((a, b) => a - b),
      column,
      text,
    );
  const names = [...seen.keys()].sort(compareText);
  const colours = new Map(
    names.map((name, i) => [
      name,
      column === "optimizer" ? hue((seen.get(name) as { cell: CellView }).cell) : i % NAMES,
    ]),
  );
  return {
    of: (cell) => colours.get(valueText(columnValue(cell, column))) ?? CONTEXT_COLOUR,
    entries: names.map((label) => ({ label, colour: colours.get(label) ?? 0 })),
  };
}

/** By rank among the values that occur, so that a few far ones do not use up the ramp. @param sorted distinct */
function ramp(sorted: readonly number[], column: string, text: (value: number) => string): Colouring {
  const steps = Math.min(RAMP_STEPS, sorted.length);
  const stepOf = (rank: number) => Math.min(steps - 1, Math.floor((rank * steps) / sorted.length));
  const colour = (step: number) => RAMP + (steps === 1 ? 0 : Math.round((step * (RAMP_STEPS - 1)) / (steps - 1)));
  const colours = new Map(sorted.map((value, rank) => [value, colour(stepOf(rank))]));
  const ends = Array.from({ length: steps }, (_, step) => sorted.filter((_, rank) => stepOf(rank) === step));
  return {
    of: (cell) => colours.get(columnValue(cell, column) as number) ?? CONTEXT_COLOUR,
    entries: ends.map((values, step) => {
      const [low, high] = [text(values[0]), text(values[values.length - 1])];
      return { colour: colour(step), label: low === high ? low : `${low} – ${high}` };
    }),
  };
}
