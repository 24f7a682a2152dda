/** The benchmarks: runs of the engine's beside each other (--against), what they refuse and how they end. What they measure is nobody's to assert. */
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { makePipe, run, start } from "./process.js";
import { temporaryFolder } from "./sweeps/fixtures.js";
import { root } from "./workers/built.js";

interface Build {
  folder: string;
  dist: string;
  node: string;
}
interface Result {
  build: Build;
  images: string;
  models: { name: string; optimizer: string; config: object; samplesPerSecond: number; layers: object[] }[];
}
interface Measured {
  result: Result;
  rounds: number[][];
  passes: Result["models"][];
}
interface Comparison extends Result {
  paired: boolean;
  differences: string[];
  ratios: { ratio?: number; range?: number[]; withinNoise?: boolean; layers?: { name: string; ratio?: number }[] }[];
}
const load = <T>(name: string): Promise<T> =>
  import(pathToFileURL(path.join(root, "bench/engine", name)).href) as Promise<T>;
const { compare, readAgainst } = await load<{
  compare(run: Measured, other: Measured, paired: boolean): Comparison;
  readAgainst(place: string): Promise<{ build?: Build; stored?: Result }>;
}>("against.mjs");
const { buildOf } = await load<{ buildOf(folder: string): Promise<Build> }>("build.mjs");
const { measure } = await load<{
  measure(builds: Build[], runs: object[], pace: object, note: () => void): Promise<Measured[]>;
}>("rounds.mjs");
const { nameWith } = await load<{ nameWith(cpuinfo: string, name: string): string }>("../processor.mjs");
const { printedComparison } = await load<{ printedComparison(result: object): string }>("comparison.mjs");

const config = { model: { kind: "mlp", hidden: [8] }, batchSize: 64, epochs: 1000, trainLimit: 128, testLimit: 64 };
const runs = ["sgd", "adam"].map((optimizer) => ({
  name: "mlp",
  optimizer,
  config: { ...config, optimizer: { kind: optimizer, lr: 0.01 } },
}));
const pace = { processes: 2, rounds: 2, seconds: 0, warmUpSeconds: 0.01, roundSeconds: 0.01 };
const own = await buildOf(root);
const [now, before] = await measure([own, own], runs, pace, () => undefined);

/** A run like `now`, its rounds at these shares of its speed, each of its layers at one and the same. */
const slowed = (shares: number[], layers: number): Measured => ({
  ...now,
  rounds: now.rounds.map((speeds) => speeds.map((speed, i) => speed * shares[i])),
  passes: now.passes.map((passes) =>
    passes.map((pass) => ({
      ...pass,
      layers: pass.layers.map((layer) =>
        Object.fromEntries(
          Object.entries(layer).map(([key, value]) => [
            key,
            /Ms$/.test(key) ? (value as number) / layers : (value as unknown),
          ]),
        ),
      ),
    })),
  ),
});

test("two builds train in turns, as often, in every process; all of it is told", () => {
  for (const { result, rounds, passes } of [now, before]) {
    expect(rounds.map((speeds) => speeds.filter((speed) => speed > 0).length)).toEqual([4, 4]);
    expect(passes.map(({ length }) => length)).toEqual([2, 2]);
    expect(result).toMatchObject({ build: own, models: runs });
    expect(result.models[0].layers.length).toBeGreaterThan(3);
  }
  const text = printedComparison({ ...now.result, against: compare(now, before, true) });
  expect(text).toContain("the same build");
  expect(text).toMatch(/^mlp {2}.*( within the noise| faster| slower)$/m);
});

