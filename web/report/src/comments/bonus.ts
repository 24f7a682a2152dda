/** What the bonus sweep found, in words computed from its records: what was reached, what helped, and what did not. */
import { trainedConfig } from "./scope.js";
import { plural } from "../../../../src/core/numeric/words.js";
import { testImages, type CellView } from "../data/cells.js";
import { decidingFields } from "../data/config-fields.js";
import { count, duration, list, pointsWithin, signedWithin, spreadText } from "../data/format.js";
import { comparedBy, lastHeldOut, type Ladder, type Rung } from "../data/ladder.js";
import { spread } from "../data/statistics.js";
import { differenceOf, mayBeChance, measuredOnTest, onImages, type Difference } from "../data/uncertainty.js";
import { ranked, variantsOf } from "../data/variants.js";
import { troubleOf } from "./endings.js";
import { orChance, withInterval } from "./learning.js";

const accuracyOf = (cells: readonly CellView[]): string =>
  spreadText(spread(cells.map(({ metrics }) => metrics.testAccuracy)), 2);

interface Baseline {
  cells: readonly CellView[];
  /** "the homework's best CNN, Nesterov". */
  name: string;
}

/** What the recipe is to beat: the best CNN of the homework's cells, if trained and tested on the same whole data; else the one in the ablation. */
function baselineOf({ recipe, first }: Ladder, homework: readonly CellView[]): Baseline | undefined {
  const [own] = recipe.cells;
  const alike = ({ record, modelKind, permutation }: CellView): boolean =>
    modelKind === "cnn" &&
    permutation === 0 &&
    record.dataDigest === own.record.dataDigest &&
    record.config.trainLimit === own.record.config.trainLimit &&
    record.config.testLimit === own.record.config.testLimit;
  const [best] = ranked(variantsOf(homework.filter(alike)));
  if (best && Number.isFinite(best.test.mean))
    return { cells: best.cells, name: `the homework's best ${best.model}, ${best.recipe}` };
  return first && Number.isFinite(first.cell.metrics.testAccuracy)
    ? { cells: [first.cell], name: `${first.label} in the ablation` }
    : undefined;
}

/** The recipe's distance to its baseline by test accuracy. */
function gainOf(ladder: Ladder, baseline: Baseline): Difference {
  return differenceOf(measuredOnTest(ladder.recipe.cells), measuredOnTest(baseline.cells));
}

const moreOrLess = (d: Difference): string => `${pointsWithin(d)} ${d.value < 0 ? "less" : "more"}`;

/** What the recipe's mean is mixed of, after a space; empty where all its seeds are sound. */
function trouble({ recipe }: Ladder): string {
  const text = troubleOf(recipe);
  return text && ` Of the recipe, ${text}.`;
}

