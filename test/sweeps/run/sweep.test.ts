/** One sweep from spec to page, in this process: what it says when something was taken from under it. */
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { expandGrid } from "../../../src/sweeps/spec/grid.js";
import { localExecutor } from "../../../src/sweeps/executors/local.js";
import { parseSpec } from "../../../src/sweeps/spec/spec.js";
import { runSweep, type SweepResult } from "../../../src/sweeps/run/sweep.js";
import { surveyCells } from "../../../src/sweeps/run/survey.js";
import { Interrupt } from "../../../src/sweeps/run/interrupt.js";
import { RunDirectory } from "../../../src/sweeps/store/run-directory.js";
import { executorHere, temporaryFolder, withPageData } from "../fixtures.js";

const TINY = {
  name: "tiny",
  base: {
    model: { kind: "mlp", hidden: [3] },
    optimizer: "sgd",
    epochs: 2,
    trainLimit: 40,
    testLimit: 20,
    kernels: "reference",
  },
  axes: { seed: [0, 1] },
};

/** Runs the sweep in `folder`/run, its page in `folder`/page. @param disturb called when a cell starts */
async function sweep(
  folder: string,
  { source = "tiny.json", disturb = () => undefined, spec = TINY } = {},
): Promise<SweepResult & { said: string[]; warned: string[]; started: string[] }> {
  const parsed = parseSpec(JSON.stringify(spec), source);
  const { executor, log } = executorHere(disturb);
  const said: string[] = [];
  const warned: string[] = [];
  const interrupt = new Interrupt();
  const output = {
    say: (line: string) => void said.push(line),
    warn: (line: string) => void warned.push(line),
    show: async () => ({
      cellMessage: () => undefined,
      cellEnded: () => undefined,
      note: (line: string) => void said.push(line),
      close: () => undefined,
    }),
  };
  try {
    const result = await withPageData(folder, () =>
      runSweep({
        spec: parsed,
        source,
        configs: expandGrid(parsed, source),
        directory: new RunDirectory(path.join(folder, "run")),
        data: "synthetic",
        workers: 1,
        threadsPerCell: 1,
        output,
        executor: localExecutor(executor, 1),
        interrupt,
        fresh: false,
        retries: 0,
        failFast: false,
        wait: false,
      }),
    );
    return { ...result, said, warned, started: log.started };
  } finally {
    interrupt.close();
  }
}

test("whose files lie where they were written ends with 0; so it does when nothing is left to train", async () => {
  const folder = temporaryFolder();
  const first = await sweep(folder);
  expect([first.exitCode, first.pageWritten, first.started.length]).toEqual([0, true, 2]);
  const again = await sweep(folder);
  expect([again.exitCode, again.started, again.warned]).toEqual([0, [], []]);
});

test("a run directory that is removed in the middle is no success: what is gone is named, and trained by the next", async () => {
  const folder = temporaryFolder();
  let starts = 0;
  const { exitCode, records } = await sweep(folder, {
    disturb: () => {
      if (++starts === 2) rmSync(path.join(folder, "run"), { recursive: true });
    },
  });
  expect(exitCode).toBe(1);
  const gone = [...records.values()].filter(({ status }) => status === "failed");
  expect(gone.map(({ error }) => error)).toEqual([
    `its record was lost while the sweep ran: it is gone from ${path.join(folder, "run")}`,
  ]);
  const next = await sweep(folder);
  expect([next.exitCode, next.started]).toEqual([0, gone.map(({ id }) => id)]);
});

