/** What each decision of the best cell is worth: variants that differ from it in one field. */
import type { CellView } from "../data/cells.js";
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

export interface AblationTable {
  best: Variant;
  rows: Ablation[];
}

/** A whole sub-object counts as one decision where its kind changes: another optimizer brings other fields. */
function decisions(a: CellView, b: CellView): { field: string; kept: string; changed: string }[] {
  const out: { field: string; kept: string; changed: string }[] = [];
  for (const name of new Set([...a.fields.keys(), ...b.fields.keys()])) {
    const [kept, changed] = [a.fields.get(name), b.fields.get(name)];
    if (kept === changed || name === "seed") continue;
    const whole = name.split(".")[0];
    const kindChanged = a.fields.get(`${whole}.kind`) !== b.fields.get(`${whole}.kind`);
    if (kindChanged && name !== `${whole}.kind`) continue;
    const texts = whole === "optimizer" && kindChanged ? [a.optimizer, b.optimizer] : whole === "model" ? [a.model, b.model] : [String(kept ?? "–"), String(changed ?? "–")];
    out.push({ field: kindChanged ? whole : name, kept: texts[0], changed: texts[1] });
  }
  return out;
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
