/** Original over permuted pixels, a chart a model, all on one scale. */
import { permutedSentence, stripSentence } from "../comments/charts.js";
import type { PermutationEffect } from "../comments/permutation.js";
import { percent, percentTick, signedWithin } from "../data/format.js";
import { curveOf, epochAxis } from "../data/learning-curves.js";
import { sharedScale, type SharedScale } from "../data/shared-scale.js";
import { ranked, judgedDifference, type Variant } from "../data/variants.js";
import type { Series } from "../draw/chart-spec.js";
import type { FigureSpec } from "../draw/figure-spec.js";
import type { LegendEntry } from "../draw/legend.js";
import type { Report } from "../report.js";

/** Recipes of a model that are drawn, two lines each. */
const RECIPES = 4;

interface Pair {
  original: Variant;
  permuted: Variant;
  best: boolean;
}

/** The best recipes of a model that were trained on both, the one of its effect among them. */
function pairsOf({ variants }: Report, effect: PermutationEffect): Pair[] {
  const { model, permuted: chosen } = effect;
  const pairs = ranked(variants.filter((v) => v.model === model && v.permutation === 0)).flatMap((original) => {
    const permuted = variants.find(
      (v) => v.model === model && v.recipeKey === original.recipeKey && v.permutation === chosen.permutation,
    );
    return permuted ? [{ original, permuted, best: original === effect.original }] : [];
  });
  return pairs.filter(({ best }, i) => best || i < RECIPES);
}

const NAMES = ["original", "permuted"];

function seriesOf(report: Report, pairs: readonly Pair[], epochs: readonly number[]): Series[] {
  return pairs.flatMap(({ original, permuted, best }, p) =>
    [original, permuted].map(({ recipe, cells, judged }, i): Series => {
      const { mean, low, high, divergedAt } = curveOf(cells, "accuracy", "heldOut", epochs);
      return {
        label: `${recipe}, ${NAMES[i]}`,
        values: mean,
        low,
        high,
        divergedAt,
        ...report.mark(original.cells[0]),
        dashed: false,
        dotted: i === 1,
        width: best ? 2.6 : 1.3,
        endLabel: [i === 0 ? recipe : "permuted", Number.isFinite(judged.mean) ? percent(judged.mean) : ""],
        shadedTo: best && i === 0 ? 2 * p + 1 : undefined,
      };
    }),
  );
}

function entriesOf(series: readonly Series[], pairs: readonly Pair[]): LegendEntry[] {
  const recipes = pairs.map(({ original }, p) => {
    const { colour, shape, dashed } = series[2 * p];
    return { label: original.recipe, colour, shape, dashed, series: [2 * p, 2 * p + 1], set: "recipes" };
  });
  const pixels = NAMES.map((label, i) => ({
    label,
    colour: null,
    shape: null,
    dashed: false,
    dotted: i === 1,
    series: pairs.map((_, p) => 2 * p + i),
    set: "pixels",
  }));
  return [...recipes, ...pixels];
}

/** A chart a model. @param effects the models, each with its best recipe */
export function permutedFigures(report: Report, effects: readonly PermutationEffect[]): FigureSpec[] {
  const pairs = effects.map((effect) => pairsOf(report, effect));
  const all = pairs.flat().flatMap(({ original, permuted }) => [...original.cells, ...permuted.cells]);
  const scale = sharedScale(all, "accuracy", ["heldOut"], report.classes);
  return effects.map((effect, k) => permutedFigure(report, effect, pairs[k], scale, k));
}

function permutedFigure(
  report: Report,
  effect: PermutationEffect,
  pairs: readonly Pair[],
  scale: SharedScale | null,
  k: number,
): FigureSpec {
  const variants = pairs.flatMap(({ original, permuted }) => [original, permuted]);
  const epochs = epochAxis(variants.flatMap((v) => v.cells));
  const series = seriesOf(report, pairs, epochs);
  const best = 2 * pairs.findIndex((pair) => pair.best) + 1;
  const named = variants.map(({ recipe, cells }, i) => ({
    label: i % 2 === 0 ? recipe : `${recipe} on permuted pixels`,
    cells,
  }));
  return {
    id: `permuted-${k}`,
    title: `${effect.model}: original and permuted pixels`,
    caption: `${permutedSentence(effect)} ${stripSentence(named, "accuracy", scale)}`.trim(),
    xName: "epoch",
    entries: entriesOf(series, pairs),
    cellIds: (s) => variants[s].cells.map((cell) => cell.id),
    openCell: report.openCell,
    chart: {
      x: epochs,
      xLabel: "epoch",
      yLabel: `${effect.original.cells[0].heldOut} accuracy`,
      formatX: String,
      formatY: (v) => percent(v, 2),
      formatTick: percentTick,
      series,
      log: false,
      wholeX: true,
      include: scale?.include,
      strip: scale?.strip,
      sync: "permuted",
      remark: {
        series: best,
        index: series[best].values.findLastIndex((v) => v !== null),
        lines: ["permuted pixels:", `${signedWithin(judgedDifference(effect.permuted, effect.original))} points`],
      },
    },
  };
}
