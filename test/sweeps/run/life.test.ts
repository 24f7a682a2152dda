/** What becomes of a sweep's files from command to command, through processes of its own. */
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { decodeRecord, encodeRecord } from "../../../src/sweeps/store/record.js";
import { cellId, hashNames } from "../../../src/sweeps/spec/cell-id.js";
import type { SweepSummary } from "../../../src/sweeps/commands/summary.js";
import { build } from "../../workers/built.js";
import { SUMMARY_KEYS, temporaryFolder } from "../fixtures.js";
import { handgrad } from "../handgrad.js";

/** A table has a row for each of the cells. */
function listsAll(table: string, ids: string[]): void {
  const nameOf = hashNames(ids);
  for (const id of ids) expect(table).toMatch(new RegExp(`^${nameOf(id)}[0-9a-f]* `, "m"));
}

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
    listsAll(
      stdout,
      summary.cells.map(({ id }) => id),
    );
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
      else
        listsAll(
          stdout,
          readdirSync(run).filter((cell) => cell.includes("-perm")),
        );
    }
    writeFileSync(record, text);
  });

  test("verify does not compare records of an earlier drawing of the synthetic set, and says so; the others it does", async () => {
    const record = decodeRecord(readFileSync(recordFile(folder, id), "utf8"), id);
    const earlier = { ...record, id: cellId(record.config, "0".repeat(64)), dataDigest: "0".repeat(64) };
    renameSync(path.join(run, id), path.join(run, earlier.id));
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
