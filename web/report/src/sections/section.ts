/** The frame of a section: an anchor, a heading, what the homework asks, and the answer. */
import { h, paragraphs, prose, trusted, type Child } from "../draw/dom.js";
import { written, wordsOf, type Slots } from "../draw/written.js";
import type { Report } from "../report.js";

export interface SectionHead {
  id: string;
  /** Number in the homework, such as "2.3". */
  number?: string;
  title: string;
  /** The question, in short. */
  asked?: string;
}

export function section(head: SectionHead, ...children: Child[]): HTMLElement {
  return h(
    "section",
    { id: head.id, "aria-labelledby": `${head.id}-heading`, class: "part" },
    h("h3", { id: `${head.id}-heading` }, head.number ? h("span", { class: "number" }, head.number) : null, head.title),
    head.asked ? h("p", { class: "asked" }, prose(head.asked)) : null,
    children,
  );
}

/** A section of the words' own: frame, question and text out of web/report/words. @param words the file's name, where that is not the anchor's */
export function writtenSection(id: string, slots: Slots, words = id): HTMLElement {
  const { number, title, asked } = wordsOf(words);
  return section({ id, number, title }, asked ? trusted("p", { class: "asked" }, asked) : null, written(words, slots));
}

/** The words of a section in the report's frame: those of a sweep of one's own stand in own-NAME. */
export const framed = ({ neutral }: Pick<Report, "neutral">, id: string): string => (neutral ? `own-${id}` : id);

/** A part of the homework: a large heading above its sections. */
export function partHeading(id: string, number: string, title: string): HTMLElement {
  return h("header", { class: "part-heading", id }, h("p", { class: "kicker" }, number), h("h2", {}, title));
}

/** Comments computed from the records, set apart from the fixed text. */
export function commentary(texts: readonly string[]): HTMLElement {
  return h("div", { class: "commentary" }, paragraphs(texts));
}

/** Facts with their names. @param facts each a name, its value, and where it needs one a class */
export function factList(
  look: string,
  facts: readonly (readonly [name: string, value: Child, look?: string | null])[],
): HTMLElement {
  return h(
    "dl",
    { class: look },
    facts.map(([name, value, of]) => h("div", {}, h("dt", {}, name), h("dd", { class: of }, value))),
  );
}
