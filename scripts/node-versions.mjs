// Trains the same small sweep on several versions of Node, which the npm package `node` brings, the simd kernels 128 and
// (where there are) 256 bits wide, and compares all numbers.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const VERSIONS = ["20", "22", "24", "26"];
const SETS = [
  { kernels: "simd", wide: "0", args: ["--train-limit", "1000"] },
  { kernels: "simd", wide: "1", args: ["--train-limit", "1000"] },
  { kernels: "reference", wide: "0", args: ["--train-limit", "64"] },
];
/** The first version that runs the kernels 256 bits wide, on x64. */
const FIRST_WIDE = 22;

const entry = fileURLToPath(new URL("./handgrad.mjs", import.meta.url));
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "handgrad-node-versions-"));

/** The sweep's numbers on one version, without times. */
function numbersOn(version, { kernels, wide, args }) {
  const out = path.join(folder, `${kernels}-${wide}-${version}`);
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
    ...args,
    "--out",
    out,
  ];
  const env = { ...process.env, HANDGRAD_PAGE_DATA: path.join(out, "page.js"), HANDGRAD_WIDE: wide };
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
  const all = records.map((id) => JSON.parse(fs.readFileSync(path.join(out, id, "record.json"), "utf8")));
  const used = (fact) => [...new Set(all.map(({ run }) => run[fact]))].join(", ");
  return {
    numbers: all.map((record) => JSON.stringify({ ...record, run: undefined })).join("\n"),
    cells: JSON.parse(stdout).cells.length,
    node: used("node"),
    bits: used("simdBits"),
  };
}

let failed = false;
try {
  const first = {};
  for (const set of SETS) {
    for (const version of VERSIONS) {
      const wide = set.wide === "1";
      if (wide && (version < FIRST_WIDE || process.arch !== "x64")) continue;
      const { numbers, cells, node, bits } = numbersOn(version, set);
      first[set.kernels] ??= numbers;
      const same = numbers === first[set.kernels];
      const asked = node.startsWith(`v${version}.`) && bits === (wide ? "256" : "128");
      failed ||= !same || !asked;
      const verdict = !asked ? "NOT AS ASKED" : same ? "identical" : "DIFFERENT";
      const width = set.kernels === "simd" ? `${bits} bits` : "";
      console.log(`${set.kernels.padEnd(9)}  ${width.padEnd(8)}  ${node.padEnd(9)}  ${cells} cells  ${verdict}`);
    }
  }
} finally {
  fs.rmSync(folder, { recursive: true, force: true });
}
console.log(failed ? "Not the same bits in all ways." : "The same bits in all ways.");
process.exitCode = failed ? 1 : 0;
