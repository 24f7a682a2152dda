/** What a reader must know before trusting any figure on the page. */
import type { PageData } from "../data/page-data.js";
import { h, prose } from "./dom.js";

export function banners(data: PageData): HTMLElement[] {
  const out: HTMLElement[] = [];
  const warning = data.datasetText?.warning;
  if (warning)
    out.push(
      h(
        "div",
        { class: "banner banner-synthetic", role: "note", "aria-label": warning.headline },
        h("strong", {}, warning.headline),
        h("span", {}, prose(` ${warning.text}`)),
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
