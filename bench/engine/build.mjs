// Which build of the engine runs, and where: what a run's speeds are of.
import { createHash } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";

/** Whether V8's revectorizer, where the processor lets it, runs the kernels 256 bits wide. */
const width = () => (process.execArgv.includes("--experimental-wasm-revectorize") ? "wide" : "narrow");

/** The build in a checkout's folder, as told in --json; undefined where there is none. */
export async function buildOf(folder) {
  const core = path.join(folder, "dist/core");
  const needed = [path.join(core, "training/train.js"), path.join(folder, "bench/engine/profile.mjs")];
  if (!needed.every((file) => fs.existsSync(file))) return undefined;
  const load = (file) => import(pathToFileURL(path.join(core, file)).href);
  const { ENGINE_VERSION: engineVersion } = await load("version.js");
  const { kernelsBase64 } = await load("simd/kernels.generated.js");
  const kernels = createHash("sha256").update(kernelsBase64, "base64").digest("hex");
  const dist = createHash("sha256");
  for (const name of fs.readdirSync(core, { recursive: true }).sort())
    if (name.endsWith(".js")) dist.update(name).update(fs.readFileSync(path.join(core, name)));
  const processor = os.cpus()[0]?.model ?? "unknown";
  return {
    folder,
    engineVersion,
    kernels,
    dist: dist.digest("hex"),
    node: process.versions.node,
    processor,
    width: width(),
  };
}
