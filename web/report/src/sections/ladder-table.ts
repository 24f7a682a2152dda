/** The ladder as a forest plot in a table: each rung's accuracy as a mark on a common scale, beside what chance alone may do. */
import { largest, smallest } from "../../../../src/core/numeric/extremes.js";
import { reasonFor } from "../comments/decisions.js";
import { count, duration, percent, percentTick, signedPoints } from "../data/format.js";
import { lastHeldOut, type Ladder, type Rung } from "../data/ladder.js";
import { linearTicks } from "../data/ticks.js";
import type { CellView } from "../data/cells.js";
import { bdi, button, h, svg, type Child } from "../draw/dom.js";
import { hiddenCaption } from "../draw/table.js";
import type { Report } from "../report.js";

/** Rungs further than this below the reference lie beyond the scale: they would leave no room to tell the others apart. */
const SCALE = 0.06;

interface Row {
  cell: CellView;
  label: string;
  note: string;
  accuracy: number;
  /** Minus the reference's; NaN of the reference itself. */
  difference: number;
}

interface Group {
  name: string;
  rows: Row[];
}

/** Where accuracies lie on the pictures, in percent of their width, and what is marked on all of them. */
interface Scale {
  at(accuracy: number): number;
  ticks: number[];
  step: number;
  zero: number;
  /** One standard error of a difference; NaN where it is not known. */
  noise: number;
}

/** @param reference the ladder's, which all rungs are compared with */
export function ladderTable(report: Report, ladder: Ladder, reference: CellView): HTMLElement {
  const groups = groupsOf(ladder, reference);
  const scale = scaleOf(
    groups.flatMap(({ rows }) => rows),
    lastHeldOut(reference),
    ladder.noise,
  );
  const label = `What each decision is worth, by ${reference.heldOut} accuracy`;
  const columns: Child[] = [
    ["decision", axis(scale, "ladder-narrow")],
    [`${reference.heldOut} accuracy`, axis(scale, "ladder-wide")],
    "accuracy",
    "points",
    "time",
    "parameters",
  ];
  return h(
    "div",
    { class: "wide ladder" },
    h(
      "div",
      { class: "table-scroll", tabindex: 0, role: "region", "aria-label": label },
      h(
        "table",
        {},
        hiddenCaption(label),
        h(
          "thead",
          {},
          h(
            "tr",
            {},
            columns.map((column, i) => h("th", { scope: "col", class: i > 1 ? "numeric" : null }, column)),
          ),
        ),
        groups
          .filter(({ rows }) => rows.length > 0)
          .map(({ name, rows }) =>
            h(
              "tbody",
              {},
              h("tr", { class: "ladder-group" }, h("th", { scope: "rowgroup", colspan: columns.length }, name)),
              rows.map((row) => rowOf(row, scale, () => report.openCell(row.cell.id))),
            ),
          ),
      ),
    ),
  );
}

/** The reference, the homework's model, and the rungs by whether they take a decision back or add one. */
function groupsOf({ first, rungs }: Ladder, reference: CellView): Group[] {
  const rung = ({ cell, label, changed, accuracy, difference }: Rung): Row => ({
    cell,
    label,
    note: reasonFor(changed),
    accuracy,
    difference,
  });
  const unchanged: Row = {
    cell: reference,
    label: reference.label ?? reference.recipe,
    note: "What all others are compared with.",
    accuracy: lastHeldOut(reference),
    difference: NaN,
  };
  return [
    { name: "Nothing changed", rows: [unchanged] },
    { name: "All taken back", rows: first ? [rung(first)] : [] },
    { name: "One decision taken back", rows: rungs.filter(({ asRecipe }) => !asRecipe).map(rung) },
    {
      name: "One decision added that this budget leaves out",
      rows: rungs.filter(({ asRecipe }) => asRecipe).map(rung),
    },
  ];
}

