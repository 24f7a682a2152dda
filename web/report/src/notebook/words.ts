/** The report's fixed prose as Markdown, with what is computed in its places. */
import code from "virtual:code";
import words from "virtual:words";
import { SHOWN_CODE } from "../data/shown-code.js";
import { markdown, type Cell } from "./cells.js";

/** What stands in a place: Markdown, or cells. */
export type Slots = Record<string, string | number | undefined | Cell[]>;

/** Lines beyond which code is folded. */
const LONG = 20;

/** Links within the page lead nowhere in a notebook. */
const unlinked = (text: string): string => text.replaceAll(/\[([^\]]*)\]\(#[^)]*\)/g, "$1");

const textOf = (value: Slots[string]): string => (value === undefined || Array.isArray(value) ? "" : String(value));

/** A text of a section as cells: those of its places between its paragraphs. */
function textCells(id: string, text: string, slots: Slots): Cell[] {
  const cells: Cell[] = [];
  let open = "";
  const close = () => {
    if (open.trim()) cells.push(markdown(cells.length > 0 ? `${id}-${cells.length}` : id, open.trim()));
    open = "";
  };
  for (const paragraph of text.split(/\n{2,}/)) {
    const place = /^\{\{([\w-]+)\}\}$/.exec(paragraph.trim())?.[1];
    const value = place === undefined ? undefined : slots[place];
    if (Array.isArray(value)) {
      close();
      for (const cell of value) cells.push(cell);
    } else {
      const filled = paragraph.replaceAll(/\{\{([\w-]+)\}\}/g, (_, name: string) => textOf(slots[name]));
      if (filled.trim()) open += `\n\n${filled}`;
    }
  }
  close();
  return cells;
}

/** A section: its heading, the question where there is one, and its text. @param name of the words, where that is not the id */
export function sectionCells(id: string, slots: Slots, name = id): Cell[] {
  const { number, title, asked, texts } = words[name];
  const head = [`### ${number ? `${number} ` : ""}${title}`, asked && `> ${asked}`].filter(Boolean).join("\n\n");
  return textCells(id, `${head}\n\n${unlinked(texts.body)}`, { code: codeText(name), ...slots });
}

/** Another text of a section. */
export const wordsText = (name: string, text: string): string => unlinked(words[name].texts[text]);

/** The code behind a section; empty where there is none. */
function codeText(name: string): string {
  const pieces = (SHOWN_CODE[name] ?? []).map(([title, ...names]) => {
    const text = names.map((one) => code[one].text).join("\n\n");
    const lines = text.split("\n").length;
    const fenced = `\`\`\`typescript\n${text}\n\`\`\``;
    const { file } = code[names[0]];
    return lines > LONG
      ? `<details><summary>${title} (<code>${file}</code>, ${lines} lines)</summary>\n\n${fenced}\n\n</details>`
      : `${title} (\`${file}\`):\n\n${fenced}`;
  });
  return (name === "mlp" ? [`#### ${words.code.title}`, words.code.texts.body, ...pieces] : pieces).join("\n\n");
}
