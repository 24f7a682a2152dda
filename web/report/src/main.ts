/** Entry of the page. */
import { anchorOf } from "./data/hash-state.js";
import { choosePageData, readPageData, type PageData } from "./data/page-data.js";
import { h, paragraph, prose } from "./draw/dom.js";
import { startTheme } from "./draw/theme.js";
import { startLiveRefresh } from "./live-refresh.js";
import { buildPage, type Page } from "./page.js";
import { DetailsDialog } from "./sections/details-dialog.js";
import { ViewStore } from "./view-store.js";

/** Changes when a cell is added, removed or redone; progress within a cell does not count. */
function signature(data: PageData): string {
  return `${data.source} ${data.sweep} ${data.dataDigest} ${data.cells.map((cell) => `${cell.id} ${cell.status} ${cell.curve.length} ${cell.weightsDigest} ${cell.run?.startedAt ?? ""}`).join("\n")}`;
}

function start(): void {
  const host = document.getElementById("page");
  if (!host) return;
  startTheme();
  const store = new ViewStore();
  const details = new DetailsDialog(store);
  document.body.append(details.element);
  const bonus = window.HANDGRAD_BONUS ? readPageData(window.HANDGRAD_BONUS) : null;
  let page: Page | null = null;
  let shown = "";

  const show = (data: PageData) => {
    const next = signature(data);
    if (page && next === shown) {
      page.updateLive(data);
      return;
    }
    const top = scrollY;
    const focused = document.activeElement?.id ?? "";
    page?.destroy();
    store.know([...data.cells, ...(bonus?.cells ?? [])].map(({ id }) => id));
    const fresh = buildPage(data, bonus, store, (id) => store.change({ cell: id }));
    host.replaceChildren(fresh.element);
    if (page) {
      scrollTo({ top, behavior: "instant" });
      if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
    }
    page = fresh;
    shown = next;
    details.use(fresh.report);
  };

  const data = choosePageData(window.HANDGRAD_DATA, window.HANDGRAD_REFERENCE);
  if (data) {
    show(data);
    openAnchor();
  } else
    host.replaceChildren(
      h(
        "main",
        { class: "not-built" },
        h("h1", {}, "No results yet"),
        paragraph(prose("Run `npm run sweep` in the project folder, then reload this page.")),
      ),
    );
  startLiveRefresh(data, (next) => show(readPageData(next)));
}

/** The page is made by script, after the browser looked for the address's anchor: look again; an explorer state scrolls to the explorer. */
function openAnchor(): void {
  document.getElementById(anchorOf(location.hash))?.scrollIntoView({ behavior: "instant" });
}

try {
  start();
} catch (error) {
  // Better than half a page. What went wrong may lie in the data, cut short or of another version, or in the page itself.
  document
    .getElementById("page")
    ?.replaceChildren(
      h(
        "main",
        { class: "not-built" },
        h("h1", {}, "The page could not be drawn"),
        paragraph(`It stopped with: ${String(error)}.`),
        paragraph(
          prose(
            "The results themselves are safe: `npm run cells` lists them. `npm run report` writes this page's data anew, which helps if they were cut short or written by another version. If it does not, the fault is the page's own.",
          ),
        ),
      ),
    );
  throw error;
}
