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

  it("nothing imports a test but tests", () => {
    expect(
      offences(
        [...src, ...web],
        ({ target }) => within("test")(target) || target === "vitest" || target === "fast-check",
      ),
    ).toEqual([]);
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

describe("packages", () => {
  const importers = (name: string): string[] =>
    [...src, ...web].filter(({ imports }) => imports.some(({ target }) => target === name)).map(({ file }) => file);

  it.each(["piscina", "uplot"])("one file imports %s", (name) => {
    expect(importers(name).length, importers(name).join(", ")).toBe(1);
  });

  it("at most one file imports bullmq", () => {
    expect(importers("bullmq").length, importers("bullmq").join(", ")).toBeLessThanOrEqual(1);
  });

  it("core runs anywhere: no module of Node's, no package but these", () => {
    const allowed = ["ndarray", "ndarray-ops", "gl-matrix", "zod"];
    const core = src.filter(({ file }) => within("src/core")(file));
    expect(offences(core, (imported) => isPackage(imported) && !allowed.includes(imported.target))).toEqual([]);
  });

  it("core names no global of Node's or the browser's", () => {
    const names =
      "process|Buffer|require|global|document|window|navigator|location|localStorage|fetch|XMLHttpRequest|Worker|performance|setTimeout|setInterval|setImmediate|queueMicrotask|console|crypto|HTMLElement";
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
    const { dependencies, devDependencies } = JSON.parse(
      fs.readFileSync(path.join(root, "package.json"), "utf8"),
    ) as Record<string, Record<string, string>>;
    const name = (target: string): string =>
      target
        .split("/")
        .slice(0, target.startsWith("@") ? 2 : 1)
        .join("/");
    const undeclared =
      (declared: Record<string, string>) =>
      (imported: Import): boolean =>
        isPackage(imported) &&
        !/^(node|virtual):/.test(imported.target) &&
        !imported.typeOnly &&
        !(name(imported.target) in declared);
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

  const overview = path.join(root, "ARCHITECTURE.md");
  it.skipIf(!fs.existsSync(overview))(
    "of src are all named in ARCHITECTURE.md (skipped while there is none), and it names none that is not",
    () => {
      const text = fs.readFileSync(overview, "utf8");
      const named = (name: string): number =>
        text.split(new RegExp(`(?<![\\w-])${name.replace(/\./g, "\\.")}(?![\\w-]|\\.\\w)`)).length - 1;
      const base = (file: string): string => path.posix.basename(file);
      // A name that several folders have stands there as often.
      const missing = src.filter(
        ({ file }) => named(base(file)) < src.filter((other) => base(other.file) === base(file)).length,
      );
      expect(missing.map(({ file }) => file)).toEqual([]);
      const paths = [
        ...text.matchAll(/\b(?:src|web|test|bench|scripts)\/[\w./-]+\.(?:ts|cts|mts|mjs|js|css|html)\b/g),
      ].map(([name]) => name);
      expect(paths.filter((name) => !fs.existsSync(path.join(root, name)))).toEqual([]);
    },
  );
});
