/** What was asked, what was found, and the figures that matter most. */
import { findings } from "../comments/findings.js";
import { bestByModel } from "../comments/parameters.js";
import { permutationEffects } from "../comments/permutation.js";
import { scopeText } from "../comments/scope.js";
import { count, duration, percent, signedPoints, spreadText } from "../data/format.js";
import { plural } from "../../../../src/core/numeric/words.js";
import type { CellView } from "../data/cells.js";
import { ladderOf } from "../data/ladder.js";
import { ranked, type Variant } from "../data/variants.js";
import { bdi, button, h, paragraphs } from "../draw/dom.js";
import { swatch } from "../draw/marks.js";
import { scrollTable } from "../draw/table.js";
import type { Report } from "../report.js";

const ROWS = 12;
const COLUMNS = 8;

export const datasetName = ({ dataset, datasetText }: Report["data"]): string => datasetText?.title ?? dataset;

function tile(value: string, label: string, detail: string): HTMLElement {
  return h(
    "div",
    { class: "tile" },
    h("div", { class: "tile-value" }, value),
    h("div", { class: "tile-label" }, label),
    h("div", { class: "tile-detail" }, detail),
  );
}

function tiles(report: Report): HTMLElement {
  const best = ranked(bestByModel(report.variants)).slice(0, 2);
  const effects = permutationEffects(report.variants).slice(0, 2);
  return h(
    "div",
    { class: "tiles" },
    bonusTile(report),
    best.map((v) =>
      tile(percent(v.test.mean), `best ${v.model}, test accuracy`, `${v.recipe}, ${count(v.parameters)} parameters`),
    ),
    effects.map((e) =>
      tile(
        `${signedPoints(-e.drop)} pts`,
        `${e.model} when pixels are permuted`,
        `${percent(e.original.test.mean)} → ${percent(e.permuted.test.mean)}, ${e.original.recipe}`,
      ),
    ),
  );
}

/** The bonus cells that the page's own sweep trained, or that stand beside the reference results. */
function bonusCells({ bonus, data }: Report): CellView[] {
  return bonus.source === data.source ? bonus.cells : [];
}

function bonusTile(report: Report): HTMLElement | null {
  const recipe = ladderOf(bonusCells(report))?.recipe;
  if (!recipe || !Number.isFinite(recipe.test.mean)) return null;
  const [cell] = recipe.cells;
  return tile(
    percent(recipe.test.mean),
    "bonus, test accuracy",
    `${cell.model}, ${count(cell.metrics.parameters)} parameters${recipe.test.n > 1 ? `, mean of ${recipe.test.n} seeds` : ""}`,
  );
}

/** Recipes by rows, model and pixel order by columns: the sweep at a glance. */
function glance(report: Report): HTMLElement | null {
  if (report.variants.length === 0) return null;
  const columns = [...new Map(report.variants.map((v) => [`${v.model}\u0000${v.permutation}`, v])).values()]
    .sort((a, b) => a.permutation - b.permutation || (a.model < b.model ? 1 : -1))
    .slice(0, COLUMNS);
  const bestOf = (variants: Variant[]) => ranked(variants)[0];
  const recipes = [...new Set(ranked(report.variants).map((v) => v.recipe))];
  const shown = recipes.slice(0, ROWS);
  const winners = new Set(
    columns.map((c) => bestOf(report.variants.filter((v) => v.model === c.model && v.permutation === c.permutation))),
  );
  return h(
    "div",
    { class: "glance" },
    scrollTable(
      "Test accuracy after the last epoch, by recipe and model",
      [
        "optimizer",
        ...columns.map((c) =>
          h(
            "span",
            {},
            bdi(c.model),
            h(
              "small",
              {},
              c.permutation === 0 ? "original" : `permuted${c.permutation > 1 ? ` (${c.permutation})` : ""}`,
            ),
          ),
        ),
      ],
      shown.map((recipe) => [
        h("span", { class: "recipe" }, recipeSwatch(report, recipe), bdi(recipe)),
        ...columns.map(({ model, permutation }) => {
          const same = (v: Variant) => v.recipe === recipe && v.model === model && v.permutation === permutation;
          const variant = report.variants.find(same);
          return variant ? glanceFigure(report, variant, winners.has(variant)) : "–";
        }),
      ]),
      { numeric: columns.map((_, i) => i + 1) },
    ),
    h(
      "p",
      { class: "note" },
      `Test accuracy after the last epoch; the best of each column is set in bold. ${recipes.length > ROWS ? `The ${ROWS} best of ${recipes.length} recipes; the explorer has all. ` : ""}Choose a figure to see its cell.`,
    ),
  );
}

function recipeSwatch(report: Report, recipe: string): SVGElement | null {
  const variant = report.variants.find((v) => v.recipe === recipe);
  if (!variant) return null;
  const { colour, shape } = report.mark(variant);
  return swatch(colour, shape, false);
}

/** A variant's accuracy, which opens its first cell. @param best of its column */
function glanceFigure(report: Report, variant: Variant, best: boolean): HTMLElement {
  const { cells, model, recipe, permutation, test } = variant;
  const diverged = cells.some((cell) => cell.record.status === "diverged");
  const collapsed = cells.every((cell) => cell.outcome === "collapsed");
  const tag = collapsed ? "collapsed" : diverged ? "diverged" : "";
  const accuracy = spreadText(test, 2);
  const pixels = permutation ? `permutation ${permutation}` : "original pixels";
  return button(
    best ? "figure-link best" : "figure-link",
    [diverged && !Number.isFinite(test.mean) ? "diverged" : accuracy, tag ? h("span", { class: "tag" }, tag) : null],
    () => report.openCell(cells[0].id),
    { "aria-label": `${model}, ${recipe}, ${pixels}: ${accuracy}${tag && ` ${tag}`}, details` },
  );
}

export function opening(report: Report): HTMLElement {
  const { data } = report;
  const facts = [
    `sweep ${data.sweep}`,
    `${plural(report.cells.length, "cell")} on ${datasetName(data)}`,
    scopeText(
      report.cells.map(({ record }) => record.config),
      data.counts,
    ),
    data.wallSeconds > 0
      ? `${duration(data.wallSeconds)}${data.workers > 0 ? ` on ${plural(data.workers, "worker")}` : ""}`
      : "",
  ].filter(Boolean);
  return h(
    "section",
    { class: "opening", "aria-labelledby": "title" },
    h("p", { class: "kicker" }, "EE-411 · Homework 3 · Neural networks"),
    h("h1", { id: "title" }, "Small networks, every gradient written by hand"),
    h("p", { class: "byline" }, bdi(facts.join(" · "))),
    h(
      "div",
      { class: "asked-found" },
      h(
        "div",
        {},
        h("h2", { id: "asked" }, "What was asked"),
        h(
          "p",
          {},
          "Derive and implement backpropagation for a one-layer network with a stable logistic loss. Then classify FashionMNIST with a multilayer perceptron and a convolutional network, compare three optimizers, count parameters, and find out what happens to each model when the pixels of every image are shuffled in one fixed way.",
        ),
      ),
      h(
        "div",
        { class: "found" },
        h("h2", { id: "findings" }, "What was found"),
        paragraphs(findings(report.homework, bonusCells(report))),
      ),
    ),
    tiles(report),
    glance(report),
  );
}
