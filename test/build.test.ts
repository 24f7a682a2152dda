/** The build, in a small project of its own: killed at any write, with outputs missing or cut, locked, and on bad disks. */
import {
  cpSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { makePipe, run, start } from "./process.js";
import { temporaryFolder } from "./sweeps/fixtures.js";
import { root } from "./workers/built.js";

interface Step {
  name: string;
}

/** What the build needs of the project, and the least of everything else. */
function smallProject(): string {
  const project = temporaryFolder();
  const copied = [
    ...["build", "declarations", "stamp", "steps", "handgrad"].map((name) => `scripts/${name}.mjs`),
    ...["lock", "lease", "lock-holder", "files"].map((name) => `src/sweeps/store/${name}.ts`),
    "src/sweeps/spec/regular-file.ts",
    "src/core/input-error.ts",
    "src/core/simd/webassembly.d.ts",
    "tsconfig.json",
    "package.json",
  ];
  for (const file of copied) cpSync(path.join(root, file), path.join(project, file));
  const made = {
    "package-lock.json": "{}",
    // Node's types would take most of the time.
    "tsconfig.build.json": JSON.stringify({
      extends: "./tsconfig.json",
      compilerOptions: { noEmit: false, rootDir: "src", outDir: "dist", types: [] },
      include: ["src"],
      exclude: ["src/core/simd/assembly", "src/sweeps/store", "src/sweeps/spec"],
    }),
    "src/core/kernels/constants.ts": "export const ONE = 1;\n",
    "src/core/simd/assembly/index.ts": "export function one(): i32 {\n  return 1;\n}\n",
    "src/core/loaded.ts": 'export { kernelsBase64 } from "./simd/kernels.generated.js";\n',
    "src/sweeps/commands/cli.ts":
      'declare const console: { log(line: string): void };\nexport const main = async (): Promise<void> => console.log("it runs");\n',
    "src/workers/entry.ts": "export const entry = 1;\n",
    "web/report/build.mjs":
      'export const pageFiles = async () => new Map([["report.js", "script"], ["report.css", "style"], ["data.js", "none"]]);\n',
  };
  for (const [name, text] of Object.entries(made)) {
    mkdirSync(path.dirname(path.join(project, name)), { recursive: true });
    writeFileSync(path.join(project, name), text);
  }
  symlinkSync(path.join(root, "node_modules"), path.join(project, "node_modules"), "junction");
  return project;
}

let project: string;
let steps: Step[];
let isStale: (root: string, step: Step) => boolean;
const at = (name: string): string => path.join(project, name);
const stampOf = ({ name }: Step): string => `dist/${name}.stamp.json`;
const outputsOf = (step: Step): string[] =>
  Object.keys((JSON.parse(readFileSync(at(stampOf(step)), "utf8")) as { outputs: object }).outputs);
const contents = (): Record<string, string> =>
  Object.fromEntries(steps.flatMap(outputsOf).map((name) => [name, readFileSync(at(name), "utf8")]));
/** Any command: it builds what is stale, then runs. */
const command = (env: NodeJS.ProcessEnv = {}) => run([at("scripts/handgrad.mjs")], { env });
/** So that the cheapest step is to be done again. */
const makeStale = (): void => rmSync(at("dist/page.stamp.json"), { force: true, recursive: true });

beforeAll(async () => {
  project = smallProject();
  const load = (name: string) => import(pathToFileURL(at(`scripts/${name}.mjs`)).href) as Promise<unknown>;
  steps = ((await load("steps")) as { stepsOf: (root: string) => Step[] }).stepsOf(project);
  ({ isStale } = (await load("stamp")) as { isStale: typeof isStale });
  expect(steps.map((step) => isStale(project, step))).toEqual([true, true, true]);
  expect(await command()).toMatchObject({ code: 0, stdout: "it runs\n", stderr: "building …\n" });
});

test("what is there is not made again, also where files of earlier builds lie", async () => {
  writeFileSync(at("dist/building"), "rubbish");
  writeFileSync(at("dist/lock.0123.tmp"), "");
  expect(await command()).toMatchObject({ code: 0, stdout: "it runs\n", stderr: "" });
  makeStale();
  expect(await command()).toMatchObject({ code: 0, stdout: "it runs\n", stderr: "building …\n" });
  expect(readdirSync(at("dist")).filter((name) => name.startsWith("lock"))).toEqual([]);
});

test("an output that is missing, cut or no file makes its step stale, and so do sources that change, come or go", () => {
  const stale = (): string[] => steps.filter((step) => isStale(project, step)).map(({ name }) => name);
  let tried = 0;
  for (const step of steps)
    for (const name of [...outputsOf(step), stampOf(step)]) {
      const whole = readFileSync(at(name));
      const states = [undefined, ...(name.endsWith("data.js") ? [] : ["folder", whole.subarray(0, -1), ""])];
      for (const state of states) {
        rmSync(at(name));
        if (state === "folder") mkdirSync(at(name));
        else if (state !== undefined) writeFileSync(at(name), state);
        expect(stale(), name).toContain(step.name);
        rmSync(at(name), { force: true, recursive: true });
        writeFileSync(at(name), whole);
        tried += 1;
      }
      // The first step's outputs are sources of the others, and now younger.
      if (step.name === "kernels") for (const other of steps.slice(1)) refresh(other);
      expect(stale()).toEqual([]);
    }
  expect(tried).toBeGreaterThan(40);
  // What a sweep has written for the page is no cut output.
  writeFileSync(at("web/report/build/data.js"), "window.HANDGRAD_DATA = {};");
  expect(stale()).toEqual([]);

  writeFileSync(at("src/workers/new.ts"), "");
  expect(stale()).toEqual(["sources"]);
  rmSync(at("src/workers/new.ts"));
  expect(stale()).toEqual([]);
  const style = at("web/report/style.css");
  writeFileSync(style, "");
  expect(stale()).toEqual(["page"]);
  rmSync(style);
});

/** Writes a stamp as if its step had just been done. */
function refresh(step: Step): void {
  const stamp = JSON.parse(readFileSync(at(stampOf(step)), "utf8")) as object;
  writeFileSync(at(stampOf(step)), JSON.stringify({ ...stamp, newest: Date.now() + 1 }));
}

test("whatever stands in place of the page's data stays, and is no reason to build", async () => {
  const data = at("web/report/build/data.js");
  const whole = readFileSync(data);
  const makers = [
    (): void => void mkdirSync(data),
    ...(process.platform === "win32"
      ? []
      : [() => makePipe(data), () => symlinkSync("nowhere", data), () => symlinkSync("/dev/null", data)]),
  ];
  for (const make of makers) {
    rmSync(data);
    make();
    const before = lstatSync(data);
    expect(await command()).toMatchObject({ code: 0, stdout: "it runs\n", stderr: "" });
    makeStale();
    expect(await command()).toMatchObject({ code: 0, stdout: "it runs\n", stderr: "building …\n" });
    expect(lstatSync(data)).toMatchObject({ ino: before.ino, mode: before.mode });
    rmSync(data, { recursive: true });
    writeFileSync(data, whole);
  }
});

test("killed at its first or its last write, a step is done again", { timeout: 300_000 }, async () => {
  const expected = contents();
  const killAt = (write: number) => {
    const code = `import fs from "node:fs"; let left = ${write}; const { renameSync } = fs;
      fs.renameSync = (...args) => (left-- === 0 ? process.kill(process.pid, "SIGKILL") : renameSync(...args));`;
    return run(["--import", `data:text/javascript,${encodeURIComponent(code)}`, at("scripts/build.mjs"), "--if-stale"]);
  };
  const sources = ["src/core/simd/assembly/index.ts", "src/workers/entry.ts", "web/report/build.mjs"].map(at);
  for (const [index, step] of steps.entries()) {
    // The last is the stamp's; the stub of the page's data is there and not written.
    const last = outputsOf(step).length - (step.name === "page" ? 1 : 0);
    for (const write of step.name === "page" ? [1, last] : [index === 0 ? 1 : last]) {
      const { mtimeMs } = statSync(sources[index]);
      const later = Date.now() / 1000 + 3600;
      utimesSync(sources[index], later, later);
      expect((await killAt(write)).code, step.name).toBeNull();
      // Also where the sources are again what they were before.
      utimesSync(sources[index], mtimeMs / 1000, mtimeMs / 1000);
      expect(isStale(project, step), step.name).toBe(true);
      for (const name of outputsOfStep(index, expected)) rmSync(at(name), { force: true });
      expect(await command()).toMatchObject({ code: 0, stdout: "it runs\n", stderr: "building …\n" });
      expect(contents()).toEqual(expected);
    }
  }
});

/** The outputs, by where they lie, of a step that has no stamp any more. */
function outputsOfStep(index: number, all: Record<string, string>): string[] {
  const folder = [/^src\//, /^dist\//, /^web\//][index];
  return Object.keys(all).filter((name) => folder.test(name) && !name.endsWith("data.js"));
}

describe("the lock", () => {
  const own = { pid: process.pid, host: os.hostname(), since: "2026-01-02T03:04:05.678Z" };
  const lock = (): string => at("dist/lock.json");

  test("of a dead process, or of one whose number another has, is taken over", async () => {
    const { pid, finished } = start(["-e", ""]);
    await finished;
    const dead = [{ ...own, pid }, ...(process.platform === "linux" ? [{ ...own, birth: "1" }] : [])];
    for (const holder of dead) {
      makeStale();
      writeFileSync(lock(), JSON.stringify(holder));
      expect(await command()).toMatchObject({ code: 0, stderr: "building …\n" });
    }
  });

  test("of a living one is waited for, with a line that says for whom, and not for ever", async () => {
    makeStale();
    writeFileSync(lock(), JSON.stringify(own));
    const waiting = start([at("scripts/handgrad.mjs")]);
    const who = `process ${process.pid} on ${os.hostname()} since ${own.since}`;
    await waiting.said(new RegExp(`^waiting for the build of ${who}\n`));
    const late = await command({ HANDGRAD_BUILD_PATIENCE: "2" });
    expect(late).toMatchObject({ code: 2, stdout: "" });
    expect(late.stderr).toBe(
      `waiting for the build of ${who}\nbuild: another build has not ended after 2 s: ${who}; wait for it, or end it, or, if that process is gone, delete ${lock()}\n`,
    );
    rmSync(lock());
    expect(await waiting.finished).toMatchObject({ code: 0, stdout: "it runs\n" });
  });

  test("that is none is named in one line", async () => {
    const makers = [
      (): void => writeFileSync(lock(), ""),
      (): void => writeFileSync(lock(), "12345"),
      (): void => void mkdirSync(lock()),
      ...(process.platform === "win32" ? [] : [(): void => makePipe(lock()), () => symlinkSync("nowhere", lock())]),
    ];
    for (const make of makers) {
      makeStale();
      make();
      const { code, stdout, stderr } = await command();
      expect([code, stdout]).toEqual([2, ""]);
      expect(stderr).toMatch(/^build: \S+lock\.json: [^\n]*; delete it if nothing is running in [^\n]*\n$/);
      rmSync(lock(), { recursive: true });
    }
    expect((await command()).code).toBe(0);
  });

  test("is held by one of many builds that start at once", async () => {
    makeStale();
    const ended = await Promise.all(Array.from({ length: 4 }, () => command()));
    for (const { code, stdout } of ended) expect([code, stdout]).toEqual([0, "it runs\n"]);
    expect(ended.filter(({ stderr }) => stderr.includes("building"))).toHaveLength(1);
  });
});

describe("what cannot be written is one line and exit code 2", () => {
  const refused = async (said: RegExp, env?: NodeJS.ProcessEnv): Promise<void> => {
    const { code, stdout, stderr } = await command(env);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr.replace(/^building …\n/, "")).toMatch(said);
    expect(stderr.replace(/^building …\n/, "")).toMatch(
      /^build: [^\n]*; expected a place that can be written to, [^\n]*\n$/,
    );
  };

  test("a full, failing or read-only disk, at the lock and at any output", async () => {
    const failAt = (call: string, code: string): NodeJS.ProcessEnv => {
      const text = `import fs from "node:fs"; import { syncBuiltinESMExports } from "node:module";
        const fail = () => { throw Object.assign(new Error("${code}: fault, write"), { code: "${code}", syscall: "write" }); };
        if (process.argv[1].endsWith("build.mjs")) { ${call} = fail; syncBuiltinESMExports(); }`;
      return { NODE_OPTIONS: `--import "data:text/javascript,${encodeURIComponent(text)}"` };
    };
    for (const call of ["fs.writeFileSync", "fs.renameSync", "fs.promises.open"]) {
      makeStale();
      const place =
        call === "fs.promises.open" ? /^build: \S+\/dist: / : /^build: \S+\/web\/report\/build\/report\.js: /;
      await refused(place, failAt(call, "ENOSPC"));
      await refused(/: read-only file system \(EROFS\); /, failAt(call, "EROFS"));
      expect(readdirSync(at("web/report/build")).sort()).toEqual(["data.js", "report.css", "report.js"]);
    }
    expect((await command()).code).toBe(0);
  });

  test("files and folders in each other's place", async () => {
    const output = at("web/report/build/report.js");
    rmSync(output);
    mkdirSync(path.join(output, "inside"), { recursive: true });
    await refused(/report\.js: a folder stands where a file should be/);
    rmSync(output, { recursive: true });
    rmSync(at("dist/workers"), { recursive: true });
    writeFileSync(at("dist/workers"), "");
    expect((await command()).code).toBe(0);
    rmSync(at("dist"), { recursive: true });
    writeFileSync(at("dist"), "");
    await refused(/dist: a file stands where a folder should be/);
    rmSync(at("dist"));
    expect((await command()).code).toBe(0);
  });

  test("a read-only dist/ needs none while nothing is stale", async ({ skip }) => {
    const inside = (script: string): string[] => [
      "-e",
      `const { spawnSync } = process.getBuiltinModule("child_process");
       process.exit(spawnSync("unshare", ["--mount", "sh", "-c", ${JSON.stringify(script)}], { stdio: "inherit" }).status ?? 1);`,
    ];
    const mounted = `mount --bind ${at("dist")} ${at("dist")} && mount -o remount,bind,ro ${at("dist")}`;
    if ((await run(inside(`${mounted} && ! touch ${at("dist/x")} 2>/dev/null`))).code !== 0)
      skip("this machine lets nobody mount");
    const readOnly = () => run(inside(`${mounted} && exec ${process.execPath} ${at("scripts/handgrad.mjs")}`));
    expect(await readOnly()).toMatchObject({ code: 0, stdout: "it runs\n", stderr: "" });
    makeStale();
    expect(await readOnly()).toMatchObject({
      code: 2,
      stdout: "",
      stderr: expect.stringMatching(/^build: \S+dist\S*: read-only file system \(EROFS\); [^\n]*\n$/),
    });
  });
});
