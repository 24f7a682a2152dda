/** What is running now. */
import { duration, loss, count } from "../data/format.js";
import { isLive } from "../data/live.js";
import type { PageData } from "../data/page-data.js";
import { bdi, h } from "./dom.js";

export function liveStrip(data: PageData, now: number): HTMLElement | null {
  const { live } = data;
  if (!live) return null;
  if (!isLive(live, now))
    return h(
      "div",
      { class: "live stale", role: "note", "aria-label": "Sweep status" },
      h("strong", {}, "The sweep seems to be no longer running."),
      ` It gave no sign since ${new Date(live.heartbeat).toLocaleString("sv")}, when ${live.done} of ${live.total} cells had ended. If it stopped, run it again to go on from there; this page takes up again by itself.`,
    );
  return h(
    "div",
    { class: "live", role: "note", "aria-label": "Sweep status" },
    h(
      "div",
      { class: "live-head" },
      h("strong", {}, h("span", { class: "pulse", "aria-hidden": "true" }), "Sweep running"),
      h(
        "span",
        {},
        `${live.done} of ${live.total} cells${live.etaSeconds === null ? "" : `, about ${duration(live.etaSeconds)} to go`}`,
      ),
    ),
    h("progress", { max: Math.max(1, live.total), value: live.done, "aria-label": "Cells ended" }),
    h(
      "ul",
      {},
      live.running.map((cell) =>
        h(
          "li",
          {},
          h("code", {}, bdi(cell.id)),
          h(
            "span",
            {},
            `epoch ${cell.epoch} of ${cell.epochs}, loss ${loss(Number(cell.loss))}, ${count(cell.samplesPerSecond)} samples/s`,
          ),
        ),
      ),
    ),
  );
}
