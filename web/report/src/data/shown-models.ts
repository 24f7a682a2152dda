/** Which models a report shows the learning curves of, and which of their recipes as lines. */
import { smallest } from "../../../../src/core/numeric/extremes.js";
import type { CellView } from "./cells.js";
import type { SweepCells } from "./sweep-cells.js";
import { ranked, type Variant } from "./variants.js";

/** More curves than this cannot be told apart. */
const CURVES = 6;
/** Models of a kind that are shown. */
const MODELS = 2;
/** Marks that tell lines apart. */
export const SHAPES = 6;

/** What one legend entry stands for: cells whose mean is drawn. */
export interface CurveGroup {
  label: string;
  cells: CellView[];
  colour: number;
  shape: number;
  /** Of its lines, in pixels, where it is not the usual one. */
  width?: number;
}

/** The best of the variants as lines of a chart, in the order of the recipes' marks. */
export function curveGroups(sweep: SweepCells, variants: readonly Variant[]): CurveGroup[] {
  // Those that other images judge have the places that are left.
  const kept = new Set([...new Set([...ranked(variants), ...variants])].slice(0, CURVES));
  const groups = variants
    .filter((v) => kept.has(v))
    .map((v) => ({ label: v.recipe, cells: v.cells, ...sweep.mark(v) }))
    .sort((a, b) => a.shape - b.shape);
  // With more recipes than shapes, a recipe cannot keep its own from chart to chart.
  return groups.some((g) => g.shape >= SHAPES) ? groups.map((g, i) => ({ ...g, shape: i })) : groups;
}

export interface ShownModel {
  model: string;
  variants: Variant[];
  groups: CurveGroup[];
  /** Place among the models of its kinds. */
  place: number;
}

/** The pixels that models are compared on: original ones, except in a sweep of one's own that has none. */
export const pixelsOf = ({ neutral, variants }: SweepCells): number =>
  neutral && variants.length > 0 ? smallest(variants.map(({ permutation }) => permutation)) : 0;

/** The best models of these kinds on the same pixels, and of how many. */
export function modelsOf(sweep: SweepCells, kinds: readonly string[]): { shown: ShownModel[]; total: number } {
  const pixels = pixelsOf(sweep);
  const variants = sweep.variants.filter((v) => kinds.includes(v.modelKind) && v.permutation === pixels);
  const models = [...new Set(variants.map((v) => v.model))];
  const all = models.map((model, place) => {
    const own = variants.filter((v) => v.model === model);
    return { model, place, variants: own, best: ranked(own)[0].judged.mean || 0 };
  });
  const shown = all
    .sort((a, b) => b.best - a.best)
    .slice(0, MODELS)
    .map(({ model, place, variants: own }) => ({ model, place, variants: own, groups: curveGroups(sweep, own) }));
  return { shown, total: models.length };
}

export const kindsOf = (sweep: SweepCells): string[] => [...new Set(sweep.homework.map((cell) => cell.modelKind))];

/** The kinds of models that the homework does not ask for. */
export function otherKinds(sweep: SweepCells): string[] {
  return kindsOf(sweep).filter((kind) => kind !== "mlp" && kind !== "cnn");
}
