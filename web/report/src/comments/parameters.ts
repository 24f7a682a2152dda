/** Whether more parameters went with better accuracy, in words computed from the records. */
import { count, percent, pointsWithin } from "../data/format.js";
import { rankCorrelation } from "../data/statistics.js";
import { mayBeChance } from "../data/uncertainty.js";
import { ranked, judgedDifference, type Variant } from "../data/variants.js";
import { troubleNote } from "./endings.js";
import { onImagesOf, setApart, testBeside } from "./judged.js";
import { orChance, tooShort, withInterval } from "./learning.js";

/** The best variant of each model on original pixels, by parameters descending. */
export function bestByModel(variants: readonly Variant[]): Variant[] {
  const order = ranked(variants.filter((v) => v.permutation === 0));
  const models = [...new Set(variants.map((v) => v.model))];
  return models
    .flatMap((model) => order.find((v) => v.model === model) ?? [])
    .filter((v) => Number.isFinite(v.judged.mean))
    .sort((a, b) => b.parameters - a.parameters);
}

/** Of four models and more: Spearman's ρ, which is chance where |ρ| √(n − 1) stays below the normal quantile. */
function correlation(best: readonly Variant[]): string {
  const rho = rankCorrelation(
    best.map((v) => v.parameters),
    best.map((v) => v.judged.mean),
  );
  const [top] = ranked(best);
  const tail = `The best one, ${top.model}, has ${count(top.parameters)} parameters${troubleNote([top])}.${testBeside([top], ({ model }) => `the ${model}`)}`;
  if (!Number.isFinite(rho))
    return `Of ${best.length} models the counts or the accuracies do not vary, so there is no relation to speak of. ${tail}`;
  const verdict =
    Math.abs(rho) * Math.sqrt(best.length - 1) < 1.96
      ? "that may be chance"
      : `larger models tended to be ${rho > 0 ? "better" : "worse"}`;
  return `Over ${best.length} models the rank correlation between parameters and ${top.judge.split} accuracy is ${rho.toFixed(2).replace("-", "−")}: ${verdict}. ${tail}`;
}

function twoModels(large: Variant, small: Variant): string {
  if (large.parameters === small.parameters)
    return `The ${large.model} and the ${small.model} have ${count(large.parameters)} parameters each, so their number explains nothing.`;
  const gain = judgedDifference(small, large);
  const ratio = large.parameters / small.parameters;
  const facts = `The ${large.model} has ${count(large.parameters)} parameters and reaches ${percent(large.judged.mean)}${onImagesOf(large)} with ${large.recipe}; the ${small.model} has ${count(small.parameters)}, ${ratio.toFixed(1)} times fewer, and reaches ${percent(small.judged.mean)} with ${small.recipe}, ${pointsWithin(gain)} ${gain.value < 0 ? "less" : "more"}${orChance(gain)}${troubleNote([large, small])}.${testBeside([large, small], ({ model }) => `the ${model}`)}`;
  if (mayBeChance(gain)) return `Not clearly. ${facts}`;
  const convolution = small.modelKind === "cnn" && large.modelKind === "mlp";
  const short = tooShort([large, small]);
  const lasting = `The run is too short to tell whether that would last: ${short}.`;
  if (gain.value > 0 && short) return `No. ${facts} ${lasting}`;
  if (gain.value > 0)
    return `No. ${facts}${convolution ? " What counts is where the parameters sit: a convolution uses the same few weights at every place of the image, while a dense layer must learn each place anew." : " What counts is how the parameters are arranged, not how many there are."}`;
  if (!convolution) return `In this sweep, yes. ${facts}`;
  return `In this sweep, yes. ${facts} ${short ? lasting : "That contradicts the usual finding on images, where the smaller convolutional network wins."}`;
}

export function parameterComments(variants: readonly Variant[]): string[] {
  const best = bestByModel(variants);
  if (best.length < 2)
    return [
      `${best.length === 0 ? "No model" : "Only one model"} has a result on original pixels: there is nothing to compare.`,
    ];
  return withInterval([
    best.length > 3 ? correlation(best) : twoModels(best[0], best[best.length - 1]),
    ...setApart(variants.filter((v) => v.permutation === 0)),
  ]);
}
