// What the benchmarks of the harness share: a spec of trivial cells, and one command with what it took.
import { spawn } from "node:child_process";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

/** Cells as small as cells can be: what they take is overhead. */
export const trivialSpec = (cells) => ({
  name: "scale",
  data: "synthetic",
  base: { model: { kind: "mlp", hidden: [1] }, optimizer: "sgd", epochs: 1, trainLimit: 1, testLimit: 1 },
  axes: { seed: Array.from({ length: cells }, (_, seed) => seed) },
});

/** Runs a command in a folder of its own. @returns what it took, as metered.mjs tells */
export function measured(folder, args, env = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [path.join(root, "bench/metered.mjs"), ...args], {
      cwd: folder,
      env: { ...process.env, HANDGRAD_PAGE_DATA: path.join(folder, "page/build/data.js"), ...env },
      stdio: ["ignore", "ignore", "pipe", "pipe"],
    });
    const kill = () => child.kill("SIGKILL");
    process.on("exit", kill);
    child.on("close", () => process.off("exit", kill));
    const text = { 2: "", 3: "" };
    for (const descriptor of [2, 3]) child.stdio[descriptor].on("data", (chunk) => (text[descriptor] += chunk));
    child.on("error", reject);
    child.on("close", (code) =>
      code === 0
        ? resolve(JSON.parse(text[3]))
        : reject(new Error(`${args.join(" ")} ended with ${code}: ${text[2].trim()}`)),
    );
  });
}
