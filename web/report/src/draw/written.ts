/** The page's fixed prose, out of web/report/words, with what is computed put in its places. */
import words from "virtual:words";
import { fillSlot, trusted, type Child } from "./dom.js";

/** What stands in the places of a text, by name. */
export type Slots = Record<string, Child>;

export const wordsOf = (section: string): (typeof words)[string] => words[section];

/** A text of a section: its body, or another by name. A place that the slots do not name stays, and shows its name. */
export function written(section: string, slots: Slots = {}, text = "body"): ChildNode[] {
  const holder = trusted("div", {}, words[section].texts[text]);
  for (const place of holder.querySelectorAll<HTMLElement>("[data-slot]")) {
    const name = place.dataset.slot ?? "";
    if (Object.hasOwn(slots, name)) fillSlot(place, slots[name]);
    else place.textContent = `{{${name}}}`;
  }
  return [...holder.childNodes];
}
