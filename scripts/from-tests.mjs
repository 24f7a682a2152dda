// What the tests start for themselves (processes, Redis, Slurm, browsers), for scripts and benchmarks: it ends with them.
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Of what the tests import of vitest, the starting of processes needs this alone; they end with this process, too. */
const noVitest = {
  name: "no vitest",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^vitest$/ }, () => ({ path: "vitest", namespace: "none" }));
    onLoad({ filter: /.*/, namespace: "none" }, () => ({ contents: "export const afterAll = () => undefined;" }));
  },
};

/** @param {string[]} names of files below test/, without suffix @returns what they export */
export async function fromTests(names) {
  // As deep below the root as the files themselves, some of which count on that.
  const folder = fs.mkdtempSync(path.join(root, "node_modules/.from-tests-"));
  const outfile = path.join(folder, "tests.mjs");
  const contents = names.map((name) => `export * from "./test/${name}.ts";`).join("\n");
  const stdin = { contents, resolveDir: root };
  try {
    await build({
      stdin,
      outfile,
      bundle: true,
      platform: "node",
      format: "esm",
      packages: "external",
      plugins: [noVitest],
    });
    return await import(pathToFileURL(outfile).href);
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}
