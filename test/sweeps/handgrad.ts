/** Runs the command line in a folder of its own: as a process, or, where nothing is trained, in this one. */
import path from "node:path";
import { runCommand } from "../../src/sweeps/commands/cli.js";
import { startedBy } from "../../src/sweeps/spec/program.js";
import { start, type Finished, type Running } from "../process.js";
import { root } from "../workers/built.js";
import { temporaryFolder, withPageData } from "./fixtures.js";

/** Where the page's data of a command lie that runs in `folder`. */
export function pageDataOf(folder: string): string {
  return path.join(folder, "page", "data.js");
}

/** Starts a command with `folder` as its working directory, so that runs/ and the page's data lie there. */
export function startHandgrad(
  folder: string,
  args: string[],
  entry = path.join(root, "scripts/handgrad.mjs"),
  environment: Record<string, string> = {},
): Running {
  const env = { HANDGRAD_PAGE_DATA: pageDataOf(folder), FASHION_MNIST_DIR: undefined, ...environment };
  return start([entry, ...args], { cwd: folder, env });
}

export function handgrad(folder: string, ...args: string[]): Promise<Finished> {
  return startHandgrad(folder, args).finished;
}

/** Whose scripts start what `handgradHere` runs. */
const checkout = { entry: path.join(root, "scripts/handgrad.mjs"), pageData: pageDataOf(temporaryFolder()) };

/** What a process would write and exit with. Paths are relative to this process's working directory, not to `folder`. */
export async function handgradHere(folder: string, ...args: string[]): Promise<Finished> {
  const output = { stdout: "", stderr: "" };
  const streamOf = (name: "stdout" | "stderr") => ({ write: (text: string) => ((output[name] += text), true) });
  const streams = { stdout: streamOf("stdout"), stderr: streamOf("stderr") };
  // Until the file of tests ends (between-files.ts).
  startedBy(checkout);
  const code = await withPageData(folder, () => runCommand(args, streams));
  return { code, ...output };
}
