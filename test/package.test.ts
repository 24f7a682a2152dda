/** The package as a stranger has it: packed, installed into a folder of its own, its command run, its types compiled. */
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, test, type TestContext } from "vitest";
import { run } from "./process.js";
import { temporaryFolder } from "./sweeps/fixtures.js";
import { build, root } from "./workers/built.js";

const folder = path.join(temporaryFolder(), "Ein Ordner mit Ümläuten");
const installed = path.join(folder, "node_modules/handgrad");
const at = (name: string): string => path.join(folder, name);
/** Of what npm tells the script that runs the tests, where packages come from is for those that the tests start, too. */
const OWN = /^(HANDGRAD|FASHION|npm_(?!config_(cache|registry|prefer_offline|offline|proxy|https_proxy|userconfig)$))/;
const env = Object.fromEntries(Object.keys(process.env).flatMap((name) => (OWN.test(name) ? [[name, undefined]] : [])));
const npm = (...args: string[]) => run(args, { program: "npm", cwd: folder, env });
const npx = (...args: string[]) => run(["handgrad", ...args], { program: "npx", cwd: folder, env });

const SPEC = {
  name: "tiny",
  data: "synthetic",
  base: { model: { kind: "mlp", hidden: [4] }, optimizer: "sgd", epochs: 1, trainLimit: 100, testLimit: 20 },
};

let packed: string[];
/** Why npm could not install it. */
let offline: string | undefined;
const needsPackages = ({ skip }: TestContext): void => {
  if (offline !== undefined) skip(`npm cannot have the package's dependencies: ${offline}`);
};

beforeAll(async () => {
  await build();
  fs.mkdirSync(folder);
  const pack = ["pack", root, "--json", "--ignore-scripts", "--pack-destination", folder];
  const { code, stdout, stderr } = await npm(...pack);
  if (code !== 0) throw new Error(stderr);
  const [{ filename, files }] = JSON.parse(stdout) as [{ filename: string; files: { path: string }[] }];
  packed = files.map((file) => file.path);
  const tarball = at(filename);
  const installing = await npm("install", tarball, "--prefer-offline", "--no-audit", "--no-fund");
  fs.rmSync(tarball);
  if (installing.code !== 0) {
    offline = /ENOTFOUND|EAI_AGAIN|ECONN\w+|ETIMEDOUT|ENOTCACHED|ENETUNREACH/.exec(installing.stderr)?.[0];
    if (offline === undefined) throw new Error(installing.stderr);
  }
});

/** All files below a folder. */
const filesBelow = (place: string): string[] =>
  fs
    .readdirSync(place, { recursive: true, encoding: "utf8" })
    .map((name) => path.join(place, name))
    .filter((file) => fs.statSync(file).isFile())
    .sort();

function digestOf(place: string): string {
  const hash = createHash("sha256");
  for (const file of filesBelow(place)) hash.update(file).update(fs.readFileSync(file));
  return hash.digest("hex");
}

test("holds what runs, what the page is made of and what a user reads, and nothing else", () => {
  const allowed =
    /^(package\.json|README\.md|LICENSE|CHANGELOG\.md|dist\/(core|sweeps|workers)\/.*\.c?js|dist\/.*\.d\.ts|docs\/.*\.(md|json)|examples\/.*\.json|web\/report\/(index\.html|single-file\.mjs|build\/notebook\.mjs|build\/(report|reference|trainer-0)\.(js|css)))$/;
  expect(packed.filter((file) => !allowed.test(file))).toEqual([]);
  expect(packed.filter((file) => /^test\/|assembly\/|\.wat$|stamp/.test(file))).toEqual([]);
  for (const needed of ["LICENSE", "CHANGELOG.md", "docs/config.md", "web/report/build/report.css"])
    expect(packed).toContain(needed);
});

