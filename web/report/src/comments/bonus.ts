/** What the bonus sweep found, in words computed from its records: what was reached, what helped, and what did not. */
import { decidingFields } from "../data/config-fields.js";
import { count, duration, list, percent, points, signedPoints, spreadText } from "../data/format.js";
import { plural } from "../../../../src/core/numeric/words.js";
import { comparedBy, lastHeldOut, type Ladder, type Rung } from "../data/ladder.js";

/** The bonus in one sentence, for the page's opening; empty without a finite result. */
export function bonusFinding({ recipe }: Ladder): string {
  if (!Number.isFinite(recipe.test.mean)) return "";
  return `For the bonus, a recipe compared with others on held-out training images reaches ${spreadText(recipe.test, 2)} test accuracy${recipe.test.n > 1 ? ` (mean ± standard deviation over ${recipe.test.n} seeds)` : ""}.`;
}

/** In what the ablation's reference falls short of the recipe: "epochs 6 instead of 34, optimizer nesterov instead of muon and no prune"; empty where it does not. */
export function budgetText({ recipe, reference, shortened }: Ladder): string {
  const [full] = recipe.cells;
  const phrases = decidingFields(shortened).map((name) => {
    const [here, there] = [reference?.fields.get(name), full.fields.get(name)];
    if (here !== undefined)
      return `${name.replace(/\.kind$/, "")} ${here}${there === undefined ? "" : ` instead of ${there}`}`;
    const [whole] = name.split(".");
    return `no ${reference && whole in reference.record.config ? name : whole}`;
  });
  return list([...new Set(phrases)]);
}

/** Which images recipes were compared by, and what the test set was read for. */
export function judgedBy(ladder: Ladder): string {
  const own = ladder.recipe.cells[0].record.config.validation;
  const compared = comparedBy(ladder);
  if (own === undefined || compared === undefined)
    return "Its curves are test curves: nothing was held out to choose by, so its figures are slightly optimistic.";
  const rest =
    own === compared
      ? ", which no cell trains on"
      : `; the one that was chosen holds out the last ${count(own)}, which its curves are of, and trains on all others`;
  return `Recipes are compared by the last ${count(compared)} training images${rest}. Each cell reads the test set once, after its last epoch.`;
}

function reached(ladder: Ladder): string {
  const { recipe, reference, first } = ladder;
  const [cell] = recipe.cells;
  const steps = [
    first && Number.isFinite(first.accuracy) ? `${percent(first.accuracy, 2)} with ${first.label}` : "",
    reference && reference !== cell
      ? `${percent(lastHeldOut(reference), 2)} with the recipe at the ablation's budget (${budgetText(ladder)})`
      : "",
    `${percent(recipe.heldOut.mean, 2)} with the recipe in full (${plural(cell.curve.length, "epoch")}, ${duration(recipe.seconds.mean)} a cell)`,
  ].filter(Boolean);
  const gain = first ? recipe.heldOut.mean - first.accuracy : NaN;
  const verdict = Number.isFinite(gain)
    ? gain > 0
      ? `Yes, by ${points(gain)}: `
      : `No, it is ${points(gain)} behind: `
    : "";
  return `${verdict}${cell.heldOut} accuracy is ${list(steps)}.`;
}

/** The recipe's validation images, and where it was compared by them, what a cell loses that was not. */
function flattering(ladder: Ladder): string {
  const { recipe, first } = ladder;
  const { validation = 0 } = recipe.cells[0].record.config;
  if (comparedBy(ladder) !== validation) return `the ${count(validation)} validation images of its own.`;
  const loss = first ? first.accuracy - first.cell.metrics.testAccuracy : NaN;
  const beside = Number.isFinite(loss)
    ? ` For comparison: ${first?.label}, which was not picked by them, ${loss > 0 ? `loses ${points(loss)} in the same way` : "loses nothing"}.`
    : "";
  return `the validation images, by which recipes were compared.${beside}`;
}

function againstTest(ladder: Ladder): string {
  const { heldOut, test, cells } = ladder.recipe;
  const gap = heldOut.mean - test.mean;
  if (cells[0].heldOut === "test" || !Number.isFinite(gap)) return "";
  const head = `On the test set, which was read once for each cell, after its last epoch, the recipe reaches ${spreadText(test, 2)}`;
  if (gap > test.std) return `${head}, ${points(gap)} less than on ${flattering(ladder)}`;
  if (gap < -test.std)
    return `${head}, ${points(gap)} more than on the validation images: the two sets differ in how hard they are.`;
  return `${head}, which agrees with the validation images.`;
}

const named = (rungs: readonly Rung[]): string =>
  list(
    rungs.map(
      (rung) => `${rung.label} (${Number.isFinite(rung.difference) ? signedPoints(rung.difference, 2) : "diverged"})`,
    ),
  );

/** The rungs that take a decision back, by what that did: cost accuracy, or did not. */
function verdicts({ rungs }: Ladder): { helped: Rung[]; useless: Rung[] } {
  const back = rungs.filter(({ asRecipe }) => !asRecipe);
  return {
    helped: back.filter(({ difference }) => !(difference >= 0)),
    useless: back.filter(({ difference }) => difference >= 0),
  };
}

function helpful(ladder: Ladder): string {
  const { helped, useless } = verdicts(ladder);
  const all = helped.length + useless.length;
  if (all === 0) return "";
  if (helped.length === 0) return "No decision helped at the ablation's budget: taking back any of them cost nothing.";
  const clear = helped.filter(({ difference }) => !(difference > -ladder.noise));
  const rest = helped.length - clear.length;
  const head = `Of ${plural(all, "decision")}, ${helped.length === all ? "all" : helped.length} helped`;
  if (clear.length === 0)
    return `${head}, none by more than chance alone could explain: ${named(helped)}, in points of accuracy without it.`;
  return `${head}. What costs most to take back, in points: ${named(clear)}.${rest > 0 ? ` The other ${rest === 1 ? "one" : rest} cost less than chance alone could explain.` : ""}`;
}

function useless(ladder: Ladder): string {
  const { helped, useless: rungs } = verdicts(ladder);
  if (helped.length + rungs.length === 0) return "";
  if (rungs.length === 0) return "Nothing that was taken back turned out to be dispensable.";
  const clear = rungs.some(({ difference }) => difference > ladder.noise);
  return `Tried and of no help at this budget, as the cell without it is level or better: ${named([...rungs].reverse())}.${clear ? "" : " Chance alone could explain that."}`;
}

/** Of what the recipe has and the ablation's budget leaves out, as it would be there. */
function leftOut({ rungs }: Ladder): string {
  const tried = rungs.filter(({ asRecipe }) => asRecipe);
  return tried.length === 0
    ? ""
    : `What the recipe has and the ablation's budget leaves out, tried there too: ${named(tried)}, in points of accuracy with it.`;
}

function chance({ noise, reference, rungs }: Ladder): string {
  if (!Number.isFinite(noise) || rungs.length === 0 || !reference) return "";
  const images = reference.record.config.validation;
  return `Each rung is one cell with one seed${images === undefined ? "" : `, judged by ${count(images)} images`}: a difference of ${points(noise)} is one standard error, so smaller ones are hints, not proof.`;
}

export function bonusComments(ladder: Ladder): string[] {
  return [
    reached(ladder),
    againstTest(ladder),
    helpful(ladder),
    useless(ladder),
    leftOut(ladder),
    chance(ladder),
  ].filter((text) => text !== "");
}
