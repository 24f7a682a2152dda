/** What a chart shows, in a sentence for its caption and a remark on its point. */
import type { CellView } from "../data/cells.js";
import { heldOutWord } from "../data/cells.js";
import { capital, count, list, loss, percent, percentTick, plain, pointsWithin, spreadText } from "../data/format.js";
import { judgedAlike, type Judge } from "../data/judge.js";
import type { Ladder } from "../data/ladder.js";
import { curveOf, epochAxis, type Metric } from "../data/learning-curves.js";
import { plural } from "../../../../src/core/numeric/words.js";
import type { SharedScale } from "../data/shared-scale.js";
import { differenceOf, mayBeChance, onImages } from "../data/uncertainty.js";
import { onImagesOf } from "./judged.js";
import { orChance } from "./learning.js";
import type { PermutationEffect } from "./permutation.js";

/** Cells whose mean is drawn, and their name. */
export interface Named {
  label: string;
  cells: readonly CellView[];
}

export interface CurvePoint {
  sentence: string;
  /** Which of the groups it is about, at which epoch, and what is written there. */
  at: { group: number; epoch: number; lines: string[] };
}

interface Ended {
  group: number;
  label: string;
  judge: Judge;
  accuracy: number[];
  loss: number[];
}

/** Mean held-out curves of the groups that ended with a finite result, best first; those with a cell that diverged left out, and those that other images judge. */
function endedOnes(groups: readonly Named[]): Ended[] {
  const found = groups.flatMap(({ label, cells }, group) => {
    if (cells.some((cell) => cell.outcome === "diverged")) return [];
    const epochs = epochAxis(cells);
    const [accuracy, losses] = (["accuracy", "loss"] as const).map((metric) =>
      curveOf(cells, metric, "heldOut", epochs).mean.map((v) => v ?? NaN),
    );
    return Number.isFinite(accuracy.at(-1)) ? [{ group, label, accuracy, loss: losses, judge: cells[0].judge }] : [];
  });
  return judgedAlike(found).sort((a, b) => last(b.accuracy) - last(a.accuracy));
}

const last = (values: readonly number[]): number => values[values.length - 1];
const seedsText = ({ cells }: Named): string => (cells.length > 1 ? ` (mean of ${cells.length} seeds)` : "");

/** Null where no group ended with a finite result. */
export function curvePoint(groups: readonly Named[], metric: Metric): CurvePoint | null {
  const [best, second] = endedOnes(groups);
  if (!best) return null;
  const word = heldOutWord(groups[best.group].cells);
  const seeds = seedsText(groups[best.group]);
  return metric === "loss" ? lowestLoss(best, word, seeds) : highest(best, second, word, seeds);
}

function highest(best: Ended, second: Ended | undefined, word: string, seeds: string): CurvePoint {
  const end = percent(last(best.accuracy));
  const passed = second ? best.accuracy.findIndex((v) => v >= last(second.accuracy)) + 1 : 0;
  const head = `${capital(best.label)} ${second ? "ends highest, at" : "ends at"} ${end} ${word} accuracy${seeds}`;
  if (second && passed > 0 && passed < best.accuracy.length)
    return {
      sentence: `${head}; it reaches the final accuracy of ${second.label} in epoch ${passed}.`,
      at: {
        group: best.group,
        epoch: passed,
        lines: [`${best.label} reaches ${second.label}'s`, `final accuracy in epoch ${passed}`],
      },
    };
  const top = best.accuracy.reduce((high, v) => (v > high ? v : high), 0);
  return {
    sentence: `${head}.`,
    at: {
      group: best.group,
      epoch: best.accuracy.indexOf(top) + 1,
      lines: [`highest ${word} accuracy`, `of ${best.label}: ${percent(top)}`],
    },
  };
}

function lowestLoss(best: Ended, word: string, seeds: string): CurvePoint | null {
  const lowest = best.loss.reduce((low, v) => (v < low ? v : low), Infinity);
  const epoch = best.loss.indexOf(lowest) + 1;
  if (epoch === 0) return null;
  const after = epoch === best.loss.length ? "at the end" : `in epoch ${epoch}`;
  const since = epoch === best.loss.length ? "" : `, and ${loss(last(best.loss))} at the end`;
  return {
    sentence: `The ${word} loss of ${best.label}, the most accurate, is lowest ${after}: ${loss(lowest)}${seeds}${since}.`,
    at: { group: best.group, epoch, lines: [`lowest ${word} loss`, `of ${best.label}: ${loss(lowest)}`] },
  };
}

