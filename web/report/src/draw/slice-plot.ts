/** Results along one axis: a dot a cell, the means, and under each value a button that keeps its cells. */
import { percent, percentTick } from "../data/format.js";
import { jitter, type SliceColumn } from "../data/slices.js";
import type { CellView } from "../data/cells.js";
import { linearTicks } from "../data/ticks.js";
import { largest, smallest } from "../../../../src/core/numeric/extremes.js";
import { plural } from "../../../../src/core/numeric/words.js";
import { bdi, button, h, svg } from "./dom.js";

interface SlicePlot {
  /** What the axis is called. */
  name: string;
  columns: readonly SliceColumn[];
  /** Whether the means are of numbers, which a line may join. */
  joined: boolean;
  /** Index of a cell's colour; what is not selected stands behind. */
  colour(cell: CellView): number;
  /** Values that are filtered for. */
  chosen: readonly string[];
  /** What choosing a value does. */
  action: string;
  choose(value: string): void;
}

/** Room for the dots beside the first and the last value, in percent of the width. */
const SIDE = 9;
/** Widest scatter to either side of a value, likewise. */
const SPREAD = 5;
/** More labels than these are thinned out until they lie this far apart, likewise. */
const LABELS = 9;
const APART = 18;

export function slicePlot({ name, columns, joined, colour, chosen, action, choose }: SlicePlot): HTMLElement {
  const finite = columns.filter(({ judged }) => judged.n > 0);
  if (finite.length === 0) return h("p", { class: "absent" }, "No cell has a result along this axis.");
  const low = smallest(finite.map(({ judged }) => judged.min));
  const high = largest(finite.map(({ judged }) => judged.max));
  const pad = 0.06 * (high - low) || 0.01;
  const y = (value: number) => 100 - (100 * (value - low + pad)) / (high - low + 2 * pad);
  const x = (column: SliceColumn) => SIDE + column.x * (100 - 2 * SIDE);
  const room = Math.min(SPREAD, 40 / Math.max(1, columns.length));
  const ticks = linearTicks(low - pad, high + pad, 5, false);
  const plot = svg(
    "svg",
    { class: "slice-dots", viewBox: "0 0 100 100", preserveAspectRatio: "none", "aria-hidden": "true" },
    ticks.map((tick) => svg("path", { class: "slice-rule", d: `M0 ${y(tick)}H100` })),
    dots(columns, colour, (cell, column) => `M${x(column) + 2 * room * jitter(cell.id)} ${y(cell.judged)}h0`),
    joined
      ? svg("path", { class: "slice-mean", d: `M${finite.map((c) => `${x(c)} ${y(c.judged.mean)}`).join("L")}` })
      : null,
    finite
      .filter(({ judged }) => judged.n > 1)
      .map((c) => svg("path", { class: "slice-mean", d: `M${x(c) - room} ${y(c.judged.mean)}h${2 * room}` })),
  );
  const labels = ticks.map((tick) => {
    const label = h("span", { class: "slice-tick" }, percentTick(tick, ticks[1] - ticks[0]));
    label.style.top = `${y(tick)}%`;
    return label;
  });
  const even = (100 - 2 * SIDE) / Math.max(1, columns.length - 1);
  const dense = columns.length > LABELS;
  let labelled = -Infinity;
  const buttons = columns.map((column) => {
    const { value, judged, cells } = column;
    const mean = judged.n > 0 ? `mean ${percent(judged.mean, 2)}` : "no result";
    const shown = dense && Number.isFinite(Number(value)) ? String(Number(Number(value).toPrecision(2))) : value;
    const made = button("slice-value", h("span", {}, bdi(shown)), () => choose(value), {
      "aria-label": `${name} ${value}: ${mean}, ${plural(cells.length, "cell")}; ${action}`,
      "aria-pressed": String(chosen.includes(value)),
      title: `${value}: ${mean}, ${plural(cells.length, "cell")}`,
    });
    const crowded = dense && x(column) - labelled < APART;
    if (crowded) made.classList.add("unlabelled");
    else labelled = x(column);
    made.style.left = `${x(column)}%`;
    // No wider than its column, nor than the plot is on its nearer side.
    made.style.width = `${Math.min(dense && !crowded ? APART : even, 2 * x(column), 2 * (100 - x(column)))}%`;
    return made;
  });
  return h(
    "div",
    { class: "slice" },
    h("div", { class: "slice-axis", "aria-hidden": "true" }, labels),
    h("div", { class: "slice-plot" }, plot, buttons),
  );
}

/** One path a colour: a dot is a line without length, round at its ends. What stands behind comes first. */
function dots(
  columns: readonly SliceColumn[],
  colour: (cell: CellView) => number,
  place: (cell: CellView, column: SliceColumn) => string,
): SVGElement[] {
  const paths = new Map<number, string[]>();
  for (const column of columns)
    for (const cell of column.cells) {
      if (!Number.isFinite(cell.judged)) continue;
      const index = colour(cell);
      const path = paths.get(index);
      if (path) path.push(place(cell, column));
      else paths.set(index, [place(cell, column)]);
    }
  return [...paths]
    .sort(([a], [b]) => b - a)
    .map(([index, parts]) => {
      const path = svg("path", { class: "slice-dot", d: parts.join("") });
      path.style.stroke = `var(--series-${index})`;
      return path;
    });
}
