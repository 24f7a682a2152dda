/** What README.md and docs/ print works as printed: specs and models train, commands are known to whom they are for. */
import fs from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { drawSyntheticDataset } from "../src/sweeps/data/synthetic.js";
import { planCells } from "../src/sweeps/run/plan.js";
import { parseSpec } from "../src/sweeps/spec/spec.js";
import type { SweepSummary } from "../src/sweeps/commands/summary.js";
import { codeBlocks, commands, wordsOf, type Printed } from "./documents.js";
import { temporaryFolder } from "./sweeps/fixtures.js";
import { run } from "./process.js";
import { handgrad, handgradHere } from "./sweeps/handgrad.js";
import { build, root } from "./workers/built.js";

// A second of training for each command's plan; test/sweeps/commands/command-line.test.ts plans with it.
vi.mock("../src/sweeps/run/forecast.js", () => ({
  expectedSeconds: () => Promise.resolve(1),
  cellSeconds: ({ configs }: { configs: unknown[] }) => Promise.resolve(configs.map(() => 1)),
}));

beforeAll(build);

const HANDGRAD = ["sweep", "cell", "cells", "verify", "report", "predict", "export", "task", "collect", "worker"];
const SYNTHETIC = ["--data", "synthetic"];
/** As many images as a sweep may hold out, and some: drawing all takes seconds. */
const PLANNED = ["--train-limit", "8000", "--test-limit", "100", ...SYNTHETIC];
const BRIEFLY = ["--epochs", "1", "--train-limit", "300", "--test-limit", "100", ...SYNTHETIC];

/** What a command says without having done anything: its help, or what is wrong with its options. */
async function said(...args: string[]): Promise<string> {
  const { stdout, stderr } = await handgradHere(temporaryFolder(), ...args);
  return stdout + stderr;
}

interface Spec {
  name: string;
  base?: object;
  /** Its cells are trained as printed, to their rungs. */
  halving?: object;
}

/** A block as a spec: it is one, or a model, which is put into one. */
function specOf({ at, text }: Printed): Spec {
  const value = JSON.parse(text) as Spec;
  if (["base", "axes", "variants"].some((key) => key in value)) return value;
  if ("kind" in value) return { name: "model", base: { model: value, optimizer: "sgd" } };
  throw new Error(
    `${at}: got the keys ${Object.keys(value).join(", ")}, expected a spec or a model; teach this test to run blocks of another kind`,
  );
}

function writeSpec(folder: string, spec: Spec): string {
  const file = `${spec.name}.json`;
  fs.writeFileSync(path.join(folder, file), JSON.stringify(spec));
  return file;
}

const dataset = drawSyntheticDataset(300, 100);
const plan = (block: Printed) => planCells(parseSpec(JSON.stringify(specOf(block)), block.at), dataset, block.at);

/** But those of docs/config.md, which test/docs.test.ts trains. */
const jsonBlocks = codeBlocks.filter(({ at, language }) => language === "json" && !at.startsWith("docs/config.md"));

