import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { decodeRecord, encodeRecord } from "../../../src/sweeps/store/record.js";
import { cellId } from "../../../src/sweeps/spec/cell-id.js";
import type { SweepSummary } from "../../../src/sweeps/commands/summary.js";
import { build } from "../../workers/built.js";
import { SUMMARY_KEYS, temporaryFolder } from "../fixtures.js";
import { handgrad, handgradHere } from "../handgrad.js";

beforeAll(build);

const SMALL = ["--train-limit", "200", "--test-limit", "100", "--epochs", "2"];

/** A summary without what may vary between identical runs. */
function numbers(json: string): string {
  return JSON.stringify(JSON.parse(json), (key, value: unknown) =>
    key === "seconds" || key === "wallSeconds" ? undefined : value,
  );
}

function recordFile(folder: string, id: string): string {
  return path.join(folder, "runs", "smoke", id, "record.json");
}

describe("the life of a sweep", () => {
  const folder = temporaryFolder();
  let summary: SweepSummary;
  let json: string;

  test("sweep --json prints one JSON object, progress goes to standard error", async () => {
    const { code, stdout, stderr } = await handgrad(folder, "sweep", "smoke", ...SMALL, "--json", "--workers", "2");
    expect([code, stdout.trim().split("\n")]).toEqual([0, [expect.stringMatching(/^\{.*\}$/)]]);
    json = stdout;
    summary = JSON.parse(stdout) as SweepSummary;
    expect(Object.keys(summary)).toEqual(["sweep", "dataset", "dataDigest", "engineVersion", "wallSeconds", "cells"]);
    expect(summary).toMatchObject({ sweep: "smoke", dataset: "synthetic" });
    expect(summary.cells).toHaveLength(6);
    for (const cell of summary.cells) {
      expect(Object.keys(cell)).toEqual(SUMMARY_KEYS);
      expect(cell).toMatchObject({ status: "done", epochs: 2, weightsDigest: expect.stringMatching(/^[0-9a-f]{64}$/) });
      expect(cell.testAccuracy).toBeGreaterThanOrEqual(0);
      expect(cell.bestTestAccuracy).toBeGreaterThanOrEqual(cell.testAccuracy!);
    }
    expect(summary.cells.map(({ id }) => id)).toEqual(summary.cells.map(({ id }) => id).sort());
    expect(summary.cells.map(({ parameters }) => parameters)).toEqual([29066, 29066, 29066, 89610, 89610, 89610]);
    expect(stderr).toMatch(/6 cells, none done already, 6 to train on/);
  });

  test("a second sweep skips what is done and says so", async () => {
    const again = await handgrad(folder, "sweep", "smoke", ...SMALL, "--json");
    expect(again.stderr).toMatch(/6 cells, 6 done already and skipped, 0 to train/);
    expect(numbers(again.stdout)).toBe(numbers(json));
    const { stdout } = await handgrad(folder, "sweep", path.join("runs", "smoke", "spec.json"));
    expect(stdout).toMatch(/6 cells, 6 done already and skipped, 0 to train/);
  });

  test("fresh trains again, to the same numbers, with one worker as with two", async () => {
    const fresh = await handgrad(folder, "sweep", "smoke", ...SMALL, "--json", "--fresh", "--workers", "1");
    expect(fresh.stderr).toMatch(/6 to train/);
    expect(numbers(fresh.stdout)).toBe(numbers(json));
  });

  test("cells lists what the sweep printed", async () => {
    expect(numbers((await handgrad(folder, "cells", "--json")).stdout)).toBe(numbers(json));
    const { stdout } = await handgrad(folder, "cells");
    for (const { id } of summary.cells) expect(stdout).toContain(id);
  });

  test("a cell is trained again by the beginning of its id, and its bits compared", async () => {
    const { id } = summary.cells[4];
    const checked = await handgrad(folder, "cell", id.slice(0, 6), "--check", "--json");
    expect([checked.code, JSON.parse(checked.stdout)]).toEqual([
      0,
      { ...summary.cells[4], seconds: expect.any(Number), identical: true },
    ]);
    const { code, stdout } = await handgrad(folder, "cell", id);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/Identical to the record, bit for bit/)]);
  });

  test("a record with other numbers is told apart, named, and never overwritten", async () => {
    const { id } = summary.cells[5];
    const file = recordFile(folder, id);
    const before = readFileSync(file, "utf8");
    const record = decodeRecord(before, file);
    record.curve[1].testLoss! += 1e-15;
    const altered = encodeRecord(record);
    writeFileSync(file, altered);
    const checked = await handgrad(folder, "cell", id, "--check", "--json");
    expect([checked.code, JSON.parse(checked.stdout)]).toEqual([1, expect.objectContaining({ identical: false })]);
    const { code, stdout } = await handgrad(folder, "cell", id);
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(/NOT IDENTICAL to the record: epoch 2, testLoss: stored/),
    ]);
    expect(readFileSync(file, "utf8")).toBe(altered);
    writeFileSync(file, before);
  });

  test("a cell without a record is trained from the plan and stored", async () => {
    const { id } = summary.cells[3];
    rmSync(path.dirname(recordFile(folder, id)), { recursive: true });
    expect(await handgrad(folder, "cell", id, "--check")).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/has no record of a finished training to check against/),
    });
    const { code, stdout } = await handgrad(folder, "cell", id, "--json");
    expect([code, JSON.parse(stdout)]).toEqual([
      0,
      { ...summary.cells[3], seconds: expect.any(Number), identical: null },
    ]);
    expect(existsSync(recordFile(folder, id))).toBe(true);
  });

  test("report rebuilds the page's data", async () => {
    const page = path.join(folder, "page", "data.js");
    const made = readFileSync(page, "utf8");
    rmSync(page);
    expect((await handgrad(folder, "report")).code).toBe(0);
    const load = (script: string): string => numbers(script.replace("window.HANDGRAD_DATA = ", "").replace(/;\n$/, ""));
    const withoutRun = (text: string): string => text.replace(/"run":\{[^}]*\}/g, "");
    expect(withoutRun(load(readFileSync(page, "utf8")))).toBe(withoutRun(load(made)));
  });

  test("a damaged record is one line to those who read it, and no success, and trained again by sweep", async () => {
    const { id } = summary.cells[0];
    const file = recordFile(folder, id);
    const before = readFileSync(file, "utf8");
    writeFileSync(file, before.slice(0, 500));
    for (const [expected, ...args] of [
      [2, "cell", id],
      [1, "cells"],
      [1, "report"],
    ] as [number, ...string[]][]) {
      const { code, stderr } = await handgrad(folder, ...args);
      const line = /^(handgrad: )?\S+record\.json: not JSON [^\n]*; npm run sweep trains the cell again\n$/;
      expect([code, stderr]).toEqual([expected, expect.stringMatching(line)]);
      expect(readFileSync(file, "utf8")).toHaveLength(500);
    }
    const mended = await handgrad(folder, "sweep", "smoke", ...SMALL, "--json");
    expect(mended.stderr).toMatch(/record\.json: not JSON/);
    expect(mended.stderr).toMatch(/5 done already and skipped, 1 to train/);
    expect(numbers(mended.stdout)).toBe(numbers(json));
  });
});

