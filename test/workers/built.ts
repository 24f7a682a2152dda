/** The compiled program, for tests that start threads or processes. */
import { execFileSync } from "node:child_process";
import path from "node:path";

export const root = path.dirname(path.dirname(import.meta.dirname));

/** Builds what is older than its sources. */
export function build(): void {
  execFileSync(process.execPath, [path.join(root, "scripts/build.mjs"), "--if-stale"], {
    stdio: ["ignore", "ignore", "inherit"],
  });
}

/** A module of the compiled program, typed as its source. */
export function built<T>(module: string): Promise<T> {
  return import(path.join(root, "dist", module)) as Promise<T>;
}
