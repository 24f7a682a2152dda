/** What stands above the explorer's views: how many cells, the best of them, how they ended, rows and colours; and the views' own switches. */
import { heldOutWord, metricsOfCells, type CellView } from "../data/cells.js";
import type { Colouring } from "../data/colouring.js";
import { percent } from "../data/format.js";
import type { ViewState } from "../data/hash-state.js";
import { OUTCOMES, type Outcome } from "../data/outcome.js";
import { ASKED_AXES } from "../data/parallel-axes.js";
import { bestCell, selectCells, unfiltered, type Axis } from "../data/selection.js";
import { plural } from "../../../../src/core/numeric/words.js";
import { metricLabel } from "../draw/columns.js";
import { bdi, button, copyButton, copyLinkButton, h, refillInPlace, rerunCommand, type Child } from "../draw/dom.js";
import { swatch } from "../draw/marks.js";
import type { Report } from "../report.js";
import { labelled, optionSelect } from "./explorer-filters.js";

export class ExplorerBar {
  readonly element: HTMLElement;
  private readonly summary = h("p", { class: "summary", role: "status" });
  private readonly best = h("div", { class: "best-cell" });
  private readonly endings = h("div", { class: "chips" });
  private readonly key = h("ul", { class: "colour-key", "aria-label": "Colours" });
  private readonly rows: HTMLSelectElement;
  private readonly colour: HTMLSelectElement;

  constructor(
    private readonly report: Report,
    axes: readonly Axis[],
    save: () => void,
  ) {
    const { store, cells } = report;
    const columns = axes.map(({ name, label }) => [name, label] as const);
    const metrics = metricsOfCells(cells).map((name) => [name, metricLabel(name)] as const);
    const rows = [
      ["", "automatic"],
      ["none", "nothing"],
      ["variant", "variant (mean ± std over seeds)"],
    ] as const;
    this.rows = optionSelect("group", [...rows, ...columns], "", (group) => store.change({ group }));
    this.colour = optionSelect("colour", [...columns, ...metrics], "", (colour) => store.change({ colour }));
    this.element = h(
      "div",
      { class: "explorer-bar" },
      h("div", { class: "bar-row" }, this.summary, this.endings, this.best),
      h(
        "div",
        { class: "bar-row figure-tools" },
        labelled("Group by", this.rows),
        labelled("Colour", this.colour),
        this.key,
        h(
          "div",
          { class: "bar-end" },
          button("quiet", "Reset view", () => store.reset()),
          copyLinkButton(),
          button("quiet", "CSV", save, { "aria-label": "Download the shown cells as CSV" }),
        ),
      ),
    );
  }

  update(selected: readonly CellView[], state: ViewState, { entries }: Colouring): void {
    const { cells, openCell } = this.report;
    this.summary.textContent =
      selected.length < cells.length
        ? `${selected.length.toLocaleString("en")} of ${plural(cells.length, "cell")}`
        : plural(cells.length, "cell");
    this.rows.value = state.group;
    this.colour.value = state.colour;
    refillInPlace(this.endings, this.endingChips(state));
    const best = bestCell(selected);
    refillInPlace(
      this.best,
      best
        ? [
            h("span", { class: "best-mark", "aria-hidden": "true" }, "★"),
            ` best: ${percent(best.judged, 2)}${best.heldOut === "test" ? "" : ` of validation images, ${percent(best.metrics.testAccuracy, 2)} of the test set`} `,
            button("cell-link", bdi(best.id), () => openCell(best.id), {
              "aria-label": `Best cell: details of ${best.id}`,
            }),
            copyButton(rerunCommand(best.id)),
          ]
        : null,
    );
    refillInPlace(
      this.key,
      entries
        .slice(0, KEYS)
        .map(({ label, colour }) => h("li", {}, swatch(colour, 1, false), bdi(label)))
        .concat(entries.length > KEYS ? [h("li", {}, `and ${entries.length - KEYS} more`)] : []),
    );
  }

  /** A chip for each bad ending: keeps the cells that ended so, and all others again. */
  private endingChips(state: ViewState): Child[] {
    const { store, cells } = this.report;
    const others = selectCells(cells, unfiltered(state, "status"));
    const chosen = state.filters.status ?? [];
    const chip = (outcome: Outcome): Child => {
      const n = others.filter((cell) => cell.outcome === outcome).length;
      const on = chosen.includes(outcome);
      if (n === 0 && !on) return null;
      const text = h("span", { class: `status status-${outcome}` }, `${n.toLocaleString("en")} ${outcome}`);
      return button("chip", text, () => store.filter("status", on ? null : [outcome]), { "aria-pressed": String(on) });
    };
    return OUTCOMES.filter((outcome) => outcome !== "done").map(chip);
  }
}

/** Most colours that are named. */
const KEYS = 12;

const group = (name: string, ...buttons: Child[]) =>
  h("div", { class: "switch", role: "group", "aria-label": name }, buttons);

/** What the curves show. @param means whether they are means whatever the switch says */
export function chartTools({ store, cells }: Report, state: ViewState, means: boolean): Child[] {
  const toggle = (label: string, on: boolean, patch: Partial<ViewState>, disabled = false) =>
    button("quiet", label, () => store.change(patch), { "aria-pressed": String(on), disabled });
  const metric = (name: ViewState["metric"]) => toggle(name, state.metric === name, { metric: name });
  const split = (name: ViewState["split"], label: string = name) =>
    toggle(label, state.split === name, { split: name });
  return [
    group("Metric", metric("accuracy"), metric("loss")),
    group("Split", split("test", heldOutWord(cells)), split("train"), split("both")),
    group(
      "Lines",
      toggle("mean over seeds", state.mean || means, { mean: !state.mean }, means),
      toggle("log scale", state.log, { log: !state.log }),
    ),
  ];
}

/** Axes that the parallel coordinates show only when asked to. */
export function parallelTools({ store }: Report, { axes }: ViewState): Child[] {
  return ASKED_AXES.map((name) => {
    const box = h("input", {
      type: "checkbox",
      onchange: () =>
        store.change({ axes: ASKED_AXES.filter((other) => (other === name ? box.checked : axes.includes(other))) }),
    });
    box.checked = axes.includes(name);
    return h("label", { class: "choice" }, box, metricLabel(name));
  });
}
