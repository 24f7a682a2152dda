/** Tables of results: what they show, in which order, and within which width. */
import stringWidth from "string-width";
import { describe, expect, test } from "vitest";
import type { TrainConfigInput } from "../../../src/core/config.js";
import { hashNames } from "../../../src/sweeps/spec/cell-id.js";
import { resultsText } from "../../../src/sweeps/commands/results-table.js";
import { summariseCell, type CellSummary } from "../../../src/sweeps/commands/summary.js";
import { sampleRecord, tinyConfig } from "../fixtures.js";

function cell(config: Partial<TrainConfigInput>, testAccuracy: number, label?: string): CellSummary {
  const summary = summariseCell(sampleRecord(tinyConfig(config), { status: "done" }), { label });
  return { ...summary, testAccuracy };
}

const lines = (text: string): string[] => text.trimEnd().split("\n");
const mlp = (hidden: number[]) => ({ kind: "mlp" as const, hidden });

test("best first, with the fields that differ; then diverged, failed and unfinished ones, each with its reason", () => {
  const cells = [cell({ batchSize: 8 }, 0.5), cell({ batchSize: 16 }, 0.75), cell({ batchSize: 32 }, 0.9)];
  const failed = { ...cell({ batchSize: 4 }, 0.1), status: "failed" as const, error: "out of luck" };
  const diverged = { ...cells[2], status: "diverged" as const };
  const waiting = [{ id: "waits", config: tinyConfig({ batchSize: 2, epochs: 10 }), keptEpochs: 2 }];
  const text = resultsText({ cells: [failed, diverged, cells[0], cells[1]], waiting });
  expect(text).toMatch(/^best first, by test accuracy.*\ncell +epochs +batchSize +status +test acc\./);
  const rows = lines(text).slice(2);
  expect(rows.map((row) => /(?<!\d)(?:16|8|32|4|2)(?= {2,}[a-z])/.exec(row)?.[0])).toEqual(["16", "8", "32", "4", "2"]);
  expect(rows[3]).toMatch(/failed .*out of luck$/);
  expect(rows[4]).toMatch(/epoch 2 of 10 kept$/);
});

test("cells with a validation split are ranked by it, apart from those without", () => {
  const validated = [0.6, 0.7].map((validationAccuracy, i) => ({
    ...cell({ validation: 32, batchSize: 8 + i }, 0.9 - i / 2),
    validationAccuracy,
  }));
  const [first, second] = resultsText({ cells: [...validated, cell({}, 0.99)] }).split("\n\n");
  expect(first).toMatch(/by validation accuracy[^\n]*\n[^\n]*validation +test acc\.[^\n]*\n[^\n]*70\.00 % +40\.00 %/);
  expect(second).toMatch(/no validation split|99\.00 %/);
});

test("means over seeds stand below the rows, and on a terminal instead of many", () => {
  const cells = Array.from({ length: 24 }, (_, i) =>
    cell({ seed: i % 12, model: mlp([i < 12 ? 5 : 6]) }, i < 12 ? 0.5 + (i % 2) / 10 : 0.9),
  );
  const piped = resultsText({ cells });
  expect(lines(piped.split("\n\n")[0])).toHaveLength(26);
  expect(piped).toMatch(/hidden +seeds +test acc\.\n6 +12 +90\.00 ± 0\.00 %\n5 +12 +55\.00 ± 5\.22 %\n$/);
  const shown = resultsText({ cells, width: 100 });
  expect(lines(shown.split("\n\n")[0])).toHaveLength(4);
  expect(shown).toMatch(/24 cells not shown/);
});

describe("300 cells with long labels", () => {
  const cells = Array.from({ length: 300 }, (_, i) =>
    cell(
      { batchSize: 1 + i, optimizer: { kind: "sgd", lr: 0.001 * (1 + (i % 7)) } },
      (i % 100) / 100,
      `${["größer", "大きい画像", "plain"][i % 3]} ${"label ".repeat(i % 13)}${i}`,
    ),
  );
  const nameOf = hashNames(cells.map(({ id }) => id));
  test.each([60, 80, 100, 200])("fit into %i columns", (width) => {
    const rows = lines(resultsText({ cells, nameOf, width }));
    expect(rows.filter((row) => stringWidth(row) > width)).toEqual([]);
    expect(rows.length).toBeGreaterThanOrEqual(302);
    expect(rows[1]).toMatch(/^cell.*test acc\./);
    expect(rows[2]).toMatch(/^[0-9a-f]{4,} .*99\.00 %/);
  });
});

test("of lists of layers only what differs is shown, and what a cell has not is none", () => {
  const layers = (rate: number) => ({
    kind: "layers" as const,
    name: "net",
    layers: [{ kind: "flatten" }, { kind: "dropout", rate }, { kind: "dense", units: 10 }] as never[],
  });
  const rates = resultsText({
    cells: [cell({ model: layers(0.25) }, 0.9), cell({ model: layers(0.5) }, 0.5)],
    width: 80,
  });
  expect(lines(rates).slice(1, 4).join("\n")).toMatch(
    /^cell +layers .*\n\S+ +… dropout 0\.25 … .*\n\S+ +… dropout 0\.5 … /,
  );
  const others = [cell({ model: mlp([]) }, 0.9), cell({ schedule: { kind: "cosine" } as never, model: mlp([3]) }, 0.5)];
  const [titles, best, last] = lines(resultsText({ cells: others })).slice(1);
  expect(titles).toMatch(/hidden.* schedule /);
  expect(best).toMatch(/ none .*none /);
  expect(last).toMatch(/ 3 .*cosine /);
});
