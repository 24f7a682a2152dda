/** What a reader must know before trusting any figure on the page. */
import type { PageData } from "../data/page-data.js";
import { h, prose } from "./dom.js";

export function banners(data: PageData): HTMLElement[] {
  const out: HTMLElement[] = [];
  if (data.dataset === "synthetic")
    out.push(
      h(
        "div",
        { class: "banner banner-synthetic", role: "note", "aria-label": "Synthetic data" },
        h("strong", {}, "Synthetic data, not FashionMNIST."),
        h(
          "span",
          {},
          prose(
            " These cells were trained on a drawn stand-in of the same shape, and their figures say nothing about FashionMNIST. For the real thing, put its four files into a folder and run `npm run sweep -- --data-dir FOLDER`.",
          ),
        ),
      ),
    );
  if (data.source === "reference")
    out.push(
      h(
        "div",
        { class: "banner banner-reference", role: "note", "aria-label": "Reference results" },
        h("strong", {}, "Reference results."),
        h(
          "span",
          {},
          prose(
            " No sweep was run here yet: these figures were committed with the project. Run `npm run sweep`, then reload this page to see your own.",
          ),
        ),
      ),
    );
  const failed = data.cells.filter((cell) => cell.status === "failed").length;
  if (failed > 0)
    out.push(
      h(
        "div",
        { class: "banner banner-failed", role: "note", "aria-label": "Failed cells" },
        h("strong", {}, `${failed} ${failed === 1 ? "cell" : "cells"} failed.`),
        h("span", {}, " Open a failed cell in the explorer to read why; everything else is complete."),
      ),
    );
  return out;
}
