/** What the best cell takes for what. */
import { bestCounted } from "../data/result-rows.js";
import { bdi, button, type Child } from "../draw/dom.js";
import { written } from "../draw/written.js";
import type { Report } from "../report.js";
import { confusionView } from "./confusion-view.js";
import { writtenSection } from "./section.js";

/** Null where no cell has counted its answers. */
export function confusionSection(report: Report): Child {
  const best = bestCounted(report.cells);
  if (!best) return null;
  return writtenSection(
    "confusion",
    {
      cell: bdi(best.id),
      details: [written("own-confusion", {}, "details"), button("quiet", "Details", () => report.openCell(best.id))],
      matrix: confusionView(best.record.confusion, report.data.classNames, best.outcome),
    },
    "own-confusion",
  );
}
