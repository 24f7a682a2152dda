import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import type { Samples } from "../../../src/core/data/dataset.js";
import { pixelPermutation } from "../../../src/core/data/permutation.js";
import { mergeReport } from "../../../src/sweeps/page/merge.js";
import { pageScript } from "../../../src/sweeps/page/page-data.js";
import { samplePlan, sampleRecord, tinyConfig, tinyDataset } from "../fixtures.js";

const records = [0, 1, 2].flatMap((seed) =>
  [0, 3].map((permutation) => sampleRecord(tinyConfig({ seed, permutation }))),
);
const plan = samplePlan(records);
const dataset = tinyDataset();

test("any order of completion gives the same bytes", () => {
  const bytes = pageScript(mergeReport(plan, records, dataset));
  for (let turn = 1; turn < records.length; turn++) {
    const turned = [...records.slice(turn), ...records.slice(0, turn)].reverse();
    expect(pageScript(mergeReport(plan, turned, dataset))).toBe(bytes);
  }
});

test("where cells were trained reaches no page", () => {
  const elsewhere = records.map((record) => ({
    ...record,
    run: { ...record.run, where: { executor: "slurm", host: "node7" } },
  }));
  expect(pageScript(mergeReport(plan, elsewhere, dataset))).toBe(pageScript(mergeReport(plan, records, dataset)));
  expect(elsewhere[0].run.where.host).toBe("node7");
});

test("the page gets every cell, the permutations that occur, and the images it names", () => {
  const report = mergeReport(plan, records, dataset);
  expect(report.cells.map(({ id }) => id)).toEqual(report.planned);
  expect(report.permutations).toEqual({ 0: [...pixelPermutation(0, 64)], 3: [...pixelPermutation(3, 64)] });
  expect(report.images?.samples).toHaveLength(4 * 8);
  for (const { label, pixels } of report.images!.samples) {
    const bytes = Buffer.from(pixels, "base64");
    expect(bytes).toHaveLength(64);
    expect(bytes[label * 2]).toBe(255);
  }
  expect(Object.keys(report.images!.test)).toEqual(["5"]);
  expect(Buffer.from(report.images!.test[5], "base64")).toEqual(Buffer.from(dataset.test.images.slice(5 * 64, 6 * 64)));
  expect(mergeReport(plan, records).images).toBeUndefined();
});

test("the page learns what the data are from those at hand, or from those known by their name", () => {
  const eight = { height: 8, width: 8, channels: 1 };
  const title = dataset.name;
  const about = `${title} has ${dataset.train.count} training and ${dataset.test.count} test images of 8×8 grey pixels in 4 classes.`;
  expect(mergeReport(plan, records, dataset)).toMatchObject({ imageSize: eight, datasetText: { title, about } });
  const nothing = mergeReport(plan, records);
  expect([nothing.imageSize, nothing.permutations]).toEqual([undefined, {}]);
  const known = mergeReport({ ...plan, dataset: "fashion-mnist" }, records);
  expect([known.imageSize, known.datasetText?.title]).toEqual([{ height: 28, width: 28, channels: 1 }, "FashionMNIST"]);
  expect([nothing.counts, known.counts]).toEqual([undefined, { train: 60_000, test: 10_000 }]);
  expect(known.permutations[3]).toEqual([...pixelPermutation(3, 784)]);
});

test("images of three channels are whole, and a permutation is one of their pixels", () => {
  const colours = { ...dataset, height: 4, width: 4, channels: 3, train: colour(40), test: colour(10) };
  const report = mergeReport(plan, records, colours);
  expect(report.permutations[3]).toEqual([...pixelPermutation(3, 16)]);
  expect(Buffer.from(report.images!.test[5], "base64")).toEqual(Buffer.from(colours.test.images.slice(5 * 48, 6 * 48)));
});

function colour(count: number): Samples {
  const bytes = Uint8Array.from({ length: count * 48 }, (_, i) => (i * 37) % 256);
  return { count, images: bytes, labels: Uint8Array.from({ length: count }, (_, i) => i % 4) };
}

test("the script is one assignment that no text can break out of", () => {
  const hostile = { ...plan, sweep: "</script><!--\u2028\u2029" };
  const script = pageScript(mergeReport(hostile, records, dataset));
  expect(script).not.toMatch(/[<\u2028\u2029]/);
  const window: { HANDGRAD_DATA?: { sweep: string; cells: { curve: { trainLoss: unknown }[] }[] } } = {};
  runInNewContext(script, { window });
  expect(window.HANDGRAD_DATA?.sweep).toBe(hostile.sweep);
  expect(window.HANDGRAD_DATA?.cells[0].curve[1].trainLoss).toBe("NaN");
});
