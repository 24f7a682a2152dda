/** What a model is and how it was trained, and how its curves are to be read. */
import { largest } from "../../../../src/core/numeric/extremes.js";
import { plural } from "../../../../src/core/numeric/words.js";
import { heldOutWord } from "../data/cells.js";
import { modelInFull, optimizerInFull } from "../data/config-fields.js";
import { count, list, percent } from "../data/format.js";
import type { CurveGroup, ShownModel } from "../data/shown-models.js";
import { ranked, type Variant } from "../data/variants.js";

/** What the lines of learning curves are. */
export function linesHelp(groups: readonly CurveGroup[]): string {
  const seeds = largest(
    groups.map((group) => group.cells.length),
    0,
  );
  const word = heldOutWord(groups.flatMap((group) => group.cells));
  const bands = seeds > 1 ? ` Lines are means over ${seeds} seeds, bands reach from the lowest to the highest.` : "";
  return `Solid: ${word}, after each epoch. Dashed: training, mean over the epoch's batches, each before its update.${bands}`;
}

/** How many of the recipes are drawn, without a full stop; empty where all are. */
export const drawnOf = (groups: readonly CurveGroup[], total: number): string =>
  total > groups.length ? `The ${groups.length} best of ${total} recipes are drawn` : "";

/** Those of which the words say what they are. */
const HOMEWORK_MODELS = ["MLP 100-100", "CNN 16-32-64"];

/** Its description in full, whether it is one of the homework's own, and the facts of its training as a sentence. @param variants of one model */
export function modelFacts(variants: readonly Variant[]): { name: string; known: boolean; facts: string } {
  const first = variants[0];
  const name = modelInFull(first.cells[0].record.config.model);
  const batches = [...new Set(variants.map((v) => v.cells[0].record.config.batchSize))].sort((a, b) => a - b);
  const optimizers = [...new Set(variants.map((v) => optimizerInFull(v.cells[0].record.config.optimizer)))];
  const recipes = optimizers.length <= 4 ? list(optimizers) : plural(optimizers.length, "optimizer setting");
  const sizes = batches.length > 6 ? `${batches[0]} to ${batches[batches.length - 1]}` : list(batches.map(String));
  return {
    name,
    known: HOMEWORK_MODELS.includes(name),
    facts: `It has ${count(first.parameters)} parameters and was trained in batches of ${sizes}, with ${recipes}.`,
  };
}

/** Which of a kind's models are shown, without a full stop; empty where all are. */
export function shownOf(shown: readonly ShownModel[], total: number): string {
  return total > shown.length
    ? `The ${shown.length} best of ${total} models of this kind are shown (up to ${percent(ranked(shown[0].variants)[0].judged.mean)})`
    : "";
}
