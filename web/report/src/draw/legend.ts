/** A legend whose entries switch series on and off; "only" leaves one entry on. */
import type { Series } from "./chart-spec.js";
import { button, h } from "./dom.js";
import { swatch } from "./marks.js";

export interface LegendEntry {
  label: string;
  /** Colour index; null for an entry that stands for a line style. */
  colour: number | null;
  shape: number | null;
  dashed: boolean;
  dotted?: boolean;
  /** Points without a line. */
  scatter?: boolean;
  /** The series it switches. */
  series: number[];
  /** Entries of one set isolate within that set. */
  set: string;
}

interface LegendEvents {
  toggle(hidden: Set<string>): void;
  emphasise(entry: LegendEntry | null): void;
}

/** An entry for each series, all of one set. */
export function entryPerSeries(series: readonly Series[], set: string): LegendEntry[] {
  return series.map(({ label, colour, shape, dashed, dotted, scatter }, k) => ({
    label,
    colour,
    shape,
    dashed,
    dotted,
    scatter,
    series: [k],
    set,
  }));
}

/** What is off once an entry was isolated: all others of its set, or none of it where they were off already. */
function isolated(entries: readonly LegendEntry[], off: ReadonlySet<string>, entry: LegendEntry): Set<string> {
  const others = entries.filter((e) => e.set === entry.set && e !== entry).map((e) => e.label);
  const alone = !off.has(entry.label) && others.every((label) => off.has(label));
  const next = new Set([...off].filter((label) => label !== entry.label && !others.includes(label)));
  if (!alone) for (const label of others) next.add(label);
  return next;
}

export function legend(
  entries: readonly LegendEntry[],
  hidden: ReadonlySet<string>,
  events: LegendEvents,
): HTMLElement {
  let off = new Set(hidden);
  const buttons = new Map<string, HTMLButtonElement>();
  const apply = () => {
    for (const [label, toggle] of buttons) toggle.setAttribute("aria-pressed", String(!off.has(label)));
    events.toggle(new Set(off));
  };
  const isolate = (entry: LegendEntry) => {
    off = isolated(entries, off, entry);
    apply();
  };
  const toggle = (entry: LegendEntry, event: Event) => {
    if (event instanceof MouseEvent && event.shiftKey) return isolate(entry);
    if (!off.delete(entry.label)) off.add(entry.label);
    apply();
  };
  const item = (entry: LegendEntry, _: number, { length }: LegendEntry[]) => {
    const { label, colour, shape, dashed, dotted, scatter } = entry;
    const main = button(
      "legend-toggle",
      [swatch(colour, shape, dashed, { dotted, bare: scatter }), h("span", { class: "legend-label" }, label)],
      (event) => toggle(entry, event),
      {
        "aria-pressed": String(!off.has(label)),
        onmouseenter: () => events.emphasise(entry),
        onmouseleave: () => events.emphasise(null),
      },
    );
    buttons.set(label, main);
    const only = button("legend-only", "only", () => isolate(entry), { "aria-label": `Only ${label}` });
    return h("li", {}, main, length > 1 ? only : null);
  };
  const sets = [...new Set(entries.map((entry) => entry.set))];
  return h(
    "div",
    { class: "legend" },
    sets.map((set) =>
      h(
        "ul",
        { class: "legend-set", "aria-label": `Legend: ${set}` },
        entries.filter((entry) => entry.set === set).map(item),
      ),
    ),
  );
}