test("a dry run lists the cells and writes nothing", async () => {
  const folder = temporaryFolder();
  const { code, stdout } = await handgrad(folder, "sweep", "smoke", "--dry-run", "--seeds", "3,4");
  expect(code).toBe(0);
  expect(stdout.match(/^train {2}\S+-seed[34]-/gm)).toHaveLength(12);
  expect(stdout).toMatch(/12 cells, 12 to train, 0 recorded in runs.smoke\n$/);
  const json = JSON.parse((await handgrad(folder, "sweep", "smoke", "--dry-run", "--json")).stdout) as {
    dryRun: boolean;
    cells: { train: boolean }[];
  };
  expect([json.dryRun, json.cells.length, json.cells.every(({ train }) => train)]).toEqual([true, 6, true]);
  expect(readdirSync(folder)).toEqual([]);
});

describe("where the files are not at hand", () => {
  const withFetch = (body: string): void =>
    void vi.stubEnv(
      "NODE_OPTIONS",
      `--import=data:text/javascript,${encodeURIComponent(`globalThis.fetch = () => { ${body} };`)}`,
    );
  afterEach(() => void vi.unstubAllEnvs());

  test.each([[[]], [["--data", "fashion-mnist"]]])(
    "a dry run %j asks no network, says so, and plans",
    async (choice) => {
      const folder = temporaryFolder();
      withFetch("process.exit(99)");
      const { code, stdout, stderr } = await handgrad(folder, "sweep", "--dry-run", ...choice);
      expect([code, stderr]).toEqual([0, ""]);
      expect(stdout).toMatch(
        /^fashion-mnist from \S+, from where the sweep would download 30\.9 MB that are not here: 60,000 training and 10,000 test images$/m,
      );
      expect(stdout.match(/^train {2}/gm)).toHaveLength(12);
      const json = (await handgrad(folder, "sweep", "--dry-run", "--json", ...choice)).stdout;
      expect((JSON.parse(json) as SweepSummary).dataDigest).toMatch(/^d1fd84a8/);
      expect(readdirSync(folder)).toEqual([]);
    },
  );

  test("a sweep without a network says so and uses the synthetic set", async () => {
    withFetch('return Promise.reject(new Error("no network"))');
    const { code, stderr } = await handgrad(temporaryFolder(), "sweep", ...SMALL, "--epochs", "1");
    expect([code, stderr]).toEqual([
      0,
      expect.stringMatching(
        /could not be downloaded \(.*: no network; .*: no network\)\. USING THE SYNTHETIC SET INSTEAD/,
      ),
    ]);
  });
});

