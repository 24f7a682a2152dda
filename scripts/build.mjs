// Compiles everything that runs: AssemblyScript kernels to an embedded module, src/ to dist/, the page's bundle.
// `node scripts/build.mjs --if-stale` does nothing when all of that is there and made of the sources as they are.
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { doStep, isStale } from "./stamp.mjs";
import { stepsOf } from "./steps.mjs";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const dist = path.join(root, "dist");
const steps = stepsOf(root);
/** Milliseconds after which a wait for another build is told, and after which it is given up. */
const QUIET = 1000;
const PATIENCE = 1000 * Number(process.env.HANDGRAD_BUILD_PATIENCE ?? 300);

/** The lock of run directories, which is compiled in memory: it must work before there is a build. */
async function loadLock() {
  const { default: esbuild } = await import("esbuild");
  const { outputFiles } = await esbuild.build({
    stdin: {
      contents: 'export * from "./lock.ts"; export * from "./files.ts";',
      resolveDir: path.join(root, "src/sweeps/store"),
    },
    bundle: true,
    write: false,
    format: "esm",
    platform: "node",
  });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString("base64")}`);
}

/** One build at a time: a second one waits for the first and then finds little left to do. */
async function lockBuild({ acquireLock, diskOperations, LockHeld }) {
  let timer;
  const onWait = (who) => {
    timer = setTimeout(() => console.error(`waiting for the build of ${who}`), QUIET);
  };
  try {
    await diskOperations.makeFolder(dist);
    return await acquireLock(dist, { operations: diskOperations, patience: PATIENCE, onWait });
  } catch (error) {
    if (!(error instanceof LockHeld)) throw error;
    throw new Error(
      `another build has not ended after ${PATIENCE / 1000} s: ${error.holder}; wait for it, or end it, or, if that process is gone, delete ${error.file}`,
    );
  } finally {
    clearTimeout(timer);
  }
}

/** What went wrong, and what to do: one line, but for what a compiler finds wrong with the sources. */
function explain(error, { failureReason }) {
  if (error.code === "ERR_MODULE_NOT_FOUND") return `${error.message.split("\n")[0]}; run npm ci and try again`;
  if (!error.syscall) return error.message;
  return `${error.path ?? dist}: ${failureReason(error)}; expected a place that can be written to, put that right and try again`;
}

async function build(onlyIfStale) {
  let lock = { failureReason: (error) => error.message };
  try {
    if (onlyIfStale && !steps.some((step) => isStale(root, step))) return;
    lock = await loadLock();
    const release = await lockBuild(lock);
    try {
      for (const name of fs.readdirSync(dist))
        if (/^lock\..*\.tmp$/.test(name)) fs.rmSync(path.join(dist, name), { force: true });
      let announced = false;
      for (const step of steps) {
        if (onlyIfStale && !isStale(root, step)) continue;
        if (!announced && onlyIfStale) console.error("building …");
        announced = true;
        await doStep(root, step);
      }
    } finally {
      await release();
    }
  } catch (error) {
    console.error(`build: ${explain(error, lock)}`);
    process.exitCode = 2;
  }
}

await build(process.argv.includes("--if-stale"));
