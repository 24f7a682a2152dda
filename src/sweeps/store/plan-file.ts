/** plan.json of a run directory: the cells and circumstances of the last sweep that ran there. */
import { z } from "zod";
import { trainConfigSchema } from "../../core/config.js";
import { InputError } from "../../core/input-error.js";
import { cellId, namesCell } from "../spec/cell-id.js";
import { anyNumber, formatFields, isJsonObject, jsonDigest, parseJson } from "../spec/json.js";
import { placeShape } from "../spec/place.js";
import { searchSchema, type Search } from "../spec/search.js";
import { dataSourceSchema } from "./data-source.js";
import { dottedPath, firstMisfit } from "../spec/zod-issues.js";

const planSchema = z.strictObject({
  sweep: z.string(),
  dataset: z.string(),
  dataDigest: z.string(),
  engineVersion: z.int(),
  workers: z.int(),
  /** Time spent training this plan's cells, over all runs of it. */
  wallSeconds: anyNumber,
  /** sha256 (hex) of what sweeps wrote as spec.json here: another text is somebody else's. Absent in plans of version 0.2. */
  specDigests: z.array(z.string()).optional(),
  /** Where data were found in folders that the user named, by the data's digest. */
  dataSources: z.record(z.string(), dataSourceSchema).optional(),
  /** How it searched beyond a grid; absent where it did not. */
  search: searchSchema.optional(),
  cells: z.array(z.strictObject({ id: z.string(), config: trainConfigSchema, ...placeShape })),
});
/** The search by its name: JSON values nest without end, so the package's types could not write them out. */
export type PlanFile = z.output<typeof planSchema> & { search?: Search };

export function encodePlan(plan: PlanFile): string {
  return formatFields({ ...plan, digest: jsonDigest(plan) });
}

/** Whether a file named plan.json is one of ours, of whatever version, rather than somebody else's. */
export function looksLikePlan(text: string): boolean {
  try {
    const value = parseJson(text, "");
    return isJsonObject(value) && typeof value.digest === "string" && Array.isArray(value.cells);
  } catch {
    return false;
  }
}

const REMEDY = "move it away, and npm run sweep writes it anew";

/** @param source names the file in errors @throws InputError where the text is not a whole, valid plan */
export function decodePlan(text: string, source: string): PlanFile {
  const value = parseJson(text, source, REMEDY);
  const { digest, ...unsealed } = isJsonObject(value) ? value : {};
  const parsed = planSchema.safeParse(unsealed);
  if (!parsed.success) {
    const { path, message } = firstMisfit(parsed.error, unsealed);
    throw new InputError(`${source}: ${dottedPath(path)}: ${message}; ${REMEDY}`);
  }
  const cells = parsed.data.cells.map((cell) => ({ ...cell, id: cellId(cell.config, parsed.data.dataDigest) }));
  if (digest !== jsonDigest(unsealed) || cells.some(({ id }, i) => !namesCell(parsed.data.cells[i].id, id)))
    throw new InputError(`${source}: its digest does not fit its content, so it was altered or damaged; ${REMEDY}`);
  return { ...parsed.data, cells };
}
