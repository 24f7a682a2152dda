/** The ladder as a table: each rung's accuracy as a dot on a common scale, the distance to the reference as a bar. */
import { largest, smallest } from "../../../../src/core/numeric/extremes.js";
import { reasonFor } from "../comments/decisions.js";
import { count, duration, percent, signedPoints } from "../data/format.js";
import { lastHeldOut, type Ladder } from "../data/ladder.js";
import type { CellView } from "../data/cells.js";
import { h, svg, type Child } from "../draw/dom.js";
import type { Report } from "../report.js";
import { scrollTable } from "./section.js";

/** Rungs further than this below the reference lie beyond the scale: they would leave no room to tell the others apart. */
const SCALE = 0.06;
/** Height of a row's picture, in its own units; its width is 100. */
const HEIGHT = 16;

interface Row {
  cell: CellView;
  label: string;
  note: string;
  accuracy: number;
  seconds: number;
  strong?: boolean;
}

/** @param reference the ladder's, which all rungs are compared with */
export function ladderTable(report: Report, { recipe, first, rungs }: Ladder, reference: CellView): HTMLElement {
  const rowOf = ({ cell, label, changed, accuracy }: Ladder["rungs"][number]): Row => ({
    cell,
    label,
    note: reasonFor(changed),
    accuracy,
    seconds: cell.metrics.seconds,
  });
  const [final] = recipe.cells;
  const seeds = recipe.cells.length > 1 ? `Mean of ${recipe.cells.length} seeds. ` : "";
  const rows: Row[] = [
    ...(first ? [rowOf(first)] : []),
    ...rungs.map(rowOf),
    ...(reference === final
      ? []
      : [
          {
            cell: reference,
            label: reference.label ?? reference.recipe,
            note: "Nothing taken back: what all rungs are compared with.",
            accuracy: lastHeldOut(reference),
            seconds: reference.metrics.seconds,
            strong: true,
          },
        ]),
    {
      cell: final,
      label: final.label ?? final.recipe,
      note: `${seeds}In full, ${final.curve.length} epochs.`,
      accuracy: recipe.heldOut.mean,
      seconds: recipe.seconds.mean,
      strong: true,
    },
  ];
  const zero = lastHeldOut(reference);
  const shown = rows.map(({ accuracy }) => accuracy).filter((accuracy) => accuracy >= zero - SCALE);
  const low = Math.floor(100 * smallest(shown)) / 100;
  const high = Math.ceil(100 * largest(shown)) / 100;
  const at = (accuracy: number): number => Math.max(0, (100 * (accuracy - low)) / (high - low || 1));
  const scale = h(
    "span",
    { class: "ladder-scale" },
    h("span", {}, percent(low, 0)),
    h("span", {}, `${reference.heldOut} accuracy`),
    h("span", {}, percent(high, 0)),
  );
  return h(
    "div",
    { class: "wide ladder" },
    scrollTable(
      `What each decision is worth, by ${reference.heldOut} accuracy`,
      ["rung", scale, "accuracy", "points", "time", "parameters"],
      rows.map(({ cell, label, note, accuracy, seconds, strong }): Child[] => [
        h(
          "span",
          {},
          h(
            "button",
            {
              type: "button",
              class: strong ? "figure-link best" : "figure-link",
              "aria-label": `${label}, details`,
              onclick: () => report.openCell(cell.id),
            },
            h("bdi", {}, label),
          ),
          note ? h("small", {}, note) : null,
        ),
        picture(at(accuracy), at(zero)),
        Number.isFinite(accuracy) ? percent(accuracy, 2) : h("span", { class: "tag" }, cell.record.status),
        Number.isFinite(accuracy) && cell !== reference ? signedPoints(accuracy - zero, 2) : "",
        duration(seconds),
        count(cell.metrics.parameters),
      ]),
      { numeric: [2, 3, 4, 5] },
    ),
  );
}

/** @param x where the rung is @param zero where the reference is; both in [0, 100], NaN for none */
function picture(x: number, zero: number): SVGElement {
  const middle = HEIGHT / 2;
  const value = Number.isFinite(x)
    ? [
        svg("rect", {
          class: x < zero ? "ladder-loss" : "ladder-gain",
          x: Math.min(x, zero),
          y: middle - 2,
          width: Math.abs(x - zero),
          height: 4,
        }),
        svg("rect", {
          class: x < zero ? "ladder-loss" : "ladder-gain",
          x: x - 0.8,
          y: middle - 5,
          width: 1.6,
          height: 10,
        }),
      ]
    : [];
  return svg(
    "svg",
    { class: "ladder-picture", viewBox: `0 0 100 ${HEIGHT}`, preserveAspectRatio: "none", "aria-hidden": "true" },
    ...value,
    svg("rect", { class: "ladder-zero", x: zero - 0.2, y: 0, width: 0.4, height: HEIGHT }),
  );
}
