/** What permuting the pixels did to each model, in words computed from the records. */
import { percent, points, signedPoints } from "../data/format.js";
import { ranked, type Variant } from "../data/variants.js";
import { LEVEL } from "./learning.js";

export interface PermutationEffect {
  model: string;
  modelKind: string;
  original: Variant;
  permuted: Variant;
  /** Fraction lost by permuting; negative when it gained. */
  drop: number;
}

/** For each model, its best recipe on original pixels, and the same recipe on permuted ones. */
export function permutationEffects(variants: readonly Variant[]): PermutationEffect[] {
  const permutedOnes = variants.filter((v) => v.permutation !== 0);
  const models = [...new Set(variants.map((v) => v.model))];
  return models.flatMap((model) => {
    const candidates = ranked(variants.filter((v) => v.model === model && v.permutation === 0));
    for (const original of candidates) {
      const permuted = permutedOnes.find((v) => v.recipeKey === original.recipeKey && v.model === model);
      if (permuted && Number.isFinite(original.test.mean) && Number.isFinite(permuted.test.mean))
        return [
          { model, modelKind: original.modelKind, original, permuted, drop: original.test.mean - permuted.test.mean },
        ];
    }
    return [];
  });
}

function effectSentence(effect: PermutationEffect): string {
  const { model, original, permuted, drop } = effect;
  const figures = `${percent(original.test.mean)} → ${percent(permuted.test.mean)}`;
  const change =
    Math.abs(drop) < LEVEL
      ? `stays where it was (${figures}, ${signedPoints(-drop)} points)`
      : drop > 0
        ? `loses ${points(drop)} (${figures})`
        : `gains ${points(drop)} (${figures})`;
  return `The ${model} with ${original.recipe} ${change}.`;
}

function explanation(effect: PermutationEffect): string {
  const { model, modelKind, drop } = effect;
  if (modelKind === "mlp") {
    if (Math.abs(drop) < 2 * LEVEL)
      return `That is as theory says for the ${model}: its first layer is connected to all pixels alike and knows nothing of neighbourhood. Permute the pixels and the columns of its first weight matrix alike and every output stays the same; only the draw of the initial weights differs.`;
    return `Theory says that the ${model} cannot tell a permutation from the original, since its first layer treats all pixels alike; a change of ${points(drop)} contradicts that, or shows how much one draw of initial weights matters. More seeds would tell.`;
  }
  if (modelKind === "cnn") {
    if (drop >= 2 * LEVEL)
      return `The ${model} is built on neighbourhood: a 3×3 filter looks for edges and textures among pixels that lie beside each other, the same filter everywhere, and pooling keeps what was found nearby. After the permutation neighbours are unrelated pixels, and the same wiring that helped is a constraint that hurts.`;
    return `The usual explanation expects the ${model} to suffer, since its small shared filters rely on neighbouring pixels; these records do not show it.`;
  }
  return "";
}

/** The comparison, model by model, and who suffers more. */
export function permutationComments(effects: readonly PermutationEffect[]): string[] {
  if (effects.length === 0)
    return ["No recipe was run on both original and permuted pixels, so there is nothing to compare yet."];
  const comments = effects.map((effect) => `${effectSentence(effect)} ${explanation(effect)}`.trim());
  if (effects.length > 1) {
    const order = [...effects].sort((a, b) => b.drop - a.drop);
    const [most, next] = order;
    const text =
      most.drop - next.drop < LEVEL
        ? `Neither model is clearly more affected than the other (${points(most.drop - next.drop)} apart).`
        : `So the ${most.model} is the more affected one, by ${points(most.drop - next.drop)} more than the ${next.model}.`;
    const overtaken =
      next.permuted.test.mean > most.permuted.test.mean && next.original.test.mean < most.original.test.mean;
    comments.push(overtaken ? `${text} On permuted pixels the ${next.model} even overtakes it.` : text);
  }
  return comments;
}
