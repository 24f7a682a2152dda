// The random networks at full length: 10,000 of them where `npm test` takes 40, on other seeds, one process a core. `node scripts/kernels.mjs 20000 7` for another number and another first seed.
import { spawn, spawnSync } from "node:child_process";
import os from "node:os";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const [count, first] = [Number(process.argv[2] ?? 10_000), Number(process.argv[3] ?? 1000)];
if (!(count > 0) || !Number.isInteger(first)) {
  console.error(
    `kernels: got ${process.argv.slice(2).join(" ")}, expected how many networks and the first seed, such as 10000 1000`,
  );
  process.exit(2);
}
const build = spawnSync(process.execPath, ["scripts/build.mjs", "--if-stale"], { cwd: root, stdio: "inherit" });
if (build.status !== 0) process.exit(build.status ?? 1);

/** Networks of one process: few enough that one that fails is soon told. */
const PART = 500;
let seed = first;
let left = count;
let checked = 0;
let status = 0;

async function work() {
  while (left > 0 && status === 0) {
    const part = Math.min(PART, left);
    left -= part;
    const env = { ...process.env, KERNEL_NETWORKS: String(part), KERNEL_SEED: String(seed++) };
    const code = await new Promise((resolve) => {
      const child = spawn(
        process.execPath,
        ["node_modules/vitest/vitest.mjs", "run", "test/core/network/random-networks.test.ts", "--silent"],
        { cwd: root, env },
      );
      let output = "";
      for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (output += text));
      child.on("close", (code) => {
        if (code !== 0) console.error(output);
        resolve(code ?? 1);
      });
    });
    if (code === 0) console.log(`${(checked += part)} of ${count} networks are alike in both kernel sets`);
    else status = code;
  }
}

await Promise.all(Array.from({ length: os.availableParallelism() }, work));
process.exit(status);
