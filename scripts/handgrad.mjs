// Entry of every npm script: makes sure that the build is no older than its sources, then runs the command line.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const file = (name) => fileURLToPath(new URL(name, import.meta.url));
const build = spawnSync(process.execPath, [file("build.mjs"), "--if-stale"], { stdio: ["ignore", 2, "inherit"] });
if (build.status !== 0) {
  // The build has said what is wrong, unless something ended it.
  if (build.status === null) console.error(`handgrad: the build was ended by ${build.signal}; try again`);
  process.exit(2);
}
let main;
try {
  ({ main } = await import("../dist/sweeps/commands/cli.js"));
} catch (error) {
  console.error(
    `handgrad: dist/ cannot be loaded (${error.name}: ${error.message.split("\n")[0]}); npm run build makes it anew`,
  );
  process.exit(2);
}
const pageData = file("../web/report/build/data.js");
await main(process.argv.slice(2), { entry: file("handgrad.mjs"), pageData });
