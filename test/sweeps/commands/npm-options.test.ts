/** What npm 9, 10 and 11 leave in the environment of a script, with and without -- before its options. */
import { writeFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, expect, test } from "vitest";
import { takenByNpm } from "../../../src/sweeps/commands/npm-options.js";
import { startedBy } from "../../../src/sweeps/spec/program.js";
import { temporaryFolder } from "../fixtures.js";

beforeAll(() => startedBy({ entry: "handgrad.mjs", pageData: "data.js" }));

const options = { epochs: { type: "string" }, "dry-run": { type: "boolean" }, json: { type: "boolean" } } as const;
const npm = { npm_lifecycle_event: "sweep", npm_config_user_agent: "npm/11.0.0 node/v22" };

test.each<[what: string, args: string[], env: Record<string, string>, taken: string[]]>([
  ["npm run sweep --dry-run", [], { ...npm, npm_config_dry_run: "true" }, ["--dry-run"]],
  ["npm run sweep --epochs 3", ["3"], { ...npm, npm_config_epochs: "true" }, ["--epochs"]],
  ["npm run sweep --epochs=3", [], { ...npm, npm_config_epochs: "3" }, ["--epochs"]],
  ["npm run sweep -- --dry-run", ["--dry-run"], npm, []],
  ["npm run -s sweep -- --json", ["--json"], { ...npm, npm_config_loglevel: "silent" }, []],
  ["npm_config_json=true npm run sweep -- --json", ["--json"], { ...npm, npm_config_json: "true" }, []],
  ["an empty setting", [], { ...npm, npm_config_json: "" }, []],
  ["yarn sweep", [], { ...npm, npm_config_user_agent: "yarn/1.22.0 npm/? node/v22", npm_config_json: "true" }, []],
  ["what npm test starts", [], { ...npm, npm_lifecycle_event: "test", npm_config_json: "true" }, []],
  ["node scripts/handgrad.mjs", [], { npm_config_json: "true" }, []],
])("%s", (_what, args, env, taken) => expect(takenByNpm("sweep", args, options, env)).toEqual(taken));

test("what a file .npmrc sets was not typed", () => {
  const file = path.join(temporaryFolder(), ".npmrc");
  writeFileSync(file, "fund=false\njson = true\n");
  const env = { ...npm, npm_config_userconfig: file, npm_config_json: "true", npm_config_dry_run: "true" };
  expect(takenByNpm("sweep", [], options, env)).toEqual(["--dry-run"]);
});

test("of a script of another package, named as a command is, nothing was taken", () => {
  startedBy(undefined);
  expect(takenByNpm("sweep", [], options, { ...npm, npm_config_dry_run: "true" })).toEqual([]);
});
