/** How the sweep searched: its halving as a bracket, and the accuracy over each axis that was drawn. */
import type { Table } from "../../../../src/core/csv.js";
import { halvingComments, sampleComments, winnerOf } from "../comments/search.js";
import { accuracyAt, bracketOf, type Bracket } from "../data/bracket.js";
import type { CellView } from "../data/cells.js";
import { capital, percent } from "../data/format.js";
import { counting } from "../data/importance.js";
import { axesOf, columnValue, type Axis } from "../data/selection.js";
import { sliceOf } from "../data/slices.js";
import { bracketPlot } from "../draw/bracket.js";
import { dataTable } from "../draw/data-table.js";
import { bdi, button, h, type Child } from "../draw/dom.js";
import { slicePlot } from "../draw/slice-plot.js";
import type { Report } from "../report.js";
import { commentary, writtenSection } from "./section.js";

/** Null where the sweep is a plain grid. */
export function searchSection(report: Report): Child {
  if (!report.data.search) return null;
  const bracket = bracketOf(report);
  return writtenSection("search", {
    comments: commentary([...sampleComments(report), ...(bracket ? halvingComments(bracket) : [])]),
    bracket: bracket ? bracketFigure(report, bracket) : null,
    slices: slices(report),
  });
}

function bracketFigure({ openCell }: Report, bracket: Bracket): HTMLElement {
  const label = "The cells from rung to rung";
  const winner = winnerOf(bracket)?.cell;
  const best = winner && [
    " The best: ",
    button("quiet", [bdi(`${winner.model}, ${winner.recipe}`), `, ${percent(winner.judged, 2)}`], () =>
      openCell(winner.id),
    ),
  ];
  return h(
    "figure",
    { class: "wide", "aria-label": label },
    bracketPlot(bracket, openCell),
    h(
      "figcaption",
      {},
      "A line is a cell: the higher, the better its validation accuracy at that rung. It goes on, or ends.",
      best,
    ),
    dataTable(`Data table: ${label}`, () => tableOf(bracket)),
  );
}

function tableOf({ rungs, lines }: Bracket): Table {
  return {
    columns: ["cell", ...rungs.flatMap(({ epoch }) => [`place after epoch ${epoch}`, `accuracy after epoch ${epoch}`])],
    rows: lines.map(({ id, cell, places }) => [
      id,
      ...rungs.flatMap(({ epoch }, i) =>
        places[i] === undefined ? [null, null] : [places[i] + 1, cell ? accuracyAt(cell, epoch) : null],
      ),
    ]),
  };
}

/** A small plot for each drawn axis, of the cells that have its field. */
function slices(report: Report): Child {
  const drawn = report.data.search?.samples?.axes ?? [];
  const counted = counting(report.cells);
  const plots = drawn.flatMap(({ path, draw }) => {
    const found = axesOf(report.cells).filter((axis) => stands(axis, path));
    return found.map((axis) => slice(report, counted, axis, "logUniform" in draw || undefined));
  });
  return plots.length > 0 ? h("div", { class: "wide columns" }, plots) : null;
}

/** Whether an axis of the page is of a drawn field: the model's own fields are told by its name. */
const stands = ({ name }: Axis, path: string): boolean =>
  name === path ||
  name.startsWith(`${path}.`) ||
  (name === "optimizer" && path === "optimizer.kind") ||
  (name === "model" && /^model\.(kind|hidden|channels|name|layers)$/.test(path));

function slice({ mark, openCell }: Report, counted: readonly CellView[], axis: Axis, log?: boolean): HTMLElement {
  const cells = counted.filter((cell) => columnValue(cell, axis.name) !== undefined);
  const { columns, log: drawnLog } = sliceOf(cells, axis, log);
  const bestOf = (value: string) =>
    [...(columns.find((column) => column.value === value)?.cells ?? [])].sort((a, b) => b.judged - a.judged)[0];
  return h(
    "figure",
    {},
    h("h4", {}, `${capital(cells[0]?.heldOut ?? "")} accuracy by `, bdi(axis.label)),
    slicePlot({
      name: axis.label,
      columns,
      joined: false,
      colour: (cell) => mark(cell).colour,
      chosen: [],
      action: "open the best",
      choose: (value) => openCell(bestOf(value).id),
    }),
    h("figcaption", {}, `A dot is a cell that was trained to its end${drawnLog ? "; logarithmic" : ""}.`),
  );
}
