// Which build of the engine runs, and where: what a run's speeds are of.
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { processor } from "../processor.mjs";

/** How wide a build runs its kernels in this process; to be called before they are compiled. Builds before 0.3 have but one width. */
export async function decideWidth(folder) {
  const file = path.resolve(folder, "dist/workers/width.js");
  return fs.existsSync(file) ? (await import(pathToFileURL(file).href)).chooseWidth() : 128;
}

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
  return {
    folder,
    engineVersion,
    kernels,
    dist: dist.digest("hex"),
    node: process.versions.node,
    processor: processor(),
    width: `${await decideWidth(folder)} bits wide`,
  };
}
