/** The opening: what was found, in a sentence for each part of the homework. */
import { list, percent, points, spreadText } from "../data/format.js";
import type { CellView } from "../data/cells.js";
import { ladderOf } from "../data/ladder.js";
import { ranked, variantsOf, type Variant } from "../data/variants.js";
import { bonusFinding } from "./bonus.js";
import { bestByModel } from "./parameters.js";
import { permutationEffects } from "./permutation.js";

function bestSentence(variants: readonly Variant[]): string {
  const best = ranked(bestByModel(variants));
  if (best.length === 0) return "No cell on original pixels has ended with a finite result yet.";
  const shown = best.slice(0, 3);
  const recipes = new Set(shown.map((v) => v.recipe));
  if (shown.length > 1 && recipes.size === 1)
    return `${shown[0].recipe} is the best optimizer for ${shown.length === best.length ? "every model" : "the best models"}: ${list(shown.map((v) => `${spreadText(v.test)} test accuracy with the ${v.model}`))}.`;
  return `The best results are ${list(shown.map((v) => `${spreadText(v.test)} test accuracy (${v.model}, ${v.recipe})`))}.`;
}

function permutationSentence(variants: readonly Variant[]): string {
  const effects = permutationEffects(variants);
  if (effects.length === 0) return "";
  const parts = effects
    .slice(0, 3)
    .map(({ model, drop }) =>
      Math.abs(drop) < 0.005
        ? `leaves the ${model} where it was`
        : drop > 0
          ? `costs the ${model} ${points(drop)}`
          : `gains the ${model} ${points(drop)}`,
    );
  return `Permuting the pixels ${list(parts)}.`;
}

function troubleSentence(cells: readonly CellView[]): string {
  const chance = cells.filter((cell) => cell.outcome === "collapsed");
  const diverged = cells.filter((cell) => cell.record.status === "diverged");
  const failed = cells.filter((cell) => cell.record.status === "failed");
  const parts: string[] = [];
  const names = (some: CellView[]): string => {
    const kinds = [
      ...new Set(
        some.map((cell) => `the ${cell.model} with ${cell.recipe}${cell.permutation > 0 ? " on permuted pixels" : ""}`),
      ),
    ];
    return kinds.length > 3 ? `${some.length} cells` : list(kinds);
  };
  if (chance.length > 0) parts.push(`${names(chance)} gives every image one class`);
  if (diverged.length > 0) parts.push(`${names(diverged)} diverged`);
  if (failed.length > 0) parts.push(`${names(failed)} failed with an error`);
  if (parts.length === 0) return "No cell diverged, none fell to chance.";
  const text = parts.join("; ");
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

/** The sweep's result in one short sentence without a full stop, true of any sweep. @param cells the homework's @param bonus a bonus sweep's, of the same page */
export function headline(cells: readonly CellView[], bonus: readonly CellView[] = []): string {
  const best = ranked(bestByModel(variantsOf(cells)))[0] as Variant | undefined;
  if (best) return `${best.recipe} takes the ${best.model} to ${percent(best.test.mean)}`;
  const recipe = ladderOf(bonus)?.recipe;
  return recipe && Number.isFinite(recipe.test.mean)
    ? `One recipe reaches ${percent(recipe.test.mean)} test accuracy`
    : "No cell has a result yet";
}

/** The result in two to four sentences. @param cells the homework's @param bonus a bonus sweep's, of the same page */
export function findings(cells: readonly CellView[], bonus: readonly CellView[] = []): string[] {
  const variants = variantsOf(cells);
  const ladder = ladderOf(bonus);
  const found = ladder ? [bonusFinding(ladder)] : [];
  if (cells.length === 0 && bonus.length > 0) return [...found, troubleSentence(bonus)].filter((text) => text !== "");
  return [bestSentence(variants), permutationSentence(variants), troubleSentence(cells), ...found].filter(
    (text) => text !== "",
  );
}
