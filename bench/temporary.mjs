// Folders of a benchmark's own; whatever ends it but SIGKILL, they go with it.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

const folders = [];
process.on("exit", () => {
  for (const folder of folders) fs.rmSync(folder, { recursive: true, force: true });
});
for (const signal of ["SIGHUP", "SIGINT", "SIGTERM"])
  process.on(signal, () => process.exit(128 + os.constants.signals[signal]));

/** Makes a folder among the system's temporary ones. */
export function temporaryFolder(name) {
  folders.push(fs.mkdtempSync(path.join(os.tmpdir(), `handgrad-${name}-`)));
  return folders.at(-1);
}
