/** The opening: what was found, in a sentence for each part of the homework. */
import type { CellView } from "../data/cells.js";
import { percent, points, pointsWithin, spreadText } from "../data/format.js";
import { ladderOf } from "../data/ladder.js";
import type { SweepCells } from "../data/sweep-cells.js";
import { mayBeChance } from "../data/uncertainty.js";
import { ranked, judgedDifference, variantsOf, type Variant } from "../data/variants.js";
import { bonusFinding } from "./bonus.js";
import { isSound, troubleNote, troubleOf, troubleSentence } from "./endings.js";
import { reachedText, setApart, testBeside } from "./judged.js";
import { orChance, overSeeds, withInterval } from "./learning.js";
import { bestByModel } from "./parameters.js";
import { mixedNote, permutationEffects } from "./permutation.js";

/** Models told of. */
const NAMED = 3;

const named = ({ model }: Variant): string => `the ${model}`;

/** Who comes second on the same model; undefined where nobody does. */
function secondTo(best: Variant, variants: readonly Variant[]): Variant | undefined {
  return ranked(variants.filter((v) => v.permutation === 0)).find(
    (v) => v.model === best.model && v !== best && Number.isFinite(v.judged.mean),
  );
}

function lead(best: Variant, second: Variant | undefined): string {
  if (!second) return troubleNote([best]);
  const ahead = judgedDifference(best, second);
  return `, ${pointsWithin(ahead)} ahead of ${second.recipe}${orChance(ahead)}${troubleNote([best, second])}`;
}

/** The best of a sweep without a finite result on original pixels; undefined without any. */
function bestPermuted(variants: readonly Variant[]): Variant | undefined {
  return ranked(variants).find((v) => Number.isFinite(v.judged.mean));
}

function onPermuted(variants: readonly Variant[]): string {
  const head = "No cell on original pixels has ended with a finite result yet";
  const best = bestPermuted(variants);
  return best
    ? `${head}. On permuted pixels the highest ${best.judge.split} accuracy${overSeeds([best])} is ${spreadText(best.judged)}, with the ${best.model} and ${best.recipe}${troubleNote([best])}.${testBeside([best], named)}`
    : `${head}.`;
}

/** @param all whether every cell was trained to its end: else others may have had a recipe, too */
function bestSentence(variants: readonly Variant[], all: boolean): string {
  const best = ranked(bestByModel(variants));
  if (best.length === 0) return onPermuted(variants);
  const shown = best.slice(0, NAMED);
  const one = shown.length > 1 && shown.every(({ recipe }) => recipe === shown[0].recipe);
  const parts = shown.map((v) => {
    const who = one ? `the ${v.model}` : `the ${v.model} and ${v.recipe}`;
    return `${spreadText(v.judged)} with ${who}${lead(v, secondTo(v, variants))}`;
  });
  const models = shown.length === best.length ? "every model" : `the best ${shown.length} of ${best.length} models`;
  const rivals = !all || shown.some((v) => secondTo(v, variants));
  const figure = `${shown[0].judge.split} accuracy`;
  const head = !one
    ? `The highest ${figure}`
    : rivals
      ? `${shown[0].recipe} reaches the highest ${figure} with ${models}`
      : `${shown[0].recipe} is the only recipe with ${models}; its ${figure}`;
  return `${head}${overSeeds(shown)}: ${parts.join("; ")}.${testBeside(shown, named)}`;
}

function permutationSentence(variants: readonly Variant[]): string {
  const effects = permutationEffects(variants).slice(0, NAMED);
  if (effects.length === 0) return "";
  const parts = effects.map((effect) => {
    const { model, difference, under } = effect;
    const verb = mayBeChance(difference)
      ? `changes the ${model} by`
      : `${difference.value > 0 ? "costs" : "gains"} the ${model}`;
    return `${verb} ${pointsWithin(difference)}${orChance(difference)}${under}${mixedNote(effect)}`;
  });
  return `Permuting the pixels ${parts.join("; it ")}.`;
}

/** Who is best, in few words. */
function winner(variants: readonly Variant[]): string {
  const best = ranked(bestByModel(variants));
  const [top] = best;
  if (!isSound(top))
    return `The highest ${top.judge.split} accuracy, ${percent(top.judged.mean)}, is not sound: ${troubleOf(top)}`;
  const clear = best.every((v) => {
    const second = secondTo(v, variants);
    return v.recipe === top.recipe && isSound(v) && second && !mayBeChance(judgedDifference(v, second));
  });
  return clear ? `${top.recipe} wins` : `${top.recipe} takes the ${top.model} to ${reachedText(top)}`;
}

/** What shuffling the pixels does to the model that it changes most, beyond chance; empty where nothing was compared. */
function shuffling(variants: readonly Variant[]): string {
  const effects = permutationEffects(variants).filter((e) => isSound(e.original) && isSound(e.permuted));
  if (effects.length === 0) return "";
  const [most] = effects
    .filter(({ difference }) => !mayBeChance(difference))
    .sort((a, b) => Math.abs(b.drop) - Math.abs(a.drop));
  return most
    ? `, and shuffling the pixels ${most.drop > 0 ? "costs" : "gains"} the ${most.model} ${points(most.drop)}${most.under}`
    : ", and shuffling the pixels makes no clear difference";
}

/** The sweep's result in one short sentence without a full stop, true of any sweep. @param cells the homework's @param bonus a bonus sweep's, of the same page */
export function headline(cells: readonly CellView[], bonus: readonly CellView[] = []): string {
  const variants = variantsOf(cells);
  if (bestByModel(variants).length > 0) return `${winner(variants)}${shuffling(variants)}`;
  const permuted = bestPermuted(variants);
  if (permuted)
    return isSound(permuted)
      ? `On permuted pixels, ${permuted.recipe} takes the ${permuted.model} to ${reachedText(permuted)}`
      : `The highest ${permuted.judge.split} accuracy, ${percent(permuted.judged.mean)} on permuted pixels, is not sound: ${troubleOf(permuted)}`;
  const recipe = ladderOf(bonus)?.recipe;
  if (!recipe || !Number.isFinite(recipe.test.mean)) return "No cell has a result yet";
  const trouble = troubleOf(recipe);
  return `The bonus recipe reaches ${percent(recipe.test.mean, 2)}${trouble && `, though ${trouble}`}`;
}

/** The result in up to four sentences. @param cells the homework's @param bonus a bonus sweep's, of the same page */
export function findings(cells: readonly CellView[], bonus: readonly CellView[] = []): string[] {
  const variants = variantsOf(cells);
  const ladder = ladderOf(bonus);
  const found = ladder ? bonusFinding(ladder, cells) : "";
  const only = cells.length === 0 && bonus.length > 0;
  return withInterval(
    (only
      ? [found, troubleSentence(bonus)]
      : [
          bestSentence(
            variants,
            cells.every(({ outcome }) => outcome !== "stopped"),
          ),
          ...setApart(variants),
          permutationSentence(variants),
          troubleSentence(cells),
          found,
        ]
    ).filter(Boolean),
  );
}

/** The page's title: the result, and of a sweep of one's own also its name. */
export function title({ data, neutral, homework, ownBonus }: SweepCells): string {
  return neutral ? `${data.sweep}: ${headline(homework)}` : headline(homework, ownBonus);
}
