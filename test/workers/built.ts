/** The compiled program, for tests that start threads or processes. */
import path from "node:path";
import { run } from "../process.js";

export const root = path.dirname(path.dirname(import.meta.dirname));

/** Builds what is older than its sources. */
export async function build(): Promise<void> {
  const { code, stdout, stderr } = await run([path.join(root, "scripts/build.mjs"), "--if-stale"]);
  if (code !== 0) throw new Error(`the build failed: ${stdout}${stderr}`);
}

/** A module of the compiled program, typed as its source. */
export function built<T>(module: string): Promise<T> {
  return import(path.join(root, "dist", module)) as Promise<T>;
}
