/** All temporary folders of a test run lie in one, which goes when the run ends. */
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";

const NAME = "handgrad-tests-";

export default function setup(): (() => void) | undefined {
  // Runs for each project; a folder in a folder would make the paths of browsers' sockets too long.
  if (path.basename(os.tmpdir()).startsWith(NAME)) return undefined;
  const root = mkdtempSync(path.join(os.tmpdir(), NAME));
  process.env.TMPDIR = root;
  return () => rmSync(root, { recursive: true, force: true });
}
