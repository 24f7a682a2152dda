/** A copy of the compiled program that no rebuild in the meantime can change under a running test. */
import { cpSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { temporaryFolder } from "../sweeps/fixtures.js";
import { build, root } from "../workers/built.js";

export interface PrivateBuild {
  /** The command line: `node entry sweep …`. */
  entry: string;
  /** A compiled module, typed as its source. */
  load: <T>(module: string) => Promise<T>;
  url: (module: string) => URL;
}

export function privateBuild(): PrivateBuild {
  build();
  const folder = temporaryFolder();
  cpSync(path.join(root, "dist"), path.join(folder, "dist"), { recursive: true });
  symlinkSync(path.join(root, "node_modules"), path.join(folder, "node_modules"), "junction");
  writeFileSync(path.join(folder, "package.json"), '{"type":"module"}');
  const entry = path.join(folder, "handgrad.mjs");
  writeFileSync(entry, 'import { main } from "./dist/sweeps/commands/cli.js";\nawait main(process.argv.slice(2));\n');
  const url = (module: string): URL => pathToFileURL(path.join(folder, "dist", module));
  return { entry, url, load: <T>(module: string) => import(url(module).href) as Promise<T> };
}
