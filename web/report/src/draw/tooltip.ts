/** Values at the cursor, in a box that stays inside the plot. The keyboard's reader hears them instead. */
import type { ChartSpec } from "./chart-spec.js";
import { h, refill } from "./dom.js";
import { swatch } from "./marks.js";

const ROWS = 12;

export interface Tooltip {
  show(index: number | null, x: number, y: number, spec: ChartSpec, visible: readonly boolean[]): void;
  hide(): void;
}

export function tooltip(plot: HTMLElement): Tooltip {
  const box = h("div", { class: "tooltip", hidden: true, "aria-hidden": "true" });
  const hide = () => (box.hidden = true);
  return {
    hide,
    show(index, x, y, spec, visible) {
      if (index === null) return void hide();
      const rows = spec.series
        .map((s, k) => ({ s, value: s.values[index], k }))
        .filter(({ s, value, k }) => visible[k] && !s.context && value !== null && value !== undefined)
        .sort((a, b) => Number(b.value) - Number(a.value));
      if (rows.length === 0) return void hide();
      if (box.parentElement !== plot) plot.append(box);
      refill(box, [
        h("div", { class: "tooltip-head" }, `${spec.xLabel} ${spec.formatX(spec.x[index])}`),
        rows
          .slice(0, ROWS)
          .map(({ s, value }) =>
            h(
              "div",
              { class: "tooltip-row" },
              swatch(s.colour, s.shape, s.dashed, { dotted: s.dotted, bare: s.scatter }),
              h("span", {}, s.label),
              h("b", {}, spec.formatY(Number(value))),
            ),
          ),
        rows.length > ROWS ? h("div", { class: "tooltip-row" }, `… and ${rows.length - ROWS} more`) : null,
      ]);
      box.hidden = false;
      const left = x + 16 + box.offsetWidth > plot.clientWidth ? Math.max(0, x - 16 - box.offsetWidth) : x + 16;
      const top = Math.max(0, Math.min(y - box.offsetHeight / 2, plot.clientHeight - box.offsetHeight));
      box.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`;
    },
  };
}
