/** The rules of ARCHITECTURE.md that a machine can check, read off the sources' import lines. */
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
/** The kernels' sources list their many arguments and registers one a line. */
const limitOf = (file: string): number => (file.startsWith("src/core/simd/assembly/") ? 400 : 260);

interface Import {
  /** What is imported: a path from the root without suffix, or a package, or "node:…". */
  target: string;
  typeOnly: boolean;
}

interface Source {
  /** From the root, with forward slashes. */
  file: string;
  text: string;
  imports: Import[];
}

const slashes = (file: string): string => file.split(path.sep).join("/");
const withoutSuffix = (file: string): string => file.replace(/(\.d)?\.[cm]?[jt]s$/, "");

/** `import … from "x"`, `export … from "x"`, `import "x"`, `import("x")` and `require("x")`. */
function importsOf(file: string, text: string): Import[] {
  const found: Import[] = [];
  const add = (specifier: string, typeOnly: boolean): void => {
    const target = specifier.startsWith(".")
      ? withoutSuffix(slashes(path.join(path.dirname(file), specifier)))
      : specifier;
    found.push({ target, typeOnly });
  };
  for (const [, clause, specifier] of text.matchAll(/^(?:import|export)\s+([^;"']*?)\s*from\s*["']([^"']+)["']/gms)) {
    const names = /^\{(.*)\}$/s
      .exec(clause)?.[1]
      .split(",")
      .filter((name) => name.trim() !== "");
    add(specifier, /^type\b/.test(clause) || (names !== undefined && names.every((name) => /^\s*type\b/.test(name))));
  }
  for (const [, specifier] of text.matchAll(/^import\s*["']([^"']+)["']/gm)) add(specifier, false);
  for (const [, specifier] of text.matchAll(/\b(?:import|require)\(\s*["']([^"']+)["']\s*\)/g)) add(specifier, false);
  return found;
}

function sourcesBelow(folder: string): Source[] {
  if (!fs.existsSync(path.join(root, folder))) return [];
  return fs
    .readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" })
    .map((name) => slashes(path.join(folder, name)))
    .filter((file) => /\.[cm]?[jt]s$/.test(file) && !/node_modules|web\/report\/build\/|\.generated\./.test(file))
    .sort()
    .map((file) => {
      const text = fs.readFileSync(path.join(root, file), "utf8");
      return { file, text, imports: importsOf(file, text) };
    });
}

const src = sourcesBelow("src");
const web = sourcesBelow("web");
const test = sourcesBelow("test");
const within =
  (folder: string) =>
  (path: string): boolean =>
    path.startsWith(`${folder}/`);
const isPackage = ({ target }: Import): boolean => !/^(src|web|test|bench|scripts|dist)\//.test(target);

/** "file → target" of every import that breaks a rule. */
function offences(sources: Source[], breaks: (imported: Import, file: string) => boolean): string[] {
  return sources.flatMap(({ file, imports }) =>
    imports.filter((imported) => breaks(imported, file)).map(({ target }) => `${file} → ${target}`),
  );
}

describe("the import scanner", () => {
  it("sees every form of import", () => {
    const text = [
      'import a from "a";',
      "import { b,\n  type B } from 'b';",
      'import type { C } from "./c.js";',
      'import { type D } from "../core/d.js";',
      'import "e";',
      'export { f } from "./f.js";',
      'export type { G } from "g";',
      'const h = await import("./h.js");',
      'const i = require("./i.cjs");',
      'const no = "from \\"j\\"";',
    ].join("\n");
    expect(
      importsOf("src/sweeps/x.ts", text).map(({ target, typeOnly }) => `${target}${typeOnly ? " (types)" : ""}`),
    ).toEqual([
      "a",
      "b",
      "src/sweeps/c (types)",
      "src/core/d (types)",
      "src/sweeps/f",
      "g (types)",
      "e",
      "src/sweeps/h",
      "src/sweeps/i",
    ]);
  });

  it("finds the sources, and files behind their relative imports", () => {
    expect(src.length).toBeGreaterThan(40);
    const known = new Set([...src, ...web, ...test].map(({ file }) => withoutSuffix(file)));
    const missing = offences(
      src,
      (imported) => !isPackage(imported) && !known.has(imported.target) && !imported.target.endsWith(".generated"),
    );
    expect(missing).toEqual([]);
  });
});

/** The table of ARCHITECTURE.md: a room a line, from the ground up, and what it imports. */
const rooms = new Map(
  /```rooms\n(.*?)```/s
    .exec(fs.readFileSync(path.join(root, "ARCHITECTURE.md"), "utf8"))![1]
    .trim()
    .split("\n")
    .map((line) => {
      const [room, ...imported] = line.split(/\s+/);
      return [room, imported.map((name) => path.posix.join(path.posix.dirname(room), name))] as const;
    }),
);
/** "core/simd" of src/core/simd/assembly/math.ts; undefined of a file that lies in core itself, and of workers. */
const roomOf = (file: string): string | undefined => /^src\/((?:core|sweeps)\/[^/]+)\//.exec(file)?.[1];

describe("rooms", () => {
  it("are the folders that there are", () => {
    const folders = new Set(src.flatMap(({ file }) => roomOf(file) ?? []));
    expect([...folders].sort()).toEqual([...rooms.keys()].sort());
    expect(src.filter(({ file }) => /^src\/sweeps\/[^/]+$/.test(file)).map(({ file }) => file)).toEqual([]);
  });

  it("import what the table says, and all of it", () => {
    const arrows = new Set<string>();
    for (const { file, imports } of src)
      for (const { target } of imports) {
        const [from, to] = [roomOf(file), roomOf(target)];
        if (from && to && from !== to && path.dirname(from) === path.dirname(to)) arrows.add(`${from} → ${to}`);
      }
    const allowed = [...rooms].flatMap(([room, imported]) => imported.map((other) => `${room} → ${other}`));
    expect([...arrows].sort()).toEqual(allowed.sort());
  });

  it("stand in the table above what imports them", () => {
    const above = [...rooms.keys()];
    const upwards = [...rooms].filter(([room, imported]) =>
      imported.some((other) => !(above.indexOf(other) >= 0 && above.indexOf(other) < above.indexOf(room))),
    );
    expect(upwards).toEqual([]);
  });

  it("of core need no words but those in core itself, and these import no room but the tables they are made of", () => {
    const words = src.filter(({ file }) => /^src\/core\/[^/]+$/.test(file));
    const imported = words.flatMap(({ file, imports }) =>
      imports.flatMap(({ target }) => (roomOf(target) ? [`${path.basename(file)} → ${roomOf(target)}`] : [])),
    );
    expect(imported.sort()).toEqual(["config.ts → core/models", "config.ts → core/optimizers"]);
  });
});

describe("imports go one way", () => {
  it("core imports nothing but itself", () => {
    expect(
      offences(
        src.filter(({ file }) => within("src/core")(file)),
        (imported) => !isPackage(imported) && !within("src/core")(imported.target),
      ),
    ).toEqual([]);
  });

  it("workers import themselves and core", () => {
    const allowed = (target: string): boolean => within("src/workers")(target) || within("src/core")(target);
    expect(
      offences(
        src.filter(({ file }) => within("src/workers")(file)),
        (imported) => !isPackage(imported) && !allowed(imported.target),
      ),
    ).toEqual([]);
  });

  it("sweeps import themselves, workers and core", () => {
    expect(
      offences(
        src.filter(({ file }) => within("src/sweeps")(file)),
        (imported) => !isPackage(imported) && !within("src")(imported.target),
      ),
    ).toEqual([]);
  });

  it("src has no other folders", () => {
    expect(src.filter(({ file }) => !/^src\/(core|workers|sweeps)\//.test(file)).map(({ file }) => file)).toEqual([]);
  });

  it("the page imports itself, core, and types of sweeps", () => {
    const allowed = ({ target, typeOnly }: Import): boolean =>
      within("web")(target) || within("src/core")(target) || (typeOnly && within("src/sweeps")(target));
    expect(offences(web, (imported) => !isPackage(imported) && !allowed(imported))).toEqual([]);
  });

  it("the page comes to load uplot and, for part one, the arrays of the core, and no other package: not the validator", () => {
    const files = new Map([...src, ...web].map((source) => [withoutSuffix(source.file), source]));
    const loaded = new Set<string>();
    const packages = new Set<string>();
    const load = (file: string): void => {
      if (loaded.has(file)) return;
      loaded.add(file);
      for (const imported of files.get(file)?.imports ?? []) {
        if (imported.typeOnly) continue;
        if (isPackage(imported)) packages.add(imported.target);
        else load(imported.target);
      }
    };
    load("web/report/src/main");
    expect([...packages].filter((name) => !name.startsWith("virtual:"))).toEqual(["uplot", "ndarray", "ndarray-ops"]);
    // Not by loading nothing.
    expect([...loaded]).toContain("src/core/layers/conv2d");
  });

  it("nothing imports a test but tests", () => {
    expect(
      offences(
        [...src, ...web],
        ({ target }) => within("test")(target) || target === "vitest" || target === "fast-check",
      ),
    ).toEqual([]);
  });

  it("one file of the tests starts processes", () => {
    const spawners = test.filter(({ imports }) => imports.some(({ target }) => /^(node:)?child_process$/.test(target)));
    expect(spawners.map(({ file }) => file)).toEqual(["test/process.ts"]);
  });

  it("no file of src imports itself in a circle", () => {
    const graph = new Map(
      src.map(({ file, imports }) => [
        withoutSuffix(file),
        imports.filter((imported) => !isPackage(imported)).map(({ target }) => target),
      ]),
    );
    const circles: string[] = [];
    const done = new Set<string>();
    const visit = (file: string, trail: string[]): void => {
      if (trail.includes(file)) circles.push([...trail.slice(trail.indexOf(file)), file].join(" → "));
      else if (!done.has(file)) {
        for (const next of graph.get(file) ?? []) visit(next, [...trail, file]);
        done.add(file);
      }
    };
    for (const file of graph.keys()) visit(file, []);
    expect(circles).toEqual([]);
  });
});

/** Packages that one file imports, and the file: whatever else needs one of them goes through it. */
const HOMES: Record<string, string> = {
  "@noble/hashes": "web/report/src/trainer/images.ts",
  bullmq: "src/workers/queue.ts",
  "fast-png": "src/sweeps/data/png.ts",
  ioredis: "src/workers/queue.ts",
  "jsonc-parser": "src/sweeps/spec/spec-text.ts",
  "log-update": "src/sweeps/commands/progress.ts",
  piscina: "src/workers/pool.ts",
  protobufjs: "src/sweeps/formats/onnx-proto.ts",
  "string-width": "src/sweeps/commands/table.ts",
  uplot: "web/report/src/draw/chart.ts",
};
/** Those that the built page holds, so that who installs the package does without. */
const BUILT_IN = ["@noble/hashes", "uplot"];
/** Packages that any file may import whose folder may. */
const SHARED = ["fflate", "gl-matrix", "ndarray", "ndarray-ops", "p-limit", "zod"];

/** The package that an import names, or a module of it. */
const packageOf = (target: string): string =>
  target
    .split("/")
    .slice(0, target.startsWith("@") ? 2 : 1)
    .join("/");

/** Tables of families, and files beside them that are no member. */
const TABLES: Record<string, string[]> = {
  "src/core/layers/table": ["layer"],
  "src/core/models/table": ["model", "blocks"],
  "src/core/optimizers/table": ["optimizer", "clip"],
};

describe("every member of a family stands in its table", () => {
  it.each(Object.entries(TABLES))("%s", (table, others) => {
    const folder = path.posix.dirname(table);
    const { imports } = src.find(({ file }) => withoutSuffix(file) === table)!;
    const members = src
      .map(({ file }) => withoutSuffix(file))
      .filter((file) => path.posix.dirname(file) === folder && file !== table)
      .filter((file) => !others.includes(path.posix.basename(file)));
    const imported = new Set(imports.filter(({ typeOnly }) => !typeOnly).map(({ target }) => target));
    expect(members.filter((file) => !imported.has(file))).toEqual([]);
  });
});

describe("packages", () => {
  const { peerDependencies, devDependencies, ...declared } = JSON.parse(
    fs.readFileSync(path.join(root, "package.json"), "utf8"),
  ) as Record<string, Record<string, string>>;
  const dependencies = { ...declared.dependencies, ...peerDependencies };

  it("are imported by one file or shared, and nothing is listed that is no dependency", () => {
    expect([...Object.keys(HOMES), ...SHARED].sort()).toEqual([...Object.keys(dependencies), ...BUILT_IN].sort());
    expect(Object.keys(devDependencies)).toEqual(expect.arrayContaining(BUILT_IN));
  });

  it.each(Object.entries(HOMES))("%s is imported by %s alone", (name, home) => {
    const importers = [...src, ...web].filter(({ imports }) =>
      imports.some(({ target }) => packageOf(target) === name),
    );
    expect(importers.map(({ file }) => file)).toEqual([home]);
  });

  it("core runs anywhere: no module of Node's, no package but these", () => {
    const allowed = ["ndarray", "ndarray-ops", "gl-matrix", "zod"];
    const core = src.filter(({ file }) => within("src/core")(file));
    expect(offences(core, (imported) => isPackage(imported) && !allowed.includes(imported.target))).toEqual([]);
  });

  it("core names no global of Node's or the browser's", () => {
    const names =
      "process|Buffer|require|global|document|window|navigator|location|localStorage|fetch|XMLHttpRequest|Worker|performance|setTimeout|setInterval|setImmediate|queueMicrotask|console|crypto|HTMLElement|SharedArrayBuffer|Atomics";
    const code = (text: string): string =>
      text.replace(/\/\*.*?\*\/|\/\/[^\n]*|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`/gs, " ");
    const named = src
      .filter(({ file }) => within("src/core")(file))
      .flatMap(({ file, text }) =>
        [...code(text).matchAll(new RegExp(`(?<![.\\w])(?:${names})(?=[.(])`, "g"))].map(
          ([name]) => `${file}: ${name}`,
        ),
      );
    expect(named).toEqual([]);
  });

  it("every package that src and web import is declared", () => {
    const undeclared =
      (declared: Record<string, string>) =>
      (imported: Import): boolean =>
        isPackage(imported) &&
        !/^(node|virtual):/.test(imported.target) &&
        !imported.typeOnly &&
        !(packageOf(imported.target) in declared);
    expect(offences(src, undeclared(dependencies))).toEqual([]);
    expect(offences(web, undeclared({ ...dependencies, ...devDependencies }))).toEqual([]);
  });
});

describe("files", () => {
  it("of src are short", () => {
    const long = src
      .map(({ file, text }) => ({ file, lines: text.trimEnd().split("\n").length }))
      .filter(({ file, lines }) => lines > limitOf(file));
    expect(long).toEqual([]);
  });

  it("none only passes on what others export (the WebAssembly module's entry must)", () => {
    const barrels = [...src, ...web].filter(({ text }) => {
      const statements = text
        .replace(/\/\*.*?\*\/|\/\/[^\n]*/gs, "")
        .split(";")
        .map((statement) => statement.trim())
        .filter((statement) => statement !== "");
      return (
        statements.length > 0 &&
        statements.every(
          (statement) => /^(import|export\s+(type\s+)?(\*|\{))/.test(statement) && statement.includes("from"),
        ) &&
        statements.some((statement) => statement.startsWith("export"))
      );
    });
    expect(barrels.map(({ file }) => file)).toEqual(["src/core/simd/assembly/index.ts"]);
  });
});

describe("ARCHITECTURE.md", () => {
  const text = fs.readFileSync(path.join(root, "ARCHITECTURE.md"), "utf8");
  /** Folder → the files that have a line in its section. */
  const sections = text
    .split(/^## /m)
    .slice(1)
    .map((section) => ({
      folder: /^(\S+)\/ — /.exec(section)?.[1] ?? section,
      lines: [...section.matchAll(/^- (.*)$/gm)].map(([, line]) => line),
    }));
  const listed = sections.flatMap(({ folder, lines }) =>
    lines.map((line) => `${folder}/${/^`([^`]*)` \S/.exec(line)?.[1] ?? line}`),
  );
  const there = ["src", "web", "bench", "scripts"]
    .flatMap((folder) =>
      fs
        .readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" })
        .map((name) => slashes(path.join(folder, name))),
    )
    .filter((file) => /\.([cm]?[jt]s|css|html|py)$/.test(file))
    .filter((file) => !/node_modules|web\/report\/build\/|\.generated\./.test(file));

  it("has a line for every file, in the section of its folder, and a file for every line", () => {
    expect(there.length).toBeGreaterThan(100);
    expect(listed.sort()).toEqual(there.sort());
  });

  it("has one section for every folder, under the folder's name", () => {
    const folders = new Set(there.map((file) => path.posix.dirname(file)));
    expect(sections.map(({ folder }) => folder).sort()).toEqual([...folders, "test"].sort());
  });

  it.each([
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "README.md",
    "docs/cluster.md",
    "docs/reliability.md",
    "src/core/simd/assembly/README.md",
  ])("%s names no path that is not there", (document) => {
    const paths = [
      ...fs
        .readFileSync(path.join(root, document), "utf8")
        .matchAll(/\b(?:src|web|test|bench|scripts)\/[\w./-]+\.(?:ts|cts|mts|mjs|js|css|html)\b/g),
    ].map(([name]) => name);
    expect(paths.length).toBeGreaterThan(0);
    const missing = paths.filter((name) => !name.endsWith("/NAME.ts") && !fs.existsSync(path.join(root, name)));
    expect(missing).toEqual([]);
  });

  it("keeps the capitals of names, and has none where a line begins with an article", () => {
    const names = [
      "Ctrl-C",
      "ConvNetJS",
      "TensorFlow.js",
      "PyTorch",
      "Handgrad",
      "WebAssembly",
      "AssemblyScript",
      "uPlot",
    ];
    const lines = sections.flatMap(({ lines }) => lines.map((line) => line.replace(/`[^`]*`|\S+\/\S+/g, "")));
    const lost = names.flatMap((name) =>
      lines.filter((line) =>
        (line.match(new RegExp(`(?<![\\w-])${name.replace(".", "\\.")}(?![\\w-])`, "gi")) ?? []).some(
          (found) => found !== name,
        ),
      ),
    );
    expect(lost).toEqual([]);
    expect(lines.filter((line) => /^ *(A|An|The) /.test(line))).toEqual([]);
  });
});
