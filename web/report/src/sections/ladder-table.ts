/** The ladder as a table: each rung's accuracy as a dot on a common scale, the distance to the reference as a bar. */
import { largest, smallest } from "../../../../src/core/numeric/extremes.js";
import { reasonFor } from "../comments/decisions.js";
import { count, duration, percent, signedPoints } from "../data/format.js";
import { lastHeldOut, type Ladder, type Rung } from "../data/ladder.js";
import type { CellView } from "../data/cells.js";
import { bdi, button, h, svg, type Child } from "../draw/dom.js";
import { scrollTable } from "../draw/table.js";
import type { Report } from "../report.js";

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

/** Where accuracies lie on the pictures, from 0 to 100. */
interface Scale {
  low: number;
  high: number;
  at(accuracy: number): number;
}

/** @param reference the ladder's, which all rungs are compared with */
export function ladderTable(report: Report, ladder: Ladder, reference: CellView): HTMLElement {
  const rows = rowsOf(ladder, reference);
  const zero = lastHeldOut(reference);
  const scale = scaleOf(rows, zero);
  return h(
    "div",
    { class: "wide ladder" },
    scrollTable(
      `What each decision is worth, by ${reference.heldOut} accuracy`,
      ["rung", scaleHeader(scale, reference), "accuracy", "points", "time", "parameters"],
      rows.map((row): Child[] => {
        const { cell, accuracy, seconds } = row;
        const reached = Number.isFinite(accuracy);
        return [
          rungName(row, () => report.openCell(cell.id)),
          picture(scale.at(accuracy), scale.at(zero)),
          reached ? percent(accuracy, 2) : h("span", { class: "tag" }, cell.record.status),
          reached && cell !== reference ? signedPoints(accuracy - zero, 2) : "",
          duration(seconds),
          count(cell.metrics.parameters),
        ];
      }),
      { numeric: [2, 3, 4, 5] },
    ),
  );
}

/** The homework's model, the rungs, their reference, and the recipe in full. */
function rowsOf({ recipe, first, rungs }: Ladder, reference: CellView): Row[] {
  const rung = ({ cell, label, changed, accuracy }: Rung): Row => ({
    cell,
    label,
    note: reasonFor(changed),
    accuracy,
    seconds: cell.metrics.seconds,
  });
  const [final] = recipe.cells;
  const seeds = recipe.cells.length > 1 ? `Mean of ${recipe.cells.length} seeds. ` : "";
  const unchanged: Row = {
    cell: reference,
    label: reference.label ?? reference.recipe,
    note: "Nothing taken back: what all rungs are compared with.",
    accuracy: lastHeldOut(reference),
    seconds: reference.metrics.seconds,
    strong: true,
  };
  const full: Row = {
    cell: final,
    label: final.label ?? final.recipe,
    note: `${seeds}In full, ${final.curve.length} epochs.`,
    accuracy: recipe.heldOut.mean,
    seconds: recipe.seconds.mean,
    strong: true,
  };
  return [...(first ? [first] : []), ...rungs].map(rung).concat(reference === final ? [full] : [unchanged, full]);
}

/** From whole percent to whole percent around all accuracies that have room. */
function scaleOf(rows: readonly Row[], zero: number): Scale {
  const shown = rows.map(({ accuracy }) => accuracy).filter((accuracy) => accuracy >= zero - SCALE);
  const low = Math.floor(100 * smallest(shown)) / 100;
  const high = Math.ceil(100 * largest(shown)) / 100;
  return { low, high, at: (accuracy) => Math.max(0, (100 * (accuracy - low)) / (high - low || 1)) };
}

function scaleHeader({ low, high }: Scale, reference: CellView): HTMLElement {
  const texts = [percent(low, 0), `${reference.heldOut} accuracy`, percent(high, 0)];
  return h(
    "span",
    { class: "ladder-scale" },
    texts.map((text) => h("span", {}, text)),
  );
}

function rungName({ label, note, strong }: Row, open: () => void): HTMLElement {
  return h(
    "span",
    {},
    button(strong ? "figure-link best" : "figure-link", bdi(label), open, { "aria-label": `${label}, details` }),
    note ? h("small", {}, note) : null,
  );
}

/** @param x where the rung is @param zero where the reference is; both in [0, 100], NaN for none */
function picture(x: number, zero: number): SVGElement {
  const middle = HEIGHT / 2;
  const bar = (look: string, from: number, width: number, height: number) =>
    svg("rect", { class: look, x: from, y: middle - height / 2, width, height });
  const look = x < zero ? "ladder-loss" : "ladder-gain";
  return svg(
    "svg",
    { class: "ladder-picture", viewBox: `0 0 100 ${HEIGHT}`, preserveAspectRatio: "none", "aria-hidden": "true" },
    Number.isFinite(x) ? [bar(look, Math.min(x, zero), Math.abs(x - zero), 4), bar(look, x - 0.8, 1.6, 10)] : null,
    bar("ladder-zero", zero - 0.2, 0.4, HEIGHT),
  );
}
