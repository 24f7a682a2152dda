/** Original against permuted pixels: the images, the curves over each other, the classes that suffer, and the first layer's weights. */
import { largest, smallest } from "../../../../src/core/numeric/extremes.js";
import { recallSentence, type RecallChange } from "../comments/charts.js";
import {
  effectsTable,
  permutationComments,
  permutationEffects,
  type PermutationEffect,
} from "../comments/permutation.js";
import { classAccuracies, summedConfusion } from "../data/confusion.js";
import { plural } from "../../../../src/core/numeric/words.js";
import type { Variant } from "../data/variants.js";
import { bdi, h, type Child } from "../draw/dom.js";
import { figure } from "../draw/figure.js";
import { signedCanvas } from "../draw/images.js";
import { slopeGraph } from "../draw/slope-graph.js";
import { wordTable } from "../draw/table.js";
import { written } from "../draw/written.js";
import type { Report } from "../report.js";
import { permutedImages } from "./data-section.js";
import { sectionCode } from "./section-code.js";
import { permutedFigures } from "./permuted-figures.js";
import { commentary, framed, writtenSection } from "./section.js";

/** Models that are shown. */
const MODELS = 4;
/** Classes whose recall is drawn, those that change most. */
const CLASSES = 16;
/** Filters of a model that are shown. */
const FILTERS = 8;

const columns = (children: Child[]): HTMLElement => h("div", { class: "columns" }, children);

function curves(report: Report, effects: readonly PermutationEffect[]): Child {
  const charts = permutedFigures(report, effects).map((spec) => report.keep(figure(spec)).element);
  if (charts.length === 0) return null;
  const seeds = largest(
    effects.flatMap(({ original, permuted }) => [original.cells.length, permuted.cells.length]),
    0,
  );
  const bands = seeds > 1 ? " Lines are means over seeds, bands reach from the lowest to the highest." : "";
  const scale = charts.length > 1 ? " The charts share their vertical scale." : "";
  return h(
    "div",
    { class: "wide" },
    columns(charts),
    h(
      "p",
      { class: "note" },
      `Solid: original pixels. Dotted: permuted ones, trained anew with the same recipe.${bands}${scale}`,
    ),
  );
}

function recallChanges(report: Report, { original, permuted }: PermutationEffect): RecallChange[] {
  const recalls = ({ cells }: Variant) => classAccuracies(summedConfusion(cells.map((cell) => cell.record.confusion)));
  const [from, to] = [recalls(original), recalls(permuted)];
  // Seeds are judged by the same images: their answers are summed, their images count once.
  const judged = original.cells.filter((cell) => cell.record.confusion.length > 0).length;
  return from.flatMap(({ label, recall, images }) =>
    Number.isFinite(recall) && Number.isFinite(to[label]?.recall)
      ? [
          {
            label: report.data.classNames[label] ?? String(label),
            from: recall,
            to: to[label].recall,
            images: images / judged,
          },
        ]
      : [],
  );
}

/** Recall class by class, a graph a model, on one scale. */
function recall(report: Report, effects: readonly PermutationEffect[]): Child {
  const graphs = effects
    .map((effect) => {
      const all = recallChanges(report, effect);
      const change = ({ from, to }: RecallChange) => Math.abs(to - from);
      const kept = new Set([...all].sort((a, b) => change(b) - change(a)).slice(0, CLASSES));
      return { model: effect.model, all, slopes: all.filter((one) => kept.has(one)) };
    })
    .filter(({ slopes }) => slopes.length > 0);
  const values = graphs.flatMap(({ slopes }) => slopes.flatMap(({ from, to }) => [from, to]));
  if (graphs.length === 0) return null;
  return h(
    "div",
    { class: "wide" },
    columns(
      graphs.map(({ model, all, slopes }, k) =>
        slopeGraph({
          id: `recall-${k}`,
          title: `${model}: recall by class`,
          caption: `${recallSentence(model, all)} Recall is the share of a class's test images that is recognised.${all.length > slopes.length ? ` The ${slopes.length} classes that change most are drawn.` : ""}`,
          ends: ["original", "permuted"],
          slopes,
          range: [smallest(values), largest(values)],
        }),
      ),
    ),
  );
}

interface Filters {
  name: string;
  values: number[];
  width: number;
  height: number;
  count: number;
}

/** A model's filters before and after, and where there is a filter pixel for every image pixel, with the permutation undone. */
function filtersOf(report: Report, { original, permuted }: PermutationEffect): Filters[] {
  const of = (variant: Variant, name: string): Filters[] => {
    const found = report.data.filters?.[variant.cells[0].id];
    return found ? [{ name, ...found }] : [];
  };
  const order = report.data.permutations[String(permuted.permutation)];
  const after = of(permuted, "permuted pixels");
  const undone = after
    .filter(({ width, height }) => order?.length === width * height)
    .map((filters) => ({
      ...filters,
      name: "permuted pixels, each weight moved back to its pixel's place",
      values: putBack(filters.values, order),
    }));
  const before = of(original, "original pixels");
  return before.length > 0 && after.length > 0 ? [...before, ...after, ...undone] : [];
}

/** Each weight at the place of the pixel that it is multiplied with: pixel i of a permuted image is pixel order[i] of the original. */
export function putBack(values: readonly number[], order: ArrayLike<number>): number[] {
  const size = order.length;
  const out = new Array<number>(values.length);
  values.forEach((value, i) => (out[i - (i % size) + order[i % size]] = value));
  return out;
}

function filters(report: Report, effects: readonly PermutationEffect[]): Child {
  const shown = effects.map((effect) => ({ model: effect.model, rows: filtersOf(report, effect) }));
  if (shown.every(({ rows }) => rows.length === 0)) return null;
  return [
    written("permuted", {}, "filters"),
    h(
      "div",
      { class: "wide" },
      columns(
        shown
          .filter(({ rows }) => rows.length > 0)
          .map(({ model, rows }) =>
            h(
              "figure",
              { class: "first-layers" },
              h("h4", {}, bdi(model), ": first-layer filters"),
              rows.map((row) => filterRow(model, row)),
            ),
          ),
      ),
    ),
  ];
}

function filterRow(model: string, { name, values, width, height, count }: Filters): Child {
  const size = width * height;
  const images = Array.from({ length: Math.min(FILTERS, count) }, (_, k) =>
    signedCanvas(values.slice(k * size, (k + 1) * size), width, height, `${model}, ${name}: filter ${k + 1}`),
  );
  return [h("p", { class: "note" }, name), h("div", { class: "first-layer" }, images)];
}

export function permutedSection(report: Report): HTMLElement {
  const effects = permutationEffects(report.variants);
  const shown = effects.slice(0, MODELS);
  const size = report.data.imageSize;
  const slots = {
    pixels: size ? plural(size.height * size.width, "pixel") : "pixels",
    images: permutedImages(report),
    code: sectionCode("permuted"),
    curves: curves(report, shown),
    table:
      effects.length > 0
        ? wordTable("Original against permuted, best recipe of each model", effectsTable(effects), [2, 4, 5, 6])
        : h("div", { class: "absent" }, written("permuted", {}, "absent")),
    comments: commentary(effects.length > 0 ? permutationComments(effects) : []),
    recall: recall(report, shown),
    filters: filters(report, shown),
  };
  return writtenSection("permuted", slots, framed(report, "permuted"));
}
