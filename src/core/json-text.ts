/** Values as JSON text: non-finite numbers kept, and one canonical form. */

/** JSON.stringify, with non-finite numbers, which JSON has not, as "NaN", "Infinity" and "-Infinity". */
export function stringify(value: unknown, space?: number): string {
  return JSON.stringify(
    value,
    (_key, item: unknown) => (typeof item === "number" && !Number.isFinite(item) ? String(item) : item),
    space,
  );
}

/** Reads what `stringify` made of values among whose strings none is "NaN", "Infinity" or "-Infinity". */
export function parse(text: string): unknown {
  return JSON.parse(text, (_key, item: unknown) =>
    item === "NaN" || item === "Infinity" || item === "-Infinity" ? Number(item) : item,
  );
}

/** `stringify` with sorted keys: equal values give equal text, whatever order their keys were written in. */
export function canonicalJson(value: unknown): string {
  return stringify(sortKeys(value));
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== "object" || value === null) return value;
  // fromEntries defines own properties, so that even a hostile key could not reach a prototype.
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, child]) => [key, sortKeys(child)]),
  );
}
