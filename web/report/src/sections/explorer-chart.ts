/** The explorer's curves: the chosen cells over each other, or their means over seeds. */
import { groupBy, heldOutWord, type CellView } from "../data/cells.js";
import type { ViewState } from "../data/hash-state.js";
import { variantName } from "../data/selection.js";
import type { FigureSpec } from "../draw/figure-spec.js";
import { SERIES_COLOURS } from "../draw/theme.js";
import type { Report } from "../report.js";
import { curveFigure, type CurveGroup } from "./curve-figures.js";

/** Lines drawn at once: more are neither readable nor quick. */
const LINES = 24;

function cellName(cell: CellView, seeds: boolean): string {
  return seeds ? `${variantName(cell)}, seed ${cell.seed}` : variantName(cell);
}

/** The groups drawn: compared cells if any, else the first of the selection, in its order. */
function drawnGroups(
  report: Report,
  selected: readonly CellView[],
  state: ViewState,
): { groups: CurveGroup[]; total: number } {
  const compared = report.cells.filter((cell) => state.compare.includes(cell.id));
  const cells = (compared.length > 0 ? compared : selected).filter((cell) => cell.record.curve.length > 0);
  const seeds = new Set(report.cells.map((cell) => cell.seed)).size > 1;
  const all = state.mean
    ? [...groupBy(cells, (cell) => cell.variantKey).values()].map((group) => ({
        label: variantName(group[0]),
        cells: group,
      }))
    : cells.map((cell) => ({ label: cellName(cell, seeds), cells: [cell] }));
  const names = new Map<string, number>();
  const groups = all.slice(0, LINES).map((group, i) => {
    const seen = names.get(group.label) ?? 0;
    names.set(group.label, seen + 1);
    // Two cells may read alike (names cut from hostile or equal specs): their ids tell them apart.
    return {
      label: seen > 0 ? `${group.label} (${group.cells[0].id})` : group.label,
      cells: group.cells,
      colour: i % SERIES_COLOURS,
      shape: i,
    };
  });
  return { groups, total: all.length };
}

export function explorerChart(report: Report, selected: readonly CellView[], state: ViewState): FigureSpec {
  const { groups, total } = drawnGroups(report, selected, state);
  const what = state.compare.length > 0 ? "compared cells" : "selected cells";
  const word = heldOutWord(groups.flatMap((group) => group.cells));
  const split = state.split === "both" ? "" : state.split === "test" ? `${word} ` : "training ";
  const figure = curveFigure(report, {
    id: "explorer-curves",
    title: `${what.charAt(0).toUpperCase()}${what.slice(1)}: ${split}${state.metric} by epoch`,
    caption:
      [
        total > groups.length
          ? `The first ${groups.length} of ${total.toLocaleString("en")} in the table's order; filter, sort or tick cells to choose others.`
          : "",
        state.mean ? "Means over seeds; bands from the lowest to the highest seed." : "",
        state.split === "both" ? `Solid: ${word}. Dashed: training.` : "",
      ]
        .filter(Boolean)
        .join(" ") || undefined,
    metric: state.metric,
    splits: state.split === "both" ? ["heldOut", "train"] : [state.split === "test" ? "heldOut" : "train"],
    groups,
    set: "cells",
    log: state.log,
    height: 340,
    zoom: state.zoom,
    onZoom: (zoom) =>
      report.store.note({ zoom: zoom ? [Number(zoom[0].toPrecision(6)), Number(zoom[1].toPrecision(6))] : null }),
  });
  // The explorer's own switch decides, since the address keeps it.
  return { ...figure, canLog: false };
}
