/** What each decision of the best cell is worth: variants that differ from it in one field. */
import type { CellView } from "../data/cells.js";
import { changedFields, decidingFields } from "../data/config-fields.js";
import { variantsOf, ranked, type Variant } from "../data/variants.js";

export interface Ablation {
  field: string;
  /** The field's value in the best variant and in the other. */
  kept: string;
  changed: string;
  other: Variant;
  /** Accuracy given up by the change; negative when the change would have helped. */
  cost: number;
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
  const variants = variantsOf(cells).filter((v) => v.permutation === 0);
  const best = ranked(variants)[0];
  if (!best || !Number.isFinite(best.test.mean)) return null;
  const rows = variants.flatMap((other) => {
    if (other === best) return [];
    const differing = decisions(best.cells[0], other.cells[0]);
    if (differing.length !== 1) return [];
    return [{ ...differing[0], other, cost: best.test.mean - other.test.mean }];
  });
  return { best, rows: rows.sort((a, b) => b.cost - a.cost) };
}