/** The bonus in one sentence, for the page's opening; empty without a finite result. @param homework the page's homework cells */
export function bonusFinding(ladder: Ladder, homework: readonly CellView[]): string {
  const { recipe } = ladder;
  if (!Number.isFinite(recipe.test.mean)) return "";
  const baseline = baselineOf(ladder, homework);
  const gain = baseline && gainOf(ladder, baseline);
  const than = baseline && gain ? `, ${moreOrLess(gain)} than ${baseline.name}${orChance(gain)}` : "";
  const seeds = recipe.test.n > 1 ? ` (mean ± standard deviation over ${recipe.test.n} seeds)` : "";
  return `For the bonus, a recipe reaches a test accuracy of ${spreadText(recipe.test, 2)}${seeds}${than}.${trouble(ladder)}`;
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

/** Budgets of cells: "72 epochs, 1 h 02 min a cell". */
function budget(cells: readonly CellView[]): string {
  const seconds = spread(cells.map(({ metrics }) => metrics.seconds)).mean;
  return `${plural(trainedConfig(cells[0].record).epochs, "epoch")}${Number.isFinite(seconds) ? `, ${duration(seconds)} a cell` : ""}`;
}

function reached(ladder: Ladder, homework: readonly CellView[]): string {
  const { cells, test } = ladder.recipe;
  if (!Number.isFinite(test.mean)) return "";
  const recipe = `test accuracy is ${accuracyOf(cells)} with the recipe (${budget(cells)})`;
  const baseline = baselineOf(ladder, homework);
  if (!baseline) return `The recipe's ${recipe.replace(" with the recipe", "")}.${trouble(ladder)}`;
  const gain = gainOf(ladder, baseline);
  const verdict = mayBeChance(gain) ? "Not clearly" : gain.value > 0 ? "Yes" : "No";
  return `${verdict}: ${recipe} and ${accuracyOf(baseline.cells)} with ${baseline.name} (${budget(baseline.cells)}), ${moreOrLess(gain)}${orChance(gain)}.${trouble(ladder)}`;
}

/** How far the validation images flatter the recipe. */
function againstTest(ladder: Ladder): string {
  const { heldOut, test, cells } = ladder.recipe;
  const { validation } = cells[0].record.config;
  const gap = differenceOf(onImages(heldOut.mean, validation ?? 0), onImages(test.mean, testImages(cells[0].record)));
  if (validation === undefined || !Number.isFinite(gap.value)) return "";
  const head = `On its ${count(validation)} validation images the recipe reaches ${spreadText(heldOut, 2)}, ${moreOrLess(gap)} than on the ${count(testImages(cells[0].record))} test images, which were read once`;
  if (mayBeChance(gap)) return `${head}; that may be chance.`;
  if (gap.value < 0) return `${head}: the two sets differ in how hard they are.`;
  return (comparedBy(ladder) ?? 0) >= validation
    ? `${head}: recipes were compared by these images too, which flatters them.`
    : `${head}.`;
}

/** @param chance what stands behind each difference */
const named = (rungs: readonly Rung[], chance: (d: Difference) => string = () => ""): string =>
  list(
    rungs.map(({ label, uncertainty: d }) =>
      Number.isFinite(d.value) ? `${label} (${signedWithin(d)}${chance(d)})` : `${label} (diverged)`,
    ),
  );

/** Rungs of one kind by what chance leaves of them: it cost accuracy, gained some, or neither for certain. */
function verdicts(ladder: Ladder, kind: Rung["kind"]): Record<"all" | "worse" | "better" | "open", Rung[]> {
  const known = ladder.reference !== null && Number.isFinite(lastHeldOut(ladder.reference));
  const all = ladder.rungs.filter((rung) => known && rung.kind === kind && rung.comparable);
  const open = all.filter(({ difference, uncertainty }) => Number.isFinite(difference) && mayBeChance(uncertainty));
  const clear = all.filter((rung) => !open.includes(rung));
  return {
    all,
    open,
    worse: clear.filter(({ difference }) => !(difference > 0)),
    better: clear.filter(({ difference }) => difference > 0),
  };
}

/** What taking each decision back did. */
function takenBack(ladder: Ladder): string {
  const { all, worse, better, open } = verdicts(ladder, "taken back");
  if (all.length === 0) return "";
  const parts = [
    worse.length > 0
      ? `${worse.length} of ${plural(all.length, "decision")} ${worse.length === 1 ? "helps" : "help"} beyond chance; changing each alone does this, in points with their 95 % interval: ${named(worse)}.`
      : `None of ${plural(all.length, "decision")} helps beyond chance.`,
    better.length > 0 ? `Better without, beyond chance: ${named(better)}.` : "",
    open.length > 0
      ? `${open.length === 1 ? "One change" : `${open.length} changes`} may do nothing: ${named(open)}.`
      : "",
  ];
  return parts.filter(Boolean).join(" ");
}

/** What the recipe has and the ablation's budget leaves out, as it would be there. */
function leftOut(ladder: Ladder): string {
  const { all } = verdicts(ladder, "added");
  return all.length === 0
    ? ""
    : `Decisions of the recipe that the ablation's budget leaves out, tried there, in points with their 95 % interval: ${named(all, orChance)}.`;
}

function chance({ reference, rungs }: Ladder): string {
  if (rungs.length === 0 || !reference) return "";
  const { images } = reference.judge;
  return `Each rung is one cell with one seed, judged by ${count(images)} images. The intervals come from these images alone: another seed would give other figures.`;
}

/** @param homework the page's homework cells, whose best CNN is what the recipe is to beat */
export function bonusComments(ladder: Ladder, homework: readonly CellView[]): string[] {
  return withInterval(
    [reached(ladder, homework), againstTest(ladder), takenBack(ladder), leftOut(ladder), chance(ladder)].filter(
      Boolean,
    ),
  );
}
