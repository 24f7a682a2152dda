/** Interrupts, locks and verification, as a user of the command line meets them. */
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { decodeRecord, encodeRecord } from "../../src/sweeps/store/record.js";
import { temporaryFolder } from "../sweeps/fixtures.js";
import { pageDataOf } from "../sweeps/handgrad.js";
import { mergedNumbers } from "./merged.js";
import { privateBuild, type PrivateBuild } from "./private-build.js";

let start: PrivateBuild["start"];
beforeAll(async () => ({ start } = await privateBuild()));

const run = (folder: string, ...args: string[]) => start(folder, ...args).finished;
const LONG = [
  "sweep",
  "smoke",
  "--epochs",
  "10",
  "--train-limit",
  "1000",
  "--test-limit",
  "100",
  "--workers",
  "2",
  "--out",
  "run",
];
const checkpoints = (folder: string): string[] => {
  const cells = path.join(folder, "run");
  return existsSync(cells) ? readdirSync(cells).filter((id) => existsSync(path.join(cells, id, "checkpoint.bin"))) : [];
};

describe("a sweep that others wait for, and that is interrupted", () => {
  let expected: string;

  test("a second sweep in the same directory says who holds it, or waits; looking needs no lock", async () => {
    const folder = temporaryFolder();
    const first = start(folder, ...LONG);
    await first.said(/6 to train/);
    const second = start(folder, ...LONG);
    const waiting = start(folder, ...LONG, "--wait");
    const [dry, cells] = await Promise.all([run(folder, ...LONG, "--dry-run"), run(folder, "cells", "--out", "run")]);
    expect([dry.code, cells.code]).toEqual([0, 0]);
    const refused = await second.finished;
    expect(refused).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(
        new RegExp(`^handgrad: another sweep is running in run: process ${first.pid} on \\S+ since [^\\n]*\\n$`),
      ),
    });
    expect((await first.finished).code).toBe(0);
    const waited = await waiting.finished;
    expect(waited).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(
        /waiting for the sweep that runs in run \(process \d+ on [^]*6 done already and skipped, 0 to train/,
      ),
    });
    expected = mergedNumbers(pageDataOf(folder));
  });

  const checkpointed = (folder: string) =>
    vi.waitUntil(() => checkpoints(folder).length > 0, { timeout: 60_000, interval: 5 });
  const cases: [name: string, signal: NodeJS.Signals, code: number][] = [
    ["Ctrl-C", "SIGINT", 130],
    ["SIGTERM", "SIGTERM", 143],
  ];
  test.each(cases)(
    "%s: before the sweep's end, with the last checkpoint kept, and the same numbers in the end",
    async (_name, signal, code) => {
      const folder = temporaryFolder();
      const sweep = start(folder, ...LONG);
      await checkpointed(folder);
      sweep.signal(signal);
      expect((await sweep.finished).code).toBe(code);
      expect(checkpoints(folder).length).toBeGreaterThan(0);
      expect(existsSync(path.join(folder, "run", "lock.json"))).toBe(false);
      const rest = await run(folder, ...LONG);
      expect([rest.code, rest.stdout]).toEqual([0, expect.stringMatching(/going on after epoch \d+ of 10/)]);
      expect(mergedNumbers(pageDataOf(folder))).toBe(expected);
    },
  );

  // Other work on the machine may hold the process up for longer than it has to say so.
  test("Ctrl-C keeps finished cells, and the same command goes on from there", { retry: 2 }, async () => {
    const folder = temporaryFolder();
    const sweep = start(folder, ...LONG);
    await sweep.said(/\[2\/6\]/);
    sweep.signal("SIGINT");
    const { code, stdout } = await sweep.finished;
    expect(code).toBe(130);
    const kept = Number(/Interrupted: (\d) of 6 cells have records/.exec(stdout)?.[1]);
    expect(kept).toBeGreaterThanOrEqual(2);
    expect(kept).toBeLessThan(6);
    const rest = await run(folder, ...LONG);
    expect([rest.code, rest.stdout]).toEqual([0, expect.stringContaining(`${kept} done already and skipped`)]);
    expect(mergedNumbers(pageDataOf(folder))).toBe(expected);
  });

  // Other work on the machine may hold one process up for longer than the second that the other is to wait.
  test(
    "a batch that takes far longer holds Ctrl-C up for a second or two, and a second one not even for that",
    { retry: 2 },
    async () => {
      const folder = temporaryFolder();
      const spec = {
        name: "slow",
        data: "synthetic",
        base: {
          model: "cnn",
          optimizer: "sgd",
          kernels: "reference",
          batchSize: 4000,
          trainLimit: 4000,
          testLimit: 10,
        },
      };
      writeFileSync(path.join(folder, "slow.json"), JSON.stringify(spec));
      const millisecondsOf = async (signals: number): Promise<number> => {
        const sweep = start(folder, "sweep", "slow.json", "--fresh");
        await sweep.said(/1 to train/);
        await new Promise((resolve) => setTimeout(resolve, 700));
        const before = Date.now();
        for (let i = 0; i < signals; i++) {
          if (i > 0) await new Promise((resolve) => setTimeout(resolve, 100));
          sweep.signal("SIGINT");
        }
        expect((await sweep.finished).code).toBe(130);
        const milliseconds = Date.now() - before;
        expect(existsSync(path.join(folder, "runs", "slow", "lock.json"))).toBe(false);
        return milliseconds;
      };
      const [once, twice] = [await millisecondsOf(1), await millisecondsOf(2)];
      // Two seconds, and what a busy machine takes to end a process; the batch takes about ten.
      expect(once).toBeLessThan(5000);
      // A cancelled thread has a second to reach the end of its batch: only the second signal can end the process before.
      expect(twice).toBeLessThan(once);
    },
  );
});

