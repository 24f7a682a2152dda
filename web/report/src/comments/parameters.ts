/** Whether more parameters went with better accuracy, in words computed from the records. */
import { count, percent, points } from "../data/format.js";
import { rankCorrelation } from "../data/statistics.js";
import { ranked, type Variant } from "../data/variants.js";
import { LEVEL } from "./learning.js";

/** The best variant of each model on original pixels, by parameters descending. */
export function bestByModel(variants: readonly Variant[]): Variant[] {
  const models = [...new Set(variants.map((v) => v.model))];
  return models
    .flatMap((model) => ranked(variants.filter((v) => v.model === model && v.permutation === 0)).slice(0, 1))
    .filter((v) => Number.isFinite(v.test.mean))
    .sort((a, b) => b.parameters - a.parameters);
}

export function parameterComments(variants: readonly Variant[]): string[] {
  const best = bestByModel(variants);
  if (best.length < 2) return ["With a single model there is nothing to compare."];
  if (best.length > 3) {
    const rho = rankCorrelation(
      best.map((v) => v.parameters),
      best.map((v) => v.test.mean),
    );
    const top = ranked(best)[0];
    const verdict = !Number.isFinite(rho)
      ? "the counts or the accuracies do not vary, so there is no relation to speak of"
      : rho > 0.5
        ? "here larger models did tend to be better"
        : rho < -0.5
          ? "here larger models tended to be worse"
          : "the count alone says little";
    const value = Number.isFinite(rho)
      ? `Over ${best.length} models the rank correlation between parameters and test accuracy is ${rho.toFixed(2).replace("-", "−")}: `
      : `Over ${best.length} models `;
    return [`${value}${verdict}. The best one, ${top.model}, has ${count(top.parameters)} parameters.`];
  }
  const large = best[0];
  const small = best[best.length - 1];
  const gain = small.test.mean - large.test.mean;
  const ratio = large.parameters / small.parameters;
  const facts = `The ${large.model} has ${count(large.parameters)} parameters and reaches ${percent(large.test.mean)}; the ${small.model} has ${count(small.parameters)}, ${ratio.toFixed(1)} times fewer, and reaches ${percent(small.test.mean)}`;
  const convolution = small.modelKind === "cnn" && large.modelKind === "mlp";
  if (gain > LEVEL)
    return [
      `No. ${facts}, ${points(gain)} more.${convolution ? " What counts is where the parameters sit: a convolution uses the same few weights at every place of the image, which is right for images, while a dense layer must learn each place anew." : " What counts is how the parameters are arranged, not how many there are."}`,
    ];
  if (gain < -LEVEL)
    return [
      `In this sweep, yes: ${facts}, ${points(gain)} less.${convolution ? " That contradicts the usual finding on images, where the smaller convolutional network wins." : ""}`,
    ];
  return [`Not visibly: ${facts}, practically the same (${points(gain)} apart).`];
}
