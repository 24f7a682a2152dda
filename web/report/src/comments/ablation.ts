/** What each decision of the best cell is worth: variants that differ from it in one field. */
import type { CellView } from "../data/cells.js";
import { changedFields, decidingFields } from "../data/config-fields.js";
import { pointsWithin } from "../data/format.js";
import { mayBeChance, type Difference } from "../data/uncertainty.js";
import { ranked, judgedDifference, variantsOf, type Variant } from "../data/variants.js";
import { troubleNote } from "./endings.js";
import { withInterval } from "./learning.js";

export interface Ablation {
  field: string;
  /** The field's value in the best variant and in the other. */
  kept: string;
  changed: string;
  other: Variant;
  /** Accuracy given up by the change, at least 0. */
  cost: number;
  difference: Difference;
}

interface AblationTable {
  best: Variant;
  rows: Ablation[];
}

/** A whole sub-object counts as one decision where its kind changes: another optimizer brings other fields. */
function decisions(a: CellView, b: CellView): { field: string; kept: string; changed: string }[] {
  return decidingFields(changedFields(a.fields, b.fields)).map((name) => {
    const [kept, changed] = [a, b].map(({ fields }) => String(fields.get(name) ?? "–"));
    const texts =
      name === "optimizer.kind"
        ? [a.optimizer, b.optimizer]
        : name.startsWith("model.")
          ? [a.model, b.model]
          : [kept, changed];
    return { field: name.replace(/\.kind$/, ""), kept: texts[0], changed: texts[1] };
  });
}

/** The best variant on original pixels and all that are one decision away, most costly first. */
export function ablationTable(cells: readonly CellView[]): AblationTable | null {
  const variants = ranked(variantsOf(cells).filter((v) => v.permutation === 0));
  const [best] = variants;
  if (!best || !Number.isFinite(best.judged.mean)) return null;
  const rows = variants.flatMap((other) => {
    if (other === best) return [];
    const differing = decisions(best.cells[0], other.cells[0]);
    if (differing.length !== 1) return [];
    const difference = judgedDifference(best, other);
    return Number.isFinite(difference.value) ? [{ ...differing[0], other, cost: difference.value, difference }] : [];
  });
  return { best, rows: rows.sort((a, b) => b.cost - a.cost) };
}

/** Which change costs most, as far as chance cannot explain it. */
export function ablationComments({ best, rows }: AblationTable): string[] {
  const clear = rows.filter(({ difference }) => !mayBeChance(difference));
  if (rows.length === 0) return [];
  if (clear.length === 0) return ["No single change costs more than chance could explain."];
  const [{ field, kept, changed, other, difference }] = clear;
  return withInterval([
    `Of the changes that chance cannot explain, ${field} matters most: ${changed} instead of ${kept} costs ${pointsWithin(difference)}${troubleNote([best, other])}.`,
  ]);
}