describe("JSON", () => {
  test("stands in blocks that say so, and so do YAML, JavaScript and Python; every other block holds commands", () => {
    expect(jsonBlocks.length).toBeGreaterThanOrEqual(2);
    expect(codeBlocks.filter(({ language }) => !["json", "yaml", "js", "python", ""].includes(language))).toEqual([]);
  });

  test.each(jsonBlocks)("$at: every cell trains", async (block) => {
    const folder = temporaryFolder();
    const spec = specOf(block);
    const limits = spec.halving ? [] : BRIEFLY;
    const trained = await handgrad(folder, "sweep", writeSpec(folder, spec), "--json", ...limits);
    const summary = JSON.parse(trained.stdout) as SweepSummary;
    const { cells } = summary;
    const readme = fs.readFileSync(path.join(root, "README.md"), "utf8");
    const keys = /prints one JSON object and nothing else: ([^;.]*)/.exec(readme)![1];
    expect([...keys.matchAll(/`(\w+)`/g)].map(([, key]) => key)).toEqual(Object.keys(summary));
    const bad = cells.filter(
      ({ status, trainLoss, testLoss }) =>
        !(status === "done" || (spec.halving && status === "stopped")) ||
        !Number.isFinite(trainLoss) ||
        !Number.isFinite(testLoss),
    );
    expect(
      bad.map(({ id, status, trainLoss, testLoss }) => ({ id, status, trainLoss, testLoss })),
      trained.stderr,
    ).toEqual([]);
    expect([trained.code, cells.length]).toEqual([0, plan(block).length]);
  });

  test("sweep --help: every cell of its spec trains", async () => {
    const folder = temporaryFolder();
    const text = /^ {2}\{ "name".*?\}$/ms.exec(await said("sweep", "--help"))?.[0] ?? "";
    const { code, stdout } = await handgrad(
      folder,
      "sweep",
      writeSpec(folder, specOf({ at: "sweep --help", text })),
      "--json",
      ...BRIEFLY,
    );
    expect([code, (JSON.parse(stdout) as SweepSummary).cells.map(({ status }) => status)]).toEqual([
      0,
      new Array(8).fill("done"),
    ]);
  });

  test("the README's spec has as many cells as it says", () => {
    const readme = fs.readFileSync(path.join(root, "README.md"), "utf8");
    const [, file, cells] = /`npm run sweep -- (\S+) --dry-run` lists the (\d+) cells/.exec(readme)!;
    const block = jsonBlocks.find((printed) => `${specOf(printed).name}.json` === file)!;
    expect(plan(block)).toHaveLength(Number(cells));
  });
});

// What reads a run directory's files is run by test/interop/formats-document.test.ts.
const programs = codeBlocks.filter(({ language, text }) => language === "js" && text.includes('from "handgrad"'));
test.each(programs)("$at: the program runs", async ({ text }) => {
  const folder = temporaryFolder();
  fs.mkdirSync(path.join(folder, "node_modules"));
  fs.symlinkSync(root, path.join(folder, "node_modules/handgrad"), "junction");
  fs.writeFileSync(path.join(folder, "program.mjs"), text);
  const { code, stdout, stderr } = await run(["program.mjs"], { cwd: folder, env: { HANDGRAD_PAGE_DATA: undefined } });
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout).toMatch(/^(mlp-nesterov-\S+ 0\.\d+\n){2}[A-Z]\S+ \/.*index\.html\n$/);
});

/** "npm run NAME -- ARGUMENTS" taken apart; undefined for other programs' commands. */
function npmRun(command: string): { name: string; args: string } | undefined {
  const match = /^npm (?:run (?:-s )?)?([\w:-]+)(?: -- (.*))?$/.exec(command);
  return match ? { name: match[1], args: match[2] ?? "" } : undefined;
}

