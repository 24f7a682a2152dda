// The fault tests at full length: 100 kills instead of the 6 of `npm test`, and 10,000 damaged files instead of 2,000. `node scripts/faults.mjs 500` for more.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const kills = process.argv[2] ?? "100";
const env = { ...process.env, HANDGRAD_KILLS: kills, HANDGRAD_DAMAGED: "10000" };
for (const args of [
  ["scripts/build.mjs", "--if-stale"],
  ["node_modules/vitest/vitest.mjs", "run", "test/faults", "test/sweeps/properties.test.ts"],
]) {
  const { status } = spawnSync(process.execPath, args, { cwd: root, env, stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}
