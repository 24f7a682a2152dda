/** A sweep's merged report data without what may vary between identical runs, as bytes to compare. */
import { readFileSync } from "node:fs";

/** @param more names of what else may vary */
export function mergedNumbers(pageData: string, ...more: string[]): string {
  const json = readFileSync(pageData, "utf8")
    .replace(/^window\.HANDGRAD_DATA = /, "")
    .replace(/;\n$/, "");
  return JSON.stringify(JSON.parse(json), (key, value: unknown) =>
    ["run", "wallSeconds", "live", "latest", ...more].includes(key) ? undefined : value,
  );
}