describe("verify", () => {
  const folder = temporaryFolder();
  const SMALL = ["sweep", "smoke", "--epochs", "2", "--train-limit", "200", "--test-limit", "50", "--out", "run"];
  const recordFile = (id: string): string => path.join(folder, "run", id, "record.json");
  let ids: string[];
  beforeAll(async () => {
    expect((await run(folder, ...SMALL)).code).toBe(0);
    ids = readdirSync(path.join(folder, "run"))
      .filter((name) => existsSync(recordFile(name)))
      .sort();
  });

  test("all identical: a table, exit code 0, nothing written", async () => {
    const before = ids.map((id) => readFileSync(recordFile(id), "utf8"));
    const { code, stdout } = await run(folder, "verify", "--out", "run");
    expect([code, stdout]).toEqual([0, expect.stringMatching(/run: 6 identical, 0 different, 0 not compared\n$/)]);
    for (const id of ids) expect(stdout).toMatch(new RegExp(`^${id} +identical$`, "m"));
    expect(ids.map((id) => readFileSync(recordFile(id), "utf8"))).toEqual(before);
  });

  test("a sample: the same cells each time", async () => {
    const [one, two] = await Promise.all(
      [1, 2].map(() => run(folder, "verify", "--out", "run", "--sample", "2", "--json")),
    );
    expect([one.code, one.stdout]).toEqual([0, two.stdout]);
    expect(JSON.parse(one.stdout)).toMatchObject({
      folder: "run",
      identical: 2,
      different: 0,
      notCompared: 0,
      cells: [{ identical: true }, { identical: true }],
    });
  });

  test("a difference: exit code 1, with the first epoch and quantity that differ", async () => {
    const file = recordFile(ids[2]);
    const before = readFileSync(file, "utf8");
    const record = decodeRecord(before, file);
    record.curve[1].testLoss! += 1e-12;
    writeFileSync(file, encodeRecord(record));
    const { code, stdout } = await run(folder, "verify", "--out", "run", "--workers", "1");
    writeFileSync(file, before);
    expect([code, stdout]).toEqual([
      1,
      expect.stringMatching(new RegExp(`^${ids[2]} +DIFFERENT +epoch 2, testLoss: stored [\\d.]+, now [\\d.]+$`, "m")),
    ]);
    expect(stdout).toMatch(/2 identical, 1 different, 3 not compared/);
  });

  test("damaged records and weights are differences", async () => {
    const weights = path.join(folder, "run", ids[0], "weights.bin");
    const bytes = readFileSync(weights);
    writeFileSync(weights, bytes.subarray(4));
    const file = recordFile(ids[5]);
    const text = readFileSync(file);
    writeFileSync(file, text.subarray(0, 300));
    const { code, stdout } = await run(folder, "verify", "--out", "run");
    expect(code).toBe(1);
    expect(stdout).toMatch(/DIFFERENT +\S+weights\.bin is not what the cell's record vouches for/);
    expect(stdout).toMatch(/DIFFERENT +\S+record\.json: not JSON/);
    expect(stdout).toMatch(/4 identical, 2 different, 0 not compared/);
    writeFileSync(weights, bytes);
    writeFileSync(file, text);
  });
});

test("a sweep that cannot fit into memory is one line and exit code 2", async () => {
  const folder = temporaryFolder();
  writeFileSync(
    path.join(folder, "huge.json"),
    JSON.stringify({
      name: "huge",
      data: "synthetic",
      base: { model: { kind: "mlp", hidden: [65536, 65536] }, optimizer: "adam", trainLimit: 10, testLimit: 10 },
    }),
  );
  const { code, stderr } = await run(folder, "sweep", "huge.json");
  expect([code, stderr]).toEqual([
    2,
    expect.stringMatching(
      /^handgrad: huge\.json: model: a cell needs [\d.]+ GB of memory, expected at most 2\.0 GB; [^\n]*\n$/,
    ),
  ]);
  expect(readdirSync(folder)).toEqual(["huge.json"]);
});
