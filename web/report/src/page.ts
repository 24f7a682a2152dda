/** Puts the page together: banners, contents, the sections in the order of its frame, explorer, provenance and references. */
import { quickRun, trainedConfig } from "./comments/scope.js";
import { ladderOf } from "./data/ladder.js";
import type { PageData } from "./data/page-data.js";
import { banners } from "./draw/banner.js";
import { contents, type Contents } from "./draw/contents.js";
import { append, button, h, paragraph, refill, type Child } from "./draw/dom.js";
import { liveStrip } from "./draw/live-strip.js";
import { currentTheme, setTheme } from "./draw/theme.js";
import { makeReport, type Kept, type Report } from "./report.js";
import { axesSection } from "./sections/axes-section.js";
import { bonusSection } from "./sections/bonus-section.js";
import { confusionSection } from "./sections/confusion-section.js";
import { dataSection } from "./sections/data-section.js";
import { explorer } from "./sections/explorer.js";
import { modelSection, ownModels } from "./sections/model-section.js";
import { opening } from "./sections/opening.js";
import { otherModels } from "./sections/other-models-section.js";
import { parametersSection } from "./sections/parameters-section.js";
import { partOneSections } from "./sections/part-one-section.js";
import { permutedSection } from "./sections/permuted-section.js";
import { provenanceSection } from "./sections/provenance-section.js";
import { referencesSection } from "./sections/references-section.js";
import { partHeading } from "./sections/section.js";
import { searchSection } from "./sections/search-section.js";
import { trySection } from "./sections/try-section.js";
import type { Checks } from "./training/checks.js";
import type { ViewStore } from "./view-store.js";

function navigation(data: PageData, { toggle, list }: Contents): HTMLElement {
  const dark = () => currentTheme() === "dark";
  const toggleTheme = () => {
    setTheme(dark() ? "light" : "dark");
    theme.setAttribute("aria-pressed", String(dark()));
  };
  const theme = button("quiet theme-toggle", "◐", toggleTheme, {
    "aria-label": "Dark appearance",
    "aria-pressed": String(dark()),
  });
  return h(
    "nav",
    { class: "top", "aria-label": "Contents" },
    h(
      "div",
      { class: "top-inner" },
      h("a", { class: "brand", href: "#title" }, "Handgrad"),
      data.datasetText?.warning ? h("span", { class: "badge" }, data.datasetText.warning.badge) : null,
      toggle,
      list,
      theme,
    ),
  );
}

export interface Page {
  element: DocumentFragment;
  report: Report;
  /** Redraws what changes every few seconds while a sweep runs. */
  updateLive(data: PageData): void;
  destroy(): void;
}

/** What a page is drawn from. */
export interface PageInput {
  data: PageData;
  /** The bonus results committed with the project, shown where the data have none of their own. */
  bonus: PageData | null;
  /** Why the sweep's own data cannot be shown, where that is so. */
  unread?: string;
  store: ViewStore;
  checks: Checks;
  openCell: (id: string) => void;
}

function homeworkSections(report: Report): Child[] {
  return [
    partOneSections(report),
    partHeading("part-2", "Part 2", "Classifying FashionMNIST"),
    dataSection(report),
    modelSection(report, "mlp"),
    modelSection(report, "cnn"),
    otherModels(report),
    parametersSection(report),
    permutedSection(report),
    bonusSection(report),
    trySection(report),
  ];
}

/** A sweep of one's own: what it has something to tell of. */
function ownSections(report: Report): Child[] {
  const { homework } = report;
  const models = new Set(homework.map(({ modelKey }) => modelKey));
  return [
    partHeading("results", "Results", "The sweep in detail"),
    searchSection(report),
    axesSection(report),
    ownModels(report),
    dataSection(report),
    models.size > 1 ? parametersSection(report) : null,
    homework.some(({ permutation }) => permutation > 0) ? permutedSection(report) : null,
    ladderOf(report.ownBonus) ? bonusSection(report) : null,
    confusionSection(report),
    trySection(report),
  ];
}

/** @throws whatever drawing makes of data of another shape; nothing of the page is left then */
export function buildPage({ data, bonus, unread, store, checks, openCell }: PageInput): Page {
  const kept: Kept[] = [];
  const report = makeReport(data, bonus, store, openCell, checks, kept);
  const live = h("div", { class: "live-place" });
  const updateLive = (next: PageData) => refill(live, liveStrip(next, Date.now()));
  const element = document.createDocumentFragment();
  let found: ReturnType<typeof explorer> | undefined;
  let listed: Contents | undefined;
  const destroy = () => {
    found?.destroy();
    listed?.destroy();
    for (const thing of kept) thing.destroy();
  };
  try {
    updateLive(data);
    const configs = report.homework.map(({ record }) => trainedConfig(record));
    found = explorer(report);
    const main = h(
      "main",
      {},
      opening(report),
      report.neutral ? ownSections(report) : homeworkSections(report),
      found.elements,
      provenanceSection(report),
    );
    append(main, referencesSection(report, main));
    listed = contents(main);
    element.append(
      h("a", { class: "skip-link", href: "#findings" }, "Skip to the findings"),
      h(
        "header",
        {},
        navigation(data, listed),
        h("div", { class: "notices" }, banners(data, quickRun(configs, data.counts, !report.neutral), unread), live),
      ),
      main,
      h(
        "footer",
        {},
        paragraph(
          "Handgrad. Every gradient on this page was computed by a backward pass written by hand. This page works without a network.",
        ),
      ),
    );
  } catch (error) {
    // Nothing that listens may stay behind.
    destroy();
    throw error;
  }
  return { element, report, updateLive, destroy };
}
