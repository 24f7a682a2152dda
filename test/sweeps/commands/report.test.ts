/** What `npm run report` writes into files of the user's own: tables that say what the records say. Printing is tried in test/web/print.test.ts. */
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { csvFiles, csvTables } from "../../../src/sweeps/commands/report-tables.js";
import { trainingSteps } from "../../../src/core/training/steps.js";
import type { CellRecord } from "../../../src/sweeps/store/record.js";
import { bonusData, fixtureRecord } from "../../web/fixture.js";
import { build } from "../../workers/built.js";
import { samplePlan, temporaryFolder } from "../fixtures.js";
import { handgrad, handgradHere } from "../handgrad.js";

/** RFC 4180, by a reader that knows nothing of the writer: rows as objects. */
function parse(text: string): Record<string, string>[] {
  const rows: string[][] = [[]];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    rows.at(-1)?.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end !== ",") rows.push([]);
  }
  const [columns, ...body] = rows.slice(0, -1);
  expect(new Set(body.map((row) => row.length))).toEqual(new Set([columns.length]));
  return body.map((row) => Object.fromEntries(row.map((value, i) => [columns[i], value])));
}

/** The text of a figure; empty where there is none. */
const figure = (value: string | number | undefined): string => (value === undefined ? "" : String(value));

/** Optimizer steps by the end of an epoch over FashionMNIST; epochs that leave samples out are counted in test/core/training. */
function stepsBy(config: CellRecord["config"], epoch: number): number {
  const samples = Math.min(config.trainLimit ?? 60_000, 60_000) - (config.validation ?? 0);
  return config.prune ? trainingSteps(config, samples, epoch) : epoch * Math.ceil(samples / config.batchSize);
}

describe("the tables", () => {
  const odd = [
    fixtureRecord({ model: { kind: "mlp" }, optimizer: { kind: "sgd", lr: 7 } }, { ending: "diverged" }),
    {
      ...fixtureRecord({ model: { kind: "cnn" }, optimizer: { kind: "adam" } }, { ending: "failed" }),
      error: 'a "b",\nc',
    },
  ];
  const bonus = bonusData();
  const records = [...odd, ...bonus.cells].sort((a, b) => (a.id < b.id ? -1 : 1));
  const base = samplePlan(records);
  const plan = {
    ...base,
    dataset: "fashion-mnist",
    cells: base.cells.map((cell) => ({ ...cell, ...bonus.places?.[cell.id] })),
  };
  const tables = csvTables(plan, records);

  test("of cells have each cell's config and figures", () => {
    const rows = parse(tables["cells.csv"]);
    expect(rows.map(({ id }) => id)).toEqual(records.map(({ id }) => id));
    for (const [i, row] of rows.entries()) {
      const { config, curve, status, error, test: read, parameters, weightsDigest } = records[i];
      const last = curve.at(-1);
      expect([row.status, row.error, row.parameters, row.weightsDigest, row.epochs]).toEqual(
        [status, error, parameters, weightsDigest, curve.length].map(figure),
      );
      expect([row.role, row.label]).toEqual([bonus.places?.[row.id]?.role, bonus.places?.[row.id]?.label].map(figure));
      expect([row.trainLoss, row.validationAccuracy, row.testAccuracy]).toEqual(
        [
          last?.trainLoss,
          last?.validationAccuracy,
          config.validation === undefined ? last?.testAccuracy : read?.accuracy,
        ].map(figure),
      );
      expect([
        row["config.optimizer.lr"],
        row["config.batchSize"],
        row["config.model.kind"],
        row["config.seed"],
      ]).toEqual([config.optimizer.lr, config.batchSize, config.model.kind, config.seed].map(figure));
    }
    expect(rows.filter(({ trainLoss }) => trainLoss === "NaN").map(({ status }) => status)).toContain("diverged");
  });

  test("of curves have no steps where the number of images is not known, and are known with and without them", () => {
    const text = csvTables({ ...plan, dataset: "tiny" }, records)["curves.csv"];
    expect(new Set(parse(text).map(({ step }) => step))).toEqual(new Set([""]));
    const { beginning } = csvFiles("tables").find(({ name }) => name === "curves.csv")!;
    for (const columns of [
      text.split("\r\n")[0],
      "id,epoch,trainLoss,trainAccuracy,testLoss,testAccuracy,validationLoss,validationAccuracy",
    ])
      expect(`${columns}\r\n`).toMatch(beginning);
    expect("id,epoch,step,grade\r\n").not.toMatch(beginning);
  });

  test("of curves, steps and confusion have every figure of every record, and no other", () => {
    const values = (text: string) => parse(text).map((row) => Object.values(row));
    const rows = (of: (record: CellRecord) => (number | undefined)[][]) =>
      records.flatMap((record) => of(record).map((row) => [record.id, ...row.map(figure)]));
    expect(values(tables["curves.csv"])).toEqual(
      rows(({ curve, config }) =>
        curve.map((row) => [
          row.epoch,
          stepsBy(config, row.epoch),
          row.trainLoss,
          row.trainAccuracy,
          row.testLoss,
          row.testAccuracy,
          row.validationLoss,
          row.validationAccuracy,
        ]),
      ),
    );
    expect(values(tables["steps.csv"])).toEqual(
      rows(({ steps }) => steps.loss.map((loss, i) => [i * steps.every, loss])),
    );
    expect(values(tables["confusion.csv"])).toEqual(
      rows(({ confusion }) => confusion.flatMap((row, label) => row.map((count, k) => [label, k, count]))),
    );
  });
});

