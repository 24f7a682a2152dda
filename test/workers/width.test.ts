import { readdirSync, readlinkSync, realpathSync, writeFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { trainOnEveryKernel } from "../../src/core/check/every-kernel.js";
import { InputError } from "../../src/core/input-error.js";
import { cacheFolder, chosenBits, storedProof } from "../../src/workers/width.js";
import { run } from "../process.js";
import { temporaryFolder } from "../sweeps/fixtures.js";
import { build, built, root } from "./built.js";

const faster = { same: true, gain: 1.9 };
const halves = { same: true, gain: 1 };
const other = { same: false, gain: 1.9 };

describe("256 bits", () => {
  test.each([
    ["where they are faster and give the same bits", undefined, faster, "v24.1.0", "x64", 256],
    ["an empty wish is none", "", faster, "v24.1.0", "x64", 256],
    ["not where they give other bits", undefined, other, "v24.1.0", "x64", 128],
    ["not where they are carried out in halves", undefined, halves, "v24.1.0", "x64", 128],
    ["not where nothing is known", undefined, undefined, "v24.1.0", "x64", 128],
    ["not where they are not wanted", "0", faster, "v24.1.0", "x64", 128],
    ["whether faster or not where they are wanted", "1", halves, "v24.1.0", "x64", 256],
    ["not even then where they give other bits", "1", other, "v24.1.0", "x64", 128],
    ["not on a Node without them", "1", faster, "v20.19.0", "x64", 128],
    ["not on Arm", "1", faster, "v24.1.0", "arm64", 128],
  ] as const)("%s", (_, wish, proof, node, arch, bits) => {
    return expect(chosenBits(wish, () => Promise.resolve(proof), node, arch)).resolves.toBe(bits);
  });

  test("no proof is made where it decides nothing", async () => {
    const proof = vi.fn(() => Promise.resolve(faster));
    await chosenBits("0", proof, "v24.1.0", "x64");
    await chosenBits("1", proof, "v20.19.0", "x64");
    expect(proof).not.toHaveBeenCalled();
  });

  test("another wish is one line", async () => {
    const choice = chosenBits("yes", () => Promise.resolve(faster));
    await expect(choice).rejects.toThrow(InputError);
    await expect(choice).rejects.toThrow(/^HANDGRAD_WIDE: got yes, expected 0 .*\)$/);
  });
});

