/** Puts the page together: banners, navigation, the homework's sections in order, explorer and provenance. */
import { quickRun } from "./comments/scope.js";
import type { PageData } from "./data/page-data.js";
import { banners } from "./draw/banner.js";
import { button, h, paragraph, refill } from "./draw/dom.js";
import type { Figure } from "./draw/figure.js";
import { liveStrip } from "./draw/live-strip.js";
import { currentTheme, setTheme } from "./draw/theme.js";
import { makeReport, type Report } from "./report.js";
import { bonusSection } from "./sections/bonus-section.js";
import { dataSection } from "./sections/data-section.js";
import { explorer } from "./sections/explorer.js";
import { modelSection } from "./sections/model-section.js";
import { opening } from "./sections/opening.js";
import { otherModels } from "./sections/other-models-section.js";
import { parametersSection } from "./sections/parameters-section.js";
import { partOneSections } from "./sections/part-one-section.js";
import { permutedSection } from "./sections/permuted-section.js";
import { provenanceSection } from "./sections/provenance-section.js";
import { partHeading } from "./sections/section.js";
import type { ViewStore } from "./view-store.js";

const LINKS: [string, string][] = [
  ["findings", "Findings"],
  ["part-1", "1 Backpropagation"],
  ["data", "2.1 Data"],
  ["mlp", "2.2 MLP"],
  ["cnn", "2.3 CNN"],
  ["parameters", "2.4 Parameters"],
  ["permuted", "2.5 Permuted"],
  ["bonus", "2.6 Bonus"],
  ["explorer", "Explorer"],
  ["provenance", "Provenance"],
];

const MLP = {
  id: "mlp",
  number: "2.2",
  title: "Multilayer perceptron",
  asked:
    "Two hidden layers of 100 neurons with ReLU, cross-entropy; SGD (lr 0.01), SGD with Nesterov momentum (lr 0.01, momentum 0.9), Adam (lr 0.1). Plot training and test curves for every epoch on a single plot, and comment.",
};
const CNN = {
  id: "cnn",
  number: "2.3",
  title: "Convolutional network",
  asked:
    "Three convolutions (kernel 3; 16, 32, 64 channels), max-pooling after each, one dense layer. Train with the same configurations, plot training and validation curves on a single plot, and comment.",
};
const NO_VALIDATION =
  "Where the homework says validation, the test set stands in for it: no setting is chosen by these curves.";

function navigation(data: PageData): HTMLElement {
  const jump = (id: string) => (event: Event) => {
    const target = document.getElementById(id);
    if (!target) return;
    event.preventDefault();
    target.scrollIntoView({ behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
    const heading = target.matches("h2") ? target : (target.querySelector<HTMLElement>("h2, h3") ?? target);
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
  };
  const dark = () => currentTheme() === "dark";
  const toggleTheme = () => {
    setTheme(dark() ? "light" : "dark");
    toggle.setAttribute("aria-pressed", String(dark()));
  };
  const toggle = button("quiet theme-toggle", "◐", toggleTheme, {
    "aria-label": "Dark appearance",
    "aria-pressed": String(dark()),
  });
  return h(
    "nav",
    { class: "top", "aria-label": "Sections" },
    h(
      "div",
      { class: "top-inner" },
      h("a", { class: "brand", href: "#title", onclick: jump("title") }, "Handgrad"),
      data.datasetText?.warning ? h("span", { class: "badge" }, data.datasetText.warning.badge) : null,
      h(
        "ul",
        {},
        LINKS.map(([id, label]) => h("li", {}, h("a", { href: `#${id}`, onclick: jump(id) }, label))),
      ),
      toggle,
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
  openCell: (id: string) => void;
}

/** @throws whatever drawing makes of data of another shape; nothing of the page is left then */
export function buildPage({ data, bonus, unread, store, openCell }: PageInput): Page {
  const figures: Figure[] = [];
  const report = makeReport(data, bonus, store, openCell, figures);
  const live = h("div", { class: "live-place" });
  const updateLive = (next: PageData) => refill(live, liveStrip(next, Date.now()));
  const element = document.createDocumentFragment();
  let found: ReturnType<typeof explorer> | undefined;
  const destroy = () => {
    found?.destroy();
    for (const figure of figures) figure.destroy();
  };
  try {
    updateLive(data);
    const homework = report.homework.map(({ record }) => record.config);
    found = explorer(report);
    element.append(
      h(
        "header",
        {},
        navigation(data),
        h("div", { class: "notices" }, banners(data, quickRun(homework, data.counts), unread), live),
      ),
      h(
        "main",
        {},
        opening(report),
        partOneSections(report),
        partHeading("part-2", "Part 2", "Classifying FashionMNIST"),
        dataSection(report),
        modelSection(report, MLP, ["mlp"]),
        modelSection(report, CNN, ["cnn"], NO_VALIDATION),
        (otherModels(report) as Node | null) ?? "",
        parametersSection(report),
        permutedSection(report),
        bonusSection(report),
        found.elements,
        provenanceSection(report),
      ),
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
