/** Finds run directories: runs/<sweep>/ below the working directory, or the one that --out names. */
import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import { InputError } from "../../core/input-error.js";
import { RunDirectory } from "./run-directory.js";

const RUNS = "runs";

export function runDirectoryOf(sweep: string, out: string | undefined): RunDirectory {
  return new RunDirectory(out ?? path.join(RUNS, sweep));
}

/** All run directories below runs/, the one with the latest sweep first. */
export async function allRuns(): Promise<RunDirectory[]> {
  const names = await readdir(RUNS).catch(() => []);
  const found = await Promise.all(
    names.map(async (name) => {
      const folder = path.join(RUNS, name);
      const plan = await stat(path.join(folder, "plan.json")).catch(() => undefined);
      return plan === undefined ? [] : [{ folder, time: plan.mtimeMs }];
    }),
  );
  const latestFirst = found.flat().sort((a, b) => b.time - a.time || (a.folder < b.folder ? -1 : 1));
  return latestFirst.map(({ folder }) => new RunDirectory(folder));
}

/** The directory that --out names, or that of the latest sweep. @throws InputError where there is none */
export async function existingRun(out: string | undefined): Promise<RunDirectory> {
  if (out !== undefined) {
    const plan = await stat(path.join(out, "plan.json")).catch(() => undefined);
    if (plan === undefined)
      throw new InputError(
        `no sweep was run in ${out} (it has no plan.json); name a run directory with --out, or start with npm run sweep`,
      );
    return new RunDirectory(out);
  }
  const [latest] = await allRuns();
  if (!latest) throw new InputError(`no sweep was run yet (${RUNS}/ has none); start with npm run sweep`);
  return latest;
}
