/** A slope graph: how each of several values changes between two states, a line a value. */
import { toCsv, type Table } from "../../../../src/core/csv.js";
import { percent, visible } from "../data/format.js";
import { spreadOut } from "../data/spread-out.js";
import { dataTable } from "./data-table.js";
import { button, download, h, svg } from "./dom.js";

export interface Slope {
  label: string;
  /** In [0, 1]. */
  from: number;
  to: number;
}

export interface SlopeGraph {
  id: string;
  title: string;
  caption: string;
  /** Names of the two states. */
  ends: [from: string, to: string];
  slopes: readonly Slope[];
  /** Values at the bottom and the top, for graphs that share a scale. */
  range: [low: number, high: number];
}

const WIDTH = 420;
const HEIGHT = 330;
const TOP = 34;
const LEFT = 62;
const RIGHT = 250;
const LINE = 15;

export function slopeGraph(graph: SlopeGraph): HTMLElement {
  const { id, title, caption, ends, slopes } = graph;
  const table = (): Table => ({
    columns: ["class", ...ends],
    rows: slopes.map(({ label, from, to }) => [label, from, to]),
  });
  return h(
    "figure",
    { class: "chart", id, "aria-labelledby": `${id}-title` },
    h(
      "div",
      { class: "figure-head" },
      h("h4", { id: `${id}-title` }, title),
      h(
        "div",
        { class: "figure-tools" },
        button("quiet", "CSV", () => download(`${id}.csv`, new Blob([toCsv(table())], { type: "text/csv" })), {
          "aria-label": `Download ${title} as CSV`,
        }),
      ),
    ),
    picture(graph),
    h("figcaption", {}, visible(caption)),
    dataTable(`Data table: ${title}`, table),
  );
}

function picture({ title, ends, slopes, range: [low, high] }: SlopeGraph): SVGElement {
  const y = (value: number) => TOP + 8 + (1 - (value - low) / (high - low || 1)) * (HEIGHT - TOP - 20);
  const steepest = slopes.reduce((most, { from, to }) => Math.min(most, to - from), 0);
  const at = (end: "from" | "to") =>
    spreadOut(
      slopes.map((slope) => y(slope[end])),
      LINE,
      TOP - 8,
      HEIGHT,
    );
  const [lefts, rights] = [at("from"), at("to")];
  const text = (x: number, top: number, words: string, look: string | null, anchor = "start") =>
    svg("text", { x, y: top + 4, class: look, "text-anchor": anchor }, words);
  return svg(
    "svg",
    {
      class: "slopes",
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      role: "img",
      "aria-label": `${title}; its numbers are in the data table`,
    },
    text(LEFT, 12, ends[0], "slope-end", "middle"),
    text(RIGHT, 12, ends[1], "slope-end", "middle"),
    [LEFT, RIGHT].map((x) => svg("line", { x1: x, x2: x, y1: TOP - 8, y2: HEIGHT - 6, class: "slope-axis" })),
    slopes.map(({ label, from, to }, i) => {
      const look = steepest < 0 && to - from === steepest ? "slope-most" : to < from ? "slope-down" : "slope-up";
      return svg(
        "g",
        { class: look },
        svg("line", { x1: LEFT, y1: y(from), x2: RIGHT, y2: y(to) }),
        svg("circle", { cx: LEFT, cy: y(from), r: 3.2 }),
        svg("circle", { cx: RIGHT, cy: y(to), r: 3.2 }),
        text(LEFT - 10, lefts[i], percent(from), null, "end"),
        text(RIGHT + 10, rights[i], `${percent(to)}  ${label}`, null),
      );
    }),
  );
}
