/**
 * A family is a set of things of one purpose (layers, models, optimizers) that specs choose by their `kind`. Its table, an
 * object by kind, holds for each a schema and whatever else depends on the kind.
 */
import type { z } from "zod";

/** zod's constructors. They are handed in, so that the page, which validates nothing, need not load them. */
export type Zod = typeof z;

/** The schema of one kind's specs. */
export type Schema = (z: Zod) => z.ZodObject & z.ZodType<{ kind: string }>;

export type SpecOf<S extends Schema> = z.output<ReturnType<S>>;

type Table = Record<string, { schema: Schema }>;

/** The specs of all kinds of a table. */
export type SpecsOf<T extends Table> = { [K in keyof T]: SpecOf<T[K]["schema"]> & { kind: K } }[keyof T];

/** The schema of a table's specs. */
export function tableSchema<T extends Table>(z: Zod, table: T) {
  type Member = ReturnType<T[keyof T]["schema"]>;
  const members = Object.values(table).map(({ schema }) => schema(z)) as Member[];
  return z.discriminatedUnion("kind", members as [Member, ...Member[]]);
}
