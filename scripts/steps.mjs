// The steps of the build: what each is made of, and what it makes of that, in memory.
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

async function makeKernels(root) {
  const { main } = await import("assemblyscript/asc");
  const made = {};
  const { error, stderr } = await main(
    [
      "src/core/simd/assembly/index.ts",
      "--baseDir",
      root,
      "-o",
      "kernels.wasm",
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
    ],
    { writeFile: (name, content) => void (made[path.basename(name)] = content) },
  );
  if (error) throw new Error(stderr.toString());
  // What the module exports, as the compiler declares it: a namespace of functions, here the members of an interface.
  const declared = /^declare namespace \w+ \{\n(.*?)^\}/ms.exec(made["kernels.d.ts"])[1];
  const base64 = Buffer.from(made["kernels.wasm"]).toString("base64");
  return new Map([
    [
      "src/core/simd/exports.generated.ts",
      `// Made by scripts/build.mjs from src/core/simd/assembly.\n/** The functions of the WebAssembly module. Addresses and pitches are in bytes. */\nexport interface SimdExports {\n${declared.replaceAll(/export (?:const|function) /g, "")}}\n`,
    ],
    [
      "src/core/simd/kernels.generated.ts",
      `// Made by scripts/build.mjs from src/core/simd/assembly.\nexport const kernelsBase64 =\n  "${base64}";\n`,
    ],
  ]);
}

async function makeSources(root) {
  const { default: ts } = await import("typescript");
  const { declarations } = await import("./declarations.mjs");
  const host = { getCurrentDirectory: () => root, getCanonicalFileName: (name) => name, getNewLine: () => "\n" };
  const fail = (diagnostics) => {
    throw new Error(ts.formatDiagnostics(diagnostics, host));
  };
  const onUnRecoverableConfigFileDiagnostic = (diagnostic) => fail([diagnostic]);
  const { fileNames, options, errors } = ts.getParsedCommandLineOfConfigFile(
    path.join(root, "tsconfig.build.json"),
    undefined,
    { ...ts.sys, onUnRecoverableConfigFileDiagnostic },
  );
  const program = ts.createProgram(fileNames, options);
  const made = new Map();
  const { diagnostics } = program.emit(undefined, (file, text) =>
    made.set(path.relative(root, file).replaceAll(path.sep, "/"), text),
  );
  const wrong = [...errors, ...ts.getPreEmitDiagnostics(program), ...diagnostics];
  if (wrong.length > 0) fail(wrong);
  for (const [file, text] of declarations(program, root, "src/sweeps/library/handgrad.ts")) made.set(file, text);
  return made;
}

async function makePage(root) {
  const { pageFiles } = await import(pathToFileURL(path.join(root, "web/report/build.mjs")));
  return new Map([...(await pageFiles(root))].map(([name, content]) => [`web/report/build/${name}`, content]));
}

const builder = [
  "package-lock.json",
  "scripts/build.mjs",
  "scripts/declarations.mjs",
  "scripts/stamp.mjs",
  "scripts/steps.mjs",
];
/** All steps in order. Where there is no page yet, it has none. @returns {import("./stamp.mjs").Step[]} */
export function stepsOf(root) {
  return [
    {
      name: "kernels",
      sources: ["src/core/simd/assembly", "src/core/kernels/constants.ts", ...builder],
      make: () => makeKernels(root),
    },
    {
      name: "sources",
      sources: ["src", "tsconfig.json", "tsconfig.build.json", ...builder],
      // What an earlier build compiled of files that are gone would hide an import that leads nowhere.
      folders: ["dist/core", "dist/sweeps", "dist/workers"],
      make: () => makeSources(root),
    },
    {
      name: "page",
      sources: ["web/report", "src/core", "src/sweeps/data", "src/sweeps/page", ...builder],
      stub: "web/report/build/data.js",
      make: () => makePage(root),
    },
  ].filter(({ name }) => name !== "page" || fs.existsSync(path.join(root, "web/report/build.mjs")));
}
