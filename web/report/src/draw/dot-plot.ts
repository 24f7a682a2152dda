/**
 * A dot plot in SVG, a row for each recipe: a filled mark on original pixels, a hollow one on permuted, a small dot a seed.
 * Places are percentages of the width, so that nothing is measured: it fits any window, and paper.
 */
import type { CellView } from "../data/cells.js";
import { percent, visible } from "../data/format.js";
import { cellsOf, troubleOf, type ResultRow, type Side } from "../data/result-rows.js";
import { bdi, h, svg, visuallyHidden, type Child } from "./dom.js";
import { shapeMark } from "./marks.js";

export interface DotPlotSpec {
  /** Best first. */
  rows: readonly ResultRow[];
  /** Accuracy of an answer at random, in [0, 1]. */
  chance: number;
  label: string;
  colour(row: ResultRow): number;
  /** Shape of a row's marks. */
  shape(row: ResultRow): number;
  openCell(id: string): void;
}

const at = (accuracy: number): string => `${(100 * accuracy).toFixed(2)}%`;
const finite = (x: number): boolean => Number.isFinite(x);

/** What stands for a side, the hollow one larger, so that it is seen behind the other: a bar where all its cells collapsed, a cross at the left edge where none has a finite accuracy. */
function markOf({ cells, judged }: Side, shape: number, hollow: boolean): SVGElement | null {
  if (cells.length === 0) return null;
  const collapsed = cells.every((cell) => cell.outcome === "collapsed");
  const mark = !finite(judged.mean)
    ? svg("path", { d: "M-4,-4L4,4M-4,4L4,-4", class: "dot-cross" })
    : collapsed
      ? svg("rect", hollow ? { x: -9, y: -4, width: 18, height: 8 } : { x: -7, y: -2, width: 14, height: 4 })
      : shapeMark(shape, 0, 0, hollow ? 6.5 : 4.5);
  mark.setAttribute("data-cell", cells[0].id);
  return svg(
    "svg",
    { x: finite(judged.mean) ? at(judged.mean) : "0%", y: "50%", class: hollow ? "dot-mark dot-hollow" : "dot-mark" },
    mark,
  );
}

function seedDots({ cells }: Side, hollow: boolean): SVGElement[] {
  const found = cells.filter((cell) => finite(cell.judged));
  if (cells.length < 2) return [];
  return found.map((cell) =>
    svg(
      "circle",
      { cx: at(cell.judged), cy: "50%", r: 2.5, class: hollow ? "dot-hollow" : null, "data-cell": cell.id },
      svg("title", {}, spoken(cell)),
    ),
  );
}

/** A cell and its figure, for those who hover or hear. */
function spoken(cell: CellView): string {
  const pixels = cell.permutation === 0 ? "original pixels" : `permutation ${cell.permutation}`;
  const end = cell.outcome === "done" ? "" : `, ${cell.outcome}`;
  const value = finite(cell.judged) ? percent(cell.judged, 2) : "no figure";
  return `${pixels}, seed ${cell.seed}: ${value}${end}`;
}

function track(row: ResultRow, { chance, shape, colour }: DotPlotSpec): SVGElement {
  const { original, permuted } = row;
  const joined = finite(original.judged.mean) && finite(permuted.judged.mean);
  return svg(
    "svg",
    { class: "dot-track", color: `var(--series-${colour(row)})`, "aria-hidden": "true" },
    svg("line", { class: "dot-base", x1: 0, x2: "100%", y1: "50%", y2: "50%" }),
    svg("line", { class: "dot-chance", x1: at(chance), x2: at(chance), y1: 0, y2: "100%" }),
    joined &&
      svg("line", {
        class: "dot-join",
        x1: at(original.judged.mean),
        x2: at(permuted.judged.mean),
        y1: "50%",
        y2: "50%",
      }),
    seedDots(permuted, true),
    seedDots(original, false),
    markOf(permuted, shape(row), true),
    markOf(original, shape(row), false),
  );
}

/** A side's figure at the end of its row. */
function value({ cells, judged }: Side, side: string): Child {
  if (cells.length === 0) return null;
  const deviation = judged.n > 1 ? h("small", {}, ` ± ${(100 * judged.std).toFixed(2)}`) : null;
  return [finite(judged.mean) ? [percent(judged.mean, 2), deviation] : cells[0].outcome, visuallyHidden(` ${side}`)];
}