describe("installed", () => {
  test("it names no path of the machine that packed it", (context) => {
    needsPackages(context);
    const foreign = filesBelow(installed).filter((file) => fs.readFileSync(file, "utf8").includes(root));
    expect(foreign).toEqual([]);
    expect(filesBelow(installed)).toHaveLength(packed.length);
  });

  test("its command trains where it is called, and leaves the package as it is", async (context) => {
    needsPackages(context);
    fs.writeFileSync(at("spec.json"), JSON.stringify(SPEC));
    const before = digestOf(installed);
    const sweep = await npx("sweep", "spec.json");
    expect([sweep.code, sweep.stderr]).toEqual([0, ""]);
    const page = /Report: open (.*)\n$/.exec(sweep.stdout)![1];
    expect(page).toBe(path.join(fs.realpathSync(folder), "runs/tiny/index.html"));
    expect(fs.existsSync(page)).toBe(true);
    expect(fs.readdirSync(at("runs/tiny/page"))).toEqual(expect.arrayContaining(["data.js", "report.js"]));
    const [, again] = /One cell again, bits compared: npx handgrad (cell \S+)\n/.exec(sweep.stdout)!;

    const bin = (...args: string[]) =>
      run([path.join(installed, "dist/sweeps/commands/bin.js"), ...args], { cwd: folder, env });
    const [check, report, version, help, wrong, script] = await Promise.all([
      npx(...again.split(" "), "--check"),
      bin("report", "--single-file", "report.html", "--notebook", "report.ipynb"),
      bin("--version"),
      bin(),
      bin("cells", "--out", "none"),
      bin("sweep", "spec.json", "--executor", "slurm", "--dry-run", "--fresh"),
    ]);
    expect([check.code, check.stdout]).toEqual([0, expect.stringContaining("Identical to the record, bit for bit")]);
    const html = fs.readFileSync(at("report.html"), "utf8");
    expect([report.code, html.includes("npx handgrad cell "), /npm run (?!build)/.exec(html)]).toEqual([0, true, null]);
    const notebook = fs.readFileSync(at("report.ipynb"), "utf8");
    expect([notebook.includes("npx handgrad cell "), /npm run (?!build)/.exec(notebook)]).toEqual([true, null]);
    const { version: expected } = JSON.parse(fs.readFileSync(path.join(root, "package.json"), "utf8")) as {
      version: string;
    };
    expect(version.stdout).toBe(`${expected}\n`);
    expect([help.code, help.stdout]).toEqual([0, expect.stringMatching(/^ {2}npx handgrad sweep +train/m)]);
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringMatching(/; .* start with npx handgrad sweep\n$/)]);
    expect(script.stdout).toContain(path.join("node_modules/handgrad/dist/sweeps/commands/bin.js"));
    expect(digestOf(installed)).toBe(before);
    expect(fs.readdirSync(folder).sort()).toEqual([
      "node_modules",
      "package-lock.json",
      "package.json",
      "report.html",
      "report.ipynb",
      "runs",
      "spec.json",
    ]);
  });

  test("its types compile strictly, refuse what is wrong, and the program runs", async (context) => {
    needsPackages(context);
    fs.mkdirSync(at("typed"));
    fs.writeFileSync(at("typed/package.json"), '{ "type": "module" }');
    fs.writeFileSync(at("typed/program.ts"), PROGRAM);
    const options = {
      ...{
        strict: true,
        module: "NodeNext",
        target: "ES2022",
        lib: ["ES2022"],
        exactOptionalPropertyTypes: true,
        skipLibCheck: false,
      },
      ...{ types: ["node"], typeRoots: [path.join(root, "node_modules/@types")] },
    };
    fs.writeFileSync(at("typed/tsconfig.json"), JSON.stringify({ compilerOptions: options }));
    const tsc = await run([path.join(root, "node_modules/typescript/bin/tsc"), "-p", at("typed")], { cwd: folder });
    expect([tsc.code, tsc.stdout]).toEqual([0, ""]);
    const ran = await run([at("typed/program.js")], { cwd: at("typed"), env });
    expect([ran.code, ran.stderr, ran.stdout]).toEqual([0, "", "2 records, 0 missing, T-shirt or not: true\ntrue\n"]);
  });
});

const PROGRAM = `
import { defineSweep, InputError, loadDataset, predict, readRecords, runSweep, train } from "handgrad";
import type { CellRecord, Config, Dataset, EpochMetrics, SweepOutcome } from "handgrad";

const limits = { trainLimit: 100, testLimit: 20 };
const base = { model: { kind: "mlp", hidden: [4] }, optimizer: "sgd", epochs: 1, ...limits } satisfies Config;
const spec = defineSweep({
  name: "typed",
  data: "synthetic",
  base,
  axes: { optimizer: ["sgd", { kind: "adam", lr: 0.01 }], "model.hidden": [[4]] },
  variants: [{ label: "one", set: { seed: 3, schedule: "cosine" } }],
});
const layers = { kind: "layers", name: "wide", layers: ["flatten", { kind: "dense", units: 10 }] } as const;
defineSweep({ name: "layers", base: { ...base, model: layers } });
export const wrong = [
  // @ts-expect-error no such field
  () => defineSweep({ name: "x", base: { epoks: 1 } }),
  // @ts-expect-error no such optimizer
  () => defineSweep({ name: "x", base: { optimizer: "sgdd" } }),
  // @ts-expect-error no such field of that kind
  () => defineSweep({ name: "x", base: { optimizer: { kind: "sgd", beta1: 0.9 } } }),
  // @ts-expect-error a number
  () => defineSweep({ name: "x", axes: { epochs: ["3"] } }),
];
const epochs: EpochMetrics[] = [];
const outcome: SweepOutcome = await runSweep(spec, { workers: 1 });
const { records, missing } = await readRecords(outcome.runDirectory);
const dataset: Dataset = await loadDataset("synthetic", limits);
const trained = await train(base, dataset, { onEpoch: (metrics) => void epochs.push(metrics) });
const record: CellRecord = trained.record;
const [answer] = await predict(trained, dataset.test.images.subarray(0, 784));
if (epochs.length !== 1 || record.status !== "done") throw new Error("not trained");
console.log(\`\${records.length} records, \${missing.length} missing, T-shirt or not: \${(answer?.label ?? -1) >= 0}\`);
try {
  defineSweep({ name: "Not a name" });
} catch (error) {
  console.log(error instanceof InputError);
}
`;
