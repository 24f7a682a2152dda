/** How cells ended that have no sound result: those whose network answers one class, and those that were stopped, diverged or failed. */
import { capital, list, percent } from "../data/format.js";
import type { CellView } from "../data/cells.js";
import { largest, smallest } from "../../../../src/core/numeric/extremes.js";
import { plural } from "../../../../src/core/numeric/words.js";
import type { Variant } from "../data/variants.js";
import type { Outcome } from "../data/outcome.js";

const NAMED = 4;

const ended = (cells: readonly CellView[], outcome: Outcome): CellView[] =>
  cells.filter((cell) => cell.outcome === outcome);

/** True where every answer on the test set is one class; a collapsed network may still give a few images another. */
function strictly({ record: { confusion } }: CellView): boolean {
  return confusion.filter((_, answer) => confusion.some((row) => row[answer] > 0)).length === 1;
}

/** "give every image one class", of so many as the subject has. */
export function giveOneClass(cells: readonly CellView[], subjects: number): string {
  return `${subjects === 1 ? "gives" : "give"} ${cells.every(strictly) ? "every image" : "nearly every image"} one class`;
}

const seedsOf = (some: number, all: number): string =>
  some === all ? (all === 2 ? "both seeds" : `all ${all} seeds`) : `${some} of ${all} seeds`;

/** What a mean over the variant's seeds is mixed of: "2 of 3 seeds give every image one class"; empty where all are sound. */
export function troubleOf({ cells }: Pick<Variant, "cells">): string {
  const [collapsed, diverged] = [ended(cells, "collapsed"), ended(cells, "diverged")];
  const who = (some: CellView[]): string => (cells.length === 1 ? "it" : seedsOf(some.length, cells.length));
  return [
    collapsed.length > 0 ? `${who(collapsed)} ${giveOneClass(collapsed, collapsed.length)}` : "",
    diverged.length > 0 ? `${who(diverged)} diverged` : "",
  ]
    .filter(Boolean)
    .join(", ");
}

/** The trouble of some variants in brackets, after a space: " (Adam: 2 of 3 seeds give every image one class)"; empty without any. */
export function troubleNote(variants: readonly Variant[]): string {
  const notes = variants.flatMap((v) => (troubleOf(v) ? [`${v.recipe}: ${troubleOf(v)}`] : []));
  return notes.length > 0 ? ` (${notes.join("; ")})` : "";
}

export const isSound = ({ cells }: Variant): boolean => cells.every((cell) => cell.outcome === "done");

function named(variants: readonly Variant[], text: (v: Variant) => string): string {
  const rest = variants.length - NAMED;
  return list([...variants.slice(0, NAMED).map(text), ...(rest > 0 ? [`${rest} more`] : [])]);
}

/** "Adam on 2 of 3 seeds"; the recipe alone where it has one. */
function onSeeds({ recipe, cells }: Variant, some: readonly CellView[]): string {
  return cells.length === 1 ? recipe : `${recipe} on ${seedsOf(some.length, cells.length)}`;
}

/** Least learning rate at which Adam's first steps are as long as initial weights are. */
export const HIGH_ADAM = 0.05;

function collapseReason(variants: readonly Variant[]): string {
  const rates = new Set(variants.map(({ cells }) => cells[0].fields.get("optimizer.lr")));
  const [lr] = rates;
  if (rates.size > 1 || !(Number(lr) >= HIGH_ADAM) || variants.some(({ optimizerKind }) => optimizerKind !== "adam"))
    return "The records do not tell why. Units whose ReLU is below zero for every image pass no gradient, which is the usual cause.";
  return `In its first steps Adam moves every weight by about its learning rate, here ${lr}, whatever the size of the gradient, so weights outgrow their initial size within a few steps. ReLUs that are then below zero for every image pass no gradient; the records do not tell whether that happened here.`;
}

/** Which of a model's cells give every image one class, and why that may be. */
export function collapseComment(variants: readonly Variant[]): string[] {
  const hit = variants.filter(({ cells }) => ended(cells, "collapsed").length > 0);
  if (hit.length === 0) return [];
  const all = variants.flatMap(({ cells }) => cells);
  const some = ended(all, "collapsed");
  const accuracies = some.map(({ metrics }) => metrics.testAccuracy);
  const [low, high] = [smallest(accuracies), largest(accuracies)].map((x) => percent(x));
  return [
    `${some.length} of ${plural(all.length, "cell")} ${giveOneClass(some, some.length)}: ${named(hit, (v) => onSeeds(v, ended(v.cells, "collapsed")))}. ${some.length === 1 ? "Its" : "Their"} test accuracy is ${low === high ? low : `${low} to ${high}`}. ${collapseReason(hit)}`,
  ];
}

export function divergenceComment(variants: readonly Variant[]): string[] {
  const hit = variants.filter(({ cells }) => ended(cells, "diverged").length > 0);
  if (hit.length === 0) return [];
  const all = variants.flatMap(({ cells }) => cells);
  const some = ended(all, "diverged");
  const text = (v: Variant): string => {
    const cells = ended(v.cells, "diverged");
    const epochs = [...new Set(cells.map(({ metrics }) => metrics.epochs))].sort((a, b) => a - b);
    return `${onSeeds(v, cells)} in epoch ${list(epochs.map(String))}`;
  };
  return [
    `${some.length} of ${plural(all.length, "cell")} diverged: ${named(hit, text)}. A loss, a weight or a running statistic stopped being finite, which ends the cell and counts as its result.`,
  ];
}

/** Cells by recipe: "8 of 12 cells with Adam give every image one class". */
function byRecipe(cells: readonly CellView[], outcome: Outcome, what: (some: CellView[], n: number) => string): string {
  const hit = ended(cells, outcome);
  if (hit.length === 0) return "";
  const recipes = [...new Set(hit.map(({ recipe }) => recipe))];
  const parts = recipes.slice(0, NAMED).map((recipe) => {
    const some = hit.filter((cell) => cell.recipe === recipe);
    const all = cells.filter((cell) => cell.recipe === recipe).length;
    const who = all === 1 ? "the only cell" : `${some.length} of ${plural(all, "cell")}`;
    return `${who} with ${recipe} ${what(some, some.length)}`;
  });
  return recipes.length > NAMED
    ? `${hit.length} of ${plural(cells.length, "cell")} ${what(hit, hit.length)}`
    : list(parts);
}

/** All that went wrong in a sweep, in a sentence, or that nothing did. Empty without cells. */
export function troubleSentence(cells: readonly CellView[]): string {
  const parts = [
    byRecipe(cells, "collapsed", giveOneClass),
    byRecipe(cells, "stopped", (_, n) => `${n === 1 ? "was" : "were"} stopped before the last epoch`),
    byRecipe(cells, "diverged", () => "diverged"),
    byRecipe(cells, "failed", () => "failed with an error"),
  ].filter(Boolean);
  if (parts.length > 0) return `${capital(parts.join("; "))}.`;
  if (cells.length === 0) return "";
  const judged = cells.every(({ record }) => record.confusion.length > 0);
  return judged ? "No cell diverged, and none gives every image one class." : "No cell diverged.";
}
