/** A module of a test's own as what the pool loads in each thread. */
import { writeFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { temporaryFolder } from "../sweeps/fixtures.js";

/** @param source an ES module whose default export runs a task; loaded by way of CommonJS, as src/workers/thread-entry.cts is and for its reason */
export function threadEntry(source: string): URL {
  const folder = temporaryFolder();
  writeFileSync(path.join(folder, "module.mjs"), source);
  const entry = path.join(folder, "entry.cjs");
  writeFileSync(
    entry,
    'exports.__esModule = true;\nexports.default = import("./module.mjs").then((module) => module.default);\n',
  );
  return pathToFileURL(entry);
}
