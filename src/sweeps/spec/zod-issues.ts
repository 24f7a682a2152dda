/** Turns what zod found wrong into one clear line: where, what was got, what was expected. */
import type { z } from "zod";
import { stringify } from "../../core/json-text.js";

/** What a schema found wrong first. */
export interface Misfit {
  /** Path of the value within the parsed one. */
  path: PropertyKey[];
  /** "got X, expected Y". */
  message: string;
  /** Whether the path ends in a key that should not be there, not in a wrong value. */
  isKey?: boolean;
  /** The words to choose from, where the value should be one. */
  words?: string[];
}

export function firstMisfit(error: z.ZodError, root: unknown): Misfit {
  const issue = error.issues[0];
  const value = valueAt(root, issue.path);
  const got = `got ${describe(value)}`;
  const oneOf = (words: string[]): Misfit => ({
    path: issue.path,
    message: `${got}, expected ${choice(words)}`,
    words,
  });
  switch (issue.code) {
    case "unrecognized_keys":
      return { path: [...issue.path, issue.keys[0]], message: "no such field", isKey: true };
    case "invalid_type":
      return { path: issue.path, message: `${got}, expected ${typeWord(issue.expected)}` };
    case "invalid_value":
      return oneOf(issue.values.map(String));
    case "too_small":
      return {
        path: issue.path,
        message: `${got}, expected ${bound(issue.origin, issue.inclusive === false ? "above" : "at least", issue.minimum)}`,
      };
    case "too_big":
      return {
        path: issue.path,
        message: `${got}, expected ${bound(issue.origin, issue.inclusive === false ? "below" : "at most", issue.maximum)}`,
      };
    case "invalid_union": {
      const options = "options" in issue ? issue.options : undefined;
      if (issue.discriminator !== undefined && options !== undefined) return oneOf(options.map(String));
      return { path: issue.path, message: `${got}, expected another type` };
    }
    case "invalid_format":
      return {
        path: issue.path,
        message: `${got}, expected ${issue.message.startsWith("Invalid") ? `text like ${issue.pattern}` : issue.message}`,
      };
    default:
      return { path: issue.path, message: `${got}, ${issue.message}` };
  }
}

export function dottedPath(path: readonly PropertyKey[]): string {
  return path.map(String).join(".");
}

/** A value as an error message shows it: short, on one line. */
export function describe(value: unknown): string {
  if (value === undefined) return "nothing";
  return shortened(stringify(value));
}

/** As much of a text as an error message quotes. */
export function shortened(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

/** As much of a text as a message of one line quotes, control characters written out. */
export function quoted(text: string): string {
  return shortened(text).replace(/[\u0000-\u001f]/g, (control) => JSON.stringify(control).slice(1, -1));
}

/** Words to choose from. */
export function choice(words: readonly string[]): string {
  return words.map((word) => JSON.stringify(word)).join(" or ");
}

export function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  let value = root;
  for (const part of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Record<PropertyKey, unknown>)[part];
  }
  return value;
}

function typeWord(expected: string): string {
  if (expected === "int") return "a whole number";
  if (expected === "record") return "an object";
  if (expected === "array") return "a list";
  return /^[aeiou]/.test(expected) ? `an ${expected}` : `a ${expected}`;
}

function bound(origin: string, word: string, limit: number | bigint): string {
  if (origin === "array") return `${word} ${limit} ${limit === 1 ? "value" : "values"}`;
  if (origin === "string") return `${word} ${limit} characters`;
  return `a number ${word} ${limit}`;
}
