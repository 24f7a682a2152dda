/** What a sweep varied: each setting with its values, which of them is best, and by how much. */
import { axisComments, axisEffects, type AxisEffect } from "../comments/axes.js";
import { percent, signedWithin, spreadText } from "../data/format.js";
import { bdi, type Child } from "../draw/dom.js";
import { scrollTable } from "../draw/table.js";
import type { Report } from "../report.js";
import { commentary, writtenSection } from "./section.js";

/** More values than these are told by the first and the last. */
const VALUES = 8;

function valuesOf({ axis: { values } }: AxisEffect): string {
  return values.length <= VALUES ? values.join(", ") : `${values.length} values, ${values[0]} to ${values.at(-1)}`;
}

function row(effect: AxisEffect): Child[] {
  const { axis, levels, best, worst, difference, share } = effect;
  const at = (value: string): Child => {
    const found = levels.find((level) => level.value === value);
    return found && levels.length > 1 ? [bdi(value), ` (${spreadText(found.judged)})`] : "–";
  };
  return [
    bdi(axis.label),
    bdi(valuesOf(effect)),
    at(best),
    at(worst),
    difference ? signedWithin(difference) : "–",
    share === undefined ? "–" : percent(share),
  ];
}

/** Null where nothing varies. */
export function axesSection(report: Report): Child {
  const effects = axisEffects(report.cells);
  if (effects.length === 0) return null;
  return writtenSection(
    "axes",
    {
      table: scrollTable(
        "The settings that vary, the largest difference first",
        ["setting", "values", "best", "worst", "difference in points", "share of variance"],
        effects.map(row),
        { numeric: [4, 5] },
      ),
      comments: commentary(axisComments(effects)),
    },
    "own-axes",
  );
}
