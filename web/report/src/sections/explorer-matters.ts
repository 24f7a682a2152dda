/** What matters: each axis' share of the variance, results along the chosen one, and over two. */
import type { CellView } from "../data/cells.js";
import { CONTEXT_COLOUR, type Colouring } from "../data/colouring.js";
import { capital, percent } from "../data/format.js";
import type { ViewState } from "../data/hash-state.js";
import { counting, effectsOf, type Effect } from "../data/importance.js";
import { columnValue, selectCells, unfiltered, valueText, type Axis } from "../data/selection.js";
import { heatOf, sliceOf } from "../data/slices.js";
import { troubles } from "../data/outcome.js";
import { plural } from "../../../../src/core/numeric/words.js";
import { bdi, button, h, refillInPlace, svg, visuallyHidden, type Child } from "../draw/dom.js";
import { heatMap } from "../draw/heat-map.js";
import { slicePlot } from "../draw/slice-plot.js";
import { written } from "../draw/written.js";
import type { Report } from "../report.js";
import { axisSelect, labelled } from "./explorer-filters.js";

/** Bars shown: of single axes, and of two together. */
const SINGLE = 10;
const DOUBLE = 3;

export class Matters {
  readonly element = h("div", { class: "bench-matters panel" });
  private readonly axes: readonly Axis[];

  constructor(
    private readonly report: Report,
    axes: readonly Axis[],
  ) {
    this.axes = axes.filter(({ name }) => name !== "status");
  }

  update(selected: readonly CellView[], state: ViewState, colouring: Colouring): void {
    const { axes } = this;
    this.element.hidden = axes.length === 0;
    if (this.element.hidden) return;
    const counted = counting(selected);
    const effects = effectsOf(counted, axes);
    const strongest = effects.filter((effect) => effect.axes.length === 1).map((effect) => effect.axes[0]);
    const named = (name: string) => axes.find((axis) => axis.name === name);
    const slice = named(state.slice) ?? named(strongest[0] ?? "") ?? axes[0];
    const [first = axes[0], second = axes.find((axis) => axis !== first)] = strongest.map(named);
    const heat = state.heat.length === 2 ? state.heat.map(named) : [first, second];
    refillInPlace(this.element, [
      h("h4", {}, "What matters"),
      h(
        "div",
        { class: "matters-grid" },
        h(
          "div",
          {},
          this.bars(
            effects,
            slice.name,
            heat.map((axis) => axis?.name),
          ),
          h("p", { class: "note" }, basis(selected, counted)),
          h("details", { class: "note" }, h("summary", {}, "How this is computed"), written("explorer", {}, "matters")),
        ),
        this.slice(slice, state, colouring),
        heat[0] && heat[1] && heat[0] !== heat[1] ? this.heat([heat[0], heat[1]], state) : null,
      ),
    ]);
  }

  private bars(effects: readonly Effect[], slice: string, heat: readonly (string | undefined)[]): Child {
    const { store } = this.report;
    const single = effects.filter(({ axes }) => axes.length === 1).slice(0, SINGLE);
    const double = effects.filter(({ axes, share, chance }) => axes.length === 2 && share > chance).slice(0, DOUBLE);
    if (single.length === 0)
      return h("p", { class: "absent" }, "Too few different results among these cells to tell what matters.");
    const bar = ({ axes, share, chance }: Effect) => {
      const [a, b] = axes as readonly string[];
      const chosen = b === undefined ? a === slice : heat.includes(a) && heat.includes(b);
      const name = b === undefined ? a : `${a} × ${b}`;
      const choose = () => store.change(b === undefined ? { slice: a } : { heat: [a, b] });
      return h(
        "li",
        {},
        button(
          "effect",
          [
            bdi(name),
            shareBar(share, chance),
            h("span", {}, percent(share), visuallyHidden(` of the variance, ${percent(chance)} without any effect`)),
          ],
          choose,
          { "aria-pressed": String(chosen) },
        ),
      );
    };
    return h("ol", { class: "effects" }, [...single, ...double].map(bar));
  }

  private slice(axis: Axis, state: ViewState, colouring: Colouring): HTMLElement {
    const { store, cells } = this.report;
    // Other values of the axis stay in sight, so that they can be chosen.
    const counted = counting(selectCells(cells, unfiltered(state, axis.name)));
    const { columns, log } = sliceOf(counted, axis);
    const chosen = state.filters[axis.name] ?? [];
    const kept = (cell: CellView) => chosen.length === 0 || chosen.includes(valueText(columnValue(cell, axis.name)));
    return h(
      "div",
      {},
      h(
        "div",
        { class: "view-head" },
        labelled(
          counted.length > 0 ? `${capital(counted[0].heldOut)} accuracy by` : "Accuracy by",
          axisSelect("slice", this.axes, axis.name, (slice) => store.change({ slice })),
        ),
        h("span", { class: "note" }, `a dot is a cell, the line the mean${log ? "; logarithmic" : ""}`),
      ),
      slicePlot({
        name: axis.label,
        columns,
        joined: axis.numeric,
        colour: (cell) => (kept(cell) ? colouring.of(cell) : CONTEXT_COLOUR),
        chosen,
        action: "show these only",
        choose: (value) => store.filter(axis.name, chosen.length === 1 && chosen[0] === value ? null : [value]),
      }),
    );
  }

  private heat([rows, columns]: [Axis, Axis], state: ViewState): HTMLElement {
    const { store, cells } = this.report;
    const counted = counting(selectCells(cells, unfiltered(state, rows.name, columns.name)));
    const pick = (heat: [string, string]) => store.change({ heat });
    const without = (other: Axis) => this.axes.filter((axis) => axis !== other);
    return h(
      "div",
      {},
      h(
        "div",
        { class: "view-head" },
        labelled(
          "Rows",
          axisSelect("heat-rows", without(columns), rows.name, (name) => pick([name, columns.name])),
        ),
        labelled(
          "Columns",
          axisSelect("heat-columns", without(rows), columns.name, (name) => pick([rows.name, name])),
        ),
      ),
      heatMap(heatOf(counted, rows, columns), [rows, columns], ({ row, column }) =>
        store.change({ filters: { ...state.filters, [rows.name]: [row], [columns.name]: [column] } }),
      ),
    );
  }
}

/** A bar, and where it would end by chance. */
function shareBar(share: number, chance: number): SVGElement {
  return svg(
    "svg",
    { class: "share", viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true" },
    svg("rect", { class: "share-back", width: 100, height: 10 }),
    svg("rect", { class: "share-fill", width: (100 * share).toFixed(2), height: 10 }),
    svg("path", { class: "share-chance", d: `M${(100 * Math.min(1, chance)).toFixed(2)} 0v10` }),
  );
}

/** How many cells it rests on, and which are left out. */
function basis(selected: readonly CellView[], counted: readonly CellView[]): string {
  const left = troubles(selected).map(([outcome, n]) => `${n.toLocaleString("en")} ${outcome}`);
  const apart = selected.filter(({ outcome }) => outcome === "done").length - counted.length;
  if (apart > 0) left.push(`${apart.toLocaleString("en")} judged by other images or without a figure`);
  const out = left.length > 0 ? `; left out: ${left.join(", ")}` : "";
  return `Rests on ${plural(counted.length, "cell")}${out}.`;
}
