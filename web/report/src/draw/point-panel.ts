/** The cells behind a point of a chart, each with its id and its rerun command. */
import { copyButton, h, rerunCommand } from "./dom.js";

const SHOWN = 6;

export function pointPanel(
  text: string,
  ids: readonly string[],
  openCell: ((id: string) => void) | undefined,
  close: () => void,
): HTMLElement {
  return h(
    "div",
    { class: "point-panel", role: "status" },
    h(
      "div",
      { class: "point-panel-head" },
      h("strong", {}, text),
      h("button", { type: "button", class: "quiet", "aria-label": "Close", onclick: close }, "Close"),
    ),
    h(
      "ul",
      {},
      ids
        .slice(0, SHOWN)
        .map((id) =>
          h(
            "li",
            {},
            h("code", {}, h("bdi", {}, rerunCommand(id))),
            copyButton(rerunCommand(id)),
            openCell
              ? h(
                  "button",
                  { type: "button", class: "quiet", "aria-label": `Details of ${id}`, onclick: () => openCell(id) },
                  "Details",
                )
              : null,
          ),
        ),
    ),
    ids.length > SHOWN ? h("p", {}, `… and ${ids.length - SHOWN} more; the explorer lists them all.`) : null,
  );
}
