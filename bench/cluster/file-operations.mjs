// System calls on a run directory, counted by strace: of a trivial cell in a task, of a checkpoint, of a lock's renewal.
// As a program, under strace: node file-operations.mjs FOLDER checkpoint|renewal TIMES
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { diskOperations, writeAtomic } from "../../dist/sweeps/store/files.js";
import { inFolder } from "./executors.mjs";

const [FEW, MANY] = [4, 24];
const own = fileURLToPath(import.meta.url);
const handgrad = path.join(path.dirname(own), "../../scripts/handgrad.mjs");

/** Calls that name the folder, or a file that is open there. */
function calls(folder, args) {
  const trace = path.join(path.dirname(folder), "trace");
  const options = ["-f", "-y", "-e", "trace=%file,%desc", "-o", trace, process.execPath, ...args];
  const { status, stderr } = spawnSync("strace", options, { encoding: "utf8" });
  if (status !== 0) throw new Error(`strace ${args.join(" ")} ended with ${status}: ${stderr}`);
  const text = fs.readFileSync(trace, "utf8");
  return text.split("\n").filter((line) => line.includes(folder) && !/resumed|exec|epoll/.test(line)).length;
}

/** @returns calls a cell, a checkpoint and a renewal; undefined where there is no strace */
export async function fileOperations() {
  if (spawnSync("strace", ["-V"]).error) return undefined;
  /** What one more costs. @param argsOf gives the program and arguments that do it so often in a folder */
  const slope = async (argsOf) => {
    const [few, many] = await Promise.all(
      [FEW, MANY].map((times) =>
        inFolder(times, (folder) => {
          const run = path.join(fs.realpathSync(folder), "run");
          fs.mkdirSync(run);
          return calls(run, argsOf(run, times));
        }),
      ),
    );
    return (many - few) / (MANY - FEW);
  };
  const task = (run) => [
    handgrad,
    ...["task", path.join(path.dirname(run), "scale.json"), "--tasks", "1", "--index", "0", "--workers", "1"],
    ...["--out", run],
  ];
  return {
    cell: await slope(task),
    checkpoint: await slope((run, times) => [own, run, "checkpoint", `${times}`]),
    renewal: await slope((run, times) => [own, run, "renewal", `${times}`]),
  };
}

async function act(folder, what, times) {
  const file = path.join(folder, "file");
  const bytes = new Uint8Array(1000);
  await diskOperations.write(file, bytes);
  for (let i = 0; i < times; i++)
    if (what === "checkpoint") await writeAtomic(diskOperations, file, bytes);
    else await diskOperations.renew(file, "\0".repeat(1000));
}

if (process.argv[1] === own) await act(process.argv[2], process.argv[3], Number(process.argv[4]));
