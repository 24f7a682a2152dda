/** Entry of the page. */
import { choosePageData, readPageData, type PageData } from "./data/page-data.js";
import { h, prose } from "./draw/dom.js";
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
      h("main", { class: "not-built" }, h("h1", {}, "No results yet"), h("p", {}, prose("Run `npm run sweep` in the project folder, then reload this page."))),
    );
  startLiveRefresh(data, (next) => show(readPageData(next)));
}

/** The page is made by script, after the browser looked for the address's anchor: look again; an explorer state scrolls to the explorer. */
function openAnchor(): void {
  const hash = decodeURIComponent(location.hash.slice(1));
  if (!hash) return;
  const id = hash.includes("=") ? (hash.startsWith("cell=") ? "" : "explorer") : hash;
  if (id) document.getElementById(id)?.scrollIntoView({ behavior: "instant" });
}

try {
  start();
} catch (error) {
  // Data from another version, or cut short: say so instead of leaving half a page.
  document.getElementById("page")?.replaceChildren(
    h("main", { class: "not-built" }, h("h1", {}, "The data could not be read"), h("p", {}, `build/data.js is not what this page expects (${String(error)}). `, prose("Run `npm run report` to write it anew."))),
  );
  throw error;
}