test.each([
  { shares: [1.1, 1.1, 0.9, 0.9], ratio: 1, withinNoise: true },
  { shares: [0.5, 0.4, 0.5, 0.6], ratio: 2, withinNoise: false },
  { shares: [2, 2, 4, 1.5], ratio: 0.5, withinNoise: false },
])(
  "the ratio is the median of the pairs of processes, beside their range: $shares",
  ({ shares, ratio, withinNoise }) => {
    const { ratios, differences } = compare(now, slowed(shares, shares[0]), true);
    expect(differences).toEqual([]);
    for (const found of ratios) {
      expect(found.withinNoise).toBe(withinNoise);
      expect(found.ratio).toBeCloseTo(ratio, 1);
      expect(found.range![0]).toBeLessThan(found.range![1]);
      expect(found.layers![0]).toMatchObject({ name: "all", ratio: expect.closeTo(1 / shares[0], 5) });
    }
  },
);

test("what is not the same is told; layers that stand elsewhere have no ratio", () => {
  const { build, models } = now.result;
  const [sgd] = models;
  const [first, ...others] = sgd.layers;
  const other = { ...sgd, config: {}, layers: [{ ...first, name: "flatten" }, ...others] };
  const result = { ...now.result, images: "others", build: { ...build, node: "0", processor: "Z80" }, models: [other] };
  const against = compare(now, { result, rounds: before.rounds, passes: [[other, other]] }, false);
  expect(against.differences.join("\n")).toMatch(
    /Another machine.*\nProcessor.*\nNode: 0 before.*\nImages: others before/,
  );
  expect(against.differences).toContain("mlp with adam: only now");
  expect(against.differences).toContain("mlp with sgd: another model or training before");
  expect(against.ratios[0].range).toBeUndefined();
  expect(against.ratios[0].layers![1].ratio).toBeUndefined();
  expect(against.ratios[1].ratio).toBeUndefined();
  expect(printedComparison({ ...now.result, against })).toContain("noise is not cancelled");
});

test("a stored run's build takes part where it is as it was", async () => {
  const file = path.join(temporaryFolder(), "before.json");
  const store = (result: object) => fs.writeFileSync(file, `\n> handgrad bench\n\n${JSON.stringify(result)}\n`);
  store(now.result);
  expect(await readAgainst(file)).toEqual({ build: own, stored: now.result });
  for (const changed of [{ dist: "" }, { node: "0" }, { folder: "/nowhere" }]) {
    store({ ...now.result, build: { ...own, ...changed } });
    expect((await readAgainst(file)).build).toBeUndefined();
  }
});

test("processors of one name are told apart where Linux tells more", () => {
  const cpuinfo = "processor\t: 0\ncpu family\t: 23\nmodel\t\t: 1\nmodel name\t: AMD EPYC Processor\n";
  expect(nameWith(cpuinfo, "AMD EPYC Processor")).toBe("AMD EPYC Processor (family 23, model 1)");
  expect(nameWith("", "Apple M1")).toBe("Apple M1");
  if (/^cpu family/m.test(fs.existsSync("/proc/cpuinfo") ? fs.readFileSync("/proc/cpuinfo", "utf8") : ""))
    expect(own).toMatchObject({ processor: expect.stringContaining("(family ") });
});

test("wrong usage is one line, exit code 2", async () => {
  const folder = temporaryFolder();
  const file = path.join(folder, "before.json");
  fs.writeFileSync(file, JSON.stringify(now.result));
  const pipe = path.join(folder, "pipe");
  if (process.platform !== "win32") makePipe(pipe);
  for (const [args, line] of [
    [["--agains", file], /Unknown option/],
    [["--against", folder], /without a build/],
    [["--against", path.join(root, "package.json")], /expected a run stored by/],
    [["--against", path.join(folder, "nothing")], /expected a run stored by/],
    ...(process.platform === "win32" ? [] : [[["--against", pipe], /expected a run stored by/] as const]),
    [["--against", file, "--models", "cnn"], /expected some of mlp, which the stored run has/],
  ] as const)
    expect(await run([path.join(root, "bench/engine.mjs"), ...args])).toEqual({
      code: 2,
      stdout: "",
      stderr: expect.stringMatching(new RegExp(`^bench: .*${line.source}.*\n$`)),
    });
});

