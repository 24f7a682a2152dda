// npm run docs: writes docs/config.md and docs/spec.schema.json from the schemas that check specs, and from examples/.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import prettier from "prettier";
import { z } from "zod";
import { configReference } from "./config-reference.mjs";
import { specJsonSchema } from "./spec-schema.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Both documents. @returns {Promise<Map<string, string>>} text by path from the root */
export async function documents(schemas) {
  const folder = path.join(root, "examples");
  const examples = new Map(
    fs.readdirSync(folder).map((file) => [path.parse(file).name, fs.readFileSync(path.join(folder, file), "utf8")]),
  );
  const schemaFile = path.join(root, "docs/spec.schema.json");
  const style = { ...(await prettier.resolveConfig(schemaFile)), filepath: schemaFile };
  return new Map([
    ["docs/config.md", configReference(schemas, examples)],
    ["docs/spec.schema.json", await prettier.format(JSON.stringify(specJsonSchema(schemas)), style)],
  ]);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const build = spawnSync(process.execPath, ["scripts/build.mjs", "--if-stale"], { cwd: root, stdio: "inherit" });
  if (build.status !== 0) process.exit(build.status ?? 1);
  const { trainConfigSchema } = await import("../dist/core/config.js");
  const { dataChoices } = await import("../dist/sweeps/data/datasets.js");
  const { dataOptionsSchema } = await import("../dist/sweeps/spec/data-options.js");
  const { specSchema } = await import("../dist/sweeps/spec/spec.js");
  const dataSchema = z.union([z.enum(dataChoices), dataOptionsSchema]);
  for (const [file, text] of await documents({ trainConfigSchema, dataSchema, specSchema }))
    fs.writeFileSync(path.join(root, file), text);
}
