/** The sheet that shows one cell; which one is part of the address. */
import { bdi, button, h } from "../draw/dom.js";
import type { Kept, Report } from "../report.js";
import type { ViewStore } from "../view-store.js";
import { cellDetails } from "./cell-details.js";

export class DetailsDialog {
  readonly element: HTMLDialogElement;
  private readonly body = h("div", { class: "details-body" });
  private readonly heading = h("h3", { id: "details-heading" });
  private kept: Kept[] = [];
  private shown = "";
  private report: Report | null = null;

  constructor(private readonly store: ViewStore) {
    this.element = h(
      "dialog",
      { class: "details", "aria-labelledby": "details-heading" },
      h(
        "div",
        { class: "details-head" },
        this.heading,
        button("quiet", "Close", () => this.element.close()),
      ),
      this.body,
    );
    this.element.addEventListener("close", () => {
      this.clear();
      if (this.store.state.cell) this.store.change({ cell: "" });
    });
    this.element.addEventListener("click", (event) => {
      if (event.target === this.element) this.element.close();
    });
    this.store.subscribe((state) => this.show(state.cell));
  }

  /** Draws from new data; an open cell stays as it is, since its record does not change. */
  use(report: Report): void {
    this.report = report;
    this.show(this.store.state.cell);
  }

  private clear(): void {
    for (const thing of this.kept) thing.destroy();
    this.kept = [];
    this.shown = "";
    this.body.replaceChildren();
  }

  private show(id: string): void {
    if (id === this.shown) return;
    const cell = this.report?.find(id);
    if (!cell || !this.report) {
      if (this.element.open) this.element.close();
      return;
    }
    this.clear();
    this.shown = id;
    this.heading.replaceChildren(bdi(id));
    const details = cellDetails(this.report, cell, (thing) => {
      this.kept.push(thing);
      return thing;
    });
    this.body.append(h("div", {}, details));
    if (!this.element.open) this.element.showModal();
    this.element.scrollTop = 0;
  }
}
