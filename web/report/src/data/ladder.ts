/** A bonus sweep as a ladder: the recipe over its seeds, and one rung for each decision that its ablation takes back. */
import type { FieldValue } from "../../../../src/core/config-fields.js";
import { changedFields } from "./config-fields.js";
import type { CellView } from "./cells.js";
import { spread, type Spread } from "./statistics.js";
import { differenceOf, measuredByJudge, type Difference, type Measured } from "./uncertainty.js";

export interface Rung {
  cell: CellView;
  label: string;
  /** Config fields in which the cell differs from the reference, by dotted path. */
  changed: string[];
  /** "added" where every field it changes has the recipe's value: it tries a decision that the ablation's budget leaves out. */
  kind: "taken back" | "added";
  /** Held-out accuracy after the last epoch; NaN where the cell diverged. */
  accuracy: number;
  /** Accuracy minus the reference's: what the rung's change did. */
  difference: number;
  /** The same with its interval, by the number of held-out images; NaN throughout where there is no difference. */
  uncertainty: Difference;
  /** True where it has the reference's epochs and images, so that the difference is the change's. */
  comparable: boolean;
}

interface Recipe {
  /** One a seed. */
  cells: CellView[];
  heldOut: Spread;
  test: Spread;
  seconds: Spread;
  /** True where it has the reference's epochs and images. */
  comparable: boolean;
}

export interface Ladder {
  recipe: Recipe;
  /** What all rungs are compared with: the recipe at the ablation's budget; null where there is none yet. */
  reference: CellView | null;
  /** Config fields in which the reference differs from the recipe; empty where it is a cell of the recipe. */
  shortened: string[];
  /** The homework's model, trained as the homework does; null where there is none. */
  first: Rung | null;
  /** Least accurate first, diverged ones before all others. */
  rungs: Rung[];
}

/** NaN where the cell diverged: its last epoch is no result to compare with. */
export function lastHeldOut(cell: CellView): number {
  return cell.record.status === "diverged" ? NaN : cell.judged;
}

/** Without the cells that diverged. */
export const measuredHeldOut = (cells: readonly CellView[]): Measured =>
  measuredByJudge(cells.filter((cell) => Number.isFinite(lastHeldOut(cell))));

/** Fields that decide on how much a cell is trained and by which images it is judged. */
const SCOPE = ["epochs", "trainLimit", "testLimit", "validation"];

const sameScope = (a: CellView, b: CellView): boolean =>
  SCOPE.every((name) => a.fields.get(name) === b.fields.get(name));

type Budget = Map<string, FieldValue | undefined>;

/** The fields in which more than half of the ablation's cells share one value that is not the recipe's: its budget, not its decisions. */
function budgetOf(ablation: CellView[], recipe: CellView): Budget {
  const budget: Budget = new Map();
  for (const name of new Set(ablation.flatMap((cell) => changedFields(recipe.fields, cell.fields)))) {
    const values = ablation.map((cell) => cell.fields.get(name));
    for (const value of new Set(values))
      if (value !== recipe.fields.get(name) && values.filter((other) => other === value).length > ablation.length / 2)
        budget.set(name, value);
  }
  return budget;
}

/** The recipe at the ablation's budget, a cell of the recipe where that is its own. Null for a single cell of the ablation, which cannot tell budget from decision. */
function referenceOf(ablation: CellView[], recipe: CellView, budget: Budget): CellView | null {
  const atBudget = (cell: CellView): boolean =>
    [...budget].every(([name, value]) => cell.fields.get(name) === value) &&
    changedFields(recipe.fields, cell.fields).every((name) => budget.has(name));
  return (ablation.length > 1 && [recipe, ...ablation].find(atBudget)) || null;
}

const HOMEWORK_MODELS = ["cnn", "mlp"];

/** Null where no cell of the recipe has ended. */
export function ladderOf(cells: readonly CellView[]): Ladder | null {
  const ended = cells.filter((cell) => cell.curve.length > 0 && cell.outcome !== "stopped");
  const final = ended.filter((cell) => cell.role === "final").sort((a, b) => a.seed - b.seed);
  if (final.length === 0) return null;
  const ablation = ended.filter((cell) => cell.role === "ablation");
  const reference = referenceOf(ablation, final[0], budgetOf(ablation, final[0]));
  const rungOf = (cell: CellView): Rung => {
    const accuracy = lastHeldOut(cell);
    const changed = reference ? changedFields(reference.fields, cell.fields) : [];
    return {
      cell,
      label: cell.label ?? cell.recipe,
      changed,
      kind:
        changed.length > 0 && changed.every((name) => cell.fields.get(name) === final[0].fields.get(name))
          ? "added"
          : "taken back",
      accuracy,
      difference: reference ? accuracy - lastHeldOut(reference) : NaN,
      uncertainty: differenceOf(measuredHeldOut([cell]), measuredHeldOut(reference ? [reference] : [])),
      comparable: reference !== null && sameScope(cell, reference),
    };
  };
  const rank = ({ accuracy }: Rung): number => (Number.isFinite(accuracy) ? accuracy : -1);
  const rungs = ablation
    .filter((cell) => cell !== reference)
    .map(rungOf)
    .sort((a, b) => rank(a) - rank(b));
  const first =
    rungs.find(
      ({ cell }) => HOMEWORK_MODELS.includes(cell.modelKind) && cell.modelKind !== (reference ?? final[0]).modelKind,
    ) ?? null;
  return {
    recipe: {
      cells: final,
      heldOut: spread(final.map(lastHeldOut)),
      test: spread(final.map((cell) => cell.metrics.testAccuracy)),
      seconds: spread(final.map((cell) => cell.metrics.seconds)),
      comparable: reference !== null && sameScope(final[0], reference),
    },
    reference,
    shortened: reference ? changedFields(final[0].fields, reference.fields) : [],
    first,
    rungs: rungs.filter((rung) => rung !== first),
  };
}

/** How many held-out training images recipes were compared by: the ablation's, else the recipe's own; undefined where by the test set. */
export function comparedBy({ recipe, reference }: Ladder): number | undefined {
  return (reference ?? recipe.cells[0]).record.config.validation;
}
