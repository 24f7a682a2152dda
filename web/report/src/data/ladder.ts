/** A bonus sweep as a ladder: the recipe over its seeds, and one rung for each decision that its ablation takes back. */
import { canonical } from "./config-fields.js";
import type { CellView } from "./cells.js";
import { spread, type Spread } from "./statistics.js";

export interface Rung {
  cell: CellView;
  label: string;
  /** Config fields in which the cell differs from the reference, by dotted path. */
  changed: string[];
  /** Held-out accuracy after the last epoch; NaN where the cell diverged. */
  accuracy: number;
  /** Accuracy minus the reference's: what taking the decision back did. */
  difference: number;
}

export interface Recipe {
  /** One a seed. */
  cells: CellView[];
  heldOut: Spread;
  test: Spread;
  seconds: Spread;
}

export interface Ladder {
  recipe: Recipe;
  /** The recipe at the ablation's budget, which all rungs are compared with; null where there is none yet. */
  reference: CellView | null;
  /** The homework's model, trained as the homework does; null where there is none. */
  first: Rung | null;
  /** Least accurate first, diverged ones before all others. */
  rungs: Rung[];
  /** One standard error of the difference of two accuracies on that many held-out images; NaN without a reference. */
  noise: number;
}

/** NaN where the cell diverged: its last epoch is no result to compare with. */
export function lastHeldOut(cell: CellView): number {
  return cell.record.status === "diverged" ? NaN : (cell.curve.at(-1)?.heldOutAccuracy ?? NaN);
}

/** The network's width and the epochs: what a smaller budget cuts down. */
function budgetOf({ record: { config } }: CellView): string {
  const width = config.model.kind === "resnet" ? config.model.width : 0;
  return canonical({ epochs: config.epochs, width });
}

/** Everything but the budget and the seed. */
function recipeKey({ record: { config } }: CellView): string {
  const model = config.model.kind === "resnet" ? { ...config.model, width: 0 } : config.model;
  return canonical({ ...config, model, epochs: 0, seed: 0 });
}

/** The recipe at the budget that most of the ablation's cells share. Where that is the recipe's own, it is a cell of the recipe. */
function referenceOf(ablation: CellView[], final: CellView[]): CellView | null {
  const sharing = (cell: CellView): number => ablation.filter((other) => budgetOf(other) === budgetOf(cell)).length;
  const candidates = [...ablation, ...final].filter((cell) => recipeKey(cell) === recipeKey(final[0]) && sharing(cell) > 0);
  return candidates.sort((a, b) => sharing(b) - sharing(a)).at(0) ?? null;
}

const HOMEWORK_MODELS = ["cnn", "mlp"];

function changedFields(reference: CellView, cell: CellView): string[] {
  const names = new Set([...reference.fields.keys(), ...cell.fields.keys()]);
  return [...names].filter((name) => name !== "seed" && reference.fields.get(name) !== cell.fields.get(name));
}

/** Null where no cell of the recipe has ended. */
export function ladderOf(cells: readonly CellView[]): Ladder | null {
  const ended = cells.filter((cell) => cell.curve.length > 0);
  const final = ended.filter((cell) => cell.role === "final").sort((a, b) => a.seed - b.seed);
  if (final.length === 0) return null;
  const ablation = ended.filter((cell) => cell.role === "ablation");
  const reference = referenceOf(ablation, final);
  const rungOf = (cell: CellView): Rung => {
    const accuracy = lastHeldOut(cell);
    return {
      cell,
      label: cell.label ?? cell.recipe,
      changed: reference ? changedFields(reference, cell) : [],
      accuracy,
      difference: reference ? accuracy - lastHeldOut(reference) : NaN,
    };
  };
  const rank = ({ accuracy }: Rung): number => (Number.isFinite(accuracy) ? accuracy : -1);
  const rungs = ablation.filter((cell) => cell !== reference).map(rungOf).sort((a, b) => rank(a) - rank(b));
  const first = rungs.find(({ cell }) => HOMEWORK_MODELS.includes(cell.modelKind) && cell.modelKind !== reference?.modelKind) ?? null;
  return {
    recipe: {
      cells: final,
      heldOut: spread(final.map(lastHeldOut)),
      test: spread(final.map((cell) => cell.metrics.testAccuracy)),
      seconds: spread(final.map((cell) => cell.metrics.seconds)),
    },
    reference,
    first,
    rungs: rungs.filter((rung) => rung !== first),
    noise: reference ? standardError(reference) : NaN,
  };
}

/** √(2 p (1 − p) / n): of two independent draws; two cells that are judged by the same images differ by chance somewhat less. */
function standardError(reference: CellView): number {
  const p = lastHeldOut(reference);
  const { validation, testLimit } = reference.record.config;
  return Math.sqrt((2 * p * (1 - p)) / (validation ?? testLimit ?? 10_000));
}
