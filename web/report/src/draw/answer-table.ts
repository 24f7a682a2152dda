/** What each model says of an image: its answer, and the probabilities of all classes as bars. */
import { largest } from "../../../../src/core/numeric/extremes.js";
import type { CellView } from "../data/cells.js";
import { list, percent } from "../data/format.js";
import { bdi, button, h, refill, svg, type Child } from "./dom.js";
import { hiddenCaption, tableFrame } from "./table.js";

/** Classes whose names stand above their bars, and whose probabilities are all told. */
const NAMED = 16;
/** Else those of the likeliest are. */
const TOLD = 3;
/** Of a bar's place. */
const GAP = 0.12;

/** What stands before a model's answer. */
export interface ModelName {
  cell: CellView;
  name: Child;
  pixels: string;
}

interface Row {
  element: HTMLElement;
  answer: HTMLElement;
  sure: HTMLElement;
  told: Element;
  others: Element;
  top: Element;
}

export class AnswerTable {
  readonly element: HTMLElement;
  private readonly body = h("tbody");
  private readonly rows = new Map<string, Row>();

  constructor(
    private readonly classNames: readonly string[],
    private readonly openCell: (id: string) => void,
  ) {
    const named = classNames.length <= NAMED;
    const classes = named
      ? h(
          "div",
          { class: "class-names" },
          classNames.map((name) => h("span", {}, bdi(name))),
        )
      : `probability of each of ${classNames.length} classes, ${classNames[0]} to ${classNames[classNames.length - 1]}`;
    this.element = tableFrame(
      { label: "What each model says", caption: hiddenCaption("What each model says"), look: "answers" },
      ["model", "pixels", "answer", classes].map((head) => h("th", { scope: "col" }, head)),
      null,
    );
    this.element.querySelector("tbody")?.replaceWith(this.body);
  }

  /** Which models there are, in their order. */
  use(models: readonly ModelName[]): void {
    refill(
      this.body,
      models.map((model) => this.rowOf(model).element),
    );
  }

  /** @param most the commonest answer, which the others are told apart from */
  show(id: string, probabilities: Float64Array, most: number): void {
    const row = this.rows.get(id);
    if (!row) return;
    const { classNames } = this;
    const label = likeliest(probabilities);
    refill(row.answer, classNames[label]);
    row.sure.textContent = percent(probabilities[label]);
    row.element.classList.toggle("differs", label !== most);
    const order = Array.from(probabilities.keys());
    const told =
      classNames.length <= NAMED ? order : order.sort((a, b) => probabilities[b] - probabilities[a]).slice(0, TOLD);
    refill(row.told, list(told.map((k) => `${classNames[k]} ${percent(probabilities[k])}`)));
    const bar = (p: number, k: number) => `M${k + GAP} 1V${(1 - p).toFixed(4)}h${1 - 2 * GAP}V1z`;
    row.top.setAttribute("d", bar(probabilities[label], label));
    row.others.setAttribute("d", Array.from(probabilities, (p, k) => (k === label ? "" : bar(p, k))).join(""));
  }

  private rowOf({ cell, name, pixels }: ModelName): Row {
    const known = this.rows.get(cell.id);
    if (known) return known;
    const [answer, sure, told] = [h("bdi"), h("small"), svg("title")];
    const [others, top] = [svg("path"), svg("path", { class: "top" })];
    const viewBox = `0 0 ${this.classNames.length} 1`;
    const bars = svg("svg", { viewBox, preserveAspectRatio: "none", role: "img" }, told, others, top);
    const open = button("figure-link", name, () => this.openCell(cell.id));
    const element = h(
      "tr",
      {},
      h("th", { scope: "row" }, open),
      h("td", {}, pixels),
      h("td", { class: "answer" }, answer, " ", sure),
      h("td", { class: "bars" }, bars),
    );
    const row = { element, answer, sure, told, others, top };
    this.rows.set(cell.id, row);
    return row;
  }
}

/** The class of the largest probability, the first of equals. */
export const likeliest = (probabilities: Float64Array): number => probabilities.indexOf(largest(probabilities));
