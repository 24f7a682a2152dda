// Trains the same small sweep on several versions of Node, which the npm package `node` brings, and compares all numbers.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const VERSIONS = ["20", "22", "24", "26"];
const KERNELS = { simd: ["--train-limit", "1000"], reference: ["--train-limit", "64"] };

const entry = fileURLToPath(new URL("./handgrad.mjs", import.meta.url));
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "handgrad-node-versions-"));

/** The sweep's numbers on one version, without times. */
function numbersOn(version, kernels) {
  const out = path.join(folder, `${kernels}-${version}`);
  const sweep = [
    entry,
    "sweep",
    "smoke",
    "--json",
    "--epochs",
    "2",
    "--test-limit",
    "100",
    "--kernels",
    kernels,
    ...KERNELS[kernels],
    "--out",
    out,
  ];
  const env = { ...process.env, HANDGRAD_PAGE_DATA: path.join(out, "page.js") };
  // npx is a script on Windows, which only a shell starts.
  const { status, stdout, stderr } = spawnSync("npx", ["-y", `node@${version}`, ...sweep], {
    env,
    encoding: "utf8",
    maxBuffer: 1 << 26,
    timeout: 600_000,
    shell: process.platform === "win32",
  });
  if (status !== 0) throw new Error(`node@${version} ended with ${status}: ${stderr}`);
  const records = fs.readdirSync(out).filter((name) => fs.existsSync(path.join(out, name, "record.json")));
  const used = new Set(
    records.map((id) => JSON.parse(fs.readFileSync(path.join(out, id, "record.json"), "utf8")).run.node),
  );
  const numbers = records.map((id) => {
    const { run, ...record } = JSON.parse(fs.readFileSync(path.join(out, id, "record.json"), "utf8"));
    return run && JSON.stringify(record);
  });
  return { numbers: numbers.join("\n"), cells: JSON.parse(stdout).cells.length, node: [...used].join(", ") };
}

let failed = false;
try {
  for (const kernels of Object.keys(KERNELS)) {
    let first;
    for (const version of VERSIONS) {
      const { numbers, cells, node } = numbersOn(version, kernels);
      first ??= numbers;
      const same = numbers === first;
      failed ||= !same || !node.startsWith(`v${version}.`);
      console.log(`${kernels.padEnd(10)} ${node.padEnd(10)} ${cells} cells  ${same ? "identical" : "DIFFERENT"}`);
    }
  }
} finally {
  fs.rmSync(folder, { recursive: true, force: true });
}
console.log(failed ? "Not the same bits on all versions." : "The same bits on all versions.");
process.exitCode = failed ? 1 : 0;
