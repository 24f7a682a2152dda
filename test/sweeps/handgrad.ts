/** Runs the built command line in a folder of its own. */
import { spawn, type ChildProcess } from "node:child_process";
import path from "node:path";
import { root } from "../workers/built.js";

export interface Finished {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface Running {
  process: ChildProcess;
  finished: Promise<Finished>;
  /** Resolves when the output so far matches. */
  said: (pattern: RegExp) => Promise<void>;
}

/** Starts a command with `folder` as its working directory, so that runs/ and the page's data lie there. */
export function startHandgrad(folder: string, ...args: string[]): Running {
  const env: NodeJS.ProcessEnv = { ...process.env, HANDGRAD_PAGE_DATA: path.join(folder, "page", "data.js") };
  delete env.FASHION_MNIST_DIR;
  const child = spawn(process.execPath, [path.join(root, "scripts/handgrad.mjs"), ...args], {
    cwd: folder,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = { stdout: "", stderr: "" };
  let heard = (): void => undefined;
  for (const name of ["stdout", "stderr"] as const)
    child[name].setEncoding("utf8").on("data", (text: string) => {
      output[name] += text;
      heard();
    });
  const finished = new Promise<Finished>((resolve) => child.on("close", (code) => resolve({ code, ...output })));
  const said = (pattern: RegExp): Promise<void> =>
    new Promise((resolve, reject) => {
      heard = () => pattern.test(output.stdout + output.stderr) && resolve();
      void finished.then(() => reject(new Error(`ended without saying ${pattern}: ${output.stdout}${output.stderr}`)));
      heard();
    });
  return { process: child, finished, said };
}

export function handgrad(folder: string, ...args: string[]): Promise<Finished> {
  return startHandgrad(folder, ...args).finished;
}
