/** The explorer's curves: the chosen cells over each other, or their means over seeds, before those that are not chosen. */
import { groupBy, heldOutWord, type CellView } from "../data/cells.js";
import { CONTEXT_COLOUR, type Colouring } from "../data/colouring.js";
import type { ViewState } from "../data/hash-state.js";
import { variantName } from "../data/selection.js";
import type { FigureSpec } from "../draw/figure-spec.js";
import type { Report } from "../report.js";
import type { CurveGroup } from "../data/shown-models.js";
import { curveFigure } from "./curve-figures.js";

/** Lines drawn at once: more are neither readable nor quick. */
const LINES = 24;
/** Lines that stand behind; of more cells every n-th is drawn. */
const CONTEXT = 40;

export interface ExplorerChart {
  figure: FigureSpec;
  /** The first series of one of these cells; null where none is drawn. */
  seriesOf(ids: ReadonlySet<string>): number | null;
}

/** What of the explorer the curves show. */
export interface Shown {
  selected: readonly CellView[];
  colouring: Colouring;
  /** Whether lines are means over seeds. */
  mean: boolean;
}

function cellName(cell: CellView, seeds: boolean): string {
  return seeds ? `${variantName(cell)}, seed ${cell.seed}` : variantName(cell);
}

/** The groups drawn: compared cells if any, else the first of the selection, in its order. */
function drawnGroups(
  report: Report,
  { selected, colouring, mean }: Shown,
  compare: readonly string[],
): { groups: CurveGroup[]; total: number } {
  const compared = report.cells.filter((cell) => compare.includes(cell.id));
  const cells = (compared.length > 0 ? compared : selected).filter((cell) => cell.record.curve.length > 0);
  const seeds = new Set(report.cells.map((cell) => cell.seed)).size > 1;
  const all = mean
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
      colour: colouring.of(group.cells[0]),
      shape: i,
    };
  });
  return { groups, total: all.length };
}

/** Cells that are not drawn as lines of their own, or an even part of them. */
function contextCells(all: readonly CellView[], groups: readonly CurveGroup[]): { cells: CellView[]; total: number } {
  const drawn = new Set(groups.flatMap((group) => group.cells));
  const others = all.filter((cell) => !drawn.has(cell) && cell.record.curve.length > 0);
  const every = Math.ceil(others.length / CONTEXT);
  return { cells: others.filter((_, i) => i % every === 0), total: others.length };
}

export function explorerChart(report: Report, shown: Shown, state: ViewState): ExplorerChart {
  const { groups, total } = drawnGroups(report, shown, state.compare);
  const context = contextCells(report.cells, groups);
  const behind = context.cells.map((cell) => ({ label: cell.id, cells: [cell], colour: CONTEXT_COLOUR, shape: 0 }));
  const what = state.compare.length > 0 ? "compared cells" : "selected cells";
  const word = heldOutWord(groups.flatMap((group) => group.cells));
  const split = state.split === "both" ? "" : state.split === "test" ? `${word} ` : "training ";
  const splits = state.split === "both" ? 2 : 1;
  const figure = curveFigure(report, {
    id: "explorer-curves",
    title: `${what.charAt(0).toUpperCase()}${what.slice(1)}: ${split}${state.metric} by epoch`,
    caption: caption(shown.mean, [
      total > groups.length
        ? `The first ${groups.length} of ${total.toLocaleString("en")} in the table's order; filter, sort or tick cells to choose others.`
        : "",
      behind.length > 0
        ? `Grey: ${behind.length < context.total ? `${behind.length} of ` : ""}the ${context.total.toLocaleString("en")} other cells.`
        : "",
      state.split === "both" ? `Solid: ${word}. Dashed: training.` : "",
    ]),
    metric: state.metric,
    splits: state.split === "both" ? ["heldOut", "train"] : [state.split === "test" ? "heldOut" : "train"],
    groups: [...behind, ...groups],
    set: "cells",
    log: state.log,
    height: 340,
    zoom: state.zoom,
    onZoom: (zoom) =>
      report.store.note({ zoom: zoom ? [Number(zoom[0].toPrecision(6)), Number(zoom[1].toPrecision(6))] : null }),
  });
  const first = behind.length * splits;
  const series = figure.chart.series.map((s, k) =>
    k < first ? { ...s, context: true, shape: null, width: 1, dashed: false } : s,
  );
  const entries = figure.entries.slice(behind.length);
  const inOrder = [...behind, ...groups];
  return {
    // The explorer's own switch decides, since the address keeps it.
    figure: { ...figure, canLog: false, chart: { ...figure.chart, series }, entries },
    seriesOf(ids) {
      const at = inOrder.findIndex(({ cells }) => cells.some(({ id }) => ids.has(id)));
      return at < 0 ? null : at * splits;
    },
  };
}

function caption(mean: boolean, parts: string[]): string | undefined {
  const bands = mean ? "Means over seeds; bands from the lowest to the highest seed." : "";
  return [...parts, bands].filter(Boolean).join(" ") || undefined;
}
