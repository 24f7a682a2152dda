/** Source code as it stands in src/core, highlighted. */
import shown from "virtual:code";
import { highlight } from "../data/highlight.js";
import { h, trusted } from "./dom.js";

/** Lines beyond which code is folded. */
const LONG = 20;

/** Declarations of one file. @param title what they are @param names as code.mjs knows them */
export function code(title: string, ...names: string[]): HTMLElement {
  const texts = names.map((name) => shown[name].text);
  const lines = texts.join("\n\n").split("\n").length;
  const caption = [title, h("code", {}, shown[names[0]].file)];
  const text = trusted("pre", {}, texts.map(highlight).join('<span class="line">\n</span>'));
  return lines > LONG
    ? h("details", { class: "code" }, h("summary", {}, caption, `${lines} lines`), text)
    : h("figure", { class: "code" }, h("figcaption", {}, caption), text);
}