/** A word in capitals or brackets stands for what a reader puts there. */
const isExact = (args: string): boolean => !/\[|\b[A-Z]+\b/.test(args);

describe("commands", () => {
  // What starts a Redis is run by test/cluster.test.ts.
  const ours = commands.filter(({ text }) => !text.startsWith("redis-server "));
  const { name, scripts, peerDependencies } = JSON.parse(fs.readFileSync(path.join(root, "package.json"), "utf8")) as {
    name: string;
  } & Record<"scripts" | "peerDependencies", Record<string, string>>;

  test.each(ours)("$at: $text names a script that there is", ({ text }) => {
    const script = npmRun(text)?.name;
    if (script !== undefined) expect([...Object.keys(scripts), "ci", "pack"]).toContain(script);
    else if (text.startsWith("npm ci --prefix "))
      expect(fs.existsSync(path.join(root, text.split(" ")[3], "package-lock.json"))).toBe(true);
    else if (text.endsWith(".tgz")) expect(text).toBe("npm install FILE.tgz");
    else if (text.startsWith("npx "))
      expect([`npx ${name}`, ...HANDGRAD]).toEqual(expect.arrayContaining(text.match(/^npx \S+|(?<=^npx \S+ )\S+/g)!));
    else if (text.startsWith("npm install ")) {
      const expected = Object.entries(peerDependencies).map(([name, range]) => `${name}@${/\d+/.exec(range)![0]}`);
      expect(text.split(" ").slice(2)).toEqual(expected);
    } else expect(fs.existsSync(path.join(root, text.split(" ")[1])), text).toBe(true);
  });

  const sweeps = [...new Map(commands.map((command) => [command.text, command])).values()].filter(
    ({ text }) => npmRun(text)?.name === "sweep" && isExact(npmRun(text)!.args),
  );
  test.each(sweeps)("$at: $text can be planned", async ({ text }) => {
    const folder = temporaryFolder();
    for (const block of jsonBlocks) writeSpec(folder, specOf(block));
    const args = wordsOf(npmRun(text)!.args).map((word) => (word.endsWith(".json") ? path.join(folder, word) : word));
    expect(await handgradHere(folder, "sweep", ...args, "--dry-run", ...PLANNED)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(args.includes("--json") ? /^\{.*"cells":\[\{.*\n$/ : / cells, /),
    });
  });

  test("cells that are named have the homework's ids", async () => {
    const named = commands.filter(({ text }) => npmRun(text)?.name === "cell" && isExact(npmRun(text)!.args));
    expect(named.length).toBeGreaterThan(0);
    const folder = temporaryFolder();
    expect((await handgrad(folder, "sweep", ...BRIEFLY)).code).toBe(0);
    for (const { text } of named)
      expect(await handgrad(folder, "cell", ...npmRun(text)!.args.split(" "))).toMatchObject({
        code: 0,
        stdout: expect.stringContaining("Identical to the record, bit for bit"),
      });
  });

  test("the peers' benchmark knows the options that it is given", () => {
    const usage = fs.readFileSync(path.join(root, "bench/peers.mjs"), "utf8");
    const given = commands
      .filter(({ text }) => npmRun(text)?.name === "bench:peers")
      .flatMap(({ text }) => text.match(/--[a-z]+/g) ?? []);
    expect(given.filter((option) => !usage.includes(`[${option}`))).toEqual([]);
  });
});

describe("options", () => {
  const optionPattern = /(--[a-z][a-z-]*)(?: ([^\s\]-][^\s\]]*))?/g;
  const names = (text: string): string[] =>
    [...new Set([...text.replace(/"[^"]*"/g, "VALUE").matchAll(optionPattern)].map(([, option]) => option))].sort();
  const known = async (name: string): Promise<string[]> =>
    names(/expected one of ([^;]*);/.exec(await said(name, "--no-such-option"))![1]);
  const usage = (name: string): string =>
    commands.find(
      ({ at, text }) => at.startsWith("README.md:") && npmRun(text)?.name === name && !isExact(npmRun(text)!.args),
    )!.text;

  test.each(HANDGRAD)("of %s are those that the README lists and --help explains", async (name) => {
    expect(names(usage(name).split(" -- ")[1])).toEqual(await known(name));
    const explained = [...(await said(name, "--help")).matchAll(/^ {2}(--[a-z-]+)/gm)].map(([, option]) => option);
    expect(explained.sort()).toEqual(await known(name));
  });

  test.each(HANDGRAD)("of %s take the values that the README gives them", async (name) => {
    for (const [, option, value] of usage(name).split(" -- ")[1].matchAll(optionPattern)) {
      if (value === undefined)
        expect(await said(name, `${option}=x`)).toContain(`${option} got a value, expected none`);
      else if (value.includes("|"))
        expect(await said(name, option, "no-such-word")).toContain(`expected ${value.replaceAll("|", " or ")}\n`);
      else expect(await said(name, option)).toContain(`${option} got no value, expected one`);
    }
  });

  test.each(commands.filter(({ text }) => HANDGRAD.includes(npmRun(text)?.name ?? "")))(
    "$at: $text has none that is unknown",
    async ({ text }) => {
      const { name, args } = npmRun(text)!;
      expect(await known(name)).toEqual(expect.arrayContaining(names(args)));
    },
  );
});
