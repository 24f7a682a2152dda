/** The ladder as a forest plot in a table: each rung's accuracy as a mark on a common scale, beside what chance alone may do. */
import { largest, smallest } from "../../../../src/core/numeric/extremes.js";
import { reasonFor } from "../comments/decisions.js";
import { count, duration, percent, percentTick, signedWithin } from "../data/format.js";
import { lastHeldOut, type Ladder, type Rung } from "../data/ladder.js";
import { linearTicks } from "../data/ticks.js";
import { mayBeChance, type Difference } from "../data/uncertainty.js";
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
  /** To the reference; null of the reference itself, and where there is none to be told. */
  difference: Difference | null;
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
}

/** @param reference the ladder's, which all rungs are compared with */
export function ladderTable(report: Report, ladder: Ladder, reference: CellView): HTMLElement {
  const groups = groupsOf(ladder, reference, report.neutral);
  const scale = scaleOf(
    groups.flatMap(({ rows }) => rows),
    lastHeldOut(reference),
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
function groupsOf({ first, rungs }: Ladder, reference: CellView, neutral: boolean): Group[] {
  const rung = ({ cell, label, changed, accuracy, uncertainty, comparable }: Rung): Row => ({
    cell,
    label,
    // The reasons are those of the built-in recipe.
    note: neutral ? "" : reasonFor(changed),
    accuracy,
    difference: comparable && Number.isFinite(uncertainty.value) ? uncertainty : null,
  });
  const unchanged: Row = {
    cell: reference,
    label: reference.label ?? reference.recipe,
    note: "What all others are compared with.",
    accuracy: lastHeldOut(reference),
    difference: null,
  };
  const of = (kind: Rung["kind"]) => rungs.filter((one) => one.comparable && one.kind === kind).map(rung);
  const all = first ? [first, ...rungs] : rungs;
  return [
    { name: "Nothing changed", rows: [unchanged] },
    { name: "All taken back", rows: first?.comparable ? [rung(first)] : [] },
    { name: "One decision taken back", rows: of("taken back") },
    { name: "One decision added that this budget leaves out", rows: of("added") },
    { name: "Trained longer, shorter or on other images", rows: all.filter((one) => !one.comparable).map(rung) },
  ];
}

/** From round number to round number around all accuracies that have room, and two standard errors to either side of the reference. */
function scaleOf(rows: readonly Row[], zero: number): Scale {
  const shown = rows.map(({ accuracy }) => accuracy).filter((accuracy) => accuracy >= zero - SCALE);
  const errors = rows.flatMap(({ difference }) => (difference ? [difference.standardError] : []));
  const around = [zero - 2 * largest(errors, 0), zero + 2 * largest(errors, 0)];
  const [low, high] = [smallest([...shown, ...around]), largest([...shown, ...around])];
  const pad = 0.04 * (high - low) || 0.005;
  const [from, to] = [low - pad, high + pad];
  const ticks = linearTicks(from, to, 4);
  const at = (accuracy: number) => Math.max(0, (100 * (accuracy - from)) / (to - from));
  return { at, ticks, step: ticks.length > 1 ? ticks[1] - ticks[0] : 0.01, zero };
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
    h("td", { class: "numeric" }, difference ? signedWithin(difference) : ""),
    h("td", { class: "numeric" }, duration(cell.metrics.seconds)),
    h("td", { class: "numeric" }, count(cell.metrics.parameters)),
  );
}

/** How a difference looks: one that may be chance as none. */
function lookOf({ difference }: Row): string {
  if (!difference) return "ladder-reference";
  if (mayBeChance(difference)) return "ladder-chance";
  return difference.value < 0 ? "ladder-loss" : "ladder-gain";
}

/** Bands and line of the reference, and the row's own mark. */
function picture(row: Row, { at, ticks, zero }: Scale): SVGElement {
  const { accuracy, difference } = row;
  const band = (half: number) => {
    const [from, to] = [at(zero - half), at(zero + half)];
    return svg("rect", { class: "ladder-band", x: `${from}%`, width: `${to - from}%`, y: 0, height: "100%" });
  };
  const upright = (x: number, look: string) =>
    svg("line", { class: look, x1: `${x}%`, x2: `${x}%`, y1: 0, y2: "100%" });
  const x = at(accuracy);
  const middle = "1.15rem";
  return svg(
    "svg",
    { class: `ladder-picture ${lookOf(row)}`, "aria-hidden": "true" },
    ticks.map((tick) => upright(at(tick), "ladder-tick")),
    difference ? [band(difference.high - difference.value), band(difference.standardError)] : null,
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
