/** The code behind a section. */
import { SHOWN_CODE } from "../data/shown-code.js";
import { code } from "../draw/code.js";
import { h, type Child } from "../draw/dom.js";
import { wordsOf, written } from "../draw/written.js";

/** The code that answers a section, if there is any; of part 2 the first also says what code this is. */
export function sectionCode(section: string): Child {
  const pieces = (SHOWN_CODE[section] ?? []).map((piece) => code(...piece));
  return section === "mlp" ? [h("h4", {}, wordsOf("code").title), written("code"), pieces] : pieces;
}
