// Compiles everything that runs: AssemblyScript kernels to an embedded module, src/ to dist/, the page's bundle.
// `node scripts/build.mjs --if-stale` does nothing when all outputs are newer than their sources.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const at = (...parts) => path.join(root, ...parts);

/** Newest modification time below the given files and folders, in milliseconds. */
function newest(...places) {
  let latest = 0;
  for (const place of places) {
    const stat = fs.statSync(place, { throwIfNoEntry: false });
    if (!stat) continue;
    latest = Math.max(latest, stat.mtimeMs);
    if (stat.isDirectory())
      for (const name of fs.readdirSync(place))
        if (name !== "build") latest = Math.max(latest, newest(path.join(place, name)));
  }
  return latest;
}

function run(module, args) {
  const result = spawnSync(process.execPath, [at("node_modules", module), ...args], {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
  });
  if (result.status !== 0) throw new Error(`build: ${module} ${args.join(" ")} failed`);
}

function buildKernels() {
  const out = at("dist", "kernels.wasm");
  run("assemblyscript/bin/asc.js", [
    "src/core/simd/assembly/index.ts",
    "-o",
    out,
    "-t",
    at("dist", "kernels.wat"),
    "--enable",
    "simd",
    "-O3",
    "--noAssert",
    "--runtime",
    "stub",
    "--importMemory",
    "--initialMemory",
    "1",
    "--zeroFilledMemory",
    "--bindings",
    "raw",
  ]);
  // What the module exports, as the compiler declares it: a namespace of functions, here the members of an interface.
  const declared = /^declare namespace \w+ \{\n(.*?)^\}/ms.exec(fs.readFileSync(at("dist", "kernels.d.ts"), "utf8"))[1];
  fs.writeFileSync(
    at("src/core/simd/exports.generated.ts"),
    `// Made by scripts/build.mjs from src/core/simd/assembly.\n/** The functions of the WebAssembly module. Addresses and pitches are in bytes. */\nexport interface SimdExports {\n${declared.replaceAll(/export (?:const|function) /g, "")}}\n`,
  );
  const base64 = fs.readFileSync(out).toString("base64");
  fs.writeFileSync(
    at("src/core/simd/kernels.generated.ts"),
    `// Made by scripts/build.mjs from src/core/simd/assembly.\nexport const kernelsBase64 =\n  "${base64}";\n`,
  );
}

function buildSources() {
  run("typescript/bin/tsc", ["-p", "tsconfig.build.json"]);
  // What an earlier build compiled of files that are gone would hide an import that leads nowhere.
  for (const folder of ["core", "sweeps", "workers"])
    for (const name of fs.readdirSync(at("dist", folder), { recursive: true })) {
      const source = at("src", folder, name.replace(/\.(c?)js$/, ".$1ts"));
      if (/\.c?js$/.test(name) && !fs.existsSync(source)) fs.rmSync(at("dist", folder, name));
    }
  fs.writeFileSync(at("dist", "built"), "");
}

const manifests = [at("package-lock.json"), at("scripts/build.mjs")];
const steps = [
  {
    sources: [at("src/core/simd/assembly"), at("src/core/kernels/constants.ts"), ...manifests],
    outputs: [at("src/core/simd/exports.generated.ts"), at("src/core/simd/kernels.generated.ts")],
    build: buildKernels,
  },
  {
    sources: [at("src"), at("tsconfig.json"), at("tsconfig.build.json"), ...manifests],
    outputs: [at("dist/built")],
    build: buildSources,
  },
];
const page = at("web/report/build.mjs");
if (fs.existsSync(page)) {
  steps.push({
    sources: [at("web/report"), at("src/core"), at("src/sweeps/data"), ...manifests],
    outputs: [at("web/report/build/report.js")],
    build: async () => (await import(pathToFileURL(page))).buildPage(root),
  });
}

/** One build at a time: a second one waits for the first and then finds little left to do. A dead builder's lock is taken over. */
async function locked(work) {
  const lock = at("dist", "building");
  for (;;) {
    try {
      fs.writeFileSync(lock, String(process.pid), { flag: "wx" });
      break;
    } catch {
      let builder = 0;
      try {
        builder = Number(fs.readFileSync(lock, "utf8"));
        if (builder > 0) process.kill(builder, 0);
      } catch (error) {
        if (error.code === "ESRCH") fs.rmSync(lock, { force: true });
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  try {
    await work();
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  } finally {
    fs.rmSync(lock, { force: true });
  }
}

const onlyIfStale = process.argv.includes("--if-stale");
fs.mkdirSync(at("dist"), { recursive: true });
const stale = ({ sources, outputs }) => outputs.some((output) => newest(...sources) > newest(output));
if (!onlyIfStale || steps.some(stale)) {
  await locked(async () => {
    let announced = false;
    for (const step of steps) {
      if (onlyIfStale && !stale(step)) continue;
      if (!announced && onlyIfStale) console.error("building …");
      announced = true;
      await step.build();
    }
  });
}
