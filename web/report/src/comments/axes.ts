/** What each setting that a sweep varies does: its best value against its worst, over cells that are equal in all else. */
import type { CellView } from "../data/cells.js";
import { list, percent, pointsWithin, signedWithin, spreadText, type WordTable } from "../data/format.js";
import { counting, effectsOf } from "../data/importance.js";
import { pairsOf } from "../data/pairs.js";
import { axesOf, type Axis } from "../data/selection.js";
import { sliceOf } from "../data/slices.js";
import type { Spread } from "../data/statistics.js";
import { mayBeChance, type Difference } from "../data/uncertainty.js";
import { orChance } from "./learning.js";

export interface AxisEffect {
  axis: Axis;
  /** Values with a sound result, in the axis' order, and the mean accuracy that they are judged by, over all else. */
  levels: { value: string; judged: Spread }[];
  best: string;
  worst: string;
  /** Best minus worst over their pairs; null where they have none. */
  difference: Difference | null;
  /** Number of pairs. */
  pairs: number;
  /** Of the variance of the results, in [0, 1]; undefined where there is nothing to tell. */
  share?: number;
}

/** Not settings but what became of a cell, names for several settings at once, and the seed, of which none is better. */
const NO_SETTING = new Set(["status", "role", "label", "seed"]);

/** The settings that vary, the one with the largest difference first; those without two sound values last. */
export function axisEffects(cells: readonly CellView[]): AxisEffect[] {
  const axes = axesOf(cells).filter(({ name }) => !NO_SETTING.has(name));
  const sound = counting(cells);
  const shares = new Map(effectsOf(sound, axes).map(({ axes: [a, b], share }) => [b === undefined ? a : "", share]));
  const effects = axes.map((axis): AxisEffect => {
    const levels = sliceOf(sound, axis).columns.map(({ value, judged }) => ({ value, judged }));
    const inOrder = [...levels].sort((a, b) => b.judged.mean - a.judged.mean);
    const [best, worst] = [inOrder[0]?.value ?? "", inOrder.at(-1)?.value ?? ""];
    const { difference, differences } = pairsOf(sound, { axis: axis.name, a: worst, b: best });
    const told = levels.length > 1 ? difference : null;
    return { axis, levels, best, worst, difference: told, pairs: differences.length, share: shares.get(axis.name) };
  });
  const size = ({ difference }: AxisEffect) => difference?.value ?? -1;
  return effects.sort((a, b) => size(b) - size(a));
}

/** Settings told of. */
const NAMED = 4;

/** Which settings matter, in words. */
export function axisComments(effects: readonly AxisEffect[]): string[] {
  const compared = effects.filter(({ difference }) => difference);
  const clear = compared.filter(({ difference }) => difference && !mayBeChance(difference));
  const rest = compared.filter((effect) => !clear.includes(effect)).map(({ axis }) => axis.label);
  const told = clear
    .slice(0, NAMED)
    .map(
      ({ axis, best, worst, difference }) =>
        difference && `${axis.label}: ${best} is ${pointsWithin(difference)} ahead of ${worst}${orChance(difference)}`,
    );
  return [
    told.length > 0 ? `The clearest differences: ${told.join("; ")}.` : "",
    rest.length > 0 ? `Chance alone may explain the differences between the values of ${list(rest)}.` : "",
  ].filter(Boolean);
}

/** More values than these are told by the first and the last. */
const VALUES = 8;

function valuesOf({ axis: { values } }: AxisEffect): string {
  return values.length <= VALUES ? values.join(", ") : `${values.length} values, ${values[0]} to ${values.at(-1)}`;
}

export function axesTable(effects: readonly AxisEffect[]): WordTable {
  return {
    columns: ["setting", "values", "best", "worst", "difference in points", "share of variance"],
    rows: effects.map((effect) => {
      const { axis, levels, best, worst, difference, share } = effect;
      const at = (value: string) => {
        const found = levels.find((level) => level.value === value);
        return found && levels.length > 1 ? `${value} (${spreadText(found.judged)})` : "–";
      };
      return [
        axis.label,
        valuesOf(effect),
        at(best),
        at(worst),
        difference ? signedWithin(difference) : "–",
        share === undefined ? "–" : percent(share),
      ];
    }),
  };
}
