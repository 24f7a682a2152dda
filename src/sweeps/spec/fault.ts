/** What is wrong with a spec, as one line: which spec, where in its text, which part of it, and why. */
import { InputError } from "../../core/input-error.js";
import { placeIn, type SpecPath } from "./spec-text.js";
import { dottedPath, quoted } from "./zod-issues.js";

/**
 * The error that says what is wrong with a part of a spec.
 * @param spec its text gives line and column; one that comes with the project has none
 * @param source names the spec
 * @param wrong whether the part's key or its value is at fault
 */
export function specFault(
  spec: { text?: string },
  source: string,
  path: SpecPath,
  message: string,
  wrong: "key" | "value" = "value",
): InputError {
  const where = spec.text === undefined ? undefined : placeIn(spec.text, path, wrong);
  return new InputError([source, where, partName(path), message].filter((part) => part).join(": "));
}

/** A part of a spec in words: `base.epochs`, `axes "optimizer.lr"`, `variants.0.set "model": model.hidden.1`. */
export function partName(path: SpecPath): string {
  const table = path[0] === "variants" ? 2 : 0;
  if ((path[table] !== "axes" && path[table] !== "set") || path.length < table + 2) return quoted(dottedPath(path));
  const name = quoted(String(path[table + 1]));
  const inner = path.slice(table + 2);
  if (path[table] === "axes") {
    // An axis holds a list of values, by itself or as its "values".
    if (inner[0] === "values") inner.shift();
    if (typeof inner[0] === "string")
      return `${quoted(dottedPath(path.slice(0, table + 1)))} "${name}": ${quoted(dottedPath(inner))}`;
    inner.shift();
  }
  const within = inner.length === 0 ? "" : `: ${quoted(dottedPath([name, ...inner]))}`;
  return `${quoted(dottedPath(path.slice(0, table + 1)))} "${name}"${within}`;
}
