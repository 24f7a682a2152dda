/** A copy of the compiled program that no rebuild in the meantime can change under a running test. */
import { cpSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { Running } from "../process.js";
import { temporaryFolder } from "../sweeps/fixtures.js";
import { startHandgrad } from "../sweeps/handgrad.js";
import { build, root } from "../workers/built.js";

export interface PrivateBuild {
  /** Starts a command with `folder` as its working directory. */
  start: (folder: string, ...args: string[]) => Running;
  /** The program's entry, for tests that start it in ways of their own. */
  entry: string;
  /** A compiled module, typed as its source. */
  load: <T>(module: string) => Promise<T>;
  url: (module: string) => URL;
}

export async function privateBuild(): Promise<PrivateBuild> {
  await build();
  const folder = temporaryFolder();
  // Other tests lock the folder for a moment, to see whether it is built.
  const filter = (source: string): boolean => !/^lock\..*(?:json|tmp)$/.test(path.basename(source));
  cpSync(path.join(root, "dist"), path.join(folder, "dist"), { recursive: true, filter });
  // Of which each run gets a copy.
  for (const file of ["index.html", "build/report.css", "build/report.js"])
    cpSync(path.join(root, "web/report", file), path.join(folder, "web/report", file));
  symlinkSync(path.join(root, "node_modules"), path.join(folder, "node_modules"), "junction");
  writeFileSync(path.join(folder, "package.json"), '{"type":"module"}');
  const entry = path.join(folder, "handgrad.mjs");
  writeFileSync(entry, 'import { main } from "./dist/sweeps/commands/cli.js";\nawait main(process.argv.slice(2));\n');
  const url = (module: string): URL => pathToFileURL(path.join(folder, "dist", module));
  return {
    start: (place, ...args) => startHandgrad(place, args, entry),
    entry,
    url,
    load: <T>(module: string) => import(url(module).href) as Promise<T>,
  };
}
