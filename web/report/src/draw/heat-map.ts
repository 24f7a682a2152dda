/** Mean results over two axes: a table of fields, each a button that keeps its cells. */
import type { Axis } from "../data/selection.js";
import { percent } from "../data/format.js";
import type { HeatField, heatOf } from "../data/slices.js";
import { largest, smallest } from "../../../../src/core/numeric/extremes.js";
import { plural } from "../../../../src/core/numeric/words.js";
import { bdi, button, h } from "./dom.js";
import { tableFrame } from "./table.js";

/** Steps of the ramp; a class of the style sheet each. */
const STEPS = 7;
/** Most rows and columns shown. */
const MOST = 24;

export function heatMap(
  { rows, columns, fields }: ReturnType<typeof heatOf>,
  [down, across]: readonly [Axis, Axis],
  choose: (field: HeatField) => void,
): HTMLElement {
  const means = fields.flat().flatMap((field) => (field && field.judged.n > 0 ? [field.judged.mean] : []));
  const low = smallest(means);
  const high = largest(means);
  const step = (mean: number) => Math.min(STEPS - 1, Math.floor((STEPS * (mean - low)) / (high - low || 1)));
  const field = (found: HeatField | null): HTMLElement => {
    if (!found) return h("td", {}, "–");
    const { row, column, judged } = found;
    const text = judged.n > 0 ? percent(judged.mean) : "–";
    const look = judged.n > 0 ? `heat-field ramp-${step(judged.mean)}` : "heat-field";
    return h(
      "td",
      {},
      button(look, [text, h("small", {}, judged.n)], () => choose(found), {
        "aria-label": `${down.label} ${row}, ${across.label} ${column}: ${text}, ${plural(judged.n, "cell")}; show these only`,
      }),
    );
  };
  const cut = rows.length > MOST || columns.length > MOST;
  return h(
    "div",
    {},
    tableFrame(
      { label: "Heat map", caption: h("caption", {}, "Mean accuracy and number of cells"), look: "heat" },
      [
        h("th", { scope: "col" }, bdi(`${down.label} ↓ ${across.label} →`)),
        columns.slice(0, MOST).map((name) => h("th", { scope: "col" }, bdi(name))),
      ],
      rows
        .slice(0, MOST)
        .map((name, i) => h("tr", {}, h("th", { scope: "row" }, bdi(name)), fields[i].slice(0, MOST).map(field))),
    ),
    cut ? h("p", { class: "note" }, `The first ${MOST} values of each axis.`) : null,
  );
}
