/** The cells behind a point of a chart, each with its id and its rerun command. */
import { bdi, button, copyButton, h, paragraph, rerunCommand } from "./dom.js";

const SHOWN = 6;

/** @param openCell opens a cell's details; absent where there are none */
export function pointPanel(
  text: string,
  ids: readonly string[],
  openCell: ((id: string) => void) | undefined,
  close: () => void,
): HTMLElement {
  const cell = (id: string) =>
    h(
      "li",
      {},
      h("code", {}, bdi(rerunCommand(id))),
      copyButton(rerunCommand(id)),
      openCell ? button("quiet", "Details", () => openCell(id), { "aria-label": `Details of ${id}` }) : null,
    );
  return h(
    "div",
    { class: "point-panel", role: "status" },
    h(
      "div",
      { class: "point-panel-head" },
      h("strong", {}, text),
      button("quiet", "Close", close, { "aria-label": "Close" }),
    ),
    h("ul", {}, ids.slice(0, SHOWN).map(cell)),
    ids.length > SHOWN ? paragraph(`… and ${ids.length - SHOWN} more; the explorer lists them all.`) : null,
  );
}
