/** Entry of the page. */
import { anchorOf } from "./data/hash-state.js";
import { readPageData, type PageData } from "./data/page-data.js";
import { h, paragraph, prose } from "./draw/dom.js";
import { startTheme } from "./draw/theme.js";
import { startLiveRefresh } from "./live-refresh.js";
import { buildPage, type Page } from "./page.js";
import { DetailsDialog } from "./sections/details-dialog.js";
import { Checks } from "./training/checks.js";
import { ViewStore } from "./view-store.js";

/** Changes when a cell is added, removed or redone; progress within a cell does not count. */
function signature(data: PageData): string {
  return `${data.source} ${data.sweep} ${data.dataDigest} ${data.cells.map((cell) => `${cell.id} ${cell.status} ${cell.curve.length} ${cell.weightsDigest} ${cell.run?.startedAt ?? ""}`).join("\n")}`;
}

/** What a results file set, for drawing; undefined where it set nothing, null where there are no results yet. */
type Results = PageData | null | undefined;

/** The results committed with the project: null where there are none, undefined where they cannot be read. */
function committed(results: Results): Results {
  try {
    return results === null ? null : readPageData(results);
  } catch {
    return undefined;
  }
}

/** Puts the page in the place of what stood there while it was waited for. */
function put(content: Node): void {
  const host = document.getElementById("page");
  host?.replaceChildren(content);
  host?.removeAttribute("aria-busy");
}

function start(): void {
  startTheme();
  const store = new ViewStore();
  const details = new DetailsDialog(store);
  document.body.append(details.element);
  const bonus = committed(window.HANDGRAD_BONUS) ?? null;
  let page: Page | null = null;
  let checks: Checks | undefined;
  let shown = "";

  const show = (data: PageData, unread?: string) => {
    const next = signature(data);
    if (page && next === shown) {
      page.updateLive(data);
      return;
    }
    store.know([...data.cells, ...(bonus?.cells ?? [])].map(({ id }) => id));
    // What is shown stays where the new data cannot be drawn.
    checks ??= new Checks(data);
    checks.data = data;
    const openCell = (id: string) => store.change({ cell: id });
    const fresh = buildPage({ data, bonus, unread, store, checks, openCell });
    const top = scrollY;
    const focused = document.activeElement?.id ?? "";
    page?.destroy();
    put(fresh.element);
    document.title = `${document.getElementById("title")?.textContent ?? ""} · Handgrad`;
    if (page) {
      scrollTo({ top, behavior: "instant" });
      if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
    }
    page = fresh;
    shown = next;
    details.use(fresh.report);
  };

  const own = showOwn(window.HANDGRAD_DATA, (data) => show(data));
  if (!own.data) {
    const reference = committed(window.HANDGRAD_REFERENCE);
    if (reference) show(reference, own.unread);
    else {
      const element = own.unread === undefined ? noResults() : notDrawn(own.unread);
      if (reference === undefined && document.querySelector('script[src$="/reference.js"]'))
        element.append(referenceUnread());
      put(element);
    }
  }
  if (page) openAnchor();
  addEventListener("hashchange", focusAnchor);
  startLiveRefresh(own.data, (next) => show(readPageData(next)));
}

/** Shows the sweep's own data, if there are any. @returns them, or, where there are some that cannot be shown, why */
function showOwn(found: Results, show: (data: PageData) => void): { data: PageData | null; unread?: string } {
  if (found === null) return { data: null };
  if (found === undefined) return { data: null, unread: "The file data.js is missing, empty or cut short" };
  try {
    const data = readPageData(found);
    show(data);
    return { data };
  } catch (error) {
    console.warn(error);
    return { data: null, unread: `Drawing stopped with: ${String(error)}` };
  }
}

/** The page is made by script, after the browser looked for the address's anchor: look again; an explorer state scrolls to the explorer. */
function openAnchor(): void {
  document.getElementById(anchorOf(location.hash))?.scrollIntoView({ behavior: "instant" });
  focusAnchor();
}

/** Whoever follows a link goes on from there by keyboard and by ear. */
function focusAnchor(): void {
  const target = location.hash.includes("=") ? null : document.getElementById(anchorOf(location.hash));
  const heading = target?.matches("section, header") ? target.querySelector<HTMLElement>("h2, h3") : target;
  if (!heading) return;
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
}

function noResults(): HTMLElement {
  return notice("No results yet", [
    paragraph(prose("Run `npm run sweep` in the project folder, then reload this page.")),
  ]);
}

function referenceUnread(): HTMLElement {
  return paragraph(
    prose(
      "The reference results committed with the project could not be read: the file build/reference.js is missing, cut short or of another version. `npm run build` makes it anew.",
    ),
  );
}

/** Better than half a page. What went wrong may lie in the data, cut short or of another version, or in the page itself. */
function notDrawn(reason: string): HTMLElement {
  return notice("The page could not be drawn", [
    paragraph(`${reason}.`),
    paragraph(
      prose(
        "The results themselves are safe: `npm run cells` lists them. `npm run report` writes this page's data anew, which helps if they were cut short or written by another version. If it does not, the fault is the page's own.",
      ),
    ),
  ]);
}

function notice(heading: string, text: HTMLElement[]): HTMLElement {
  return h("main", { class: "not-built" }, h("h1", {}, heading), text);
}

try {
  start();
} catch (error) {
  put(notDrawn(`Drawing stopped with: ${String(error)}`));
  console.error(error);
}