describe("the command", () => {
  const folder = temporaryFolder();
  const out = path.join(folder, "runs/smoke");
  const report = (...args: string[]) => handgradHere(folder, "report", "--out", out, ...args);
  const at = (name: string): string => path.join(folder, name);

  beforeAll(async () => {
    await build();
    const sweep = await handgrad(
      folder,
      "sweep",
      "smoke",
      "--train-limit",
      "64",
      "--test-limit",
      "32",
      "--epochs",
      "1",
    );
    expect(sweep.code).toBe(0);
  });

  test("writes tables of the run's records, again over its own, and over nothing else", async () => {
    const { code, stdout } = await report("--csv", at("tables"));
    expect([code, readdirSync(at("tables")).sort()]).toEqual([
      0,
      ["cells.csv", "confusion.csv", "curves.csv", "steps.csv"],
    ]);
    expect(stdout).toMatch(/^smoke: 6 of 6 cells, written to .*cells\.csv, .*confusion\.csv\n$/);
    const read = () => readdirSync(at("tables")).map((name) => readFileSync(path.join(at("tables"), name), "utf8"));
    const before = read();
    for (const row of parse(before[0])) {
      const record = JSON.parse(readFileSync(path.join(out, row.id, "record.json"), "utf8")) as CellRecord;
      expect(row.testAccuracy).toBe(String(record.curve[0].testAccuracy));
    }
    expect((await report("--csv", at("tables"))).code).toBe(0);
    expect(read()).toEqual(before);

    mkdirSync(at("marks"));
    writeFileSync(at("marks/steps.csv"), "id,grade\n");
    writeFileSync(at("file"), "");
    for (const place of ["marks", "file", "tables/cells.csv"]) {
      const refused = await report("--csv", at(place));
      expect([refused.code, refused.stderr.trim().split("\n").length], place).toEqual([2, 1]);
      expect(refused.stderr).toMatch(/--csv .*; name a file in a writable folder/);
    }
    expect(readdirSync(at("marks"))).toEqual(["steps.csv"]);
    expect(readFileSync(at("marks/steps.csv"), "utf8")).toBe("id,grade\n");
  });

  test("writes a notebook of the run, again over its own, and over nothing else", async () => {
    const { code, stdout } = await report("--notebook", at("out.ipynb"));
    expect([code, stdout]).toEqual([
      0,
      `smoke: 6 of 6 cells, written to ${at("out.ipynb")}\nReport: open ${at("out.ipynb")}\n`,
    ]);
    const before = readFileSync(at("out.ipynb"), "utf8");
    expect(before).toContain("## What was found");
    expect((await report("--notebook", at("out.ipynb"))).code).toBe(0);
    expect(readFileSync(at("out.ipynb"), "utf8")).toBe(before);

    const others = JSON.stringify({ ...(JSON.parse(before) as object), metadata: {} });
    writeFileSync(at("mine.ipynb"), others);
    const refused = await report("--notebook", at("mine.ipynb"));
    expect([refused.code, refused.stderr.trim().split("\n").length]).toEqual([2, 1]);
    expect(refused.stderr).toMatch(/--notebook .*no notebook that a report wrote, expected a new name/);
    expect(readFileSync(at("mine.ipynb"), "utf8")).toBe(others);
  });

  test("says in a line what is missing to print, before any work", async () => {
    writeFileSync(at("other.pdf"), "%PDF-1.7\n1 0 obj\n<</Title (My thesis)>>");
    vi.stubEnv("CHROMIUM_PATH", at("no-such-program"));
    for (const [args, line] of [
      [["--pdf", at("a.pdf")], /CHROMIUM_PATH names .*no-such-program, where there is no program/],
      [
        ["--notebook", at("a.html"), "--single-file", at("a.html")],
        /--notebook: got the file of --single-file, .*; name another one/,
      ],
      [["--paper", "a4"], /--paper: got no --pdf/],
      [["--pdf", at("a.pdf"), "--paper", "a5"], /--paper: got "a5", expected a4 or letter/],
    ] as const) {
      const { code, stderr } = await report(...args);
      expect([code, stderr]).toEqual([2, expect.stringMatching(line)]);
    }
    vi.stubEnv("CHROMIUM_PATH", process.execPath);
    const thesis = await report("--pdf", at("other.pdf"));
    expect([thesis.code, thesis.stderr]).toEqual([2, expect.stringContaining("no earlier report's PDF")]);
    // A program that prints nothing.
    const node = await report("--pdf", at("a.pdf"));
    expect([node.code, node.stderr]).toEqual([
      1,
      expect.stringMatching(/^handgrad: --pdf: the report could not be printed: [^\n]+\n$/),
    ]);
    vi.unstubAllEnvs();
    expect(readdirSync(folder).filter((name) => name.endsWith(".pdf"))).toEqual(["other.pdf"]);
  });
});
