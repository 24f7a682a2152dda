/** What every section of the page draws from. */
import { viewCells, type CellView } from "./data/cells.js";
import type { PageData } from "./data/page-data.js";
import { variantsOf, type Variant } from "./data/variants.js";
import type { Figure } from "./draw/figure.js";
import { SERIES_COLOURS } from "./draw/theme.js";
import type { ViewStore } from "./view-store.js";

export interface Report {
  data: PageData;
  cells: CellView[];
  variants: Variant[];
  /** Number of classes. */
  classes: number;
  /** Colour and shape of a recipe, the same in every chart. */
  mark(recipe: string): { colour: number; shape: number };
  /** Opens a cell's details. */
  openCell(id: string): void;
  store: ViewStore;
  /** Keeps a chart to be taken down with the page. */
  keep<F extends Figure>(figure: F): F;
}

/** The homework's order. */
const OPTIMIZERS = ["sgd", "nesterov", "adam"];
const MODELS = ["mlp", "cnn", "layers"];

export function makeReport(data: PageData, store: ViewStore, openCell: (id: string) => void, figures: Figure[]): Report {
  const place = (cell: CellView) => 10 * MODELS.indexOf(cell.modelKind) + OPTIMIZERS.indexOf(cell.optimizerKind);
  const cells = viewCells(data.cells).sort((a, b) => place(a) - place(b) || a.permutation - b.permutation || a.seed - b.seed);
  const recipes = [...new Set([...cells].sort((a, b) => (place(a) % 10) - (place(b) % 10)).map((cell) => cell.recipe))];
  const index = new Map(recipes.map((recipe, i) => [recipe, i]));
  return {
    data,
    cells,
    variants: variantsOf(cells),
    classes: data.classNames.length || 10,
    mark: (recipe) => ({ colour: (index.get(recipe) ?? 0) % SERIES_COLOURS, shape: index.get(recipe) ?? 0 }),
    openCell,
    store,
    keep(figure) {
      figures.push(figure);
      return figure;
    },
  };
}