describe("wrong usage and input: exit code 2, one line, nothing written", () => {
  const cases: [args: string[], message: RegExp][] = [
    [["train"], /got the command "train", expected one of sweep, cell,/],
    [["sweep", "--epoks", "3"], /sweep: unknown option --epoks, expected one of --workers .*--help/],
    [["sweep", "homwork"], /got "homwork", expected homework, bonus, smoke, or a spec file/],
    [["sweep", "smoke", "more"], /got the extra word "more"/],
    [["sweep", "smoke", "--epochs"], /--epochs got no value/],
    [["sweep", "smoke", "--epochs", "0"], /--epochs: got "0", expected a whole number from 1/],
    [["sweep", "smoke", "--workers", "two"], /--workers: got "two"/],
    [
      ["sweep", "smoke", "--threads-per-cell", "0"],
      /--threads-per-cell: got "0", expected a whole number from 1 to 256/,
    ],
    [["sweep", "smoke", "--seeds", "1,1"], /--seeds: got "1,1", expected each number once/],
    [["sweep", "smoke", "--kernels", "gpu"], /--kernels: got "gpu", expected simd or reference/],
    [["sweep", "smoke", "--data", "mnist"], /--data: got "mnist", expected auto or fashion-mnist or synthetic/],
    [["sweep", "smoke", "--json=yes"], /--json got a value, expected none/],
    [["sweep", "none.json"], /none\.json: cannot be read/],
    [["sweep", "bad.json"], /bad\.json: not JSON/],
    [["sweep", "wide.json"], /wide\.json: model: got 9 outputs after the last layer, expected 10/],
    [["sweep", "mnist.json"], /mnist\.json: data: got "mnist", expected "auto" or "fashion-mnist" or "synthetic"/],
    [["sweep", "--data-dir", "empty"], /--data-dir \S*empty: got no train-images-idx3-ubyte/],
    [
      ["sweep", "smoke", "--out", "bad.json"],
      /cannot write to the run directory \S*bad\.json: a file stands where a folder should be/,
    ],
    [["sweep", "smoke", "--out", "bad.json/deeper"], /cannot write to the run directory/],
    [["cell"], /cell: got no id/],
    [["cell", "mlp", "--out", "empty"], /no cell in \S*empty has an id that starts with "mlp"/],
    [["cell", "../../etc", "--out", "empty"], /no cell in \S*empty/],
    [["cells", "--out", "empty"], /no sweep was run in \S*empty/],
    [["report", "--out", "empty"], /no sweep was run in \S*empty/],
  ];
  const folder = temporaryFolder();
  beforeAll(() => {
    mkdirSync(path.join(folder, "empty"));
    writeFileSync(path.join(folder, "bad.json"), "{");
    writeFileSync(
      path.join(folder, "mnist.json"),
      JSON.stringify({ name: "mnist", data: "mnist", base: { model: "mlp", optimizer: "sgd" } }),
    );
    const layers = { kind: "layers", name: "wide", layers: [{ kind: "flatten" }, { kind: "dense", units: 9 }] };
    writeFileSync(
      path.join(folder, "wide.json"),
      JSON.stringify({
        name: "wide",
        data: "synthetic",
        base: { model: layers, optimizer: "sgd", trainLimit: 10, testLimit: 10 },
      }),
    );
  });
  /** The names of files and folders here, as paths. */
  const places = ["none.json", "bad.json", "mnist.json", "wide.json", "empty", "bad.json/deeper"];
  const absolute = (args: string[]): string[] =>
    args.map((arg) => (places.includes(arg) ? path.join(folder, arg) : arg));
  const nothingWritten = (): void => {
    expect(readdirSync(folder).sort()).toEqual(["bad.json", "empty", "mnist.json", "wide.json"]);
    expect(readdirSync(path.join(folder, "empty"))).toEqual([]);
    expect(readFileSync(path.join(folder, "bad.json"), "utf8")).toBe("{");
  };
  const oneLine = { code: 2, stderr: expect.stringMatching(/^handgrad: [^\n]*\n$/) };

  test.each(cases)("%j", async (args, message) => {
    const finished = await handgradHere(folder, ...absolute(args));
    expect(finished).toMatchObject(oneLine);
    expect(finished.stderr).toMatch(message);
    nothingWritten();
  });

  test.each([[["cell", "mlp"]], [["cells"]], [["report"]]])("%j where no sweep was run", async (args) => {
    const finished = await handgrad(folder, ...args);
    expect(finished).toMatchObject(oneLine);
    expect(finished.stderr).toMatch(/no sweep was run yet/);
    nothingWritten();
  });

  const asProcesses = [
    ["train"],
    ["sweep", "bad.json"],
    ["sweep", "--help"],
    ["sweep", "smoke", "--dry-run", "--out", "empty", "--train-limit", "20", "--test-limit", "10"],
  ];
  test.each(asProcesses.map((args) => [args]))("%j: a process has the same exit code and streams", async (args) => {
    expect(await handgrad(folder, ...absolute(args))).toEqual(await handgradHere(folder, ...absolute(args)));
    nothingWritten();
  });
});

