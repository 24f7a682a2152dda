/** JSON as specs, records and ids need it: hostile keys refused, non-finite numbers read back, digests. */
import { createHash } from "node:crypto";
import { z } from "zod";
import { InputError } from "../../core/input-error.js";
import { canonicalJson, stringify } from "../../core/json-text.js";

export type JsonValue = null | boolean | number | string | JsonValue[] | { [key: string]: JsonValue };
export type JsonObject = { [key: string]: JsonValue };

/** Deeper nesting than any file of ours has; bounds the recursion over hostile input. */
const MAX_DEPTH = 64;
/** Keys through which an object could reach Object.prototype once it is copied or merged. */
const FORBIDDEN_KEYS = new Set(["__proto__", "constructor", "prototype"]);

export function isForbiddenKey(key: string): boolean {
  return FORBIDDEN_KEYS.has(key);
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Parses JSON from a file. `source` names it in errors.
 * @param remedy what to do where it is none
 * @param revive as of JSON.parse
 * @throws InputError on anything but harmless JSON
 */
export function parseJson(
  text: string,
  source: string,
  remedy = "correct it, or restore it from a copy",
  revive?: (key: string, value: unknown) => unknown,
): JsonValue {
  let value: JsonValue;
  try {
    value = JSON.parse(text, revive) as JsonValue;
  } catch (error) {
    throw new InputError(`${source}: not JSON (${firstLine(error)}); ${remedy}`);
  }
  refuseHostile(value, source, "", 0);
  return value;
}

/** @param depth how many objects and lists there are around a value @throws InputError where they are more than any file of ours has */
export function checkDepth(depth: number, source: string): void {
  if (depth > MAX_DEPTH) throw new InputError(`${source}: nested more than ${MAX_DEPTH} levels deep; flatten it`);
}

function refuseHostile(value: JsonValue, source: string, path: string, depth: number): void {
  if (typeof value !== "object" || value === null) return;
  checkDepth(depth + 1, source);
  for (const [key, child] of Object.entries(value)) {
    const place = path === "" ? key : `${path}.${key}`;
    if (isForbiddenKey(key))
      throw new InputError(`${source}: got the key "${place}", which no file of ours may have; remove it`);
    refuseHostile(child, source, place, depth + 1);
  }
}

/** The first line of an error's message, without the control characters that JSON.parse quotes from its input. */
function firstLine(error: unknown): string {
  return String((error as Error).message)
    .split("\n")[0]
    .replace(/[\u0000-\u001f\u007f]/g, "?");
}

/** The one codec of non-finite numbers: JSON has none, so they are written as these strings. */
const NON_FINITE = ["NaN", "Infinity", "-Infinity"] as const;

/** Reads what `stringify` made of a number. */
export const anyNumber = z.union([z.number(), z.enum(NON_FINITE).transform(Number)]);

/** sha256 (hex) of a value's canonical JSON: in a file, it shows truncation and flipped bits. */
export function jsonDigest(value: unknown): string {
  return createHash("sha256").update(canonicalJson(value)).digest("hex");
}

/** The text of a JSON file with one top-level field a line, so that people and diffs can read it. */
export function formatFields(value: object): string {
  const fields = Object.entries(value).filter(([, item]) => item !== undefined);
  return `{\n${fields.map(([field, item]) => `  ${stringify(field)}: ${stringify(item)}`).join(",\n")}\n}\n`;
}