/** What a row is called, and what became of its cells where that is no matter of course. */
function nameOf(row: ResultRow): HTMLElement {
  const trouble = troubleOf(row);
  const sign = h("span", { "aria-hidden": "true" }, trouble.includes("collapsed") ? "▬ " : "✕ ");
  return h(
    "span",
    { class: "dot-name" },
    h("span", {}, bdi(row.model), ", ", bdi(row.recipe)),
    trouble ? h("small", {}, " ", sign, trouble) : null,
  );
}

/** A row: a button that opens its first cell, or the one whose mark is clicked or was stepped to. */
function rowButton(row: ResultRow, spec: DotPlotSpec, best: boolean, tell: (text: string) => void): HTMLButtonElement {
  const cells = cellsOf(row);
  let chosen = -1;
  const choose = (index: number) => {
    chosen = index;
    for (const mark of made.querySelectorAll("[data-cell]"))
      mark.classList.toggle("dot-chosen", mark.getAttribute("data-cell") === cells[index]?.id);
    if (index >= 0) tell(spoken(cells[index]));
  };
  const open = ({ target }: Event) => {
    const mark = target instanceof Element ? target.closest("[data-cell]") : null;
    spec.openCell(mark?.getAttribute("data-cell") ?? cells[Math.max(0, chosen)].id);
  };
  const step = (event: Event) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event instanceof KeyboardEvent ? event.key : ""];
    if (!by) return;
    event.preventDefault();
    choose(Math.min(cells.length - 1, Math.max(0, chosen + by)));
  };
  const made = h(
    "button",
    {
      type: "button",
      class: best ? "dot-row best" : "dot-row",
      onclick: open,
      onkeydown: step,
      onblur: () => choose(-1),
    },
    nameOf(row),
    track(row, spec),
    h("span", { class: "dot-value" }, value(row.original, "original,")),
    h("span", { class: "dot-value dot-permuted" }, value(row.permuted, "permuted")),
  );
  return made;
}

/** Up, down, Home and End go from row to row; Tab enters at the row last visited. */
function rove(buttons: readonly HTMLButtonElement[]): (event: Event) => void {
  const enter = (index: number) => buttons.forEach((button, i) => (button.tabIndex = i === index ? 0 : -1));
  buttons.forEach((button, i) => button.addEventListener("focus", () => enter(i)));
  enter(0);
  return (event) => {
    const from = buttons.findIndex((button) => button === document.activeElement);
    if (!(event instanceof KeyboardEvent) || from < 0) return;
    const to = { ArrowDown: from + 1, ArrowUp: from - 1, Home: 0, End: buttons.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    buttons[to]?.focus();
  };
}

/** Above the rows: what the dashed line and the figures at the right are. Below: the accuracies, in percent. */
function scale(chance: number, permuted: boolean): HTMLElement[] {
  const text = (x: number, words: string, anchor = "middle") =>
    svg("text", { x: at(x), y: 12, "text-anchor": anchor }, words);
  const line = (look: string, labels: Child, ...ends: Child[]) =>
    h(
      "div",
      { class: `dot-scale ${look}`, "aria-hidden": "true" },
      h("span"),
      svg("svg", { class: "dot-axis" }, labels),
      ends,
    );
  return [
    line(
      "dot-head",
      text(chance, `chance, ${percent(chance, 0)}`, chance < 0.2 ? "start" : "middle"),
      h("span", { class: "dot-value" }, "original"),
      h("span", { class: "dot-value" }, permuted ? "permuted" : ""),
    ),
    line(
      "dot-foot",
      [0, 0.2, 0.4, 0.6, 0.8, 1].map((x) => text(x, percent(x, 0), x === 0 ? "start" : x === 1 ? "end" : "middle")),
    ),
  ];
}

/** The rows with their scale; what is chosen by keyboard is read out. */
export function dotPlot(spec: DotPlotSpec): HTMLElement {
  const live = h("p", { class: "visually-hidden", "aria-live": "polite" });
  const tell = (text: string) => (live.textContent = visible(text));
  const buttons = spec.rows.map((row, i) => rowButton(row, spec, i === 0 && finite(row.original.judged.mean), tell));
  const permuted = spec.rows.some((row) => row.permuted.cells.length > 0);
  const [head, foot] = scale(spec.chance, permuted);
  return h(
    "div",
    { class: permuted ? "dot-plot" : "dot-plot dot-single" },
    head,
    h(
      "ul",
      { "aria-label": spec.label, onkeydown: rove(buttons) },
      buttons.map((button) => h("li", {}, button)),
    ),
    foot,
    live,
  );
}
