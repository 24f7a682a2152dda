/** The works that the page cites by links to #ref-NAME, numbered by their first citation, and how to cite the page. */
import { visible } from "../data/format.js";
import version from "virtual:version";
import type { TrainConfig } from "../../../../src/core/config.js";
import { bibtex } from "../data/citation.js";
import { copyButton, h, paragraph, type Child } from "../draw/dom.js";
import { written, wordsOf } from "../draw/written.js";
import type { Report } from "../report.js";
import { title } from "../comments/findings.js";
import { section } from "./section.js";

const WORDS = "references";

/** Methods that a cell's config tells of, and whose work they are. */
const METHODS: [name: string, work: string, used: (config: TrainConfig) => boolean][] = [
  ["backpropagation", "backprop", () => true],
  ["initial weights by the number of inputs", "he-init", () => true],
  ["Nesterov momentum", "nesterov", ({ optimizer }) => optimizer.kind === "nesterov"],
  ["Adam", "adam", ({ optimizer }) => optimizer.kind === "adam"],
  ["decoupled weight decay", "adamw", ({ optimizer }) => optimizer.kind === "adam" && (optimizer.weightDecay ?? 0) > 0],
  ["Muon", "muon", ({ optimizer }) => optimizer.kind === "muon"],
  ["residual blocks", "resnet", ({ model }) => /"residual"(?!:false)/.test(JSON.stringify(model))],
  ["batch normalisation", "batch-norm", ({ model }) => /"batchNorm"(?!:false)/.test(JSON.stringify(model))],
  ["one cycle of the learning rate", "one-cycle", ({ schedule }) => schedule?.kind === "oneCycle"],
  ["label smoothing", "label-smoothing", ({ labelSmoothing }) => labelSmoothing !== undefined],
  ["random erasing", "random-erasing", ({ augment }) => augment?.erase !== undefined],
];

/** The methods of the page's cells, each with a link to its work. */
function methods({ homework, bonus }: Report): HTMLElement {
  const configs = [...homework, ...bonus.cells].map(({ record }) => record.config);
  const used = METHODS.filter(([, , uses]) => configs.some(uses));
  return paragraph(
    "The cells of this page use ",
    used.map(([name, work], i) => [i > 0 ? ", " : "", h("a", { href: `#ref-${work}` }, name)]),
    ".",
  );
}

/** Puts numbers behind the links to works. @returns the works in the order of their first citation */
function numbered(links: Iterable<HTMLAnchorElement>): string[] {
  const works: string[] = [];
  for (const link of links) {
    const work = link.hash.slice("#ref-".length);
    if (!works.includes(work)) works.push(work);
    link.append(`\u00a0[${works.indexOf(work) + 1}]`);
  }
  return works;
}

/** @param article all that may cite */
export function referencesSection(report: Report, article: ParentNode): Child[] {
  const used = methods(report);
  const links = [article, used].flatMap((node) => [...node.querySelectorAll<HTMLAnchorElement>('a[href^="#ref-"]')]);
  const entry = bibtex(report.data, title(report), version);
  return [
    section(
      { id: WORDS, title: wordsOf(WORDS).title },
      used,
      h(
        "ol",
        { class: "references" },
        numbered(links).map((work) => h("li", { id: `ref-${work}` }, written(WORDS, {}, work))),
      ),
    ),
    section(
      { id: "cite", title: "Cite this page" },
      h("div", { class: "code" }, h("pre", { tabindex: 0, "aria-label": "BibTeX entry" }, visible(entry))),
      paragraph(copyButton(entry, "the BibTeX entry")),
    ),
  ];
}
