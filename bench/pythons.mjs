// Which PyTorch and JAX installations there are: every Python is asked once what it has (peers/installed.py).
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const QUESTION = fileURLToPath(new URL("peers/installed.py", import.meta.url));

/**
 * The installations that these Pythons have, each once though several Pythons share it: library ("pytorch" or "jax"), a
 * name that tells it from others, the versions of what computes in it, its folder, and its Python.
 * @param {string[]} pythons commands or paths
 * @param {(python: string, reason: string) => void} onUnusable hears of a Python that does not answer
 */
export function installations(pythons, onUnusable = () => {}) {
  const byFolder = new Map();
  for (const python of pythons) {
    try {
      for (const each of answerOf(python))
        if (!byFolder.has(each.folder)) byFolder.set(each.folder, { ...each, python });
    } catch ({ message }) {
      onUnusable(python, message);
    }
  }
  return [...byFolder.values()];
}

function answerOf(python) {
  if (python === "") throw new Error("no name");
  const { status, signal, stdout, stderr, error } = spawnSync(python, ["-B", QUESTION], { encoding: "utf8" });
  if (error) throw error;
  if (status !== 0) throw new Error(stderr.trim().split("\n").at(-1) || `it ended with ${signal ?? status}`);
  if (!stdout.startsWith("[{") && stdout.trim() !== "[]") throw new Error("it does not answer as a Python does");
  return JSON.parse(stdout);
}
