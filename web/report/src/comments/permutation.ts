/** What permuting the pixels did to each model, in words computed from the records. */
import { percent, pointsWithin, signedWithin, type WordTable } from "../data/format.js";
import { judgedAlike, judgeText, type Judge } from "../data/judge.js";
import { mayBeChance, minus, verdictOf, type Difference } from "../data/uncertainty.js";
import { ranked, judgedDifference, type Variant } from "../data/variants.js";
import { troubleOf } from "./endings.js";
import { onImagesOf } from "./judged.js";
import { withInterval } from "./learning.js";

export interface PermutationEffect {
  model: string;
  modelKind: string;
  original: Variant;
  permuted: Variant;
  /** Of both. */
  judge: Judge;
  /** Fraction lost by permuting; negative when it gained. */
  drop: number;
  difference: Difference;
  /** " (permutation 1, one of 2)" where the recipe has results under several permutations, of which the least is taken; else empty. */
  under: string;
}

/** For each model, its best recipe on original pixels, and the same recipe on permuted ones. */
export function permutationEffects(variants: readonly Variant[]): PermutationEffect[] {
  const permutedOnes = variants
    .filter((v) => v.permutation !== 0 && Number.isFinite(v.judged.mean))
    .sort((a, b) => a.permutation - b.permutation);
  const models = [...new Set(variants.map((v) => v.model))];
  return models.flatMap((model) => {
    const permutationsOf = ({ recipeKey }: Variant) => permutedOnes.filter((v) => v.recipeKey === recipeKey);
    const both = variants.filter((v) => v.model === model && v.permutation === 0 && permutationsOf(v).length > 0);
    for (const original of ranked(both)) {
      const own = permutationsOf(original);
      const [permuted] = own;
      const difference = judgedDifference(original, permuted);
      if (!Number.isFinite(difference.value)) continue;
      const under = own.length > 1 ? ` (permutation ${permuted.permutation}, one of ${own.length})` : "";
      return [
        {
          model,
          modelKind: original.modelKind,
          original,
          permuted,
          judge: original.judge,
          drop: difference.value,
          difference,
          under,
        },
      ];
    }
    return [];
  });
}

/** What the means of an effect are mixed of: " (original pixels: …; permuted pixels: …)"; empty where all seeds are sound. */
export function mixedNote({ original, permuted }: PermutationEffect): string {
  const notes = [
    troubleOf(original) && `original pixels: ${troubleOf(original)}`,
    troubleOf(permuted) && `permuted pixels: ${troubleOf(permuted)}`,
  ].filter(Boolean);
  return notes.length > 0 ? ` (${notes.join("; ")})` : "";
}

function effectSentence(effect: PermutationEffect): string {
  const { model, original, permuted, difference } = effect;
  const change = {
    more: `loses ${pointsWithin(difference)}`,
    less: `gains ${pointsWithin(difference)}`,
    level: `stays where it was; ${pointsWithin(difference)} may be chance`,
    unclear: `changes by ${pointsWithin(difference)}, which may be chance: there are too few ${difference.by} to tell`,
  }[verdictOf(difference)];
  return `The ${model} with ${original.recipe} goes from ${percent(original.judged.mean)}${onImagesOf(original)} to ${percent(permuted.judged.mean)}${effect.under}: it ${change}${mixedNote(effect)}.`;
}

function explanation({ model, modelKind, difference, original, permuted }: PermutationEffect): string {
  const verdict = verdictOf(difference);
  if (modelKind === "mlp") {
    const theory = `Theory expects no change: the first layer of the ${model} is connected to all pixels alike, so that permuting the pixels and the columns of its weight matrix together leaves every output as it is.`;
    if (mayBeChance(difference)) return theory;
    const single = original.cells.length === 1 || permuted.cells.length === 1;
    return `${theory} ${single ? "With one seed, the draw of the initial weights may explain this one; more seeds would tell." : "These records go against it."}`;
  }
  if (modelKind === "cnn")
    return verdict === "more"
      ? `The ${model} is built on neighbourhood: a small filter looks for edges and textures among pixels that lie beside each other, the same filter everywhere, and pooling keeps what was found nearby. After the permutation neighbours are unrelated pixels.`
      : `The ${model} is expected to suffer, since its small shared filters rely on neighbouring pixels; these records do not show it.`;
  return "";
}

/** The comparison, model by model, and who suffers more. */
export function permutationComments(effects: readonly PermutationEffect[]): string[] {
  if (effects.length === 0)
    return ["No recipe was run on both original and permuted pixels, so there is nothing to compare yet."];
  const comments = effects.map((effect) => `${effectSentence(effect)} ${explanation(effect)}`.trim());
  const [most, next] = judgedAlike(effects).sort((a, b) => b.drop - a.drop);
  if (next) {
    const apart = minus(most.difference, next.difference);
    comments.push(
      mayBeChance(apart)
        ? `Which of the two suffers more, the ${most.model} or the ${next.model}, these records cannot tell: the difference, ${pointsWithin(apart)}, may be chance.`
        : `So permuting costs the ${most.model} ${pointsWithin(apart)} more than the ${next.model}.`,
    );
    const [ahead, permuted] = [
      judgedDifference(next.original, most.original),
      judgedDifference(next.permuted, most.permuted),
    ];
    if (ahead.high < 0 && permuted.low > 0)
      comments.push(
        `On permuted pixels the ${next.model} even overtakes the ${most.model}, by ${pointsWithin(permuted)}.`,
      );
  }
  return withInterval(comments);
}

export const effectsTable = (effects: readonly PermutationEffect[]): WordTable => ({
  columns: ["model", "recipe", "permutation", "judged by", "original", "permuted", "difference in points"],
  rows: effects.map((e) => [
    e.model,
    e.original.recipe,
    String(e.permuted.permutation),
    judgeText(e.judge),
    percent(e.original.judged.mean, 2),
    percent(e.permuted.judged.mean, 2),
    signedWithin(judgedDifference(e.permuted, e.original)),
  ]),
});
