/** What a sweep varied: each setting with its values, which of them is best, and by how much. */
import { axesTable, axisComments, axisEffects } from "../comments/axes.js";
import { replayComments } from "../comments/search.js";
import type { Child } from "../draw/dom.js";
import { wordTable } from "../draw/table.js";
import type { Report } from "../report.js";
import { commentary, writtenSection } from "./section.js";

/** Null where nothing varies. */
export function axesSection(report: Report): Child {
  const effects = axisEffects(report.cells);
  if (effects.length === 0) return null;
  const table = wordTable("The settings that vary, the largest difference first", axesTable(effects), [4, 5]);
  return writtenSection(
    "axes",
    { table, comments: commentary([...axisComments(effects), ...replayComments(report)]) },
    "own-axes",
  );
}
