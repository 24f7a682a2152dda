/** How the sweep searched: its halving as a bracket, and the accuracy over each axis that was drawn. */
import type { Table } from "../../../../src/core/csv.js";
import { halvingComments, sampleComments, winnerOf } from "../comments/search.js";
import { accuracyAt, bracketOf, type Bracket } from "../data/bracket.js";
import type { CellView } from "../data/cells.js";
import { CONTEXT_COLOUR } from "../data/colouring.js";
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
    slices: slices(report, bracket),
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
function slices(report: Report, bracket: Bracket | undefined): Child {
  const drawn = report.data.search?.samples?.axes ?? [];
  const axes = axesOf(report.cells);
  const plots = drawn.flatMap(({ path, draw }) =>
    axes
      .filter((axis) => stands(axis, path))
      .map((axis) => slice(report, bracket, axis, "choice" in draw ? undefined : "logUniform" in draw)),
  );
  return plots.length > 0 ? h("div", { class: "wide columns" }, plots) : null;
}

/** Cells that were trained equally long: of a halved sweep all, by their accuracy at the first rung, else those trained to the end. */
function alike({ cells }: Report, bracket: Bracket | undefined): CellView[] {
  if (!bracket) return counting(cells);
  const [epoch] = bracket.halving.rungs;
  return cells
    .filter(({ curve }) => curve.length >= epoch)
    .map((cell) => ({ ...cell, judged: accuracyAt(cell, epoch) }));
}

/** Whether an axis of the page is of a drawn field: the model's own fields are told by its name. */
const stands = ({ name }: Axis, path: string): boolean =>
  name === path ||
  name.startsWith(`${path}.`) ||
  (name === "optimizer" && path === "optimizer.kind") ||
  (name === "model" && /^model\.(kind|hidden|channels|name|layers)\b/.test(path));

function slice(report: Report, bracket: Bracket | undefined, axis: Axis, wantsLog?: boolean): HTMLElement {
  const cells = alike(report, bracket).filter((cell) => columnValue(cell, axis.name) !== undefined);
  const { columns, log } = sliceOf(cells, axis, wantsLog);
  const bestOf = (value: string) =>
    [...(columns.find((column) => column.value === value)?.cells ?? [])].sort((a, b) => b.judged - a.judged)[0];
  const epoch = bracket?.halving.rungs[0];
  const dot =
    epoch === undefined
      ? "A dot is a cell that was trained to its end"
      : `A dot is a cell after epoch ${epoch}, grey where it was stopped`;
  return h(
    "figure",
    {},
    h("h4", {}, `${capital(cells[0]?.heldOut ?? "")} accuracy by `, bdi(axis.label)),
    slicePlot({
      name: axis.label,
      columns,
      joined: false,
      colour: (cell) => (cell.outcome === "stopped" ? CONTEXT_COLOUR : report.mark(cell).colour),
      chosen: [],
      action: "open the best",
      choose: (value) => report.openCell(bestOf(value).id),
    }),
    h("figcaption", {}, `${dot}${log ? "; logarithmic" : ""}.`),
  );
}
