/** Builds DOM nodes. Text always goes in as text, so that no name in the data can become markup. */
import { visible } from "../data/format.js";

export type Child = Node | string | number | null | undefined | false | Child[];
type Handler = (event: Event) => void;

type Attributes = Record<string, string | number | boolean | null | undefined | Handler>;

const SVG = "http://www.w3.org/2000/svg";

function fill(node: Element, attributes: Attributes, children: Child[]): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") node.addEventListener(name.replace(/^on/, ""), value);
    else if (name === "title" || name.startsWith("aria-"))
      node.setAttribute(name, value === true ? "" : visible(String(value)));
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  append(node, children);
}

/** Adds children after those that a node holds. */
export function append(node: ParentNode, children: Child[]): void {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    if (Array.isArray(child)) append(node, child);
    else node.append(child instanceof Node ? child : visible(String(child)));
  }
}

/** An HTML element: h("button", { class: "quiet", onclick: f }, "Reset"). */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const node = document.createElement(tag);
  fill(node, attributes, children);
  return node;
}

/** A name from the data, which may run from right to left: the text around it keeps its own direction. */
export function bdi(name: Child): HTMLElement {
  return h("bdi", {}, name);
}

/** Text for those who hear the page. */
export function visuallyHidden(text: string): HTMLElement {
  return h("span", { class: "visually-hidden" }, text);
}

export function paragraph(...children: Child[]): HTMLElement {
  return h("p", {}, children);
}

/** A button; the style sheet knows its look by its class, such as "quiet" or "cell-link". */
export function button(look: string, label: Child, onclick: Handler, attributes: Attributes = {}): HTMLButtonElement {
  return h("button", { type: "button", class: look, ...attributes, onclick }, label);
}

/** Puts children in the place of what a node holds. */
export function refill(node: Element, children: Child): void {
  node.replaceChildren();
  append(node, [children]);
}

/** The same, but what reads as before stays, with what it listens to: a press of the mouse on it is not lost. */
export function replaceOthers(node: Element, children: Child): void {
  const next = document.createDocumentFragment();
  append(next, [children]);
  const fresh = [...next.childNodes];
  while (node.childNodes.length > fresh.length) node.lastChild?.remove();
  for (const [i, child] of fresh.entries()) {
    const old = node.childNodes.item(i);
    if (!old) node.append(child);
    else if (!old.isEqualNode(child)) old.replaceWith(child);
  }
}

/** Puts children in without losing the keyboard's place: focus returns to the control of the same position. */
export function refillInPlace(node: HTMLElement, children: Child, put = refill): void {
  const controls = () => [...node.querySelectorAll<HTMLElement>("button, input, select, [tabindex]")];
  const index = controls().findIndex((control) => control === document.activeElement);
  put(node, children);
  controls()[index]?.focus({ preventScroll: true });
}

/** An SVG element. */
export function svg(tag: string, attributes: Attributes = {}, ...children: Child[]): SVGElement {
  const node = document.createElementNS(SVG, tag);
  fill(node, attributes, children);
  return node;
}

/** Markup that the build made itself (formulas, highlighted source); never data. */
export function trusted(tag: keyof HTMLElementTagNameMap, attributes: Attributes, markup: string): HTMLElement {
  const node = h(tag, attributes);
  node.innerHTML = markup;
  return node;
}

/** Puts what belongs there in the place of a node. */
export function fillSlot(place: Element, child: Child): void {
  const filled = document.createDocumentFragment();
  append(filled, [child]);
  place.replaceWith(filled);
}

/** A sentence with its `code` spans set as code. */
export function prose(text: string): Child[] {
  return text.split("`").map((part, i) => (i % 2 === 1 ? h("code", {}, part) : part));
}

/** A paragraph per text, empty ones left out. */
export function paragraphs(texts: readonly string[]): HTMLElement[] {
  return texts.filter(Boolean).map((text) => paragraph(prose(text)));
}

/** Hands the user a file. */
export function download(name: string, content: Blob): void {
  const url = URL.createObjectURL(content);
  const link = h("a", { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** Copies text; also where the clipboard interface is closed to pages from the file system. */
async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = h("textarea", { class: "visually-hidden", readonly: true, "aria-hidden": "true" });
    field.value = text;
    const host = document.querySelector("dialog[open]") ?? document.body;
    const focused = document.activeElement;
    host.append(field);
    field.select();
    const copied = document.execCommand("copy");
    field.remove();
    if (focused instanceof HTMLElement) focused.focus();
    return copied;
  }
}

/** A button that copies and says for a moment whether it could. @param words what it reads: before, copied, refused */
function copier(
  look: string,
  words: [label: string, copied: string, refused: string],
  text: () => string,
  attributes: Attributes = {},
): HTMLButtonElement {
  const [label, copied, refused] = words;
  const copy = async () => {
    made.textContent = (await copyText(text())) ? copied : refused;
    setTimeout(() => (made.textContent = label), 1500);
  };
  const made = button(look, label, () => void copy(), attributes);
  return made;
}

/** @param name what is copied, for those who hear the page */
export function copyButton(text: string, name = text): HTMLButtonElement {
  return copier("copy", ["Copy", "Copied", "Press Ctrl+C"], () => text, { "aria-label": `Copy ${name}` });
}

/** A command, ready to copy. */
export function command(text: string): HTMLElement {
  return h("p", { class: "command" }, h("code", {}, bdi(text)), copyButton(text));
}

/** Copies the page's address as it is when clicked. */
export function copyLinkButton(): HTMLButtonElement {
  return copier("quiet", ["Copy link to this view", "Link copied", "Copy the address"], () => location.href);
}

/** The command that reruns a cell. */
export function rerunCommand(id: string): string {
  return `npm run cell -- ${id}`;
}