test.each([
  ["a record cut short", "record.json", /record\.json: not JSON .*; npm run sweep trains the cell again$/],
  ["a record that is another's text", "record.json", /record\.json: not a cell's record; /],
  ["weights taken away", "weights.bin", /weights\.bin is missing; /],
])("%s in the middle is no success either", async (what, name, reason) => {
  const folder = temporaryFolder();
  const run = path.join(folder, "run");
  let starts = 0;
  const { exitCode, records } = await sweep(folder, {
    disturb: () => {
      if (++starts < 2) return;
      rmSync(path.join(run, "spec.json"));
      const [id] = readdirSync(run).filter((cell) => existsSync(path.join(run, cell, name)));
      if (name === "weights.bin") rmSync(path.join(run, id, name));
      else writeFileSync(path.join(run, id, name), what.includes("cut") ? '{"id' : '{"my":"notes"}');
    },
  });
  expect(exitCode).toBe(1);
  const lost = [...records.values()].filter(({ status }) => status === "failed");
  expect(lost.map(({ error }) => error)).toEqual([expect.stringMatching(reason)]);
  // What the sweep can write again it does.
  expect(existsSync(path.join(run, "spec.json"))).toBe(true);
  expect(await sweep(folder)).toMatchObject({ exitCode: 0, started: lost.map(({ id }) => id) });
});

test("a page that cannot be written is said, and is no success; the records are kept", async () => {
  const folder = temporaryFolder();
  writeFileSync(path.join(folder, "page"), "a file where the folder should be");
  const { exitCode, pageWritten, warned, records } = await sweep(folder);
  expect([exitCode, pageWritten]).toEqual([1, false]);
  expect(warned).toEqual([expect.stringMatching(/^cannot write the page's data to .*: a file stands where a folder/)]);
  expect([...records.values()].map(({ status }) => status)).toEqual(["done", "done"]);
  rmSync(path.join(folder, "page"));
  const again = await sweep(folder);
  expect([again.exitCode, again.pageWritten, again.started]).toEqual([0, true, []]);
});

test("damaged or missing weights are said, and their cells trained again", async () => {
  const folder = temporaryFolder();
  const { records } = await sweep(folder);
  const [first, second] = [...records.keys()];
  const weightsOf = (id: string): string => path.join(folder, "run", id, "weights.bin");
  const whole = readFileSync(weightsOf(first));
  writeFileSync(
    weightsOf(first),
    whole.map((byte) => byte ^ 1),
  );
  rmSync(weightsOf(second));
  const again = await sweep(folder);
  expect(again.exitCode).toBe(0);
  expect([...again.started].sort()).toEqual([first, second].sort());
  expect(again.said).toContainEqual(
    expect.stringMatching(new RegExp(`^${first}: .*weights\\.bin is not what the cell's record vouches for`)),
  );
  expect(again.said).toContainEqual(expect.stringMatching(new RegExp(`^${second}: .*weights\\.bin is missing; `)));
  expect(readFileSync(weightsOf(first))).toEqual(whole);
  expect((await sweep(folder)).started).toEqual([]);
});

test("a folder with somebody's spec.json and drafts keeps them; one with a plan.json that is none of ours is refused", async () => {
  const folder = temporaryFolder();
  const run = path.join(folder, "run");
  mkdirSync(run);
  const mine = `${JSON.stringify(TINY, null, 4)}\n`;
  for (const [name, text] of [
    ["spec.json", mine],
    ["draft.tmp", "draft"],
    ["notes.txt", "notes"],
  ])
    writeFileSync(path.join(run, name), text);
  const kept = (): void => {
    expect(readFileSync(path.join(run, "spec.json"), "utf8")).toBe(mine);
    expect(readFileSync(path.join(run, "draft.tmp"), "utf8")).toBe("draft");
  };
  expect((await sweep(folder, { source: path.join(run, "spec.json") })).exitCode).toBe(0);
  kept();
  const other = await sweep(folder, { spec: { ...TINY, axes: { seed: [2] } } });
  expect(other.said).toContainEqual(`spec.json in ${run} is none that a sweep wrote: it stays as it is`);
  kept();

  const foreign = temporaryFolder();
  mkdirSync(path.join(foreign, "run"));
  writeFileSync(path.join(foreign, "run", "plan.json"), '{"steps":[]}');
  await expect(sweep(foreign)).rejects.toThrow(/plan\.json is not a sweep's/);
  expect(readdirSync(path.join(foreign, "run"))).toEqual(["plan.json"]);
  expect(existsSync(path.join(foreign, "page"))).toBe(false);
});

test("the record of another cell with the same id is not taken for this one's, nor written over", async () => {
  const folder = temporaryFolder();
  const { records } = await sweep(folder);
  const [record] = records.values();
  const directory = new RunDirectory(path.join(folder, "run"));
  const config = { ...record.config, batchSize: 7 };
  await expect(surveyCells(directory, [{ id: record.id, config }], false)).rejects.toThrow(
    new RegExp(`has the record of another cell with the id ${record.id}, expected this one's or none; name another`),
  );
});
