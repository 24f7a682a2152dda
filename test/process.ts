/** Starts processes for tests; nothing else in test/ does. None outlives its time limit, or the file that started it. */
import { execFileSync, spawn } from "node:child_process";

export interface Finished {
  /** Null where a signal ended it. */
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface Running {
  pid: number;
  /** Sends a signal to the process alone; nothing where it has ended. */
  signal: (name: NodeJS.Signals) => void;
  /** Rejects where the time limit was reached. */
  finished: Promise<Finished>;
  /** Resolves when the output so far matches; rejects where it ended without. */
  said: (pattern: RegExp) => Promise<RegExpExecArray>;
}

interface Options {
  /** Node by default. */
  program?: string;
  cwd?: string;
  /** Changes to the environment; undefined takes a variable out. */
  env?: NodeJS.ProcessEnv;
  /** Time limit. */
  seconds?: number;
}

const living = new Set<() => void>();
process.on("exit", killAll);
/** Ends all that still run. */
export function killAll(): void {
  for (const kill of living) kill();
}

/** Starts a program with these arguments, in a process group of its own, and keeps what it writes. */
export function start(args: string[], { program = process.execPath, cwd, env, seconds = 110 }: Options = {}): Running {
  const ownGroup = process.platform !== "win32";
  const child = spawn(program, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
    detached: ownGroup,
  });
  const killGroup = (): void => {
    try {
      if (ownGroup && child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
      else child.kill("SIGKILL");
    } catch (error) {
      // Nothing of the group is left.
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  };
  living.add(killGroup);

  const output = { stdout: "", stderr: "" };
  const text = (): string => output.stdout + output.stderr;
  const listeners = new Set<() => void>();
  for (const name of ["stdout", "stderr"] as const)
    child[name].setEncoding("utf8").on("data", (part: string) => {
      output[name] += part;
      for (const listener of listeners) listener();
    });

  const finished = new Promise<Finished>((resolve, reject) => {
    const limit = setTimeout(() => {
      killGroup();
      reject(new Error(`${program} ${args.join(" ")} still ran after ${seconds} s: ${text()}`));
    }, 1000 * seconds);
    child.on("error", reject);
    // What it started itself would hold the streams open.
    child.on("exit", killGroup);
    child.on("close", (code) => {
      clearTimeout(limit);
      living.delete(killGroup);
      resolve({ code, ...output });
    });
  });
  const said = (pattern: RegExp): Promise<RegExpExecArray> =>
    new Promise((resolve, reject) => {
      const listener = (): void => {
        const match = pattern.exec(text());
        if (match) resolve(match);
      };
      listeners.add(listener);
      listener();
      finished.then(() => reject(new Error(`ended without saying ${pattern}: ${text()}`)), reject);
    });
  return { pid: child.pid!, signal: (name) => void child.kill(name), finished, said };
}

export function run(args: string[], options?: Options): Promise<Finished> {
  return start(args, options).finished;
}

/** Makes a named pipe, which Node cannot. */
export function makePipe(file: string): void {
  execFileSync("mkfifo", [file]);
}