/** From round number to round number around all accuracies that have room, and two standard errors to either side of the reference. */
function scaleOf(rows: readonly Row[], zero: number, noise: number): Scale {
  const shown = rows.map(({ accuracy }) => accuracy).filter((accuracy) => accuracy >= zero - SCALE);
  const around = Number.isFinite(noise) ? [zero - 2.5 * noise, zero + 2.5 * noise] : [zero];
  const [low, high] = [smallest([...shown, ...around]), largest([...shown, ...around])];
  const pad = 0.04 * (high - low) || 0.005;
  const [from, to] = [low - pad, high + pad];
  const ticks = linearTicks(from, to, 4);
  const at = (accuracy: number) => Math.max(0, (100 * (accuracy - from)) / (to - from));
  return { at, ticks, step: ticks.length > 1 ? ticks[1] - ticks[0] : 0.01, zero, noise };
}

/** The scale's ticks above the pictures. */
function axis({ at, ticks, step }: Scale, look: string): HTMLElement {
  return h(
    "span",
    { class: `ladder-axis ${look}`, "aria-hidden": "true" },
    ticks.map((tick) => {
      const label = h("span", {}, percentTick(tick, step));
      label.style.left = `${at(tick)}%`;
      return label;
    }),
  );
}

function rowOf(row: Row, scale: Scale, open: () => void): HTMLElement {
  const { cell, label, note, accuracy, difference } = row;
  const reached = Number.isFinite(accuracy);
  return h(
    "tr",
    {},
    h(
      "th",
      { scope: "row" },
      button("figure-link", bdi(label), open, { "aria-label": `${label}, details` }),
      note ? h("small", {}, note) : null,
      h("span", { class: "ladder-narrow" }, picture(row, scale)),
    ),
    h("td", { class: "ladder-wide" }, picture(row, scale)),
    h("td", { class: "numeric" }, reached ? percent(accuracy, 2) : h("span", { class: "tag" }, cell.record.status)),
    h("td", { class: "numeric" }, Number.isFinite(difference) ? signedPoints(difference, 2) : ""),
    h("td", { class: "numeric" }, duration(cell.metrics.seconds)),
    h("td", { class: "numeric" }, count(cell.metrics.parameters)),
  );
}

/** What a difference is called: it may be chance within two standard errors. */
function lookOf(difference: number, noise: number): string {
  if (Number.isNaN(difference)) return "ladder-reference";
  if (Math.abs(difference) <= 2 * noise) return "ladder-chance";
  return difference < 0 ? "ladder-loss" : "ladder-gain";
}

/** Bands and line of the reference, and the row's own mark. */
function picture({ accuracy, difference }: Row, { at, ticks, zero, noise }: Scale): SVGElement {
  const band = (errors: number) => {
    const [from, to] = [at(zero - errors * noise), at(zero + errors * noise)];
    return svg("rect", { class: "ladder-band", x: `${from}%`, width: `${to - from}%`, y: 0, height: "100%" });
  };
  const upright = (x: number, look: string) =>
    svg("line", { class: look, x1: `${x}%`, x2: `${x}%`, y1: 0, y2: "100%" });
  const x = at(accuracy);
  const middle = "1.15rem";
  return svg(
    "svg",
    { class: `ladder-picture ${lookOf(difference, noise)}`, "aria-hidden": "true" },
    ticks.map((tick) => upright(at(tick), "ladder-tick")),
    Number.isFinite(noise) ? [band(2), band(1)] : null,
    upright(at(zero), "ladder-zero"),
    Number.isFinite(x)
      ? [
          svg("line", { class: "ladder-bar", x1: `${at(zero)}%`, x2: `${x}%`, y1: middle, y2: middle }),
          x > 0
            ? svg("circle", { cx: `${x}%`, cy: middle, r: 5 })
            : svg("text", { x: 0, y: middle, dy: "0.35em" }, "◀"),
        ]
      : null,
  );
}
