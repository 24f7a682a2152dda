/** A bracket: rungs from left to right, at each the cells that reached it, the best on top; a line goes on or ends. */
import { lineText, winnerOf } from "../comments/search.js";
import type { Bracket, Line } from "../data/bracket.js";
import { plural } from "../../../../src/core/numeric/words.js";
import { h, svg } from "./dom.js";

/** Tallest, in pixels, and the most that two cells of a rung lie apart. */
const HEIGHT = 420;
const PITCH = 16;
/** Room beside the first and the last rung, and length of a line that ends, in percent of the width. */
const SIDE = 4;
const STUB = 2.5;
/** Cells that end at one rung beyond which they are one block. */
const BLOCK = 60;

/** @param openCell opens a cell's details */
export function bracketPlot(bracket: Bracket, openCell: (id: string) => void): HTMLElement {
  const { halving, rungs, lines } = bracket;
  const columns = halving.rungs.length;
  const height = Math.min(HEIGHT, PITCH * lines.length);
  const x = (rung: number) => SIDE + (columns > 1 ? (rung * (100 - 2 * SIDE)) / (columns - 1) : 50 - SIDE);
  const y = (rung: number, place: number) => Math.min(PITCH, height / rungs[rung].ranked.length) * (place + 0.5);
  const blocks = rungs.map(({ ranked, promoted }, i) => {
    const [from, to] = [promoted.length, ranked.length];
    return i < columns - 1 && to - from > BLOCK ? { from, to } : undefined;
  });
  const winner = winnerOf(bracket);
  const paths = new Map<string, SVGElement>();
  const path = (line: Line): SVGElement | null => {
    const last = line.places.length - 1;
    if (last < 0 || (last === 0 && !line.goesOn && blocks[0])) return null;
    const points = line.places.map((place, i) => `${x(i)} ${y(i, place)}`);
    const onward = last === columns - 1 || blocks[last] ? "" : `h${line.goesOn ? 3 * STUB : STUB}`;
    const look = line === winner ? " winner" : last === columns - 1 || line.goesOn ? " survivor" : "";
    const made = svg("path", {
      class: `bracket-line${look}`,
      d: `M${points.join("L")}${onward || "h0"}`,
      "data-cell": line.id,
    });
    paths.set(line.id, made);
    return made;
  };
  const plot = svg(
    "svg",
    { viewBox: `0 0 100 ${height}`, preserveAspectRatio: "none", "aria-hidden": "true" },
    // Those that went furthest are drawn over the others.
    [...lines].reverse().map(path),
    blocks.map(
      (block, i) =>
        block &&
        svg(
          "rect",
          {
            class: "bracket-block",
            x: x(i),
            y: y(i, block.from - 0.5),
            width: STUB,
            height: y(i, block.to) - y(i, block.from),
          },
          svg("title", {}, `${plural(block.to - block.from, "cell")} end here`),
        ),
    ),
  );
  plot.style.height = `${height}px`;
  const heads = halving.rungs.map((epoch, i) => {
    const head = h(
      "span",
      {},
      `epoch ${epoch}`,
      h("small", {}, rungs[i] ? plural(rungs[i].ranked.length, "cell") : "open"),
    );
    head.style.left = `${x(i)}%`;
    return head;
  });
  const told = h("p", { class: "note bracket-told print-hide", "aria-live": "polite" });
  let at = -1;
  const tell = (next: number) => {
    paths.get(lines[at]?.id)?.classList.remove("lit");
    at = next;
    paths.get(lines[at]?.id)?.classList.add("lit");
    told.textContent = lines[at]
      ? lineText(lines[at], bracket)
      : "Point at a line, or go through the cells with the arrow keys; Enter opens one.";
  };
  const indexOf = (event: Event) => {
    const id = (event.target as Element).getAttribute("data-cell");
    return lines.findIndex((line) => line.id === id);
  };
  const open = () => {
    if (lines[at]?.cell) openCell(lines[at].id);
  };
  const keys: Record<string, () => void> = {
    ArrowDown: () => tell(Math.min(at + 1, lines.length - 1)),
    ArrowUp: () => tell(Math.max(at - 1, 0)),
    Home: () => tell(0),
    End: () => tell(lines.length - 1),
    Enter: open,
  };
  tell(-1);
  return h(
    "div",
    { class: "bracket" },
    h("div", { class: "bracket-heads", "aria-hidden": "true" }, heads),
    h(
      "div",
      {
        class: height < PITCH * lines.length ? "bracket-plot many" : "bracket-plot",
        tabindex: 0,
        role: "group",
        "aria-roledescription": "bracket",
        "aria-label": `${plural(lines.length, "cell")} over ${plural(columns, "rung")}; arrow keys go from the best cell down, Enter opens one`,
        onpointerover: (event) => tell(indexOf(event)),
        onclick: open,
        onkeydown: (event) => {
          const act = keys[(event as KeyboardEvent).key];
          if (!act) return;
          event.preventDefault();
          act();
        },
      },
      plot,
    ),
    told,
  );
}
