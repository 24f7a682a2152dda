/** A legend whose entries switch series on and off; "only" leaves one entry on. */
import { h } from "./dom.js";
import { swatch } from "./marks.js";

export interface LegendEntry {
  label: string;
  /** Colour index; null for an entry that stands for a line style. */
  colour: number | null;
  shape: number | null;
  dashed: boolean;
  /** The series it switches. */
  series: number[];
  /** Entries of one set isolate within that set. */
  set: string;
  title?: string;
}

export interface LegendEvents {
  toggle(hidden: Set<string>): void;
  emphasise(entry: LegendEntry | null): void;
}

export function legend(
  entries: readonly LegendEntry[],
  hidden: ReadonlySet<string>,
  events: LegendEvents,
): HTMLElement {
  let off = new Set(hidden);
  const buttons = new Map<string, HTMLButtonElement>();
  const apply = () => {
    for (const [label, button] of buttons) button.setAttribute("aria-pressed", String(!off.has(label)));
    events.toggle(new Set(off));
  };
  const isolate = (entry: LegendEntry) => {
    const others = entries.filter((e) => e.set === entry.set && e !== entry).map((e) => e.label);
    const alone = !off.has(entry.label) && others.every((label) => off.has(label));
    off = new Set([...off].filter((label) => label !== entry.label && !others.includes(label)));
    if (!alone) for (const label of others) off.add(label);
    apply();
  };
  const sets = [...new Set(entries.map((entry) => entry.set))];
  return h(
    "div",
    { class: "legend" },
    sets.map((set) =>
      h(
        "ul",
        { class: "legend-set", "aria-label": `Legend: ${set}` },
        entries
          .filter((entry) => entry.set === set)
          .map((entry, _, all) => {
            const button = h(
              "button",
              {
                type: "button",
                class: "legend-toggle",
                "aria-pressed": String(!off.has(entry.label)),
                title: entry.title,
                onclick: (event) => {
                  if (event instanceof MouseEvent && event.shiftKey) return isolate(entry);
                  if (!off.delete(entry.label)) off.add(entry.label);
                  apply();
                },
                onmouseenter: () => events.emphasise(entry),
                onmouseleave: () => events.emphasise(null),
              },
              swatch(entry.colour, entry.shape, entry.dashed),
              h("span", { class: "legend-label" }, entry.label),
            );
            buttons.set(entry.label, button);
            const only =
              all.length > 1
                ? h(
                    "button",
                    {
                      type: "button",
                      class: "legend-only",
                      "aria-label": `Only ${entry.label}`,
                      onclick: () => isolate(entry),
                    },
                    "only",
                  )
                : null;
            return h("li", {}, button, only);
          }),
      ),
    ),
  );
}
