// Optuna's side: bench/search/optuna_search.py, which asks processes of bench/search/objective.mjs.
import { execFile, spawnSync } from "node:child_process";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { AXES, EPOCHS, REDUCTION } from "./space.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));

/** Of the Optuna that a Python has; nothing where it has none. */
function versionIn(python) {
  const { stdout } = spawnSync(python, ["-c", "import optuna; print(optuna.__version__)"], { encoding: "utf8" });
  return /^\d\S*$/m.exec(stdout ?? "")?.[0];
}

/** The first Python that has Optuna. */
export const pythonWithOptuna = () => [process.env.PYTHON, "python3", "python"].filter(Boolean).find(versionIn);

/** @param kind "random" or "halving" */
export function optunaSearch(kind, python) {
  return {
    name: `optuna ${kind}`,
    version: versionIn(python),
    async run({ samples, seed, workers }) {
      const objective = [process.execPath, path.join(here, "objective.mjs")];
      const request = { kind, samples, seed, workers, objective, axes: AXES, epochs: EPOCHS, reduction: REDUCTION };
      const { stdout } = await promisify(execFile)(
        python,
        [path.join(here, "optuna_search.py"), JSON.stringify(request)],
        { maxBuffer: 1 << 28 },
      );
      return JSON.parse(stdout);
    },
  };
}