describe("a proof", () => {
  test("is made once, and again where what is kept is none; what cannot be kept counts all the same", async () => {
    const folder = path.join(temporaryFolder(), "cache", "handgrad");
    const prove = vi.fn(() => Promise.resolve(faster));
    expect([await storedProof(folder, prove), await storedProof(folder, prove)]).toEqual([faster, faster]);
    expect(prove).toHaveBeenCalledTimes(1);
    const [file] = readdirSync(folder);
    expect(readdirSync(folder)).toEqual([file]);
    for (const damage of ["", "{", "null", '{"same":1,"gain":2}', "[]"]) {
      writeFileSync(path.join(folder, file), damage);
      prove.mockClear();
      expect([await storedProof(folder, prove), prove.mock.calls.length], damage).toEqual([faster, 1]);
    }
    expect(await storedProof(path.join(folder, file), prove)).toEqual(faster);
  });

  test("that could not be made is not kept", async () => {
    const folder = temporaryFolder();
    expect(await storedProof(folder, () => Promise.resolve(undefined))).toBeUndefined();
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe("on this machine", () => {
  let proof: unknown;
  beforeAll(async () => {
    const { proveWidth } = await built<typeof import("../../src/workers/width.js")>("workers/width.js");
    proof = await proveWidth();
  });

  test("both ways give the same bits, or this Node has but one", () => {
    if (Number(process.versions.node.split(".")[0]) < 22 || process.arch !== "x64") expect(proof).toBeUndefined();
    else expect(proof).toEqual({ same: true, gain: expect.any(Number) as number });
  });
});

beforeAll(() => build());
test.each([
  [
    "another module says something in every process",
    { NODE_OPTIONS: "--import=data:text/javascript,console.log(%22hello%22)" },
  ],
  ["there is no home folder", { HOME: "relative", XDG_CACHE_HOME: "" }],
])("a proof ends in an answer or none where %s", async (_, changes) => {
  const script = `import { cacheFolder, chooseWidth, compiled, proveWidth } from ${JSON.stringify(pathToFileURL(path.join(root, "dist/workers/width.js")))};
    await proveWidth(); console.log("digest " + (await compiled("digest")) + " cache " + cacheFolder() + " bits " + (await chooseWidth()));`;
  const folder = temporaryFolder();
  const { stdout, code } = await run(["--input-type=module", "--eval", script], { cwd: folder, env: changes });
  expect({ code, said: stdout.includes("bits ") }).toEqual({ code: 0, said: true });
  expect(stdout).toMatch(/^digest [0-9a-f]{64} cache .* bits (128|256)$/m);
  if ("HOME" in changes) expect(stdout).toContain(" cache undefined ");
  expect(readdirSync(folder)).toEqual([]);
});

test.skipIf(process.platform !== "linux")("a process that ends ends its proof's", async () => {
  const folder = realpathSync(temporaryFolder());
  const script = `import { proveWidth } from ${JSON.stringify(pathToFileURL(path.join(root, "dist/workers/width.js")))};
    proveWidth().then(() => console.log("proved")); setTimeout(() => (console.log("heard"), process.exit(0)), 500);`;
  // Left alone, no process would end by itself.
  const env = { NODE_OPTIONS: "--import=data:text/javascript,setInterval(String,1e6)" };
  const { stdout, code } = await run(["--input-type=module", "--eval", script], { cwd: folder, env });
  expect([code, stdout]).toEqual([0, "heard\n"]);
  await expect.poll(() => processesIn(folder)).toEqual([]);
});

/** Linux's ids of those that run in a folder. */
const processesIn = (folder: string): string[] =>
  readdirSync("/proc").filter((id) => {
    try {
      return /^\d+$/.test(id) && readlinkSync(`/proc/${id}/cwd`) === folder;
    } catch {
      // It has ended, or is another user's.
      return false;
    }
  });

test.each([
  [{}, "linux", "/home/me", "/home/me/.cache/handgrad"],
  [{}, "darwin", "/Users/me", "/Users/me/Library/Caches/handgrad"],
  [{ XDG_CACHE_HOME: "/fast" }, "linux", "/home/me", "/fast/handgrad"],
  [{ XDG_CACHE_HOME: "/fast" }, "linux", "", "/fast/handgrad"],
  [{ XDG_CACHE_HOME: "" }, "linux", "/home/me", "/home/me/.cache/handgrad"],
  [{ XDG_CACHE_HOME: "fast" }, "linux", "/home/me", "/home/me/.cache/handgrad"],
  [{ XDG_CACHE_HOME: "fast" }, "linux", "", ""],
] as const)("with %j on %s, at home in %s, a proof is kept in %s", (env, platform, home, folder) => {
  expect(cacheFolder(env, platform, home)).toBe(folder);
});

test("the proof runs every kernel", () => {
  const called = new Set<string>();
  let exported: string[] = [];
  const { Instance } = WebAssembly;
  const spy = vi.spyOn(WebAssembly, "Instance").mockImplementation(function (...args: unknown[]) {
    const { exports } = Reflect.construct(Instance, args) as WebAssembly.Instance;
    const kernels = Object.entries(exports).filter(([, kernel]) => typeof kernel === "function");
    exported = kernels.map(([name]) => name);
    const counted = kernels.map(([name, kernel]) => [
      name,
      (...values: unknown[]): unknown => (called.add(name), (kernel as (...all: unknown[]) => unknown)(...values)),
    ]);
    return { exports: { ...exports, ...Object.fromEntries(counted) } };
  });
  try {
    for (const weights of trainOnEveryKernel()) expect(weights.every(Number.isFinite)).toBe(true);
  } finally {
    spy.mockRestore();
  }
  // What tests of the mathematics call, and the benchmark.
  expect(exported.filter((name) => !called.has(name)).sort()).toEqual(["exponentials", "log", "peak", "peakOfPairs"]);
});
