/** Two values against each other, pair by pair; and ticked cells side by side: results, and the config fields in which they differ. */
import { versusText } from "../comments/versus.js";
import type { CellView } from "../data/cells.js";
import { confusionDifference } from "../data/confusion.js";
import { duration, loss, percent } from "../data/format.js";
import { INITIAL_STATE, writeHash, type ViewState } from "../data/hash-state.js";
import { pairsOf, pairsOfVariants, type Pairs, type Versus } from "../data/pairs.js";
import { configDifferences, selectCells, unfiltered, variantName, type Axis } from "../data/selection.js";
import { bdi, button, h, paragraphs, refillInPlace, visuallyHidden, type Child } from "../draw/dom.js";
import { scrollTable, tableFrame } from "../draw/table.js";
import { written } from "../draw/written.js";
import type { Report } from "../report.js";
import { axisSelect, labelled, optionSelect } from "./explorer-filters.js";

const SHOWN = 8;

export class ComparePanel {
  private readonly shown = h("div");
  /** Tells what stands in the panel whenever it changes. */
  private readonly spoken = h("p", { class: "visually-hidden", role: "status" });
  readonly element = h("div", { class: "compare panel" }, this.shown, this.spoken);
  private readonly axes: readonly Axis[];
  private found: { key: string; pairs: Pairs } | null = null;

  constructor(
    private readonly report: Report,
    axes: readonly Axis[],
  ) {
    this.axes = axes.filter(({ name }) => name !== "status");
  }

  update(state: ViewState): void {
    const compared = this.report.cells.filter((cell) => state.compare.includes(cell.id));
    this.element.hidden = this.axes.length === 0 && compared.length === 0;
    refillInPlace(this.shown, [
      this.axes.length > 0 ? this.versus(state) : null,
      compared.length > 0 ? this.ticked(compared) : null,
    ]);
    const said = [...this.shown.querySelectorAll(".pairs > p:first-child")].map((p) => p.textContent).join(" ");
    if (this.spoken.textContent !== said) this.spoken.textContent = said;
  }

  private versus(state: ViewState): Child {
    const { store } = this.report;
    const axis = this.axes.find(({ name }) => name === state.versus?.axis);
    const setAxis = (name: string) => {
      const values = this.axes.find((found) => found.name === name)?.values;
      store.change({ versus: values ? { axis: name, a: values[0], b: values[values.length - 1] } : null });
    };
    const set = (patch: Partial<Versus>) => store.change({ versus: state.versus && { ...state.versus, ...patch } });
    const side = (name: "a" | "b") =>
      axis && state.versus
        ? labelled(
            name.toUpperCase(),
            optionSelect(`versus-${name}`, axis.values, state.versus[name], (value) => set({ [name]: value })),
          )
        : null;
    return [
      h(
        "div",
        { class: "view-head" },
        h("h4", {}, "A against B"),
        labelled("Setting", axisSelect("versus-axis", this.axes, axis?.name ?? "", setAxis, "choose …")),
        side("a"),
        side("b"),
        axis ? button("quiet", "Clear", () => store.change({ versus: null })) : null,
      ),
      axis && state.versus ? this.result(state, axis, state.versus) : null,
    ];
  }

  /** Of the cells that pass the filters, those along the axis itself aside. Hundreds of pairs take a while: they are kept. */
  private pairs({ filters, ranges, search }: ViewState, versus: Versus): Pairs {
    const state = unfiltered({ ...INITIAL_STATE, filters, ranges, search, versus }, versus.axis);
    const key = writeHash(state);
    if (this.found?.key !== key) this.found = { key, pairs: pairsOf(selectCells(this.report.cells, state), versus) };
    return this.found.pairs;
  }

  private result(state: ViewState, axis: Axis, versus: Versus): Child {
    const { a, b } = versus;
    const pairs = this.pairs(state, versus);
    const also = pairs.fields.filter((field) => field !== axis.name && field !== `${axis.name}.kind`);
    return pairsView(versusText(pairs, named(axis, a), named(axis, b)).join(" "), also);
  }

