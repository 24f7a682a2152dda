/** The works that the text cites by links to #ref-NAME, in the order of their first citation, and how to cite the page. */
import version from "virtual:version";
import { headline } from "../comments/findings.js";
import { bibtex } from "../data/citation.js";
import { copyButton, h, paragraph, visible, type Child } from "../draw/dom.js";
import { written, wordsOf } from "../draw/written.js";
import type { Report } from "../report.js";
import { section } from "./section.js";

const WORDS = "references";

/** @param article all that may cite */
export function referencesSection(report: Report, article: ParentNode): Child[] {
  const links = article.querySelectorAll('a[href^="#ref-"]');
  const known = Object.keys(wordsOf(WORDS).texts);
  const cited = new Set([...links].map((link) => link.getAttribute("href")?.slice("#ref-".length) ?? ""));
  const works = [...cited].filter((name) => known.includes(name));
  const entry = bibtex(report.data, headline(report.homework, report.ownBonus), version);
  return [
    works.length > 0 &&
      section(
        { id: WORDS, title: wordsOf(WORDS).title },
        h(
          "ol",
          { class: "references" },
          works.map((name) => h("li", { id: `ref-${name}` }, written(WORDS, {}, name))),
        ),
      ),
    section(
      { id: "cite", title: "Cite this page" },
      h("div", { class: "code" }, h("pre", { tabindex: 0, "aria-label": "BibTeX entry" }, visible(entry))),
      paragraph(copyButton(entry, "the BibTeX entry")),
    ),
  ];
}