/** What lies in the strip of a squeezed axis; empty where nothing drawn does. */
export function stripSentence(groups: readonly Named[], metric: Metric, scale: SharedScale | null): string {
  if (!scale?.strip) return "";
  const { edge, above } = scale.strip;
  const side = `${above ? "above" : "below"} ${metric === "accuracy" ? percentTick(edge, 0.01) : plain(edge)}`;
  const out = (v: number) => (above ? v > edge : v < edge);
  const curves = groups.map(({ label, cells }) => ({
    label,
    values: (["heldOut", "train"] as const).flatMap((split) =>
      curveOf(cells, metric, split, epochAxis(cells)).mean.filter((v) => v !== null),
    ),
  }));
  const always = curves.filter(({ values }) => values.length > 0 && values.every(out)).map(({ label }) => label);
  if (always.length > 0)
    return `${list(always)} ${always.length > 1 ? "stay" : "stays"} ${side}, in the shaded strip, where the axis is squeezed.`;
  return curves.some(({ values }) => values.some(out)) ? `The axis is squeezed ${side}, in the shaded strip.` : "";
}

/** What permuting the pixels did to a model's best recipe. */
export function permutedSentence({ model, original, permuted, difference, under }: PermutationEffect): string {
  const [from, to] = [original, permuted].map(({ judged }) => percent(judged.mean));
  return `The ${model} with ${original.recipe} ends at ${from} ${original.judge.split} accuracy on original and at ${to} on permuted pixels${under}, ${pointsWithin(difference)} apart; the area between its two lines is shaded.`;
}

/** A class's recall on original and on permuted pixels. */
export interface RecallChange {
  label: string;
  from: number;
  to: number;
  /** Test images of the class. */
  images: number;
}

/** Which classes suffer most; empty where there are none. */
export function recallSentence(model: string, changes: readonly RecallChange[]): string {
  const order = [...changes].sort((a, b) => a.to - a.from - (b.to - b.from));
  const [worst] = order;
  if (!worst) return "";
  const loss = ({ from, to, images }: RecallChange) => differenceOf(onImages(from, images), onImages(to, images));
  const falls = order.filter(({ from, to }) => to < from);
  if (falls.length === 0) return `No class of the ${model} is recognised less often on permuted pixels.`;
  const clear = falls.filter((change) => !mayBeChance(loss(change))).length;
  return `The ${model} recognises ${falls.length} of ${changes.length} classes less often on permuted pixels, ${clear === 0 ? "none" : clear} of them beyond chance. ${worst.label} suffers most: ${percent(worst.from)} become ${percent(worst.to)}, ${pointsWithin(loss(worst))} less (95 % interval)${orChance(loss(worst))}.`;
}

/**
 * What a chart of accuracy over a cost shows.
 * @param frontier the cells on it, cheapest first @param costOf a cell's cost in words @param edge where the axis is squeezed
 */
export function frontierSentence(
  frontier: readonly CellView[],
  total: number,
  costOf: (cell: CellView) => string,
  edge?: number,
): string {
  const best = frontier[frontier.length - 1];
  if (!best) return "";
  const strip =
    edge === undefined ? "" : ` Below ${percentTick(edge, 0.01)}, in the shaded strip, the axis is squeezed.`;
  const reached = `${best.model}, ${best.recipe}: ${percent(best.judged)}${onImagesOf(best)} with ${costOf(best)}`;
  const line =
    frontier.length === 1
      ? `No cell is cheaper and none better than ${reached}.`
      : `The line joins the ${frontier.length} of ${total} cells that no other beats at the same or less cost; it ends with ${reached}.`;
  return `Each point is a cell on original pixels. ${line}${strip}`;
}

/** What the recipe in full reaches, which has no place among its ablation's rungs; empty where it is one of them. */
export function fullSentence({ recipe, reference, first }: Ladder): string {
  const [cell] = recipe.cells;
  if (!reference || reference === cell || !Number.isFinite(recipe.test.mean)) return "";
  const own = cell.record.config.validation;
  const differs = [
    `trained for ${plural(cell.curve.length, "epoch")}`,
    own === reference.record.config.validation || own === undefined
      ? ""
      : `judged by ${count(own)} validation images of its own`,
  ].filter(Boolean);
  const others = [reference, ...(first ? [first.cell] : [])]
    .filter(({ metrics }) => Number.isFinite(metrics.testAccuracy))
    .map(({ label, recipe: name, metrics }) => `${label ?? name} reaches ${percent(metrics.testAccuracy, 2)}`);
  const beside = others.length > 0 ? `, where ${list(others)}` : "";
  return `Not on this scale: the recipe in full, ${list(differs)}. It reaches ${spreadText(recipe.test, 2)} on the test set${beside}.`;
}
