/** Source code as it stands in src/core, highlighted at build. */
import shown from "virtual:code";
import { h, trusted } from "./dom.js";

/** Lines beyond which code is folded. */
const LONG = 25;

/** Declarations of one file. @param title what they are @param names as code.mjs knows them */
export function code(title: string, ...names: string[]): HTMLElement {
  const pieces = names.map((name) => shown[name]);
  const lines = pieces.reduce((sum, piece) => sum + piece.lines, names.length - 1);
  const caption = [title, h("code", {}, pieces[0].file)];
  const text = trusted("pre", {}, pieces.map(({ html }) => html).join('<span class="line">\n</span>'));
  return lines > LONG
    ? h("details", { class: "code" }, h("summary", {}, caption, `${lines} lines`), text)
    : h("figure", { class: "code" }, h("figcaption", {}, caption), text);
}
