// The Redis and the Slurm that the tests start for themselves, for the benchmark: they end with it.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), "../..");

/** Of what the tests import of vitest, the starting of processes needs this alone; they end with this process, too. */
const noVitest = {
  name: "no vitest",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^vitest$/ }, () => ({ path: "vitest", namespace: "none" }));
    onLoad({ filter: /.*/, namespace: "none" }, () => ({ contents: "export const afterAll = () => undefined;" }));
  },
};

/** @returns what test/workers/redis-server.ts, test/workers/slurm-cluster.ts and test/process.ts export */
export async function services() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "handgrad-services-"));
  const outfile = path.join(folder, "services.mjs");
  const contents = ["process", "workers/redis-server", "workers/slurm-cluster"]
    .map((name) => `export * from "./test/${name}.ts";`)
    .join("\n");
  const stdin = { contents, resolveDir: root };
  await build({ stdin, outfile, bundle: true, platform: "node", format: "esm", plugins: [noVitest] });
  const loaded = await import(pathToFileURL(outfile).href);
  fs.rmSync(folder, { recursive: true });
  return loaded;
}
