/** A thread's entry that trains like the real one, but for the faults that a cell's id asks for. */
import { writeFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { temporaryFolder } from "../sweeps/fixtures.js";
import { threadEntry } from "../workers/thread-entry.js";

/**
 * `id@EPOCH:FAULT` has the fault after that epoch, in the attempts that begin before it: an attempt resumed
 * from that epoch passes. `id@always:FAULT` has it at the start of every attempt.
 * @param worker the compiled cell-worker.js
 */
export function faultyEntry(worker: URL): URL {
  return threadEntry(
    `import runCell from ${JSON.stringify(worker.href)};
const faults = {
  throw() { throw new Error("thrown on purpose"); },
  exit() { process.exit(3); },
  heap() { const all = []; for (;;) all.push(new Array(1e6).fill(0.5)); },
  hang() { for (;;); },
};
export default function (task) {
  const [, when, fault] = /@(\\w+):(\\w+)/.exec(task.id) ?? [];
  if (when === "always") faults[fault]();
  const epoch = Number(when);
  if (!fault || (task.resume?.epoch ?? 0) >= epoch) return runCell(task);
  const port = { postMessage(message, transfer) {
    task.port.postMessage(message, transfer);
    // As if the main thread were that fast: every epoch's state is sent.
    Atomics.store(task.wanted, 0, 1);
    if (message.kind === "epochs" && message.curve.at(-1).epoch === epoch) faults[fault]();
  } };
  return runCell({ ...task, port });
}
`,
  );
}

/** A thread's entry that cannot be loaded. */
export function brokenEntry(): URL {
  const file = path.join(temporaryFolder(), "broken.mjs");
  writeFileSync(file, "export default function (");
  return pathToFileURL(file);
}
