/** A sweep's cells as its report tells of them: the homework's, a bonus sweep's, and how their marks are told apart. */
import { MODELS } from "../../../../src/core/models/table.js";
import { OPTIMIZERS } from "../../../../src/core/optimizers/table.js";
import { viewCells, type CellView } from "./cells.js";
import type { PageData } from "./page-data.js";
import { variantsOf, type Variant } from "./variants.js";

export interface SweepCells {
  data: PageData;
  /** Every cell of the data: what the explorer shows. */
  cells: CellView[];
  /** True where the report speaks of the sweep alone, and not of the homework. */
  neutral: boolean;
  /** Those that answer the homework: all but a bonus sweep's; in a sweep of one's own all. */
  homework: CellView[];
  /** Of the homework's cells. */
  variants: Variant[];
  bonus: BonusCells;
  /** The bonus cells that the report's own sweep trained, or that stand beside the reference results. */
  ownBonus: CellView[];
  /** Number of classes. */
  classes: number;
  /** The same in every chart: one hue an optimizer, a shape a recipe. */
  mark(of: Pick<CellView, "optimizerKind" | "recipe">): { colour: number; shape: number };
}

/** Colours of names, --series-0 … --series-7. */
const COLOURS = 8;

/** The tables' order is the homework's. */
const [models, optimizers] = [MODELS, OPTIMIZERS].map((table) => Object.keys(table));

/** A bonus sweep's cells: those with a role. */
interface BonusCells {
  source: PageData["source"];
  cells: CellView[];
}

function isBonus(data: PageData, { id }: { id: string }): boolean {
  return data.places !== undefined && Object.hasOwn(data.places, id) && data.places[id].role !== undefined;
}

function bonusViews(data: PageData): CellView[] {
  return viewCells(
    data.cells.filter((record) => isBonus(data, record)),
    data.places,
  );
}

/** @param reference the bonus results that stand in where the data have none of their own */
export function sweepCells(data: PageData, reference: PageData | null): SweepCells {
  const place = (cell: CellView) => 10 * models.indexOf(cell.modelKind) + optimizers.indexOf(cell.optimizerKind);
  const inOrder = (some: CellView[]) =>
    some.sort((a, b) => place(a) - place(b) || a.permutation - b.permutation || a.seed - b.seed);
  const neutral = data.frame === "neutral";
  // Each group is named within itself: what varies among a bonus sweep's cells says nothing of the homework's.
  const homework = inOrder(
    viewCells(
      data.cells.filter((record) => neutral || !isBonus(data, record)),
      data.places,
    ),
  );
  const own = inOrder(bonusViews(data));
  const bonus: BonusCells =
    own.length > 0 || neutral || !reference
      ? { source: data.source, cells: own }
      : { source: "reference", cells: inOrder(bonusViews(reference)) };
  const cells = neutral ? homework : [...homework, ...own];
  // The homework's recipes have the first colours, whatever else there is.
  const recipes = [
    ...new Set([...[...homework].sort((a, b) => (place(a) % 10) - (place(b) % 10)), ...own].map((cell) => cell.recipe)),
  ];
  const index = new Map(recipes.map((recipe, i) => [recipe, i]));
  return {
    data,
    neutral,
    cells,
    homework,
    variants: variantsOf(homework),
    bonus,
    ownBonus: bonus.source === data.source ? bonus.cells : [],
    classes: data.classNames.length || 10,
    mark: ({ optimizerKind, recipe }) => ({
      colour: Math.max(0, optimizers.indexOf(optimizerKind)) % COLOURS,
      shape: index.get(recipe) ?? 0,
    }),
  };
}