  private ticked(cells: readonly CellView[]): Child {
    const { report } = this;
    const [a, b] = cells;
    return [
      h(
        "div",
        { class: "figure-head" },
        h("h4", {}, `Comparing ${cells.length} ${cells.length === 1 ? "cell" : "cells"}`),
        button("quiet", "Clear", () => report.store.change({ compare: [] })),
      ),
      cells.length === 2 && a.variantKey !== b.variantKey
        ? pairsView(versusText(pairsOfVariants(report.cells, a, b), variantName(a), variantName(b)).join(" "), [])
        : null,
      sideBySide(report, cells),
      cells.length === 2 ? confusionChange(a, b, report.data.classNames) : null,
    ];
  }
}

/** A value as a sentence calls it: names speak for themselves, numbers need their axis. */
function named({ name, label }: Axis, value: string): string {
  return name === "model" || name === "optimizer" || name === "label"
    ? value
    : `${label.replace(/^\w+\./, "")} ${value}`;
}

/** @param also further fields in which A and B differ */
function pairsView(sentences: string, also: readonly string[]): Child {
  return h(
    "div",
    { class: "pairs" },
    paragraphs([sentences]),
    also.length > 0
      ? h(
          "p",
          { class: "note" },
          "A and B also differ in ",
          also.slice(0, 8).map((field) => [h("code", {}, field), " "]),
        )
      : null,
    h("details", { class: "note" }, h("summary", {}, "How this is computed"), written("explorer", {}, "versus")),
  );
}

function sideBySide(report: Report, cells: readonly CellView[]): Child {
  const shown = cells.slice(0, SHOWN);
  const differences = configDifferences(shown);
  const result = (name: string, text: (cell: CellView) => string) => [name, ...shown.map((cell) => bdi(text(cell)))];
  return [
    scrollTable(
      "Compared cells",
      [visuallyHidden("field"), ...shown.map(({ id }) => button("cell-link", bdi(id), () => report.openCell(id)))],
      [
        ...differences.map(({ field, values }) => [
          h("code", {}, field),
          ...values.map((value) => h("mark", {}, bdi(value))),
        ]),
        result("status", (cell) => cell.outcome),
        result("test accuracy", (cell) => percent(cell.metrics.testAccuracy, 2)),
        ...(shown.some((cell) => cell.heldOut === "validation")
          ? [
              result("validation accuracy", (cell) =>
                cell.heldOut === "validation" ? percent(cell.metrics.validationAccuracy, 2) : "–",
              ),
            ]
          : []),
        result("best of any epoch", (cell) => percent(cell.metrics.bestTestAccuracy, 2)),
        result("train accuracy", (cell) => percent(cell.metrics.trainAccuracy, 2)),
        result("test loss", (cell) => loss(cell.metrics.testLoss)),
        result("time", (cell) => duration(cell.metrics.seconds)),
      ],
    ),
    h(
      "p",
      { class: "note" },
      differences.length > 0 && shown.length > 1
        ? "Marked: the settings in which they differ; all others are equal."
        : shown.length > 1
          ? "Their settings are all equal."
          : "Tick further cells in the table to compare them.",
      cells.length > SHOWN ? ` The first ${SHOWN} are shown.` : "",
    ),
  ];
}

/** The second cell's confusion matrix minus the first's; nothing where one of them has none, or they are of other images. */
function confusionChange(a: CellView, b: CellView, names: readonly string[]): Child {
  const change = confusionDifference(a.record.confusion, b.record.confusion);
  if (!change) return null;
  const name = (k: number) => bdi(names[k] ?? String(k));
  const field = (n: number, better: boolean) =>
    h(
      "td",
      { class: n === 0 ? null : better ? "change-better" : "change-worse" },
      n === 0 ? "·" : n > 0 ? `+${n}` : `−${-n}`,
    );
  return h(
    "details",
    { class: "change" },
    h("summary", {}, "Answers that changed, class by class"),
    tableFrame(
      {
        label: "Difference of the confusion matrices",
        caption: h("caption", {}, "Second cell minus first. Rows: true class. Columns: answer."),
        look: "confusion",
      },
      [h("td"), change.map((_, k) => h("th", { scope: "col" }, h("span", {}, name(k))))],
      change.map((row, label) =>
        h(
          "tr",
          {},
          h("th", { scope: "row" }, name(label)),
          row.map((n, k) => field(n, n > 0 === (k === label))),
        ),
      ),
    ),
  );
}
