/** The page's contents: beside the article where there is room, else a menu at the top; the section in view is marked. */
import { button, h } from "./dom.js";

export interface Contents {
  /** What opens the list where it is a menu. */
  toggle: HTMLButtonElement;
  list: HTMLElement;
  destroy(): void;
}

interface Entry {
  target: HTMLElement;
  link: HTMLAnchorElement;
  /** A part's heading, above its sections'. */
  part: boolean;
}

const LIST = "contents-list";

/** A section's heading with its number, a part's in its short form. Its link leads to whatever has an id: section, part or the heading. */
function entryOf(heading: HTMLElement): Entry {
  const part = heading.matches("h2");
  const target = heading.closest<HTMLElement>(".part[id], .part-heading[id]") ?? heading;
  const label = part ? heading.parentElement?.querySelector(".kicker")?.textContent : null;
  const words = heading.matches("h1")
    ? "Overview"
    : (label ?? [...heading.childNodes].map((node) => node.textContent).join(" "));
  return { target, part, link: h("a", { href: `#${target.id}` }, words) };
}

/** How far down the window the section begins that is being read. */
const READING = 0.4;

/** @param main the article, with all its sections */
export function contents(main: HTMLElement): Contents {
  const headings = main.querySelectorAll<HTMLElement>("h1, .part-heading h2, .part > h3");
  const entries = [...headings].map(entryOf);
  const toggle = button("quiet contents-toggle", "Contents", () => open(!isOpen()), {
    "aria-expanded": "false",
    "aria-controls": LIST,
  });
  const isOpen = () => toggle.getAttribute("aria-expanded") === "true";
  const open = (is: boolean) => toggle.setAttribute("aria-expanded", String(is));
  const list = h(
    "ul",
    {
      id: LIST,
      onclick: () => open(false),
      onkeydown: (event) => {
        if (!(event instanceof KeyboardEvent) || event.key !== "Escape" || !isOpen()) return;
        open(false);
        toggle.focus();
      },
    },
    entries.map(({ link, part }) => h("li", { class: part ? "contents-part" : null }, link)),
  );
  const mark = () => {
    const read = entries.filter(({ target }) => target.getBoundingClientRect().top <= READING * innerHeight).at(-1);
    for (const entry of entries)
      if (entry === read) entry.link.setAttribute("aria-current", "true");
      else entry.link.removeAttribute("aria-current");
  };
  // The explorer takes the whole width: beside it there is no room.
  const room = new IntersectionObserver(([{ isIntersecting }]) => list.classList.toggle("beside", !isIntersecting));
  const wide = main.querySelector(".explorer");
  if (wide) room.observe(wide);
  else list.classList.add("beside");
  const observer = new IntersectionObserver(mark, { rootMargin: `0px 0px ${-100 * (1 - READING)}% 0px` });
  for (const { target } of entries) observer.observe(target);
  const destroy = () => [observer, room].forEach((one) => one.disconnect());
  return { toggle, list, destroy };
}
