/** Bounds of configs that training reckons with, too; apart from the schemas, which a browser need not load. */

/** The most samples that a batch or a shard may have. */
export const MAX_BATCH = 65_536;