test("every command explains itself", async () => {
  for (const command of ["sweep", "cell", "cells", "verify", "report"]) {
    const { code, stdout } = await handgradHere(temporaryFolder(), command, "--help");
    expect([code, stdout]).toEqual([0, expect.stringContaining(`npm run ${command} --`)]);
  }
});

describe("cell and the run directory it writes to", () => {
  const folder = temporaryFolder();
  const run = path.join(folder, "runs", "smoke");
  let id: string;
  beforeAll(async () => {
    expect((await handgrad(folder, "sweep", "smoke", ...SMALL, "--epochs", "1")).code).toBe(0);
    id = readdirSync(run).find((name) => name.startsWith("mlp-sgd"))!;
  });

  test("it writes under the directory's lock, and says what needs none", async () => {
    const lock = path.join(run, "lock.json");
    const held = JSON.stringify({ pid: process.pid, host: os.hostname(), since: "now", birth: "", token: "t" });
    writeFileSync(lock, held);
    const { code, stderr, stdout } = await handgrad(folder, "cell", id);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(
      /^handgrad: another sweep is running in [^\n]*; --check compares the cell without writing\n$/,
    );
    expect((await handgrad(folder, "cell", id, "--check")).code).toBe(0);
    expect(readFileSync(lock, "utf8")).toBe(held);
    rmSync(lock);
    expect((await handgrad(folder, "cell", id)).code).toBe(0);
    expect(existsSync(lock)).toBe(false);
  });

  test("a record that cannot be written is one line, and exit code 1", async () => {
    const weights = path.join(run, id, "weights.bin");
    rmSync(weights);
    mkdirSync(path.join(weights, "full"), { recursive: true });
    const before = readFileSync(path.join(run, id, "record.json"));
    const { code, stdout, stderr } = await handgrad(folder, "cell", id);
    expect([code, stderr]).toEqual([1, ""]);
    expect(stdout).toMatch(/\nFAILED: its record could not be written: [^\n]*\n$/);
    expect(readFileSync(path.join(run, id, "record.json"))).toEqual(before);
    rmSync(weights, { recursive: true });
  });

  test("--check looks at the weights that lie there, too; verify compares the other cells all the same; cells lists them", async () => {
    expect((await handgrad(folder, "cell", id)).code).toBe(0);
    const [weights, record] = ["weights.bin", "record.json"].map((name) => path.join(run, id, name));
    const [whole, text] = [readFileSync(weights), readFileSync(record)];
    writeFileSync(weights, whole.subarray(4));
    const checked = await handgrad(folder, "cell", id, "--check");
    expect([checked.code, checked.stdout]).toEqual([
      1,
      expect.stringMatching(/NOT IDENTICAL to the record: \S+weights\.bin is not what the cell's record vouches for/),
    ]);
    const verified = await handgrad(folder, "verify");
    expect([verified.code, verified.stdout]).toEqual([
      1,
      expect.stringMatching(/5 identical, 1 different, 0 not compared\n$/),
    ]);
    // Training the cell again mends them.
    expect((await handgrad(folder, "cell", id)).code).toBe(0);
    expect(readFileSync(weights)).toEqual(whole);

    writeFileSync(record, text.subarray(0, 200));
    for (const command of ["cells", "report"]) {
      const { stdout } = await handgrad(folder, command);
      if (command === "report") expect(stdout).toMatch(/5 of 6 cells/);
      else for (const name of readdirSync(run).filter((cell) => cell.includes("-perm"))) expect(stdout).toContain(name);
    }
    writeFileSync(record, text);
  });

  test("verify with nothing to compare is no success", async () => {
    for (const name of readdirSync(run).filter((name) => name.includes("-perm")))
      rmSync(path.join(run, name, "record.json"));
    const { code, stdout, stderr } = await handgrad(folder, "verify");
    expect(stdout).toMatch(/0 identical, 0 different, 6 not compared\n$/);
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(
        /^handgrad: \S*smoke: got no cell that could be compared \(.*: no record\), expected one with a record; /,
      ),
    ]);
  });
});

test("verify does not compare records of an earlier drawing of the synthetic set, and says so; the others it does", async () => {
  const folder = temporaryFolder();
  expect((await handgrad(folder, "sweep", "smoke", ...SMALL)).code).toBe(0);
  const [id] = readdirSync(path.join(folder, "runs", "smoke")).filter((name) => name.startsWith("mlp-sgd"));
  const record = decodeRecord(readFileSync(recordFile(folder, id), "utf8"), id);
  const earlier = { ...record, id: cellId(record.config, "0".repeat(64)), dataDigest: "0".repeat(64) };
  renameSync(path.dirname(recordFile(folder, id)), path.dirname(recordFile(folder, earlier.id)));
  writeFileSync(recordFile(folder, earlier.id), encodeRecord(earlier));
  const { code, stdout } = await handgrad(folder, "verify", "--out", path.join("runs", "smoke"));
  expect(stdout).toMatch(
    new RegExp(
      `${earlier.id} +not compared +was trained on an earlier drawing of the synthetic set: got digest [0-9a-f]{8}, expected 0{8}; npm run sweep`,
    ),
  );
  expect(stdout).toMatch(/5 identical, 0 different, 1 not compared/);
  expect(code).toBe(0);
});
