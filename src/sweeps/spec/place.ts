/** A cell's place in a sweep, told to readers: part of the plan, never of the config or the id. */
import { z } from "zod";

export const roles = ["final", "ablation"] as const;
export type Role = (typeof roles)[number];

export const placeShape = {
  role: z
    .enum(roles)
    .optional()
    .describe("`final`: the recipe that the sweep was made for; `ablation`: what it is compared with."),
  label: z.string().min(1).max(80).optional().describe("What readers see, such as `no flip`."),
};

export interface CellPlace {
  role?: Role;
  /** What a reader calls the cell, such as "no random erasing". */
  label?: string;
}

/** The place alone, without keys that are not in use. */
export function placeOf({ role, label }: CellPlace): CellPlace {
  return { ...(role === undefined ? {} : { role }), ...(label === undefined ? {} : { label }) };
}
