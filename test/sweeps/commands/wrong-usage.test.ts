import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { build } from "../../workers/built.js";
import { temporaryFolder } from "../fixtures.js";
import { handgrad, handgradHere } from "../handgrad.js";

beforeAll(build);

describe("wrong usage and input: exit code 2, one line, nothing written", () => {
  const cases: [args: string[], message: RegExp][] = [
    [["train"], /got the command "train", expected one of sweep, cell,/],
    [["sweep", "--epoks", "3"], /sweep: unknown option --epoks, expected one of --workers .*--help/],
    [["sweep", "homwork"], /got "homwork", expected homework, bonus, smoke, or a spec file/],
    [["sweep", "smoke", "more"], /got the extra word "more"/],
    [["sweep", "smoke", "--epochs"], /--epochs got no value/],
    [["swep"], /did you mean "sweep"\?/],
    [["sweep", "--epoch", "3"], /unknown option --epoch, .*did you mean "--epochs"\?/],
    [["sweep", "smoke", "--epochs", "-1"], /--epochs: got "-1", expected a whole number from 1/],
    [["sweep", "smoke", "--seeds", "0..2,1"], /--seeds: got "0\.\.2,1", expected each number once/],
    [["sweep", "smoke", "--seeds", "0-9"], /--seeds: got "0-9", expected a range such as 0\.\.9; write 0\.\.9$/m],
    [["sweep", "smoke", "--seeds", "5..2"], /--seeds: got "5\.\.2", expected a range such as 0\.\.9/],
    [["sweep", "smoke", "--seeds", "0..4000000000"], /of at most 10000/],
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
    [["sweep", "bad.json"], /bad\.json: line 1, column 2: not JSON/],
    [
      ["sweep", "wide.json"],
      /wide\.json: line 1, column \d+: base\.model: got 9 outputs after the last layer, expected 10/,
    ],
    [
      ["sweep", "mnist.json"],
      /mnist\.json: line 1, column 24: data: got "mnist", expected "auto" or "fashion-mnist" or "synthetic" or \{"dir": …\}; did you mean "fashion-mnist"\?/,
    ],
    [["sweep", "--data-dir", "empty"], /\S*empty: got an empty folder, expected IDX files/],
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
    [["collect", "--out", "empty"], /no sweep was run in \S*empty/],
    [["sweep", "smoke", "--executor", "k8s"], /--executor: got "k8s", expected local or slurm or bullmq/],
    [
      ["sweep", "smoke", "--redis", "redis://x"],
      /got --redis with --executor local, expected it with --executor bullmq/,
    ],
    [["sweep", "smoke", "--executor", "slurm", "--sbatch", "-a 3", "--dry-run"], /got "-a", but --array is fixed/],
    [["task", "smoke", "--tasks", "2", "--out", "empty"], /task: got no index, expected --index I/],
    [["task", "smoke", "--tasks", "2", "--index", "0"], /task: got no run directory, expected --out DIR/],
    [["task", "smoke", "--index", "0", "--out", "empty"], /task: expected a spec and --tasks N, or --submission NAME/],
    [["worker", "--redis", "localhost"], /got "localhost" as the address of Redis, expected redis:/],
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
  for (const command of [
    "sweep",
    "cell",
    "cells",
    "verify",
    "report",
    "task",
    "collect",
    "worker",
    "export",
    "predict",
  ]) {
    const { code, stdout } = await handgradHere(temporaryFolder(), command, "--help");
    expect([code, stdout]).toEqual([0, expect.stringContaining(`npm run ${command} --`)]);
  }
});
