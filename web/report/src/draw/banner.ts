/** What a reader must know before trusting any figure on the page. */
import type { LatestRun } from "../../../../src/sweeps/page/report-data.js";
import type { PageData } from "../data/page-data.js";
import { bdi, h, prose } from "./dom.js";

/** Which run the page shows that always shows the latest, and where the others are. */
function latestNote(sweep: string, { folder, link, others }: LatestRun): HTMLElement {
  const linked = (to: string, words: string) => h("a", { href: to }, bdi(words));
  return h(
    "p",
    { class: "note print-hide" },
    "Shows the sweep ",
    bdi(sweep),
    " in ",
    bdi(folder),
    ", the latest",
    link ? ["; its own page is ", linked(link, `${folder}/index.html`)] : null,
    ".",
    others.length > 0
      ? [" Other runs: ", others.map((other, i) => [i > 0 ? ", " : "", linked(other.link, other.folder)]), "."]
      : null,
  );
}

/** @param quick what a quick run was limited to @param unread why the sweep's own data cannot be shown, where that is so: these are the reference results in their place */
export function banners(data: PageData, quick: string | undefined, unread?: string): HTMLElement[] {
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
  if (unread !== undefined)
    out.push(
      h(
        "div",
        { class: "banner banner-failed", role: "note", "aria-label": "The sweep's data cannot be read" },
        h("strong", {}, "The data of the last sweep here cannot be read."),
        h(
          "span",
          {},
          prose(
            ` ${unread}. The records are safe: \`npm run report\` writes the page's data anew; then reload this page. The figures below are not your own but reference results committed with the project.`,
          ),
        ),
      ),
    );
  else if (data.source === "reference")
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
  if (quick !== undefined)
    out.push(
      h(
        "div",
        { class: "banner banner-quick", role: "note", "aria-label": "A quick run" },
        h("strong", {}, `${data.frame === "neutral" ? "Trained on a part of the data" : "A quick run"}: ${quick}.`),
        h(
          "span",
          {},
          prose(
            data.frame === "neutral"
              ? " On all images the figures may be others, and so may their order."
              : " These are not the homework's results: `npm run sweep` without limits trains its cells for 10 epochs on all images.",
          ),
        ),
      ),
    );
  if (data.latest) out.push(latestNote(data.sweep, data.latest));
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
