/** A cell's place in a sweep, told to readers: part of the plan, never of the config or the id. */
import { z } from "zod";

/** final: the recipe that a sweep was made for. ablation: what the recipe is compared with. */
export const roles = ["final", "ablation"] as const;
export type Role = (typeof roles)[number];

export const placeShape = { role: z.enum(roles).optional(), label: z.string().min(1).max(80).optional() };

export interface CellPlace {
  role?: Role;
  /** What a reader calls the cell, such as "no random erasing". */
  label?: string;
}

/** The place alone, without keys that are not in use. */
export function placeOf({ role, label }: CellPlace): CellPlace {
  return { ...(role === undefined ? {} : { role }), ...(label === undefined ? {} : { label }) };
}