const posix = test.skipIf(process.platform === "win32");
const peers = path.join(root, "bench/peers.mjs");

test("a model named twice is measured once", async () => {
  const { stdout } = await run([path.join(root, "bench/engine.mjs"), "--json", "--models", "mlp,mlp"]);
  const { models } = JSON.parse(stdout) as Result;
  expect(models.map(({ optimizer }) => optimizer)).toEqual(["sgd", "nesterov", "adam"]);
});

posix("a process that trains and ends between two requests is told in one line", async () => {
  const folder = temporaryFolder();
  const preload = path.join(folder, "preload.mjs");
  // It ends itself once the first answer has gone out.
  fs.writeFileSync(
    preload,
    `if (process.argv[1]?.endsWith("trainer.mjs")) {
      const send = process.send.bind(process);
      process.send = (answer) => send(answer, () => process.kill(process.pid, "SIGKILL"));
    }`,
  );
  const args = ["--import", pathToFileURL(preload).href, path.join(root, "bench/engine.mjs"), "--models", "mlp"];
  expect(await run(args)).toEqual({
    code: 1,
    stdout: "",
    stderr: "bench: the process that trains ended with SIGKILL\n",
  });
});

posix("wrong usage of the peers' benchmark is one line, exit code 2", async () => {
  for (const [args, line] of [
    [["--model", "cnn"], /Unknown option/],
    [["--models", "toString"], /--models got toString, expected some of cnn,mlp,resnet/],
    [["--models", "mlp,constructor"], /--models got mlp,constructor, expected/],
    [["--optimizer", "toString"], /--optimizer got toString, expected sgd/],
    [["--seconds", "Infinity"], /--seconds got Infinity, expected/],
    [["--pythons", "/bin/true"], /--pythons got \/bin\/true, expected a Python that runs/],
    [["--pythons", "/bin/ls"], /--pythons got \/bin\/ls, expected a Python that runs/],
    [["--pythons", ""], /--pythons got , expected a Python that runs/],
    [["--pythons", ",,"], /--pythons got ,,, expected a Python that runs/],
    [["--core", "abc"], /--core got abc, expected one core/],
    [["--core", "9999"], /--core got 9999, expected one core/],
    [["--core", "0-1"], /--core got 0-1, expected one core/],
    [["--peers", "nosuch"], /--peers got nosuch, expected parts of these names: handgrad, /],
    [["--peers", ""], /--peers got , expected/],
  ] as const)
    expect(await run([peers, ...args])).toEqual({
      code: 2,
      stdout: "",
      stderr: expect.stringMatching(new RegExp(`^bench:peers: .*${line.source}.*\n$`)),
    });
});

posix("a PYTHON that is none is left out with a line; the head tells where all ran; each model once", async () => {
  const args = ["--models", "mlp,mlp", "--peers", "handgrad", "--rounds", "1", "--seconds", "0.01", "--core", "none"];
  const { code, stdout, stderr } = await run([peers, ...args], { env: { PYTHON: "/bin/true" } });
  expect(code).toBe(0);
  expect(stderr).toMatch(/^PYTHON \/bin\/true left out: .+$/m);
  expect(stdout).toMatch(/^.*, one thread, not pinned to a core, Node/);
  expect(stdout.match(/handgrad {2}/g)).toHaveLength(1);
});

posix.each(["SIGTERM", "SIGINT", "SIGHUP"] as const)("%s leaves no folder behind", async (signal) => {
  const folder = temporaryFolder();
  const args = [peers, "--models", "mlp", "--peers", "handgrad"];
  const { said, finished, signal: send } = start(args, { env: { TMPDIR: folder } });
  await said(/warming up handgrad/);
  send(signal);
  expect((await finished).code).toBe({ SIGHUP: 129, SIGINT: 130, SIGTERM: 143 }[signal]);
  expect(fs.readdirSync(folder).filter((name) => name.startsWith("handgrad-bench-"))).toEqual([]);
});
