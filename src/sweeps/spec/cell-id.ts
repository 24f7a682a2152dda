/** Cell ids: a readable slug and a hash of what decides the cell's numbers, never a position in the grid. */
import { cellName } from "../../core/models/table.js";
import type { TrainConfig } from "../../core/config.js";
import { InputError } from "../../core/input-error.js";
import { jsonDigest } from "./json.js";

/** Every id matches this, so that an id is always a harmless folder name. Those with 8 digits are `shortId`s. */
export const cellIdPattern = /^[a-z][a-z0-9]*-[a-z][a-z0-9]*-perm\d+-seed\d+-[0-9a-f]{8}(?:[0-9a-f]{8})?$/;

/** Digits of the hash: by accident two of the most cells that a sweep may have share 16 once in 4 billion sweeps. */
const HASH_DIGITS = 16;
const SHORT_DIGITS = 8;

/** For example `cnn-nesterov-perm1-seed0-3f9a1c2e5b7d9f04`. */
export function cellId(config: TrainConfig, dataDigest: string): string {
  return `${cellName(config)}-${jsonDigest({ config, dataDigest }).slice(0, HASH_DIGITS)}`;
}

/** The id that records of version 0.2 and before gave the cell: the beginning of the one it has now. */
export function shortId(id: string): string {
  return id.slice(0, SHORT_DIGITS - HASH_DIGITS);
}

/** Whether an id names the cell of another, in full or as it was once written. */
export function namesCell(id: string, cell: string): boolean {
  return id === cell || id === shortId(cell);
}

/** Of the hash that ends an id. */
const hashOf = (id: string): string => id.slice(id.lastIndexOf("-") + 1);

/** The fewest digits of ids' hashes, at least 4, that tell these ids apart: as tables name cells, and `resolveId` reads them. */
export function hashNames(ids: Iterable<string>): (id: string) => string {
  const hashes = [...new Set([...ids].map(hashOf))].sort();
  let digits = 4;
  for (const [i, hash] of hashes.slice(1).entries()) {
    const before = hashes[i];
    let shared = 0;
    while (shared < before.length && hash[shared] === before[shared]) shared += 1;
    digits = Math.max(digits, shared + 1);
  }
  return (id) => hashOf(id).slice(0, digits);
}

/** The one id that starts with `prefix`, or whose hash does. @throws InputError where none or several do */
export function resolveId(prefix: string, ids: Iterable<string>, where: string): string {
  const all = new Set(ids);
  if (all.has(prefix)) return prefix;
  const matches = [...all].filter((id) => id.startsWith(prefix) || hashOf(id).startsWith(prefix)).sort();
  if (matches.length === 1) return matches[0];
  if (matches.length === 0)
    throw new InputError(`no cell in ${where} has an id that starts with "${prefix}"; npm run cells lists them`);
  const shown = matches.slice(0, 4).join(", ");
  throw new InputError(
    `"${prefix}" fits ${matches.length} cells in ${where} (${shown}${matches.length > 4 ? ", …" : ""}), expected one; give more of the id`,
  );
}
