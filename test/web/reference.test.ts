/** The committed reference results, and what the build makes of them for the page of a fresh clone. */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { pixelPermutation } from "../../src/core/data/permutation.js";
import type { Mistake } from "../../src/core/training/result.js";
import { fashionMnist } from "../../src/sweeps/data/fashion-mnist.js";
import { loadDataset } from "../../src/sweeps/data/load.js";
import { drawSyntheticDataset } from "../../src/sweeps/data/synthetic.js";
import type { ReportData } from "../../src/sweeps/page/report-data.js";
import { readPageData } from "../../web/report/src/data/page-data.js";
import { buildModule, root } from "./page-copy.js";

interface Committed {
  cells: {
    id: string;
    model: string;
    confusion: number[][];
    mistakes: Mistake[];
    filters: { height: number; width: number; count: number; bytes: string };
  }[];
}

const text = fs.readFileSync(path.join(root, "web/report/reference/homework.json"), "utf8");
const results = JSON.parse(text) as Committed;
const { referencePictures, referenceData } = (await buildModule("reference-data.mjs")) as {
  referencePictures(root: string, results: unknown): Promise<Pick<ReportData, "images" | "permutations">>;
  referenceData(results: unknown, known: unknown[], pictures?: unknown): ReportData;
};

const given = process.env.FASHION_MNIST_DIR;
afterEach(() => {
  if (given === undefined) delete process.env.FASHION_MNIST_DIR;
  else process.env.FASHION_MNIST_DIR = given;
});

/** As the build finds the data in a folder; the checkout's own cache folder is left out. */
function picturesWith(folder: string): ReturnType<typeof referencePictures> {
  process.env.FASHION_MNIST_DIR = folder;
  return referencePictures(root, results);
}

describe("the committed results", () => {
  it("hold of each cell mistakes that its confusion matrix counts, the most confident first", () => {
    expect(results.cells).toHaveLength(12);
    for (const { id, confusion, mistakes } of results.cells) {
      expect(mistakes.length, id).toBe(10);
      const seen = confusion.map((row) => row.map(() => 0));
      for (const [i, { label, predicted, confidence }] of mistakes.entries()) {
        expect(label).not.toBe(predicted);
        expect(++seen[label][predicted]).toBeLessThanOrEqual(confusion[label][predicted]);
        expect(confidence).toBeLessThanOrEqual(mistakes[Math.max(0, i - 1)].confidence);
      }
    }
  });

  it("hold of each cell filters of its first layer, each on its own scale, and no image", () => {
    for (const { model, filters } of results.cells) {
      const { height, width, count } = filters;
      expect([height, width, count]).toEqual(model === "cnn" ? [3, 3, 16] : [28, 28, 8]);
      const values = new Int8Array(Buffer.from(filters.bytes, "base64"));
      expect(values).toHaveLength(height * width * count);
      for (let k = 0; k < count; k++)
        expect(Math.max(...values.slice(k * height * width, (k + 1) * height * width).map(Math.abs))).toBe(127);
    }
    expect(text).not.toMatch(/pixels|images/);
  });
});

describe("the build", () => {
  it("draws images where there are no data or damaged ones, the same each time, and the page reads them", async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "handgrad-data-"));
    const pictures = await picturesWith(path.join(folder, "none"));
    for (const { name } of fashionMnist.files) fs.writeFileSync(path.join(folder, name), "damaged");
    expect(await picturesWith(folder)).toEqual(pictures);
    fs.mkdirSync(path.join(folder, "odd", fashionMnist.files[0].name), { recursive: true });
    expect(await picturesWith(path.join(folder, "odd"))).toEqual(pictures);

    const { train } = drawSyntheticDataset(1000, 0);
    const expected = fashionMnist.classNames.flatMap((_, label) =>
      [...train.labels.keys()]
        .filter((i) => train.labels[i] === label)
        .slice(0, 4)
        .map((i) => ({ label, pixels: Buffer.from(train.images.slice(784 * i, 784 * (i + 1))).toString("base64") })),
    );
    expect(pictures.images).toEqual({ samples: expected, test: {}, drawn: true });
    expect(pictures.permutations).toEqual({ 0: [...pixelPermutation(0, 784)], 1: [...pixelPermutation(1, 784)] });

    const data = readPageData(referenceData(results, [fashionMnist], pictures));
    expect(data.images).toEqual(pictures.images);
    expect(data.cells.map(({ mistakes }) => mistakes.length)).toEqual(results.cells.map(() => 10));
    for (const { id, filters } of results.cells)
      expect(Buffer.from(Int8Array.from(data.filters![id].values).buffer).toString("base64")).toBe(filters.bytes);
    expect(JSON.stringify(data).length).toBeLessThan(300_000);
  });

  it.skipIf(!given)(
    "shows the data's own images, and those that were mistaken, where it finds them whole",
    async () => {
      const { images } = await picturesWith(given!);
      const { dataset } = await loadDataset({ data: fashionMnist.name, dataDir: given });
      expect(images!.drawn).toBeUndefined();
      const first = dataset.train.labels.indexOf(0);
      const pixels = Buffer.from(dataset.train.images.slice(784 * first, 784 * (first + 1))).toString("base64");
      expect(images!.samples[0]).toEqual({ label: 0, pixels });
      const mistaken = new Set(results.cells.flatMap(({ mistakes }) => mistakes.map(({ index }) => index)));
      expect(new Set(Object.keys(images!.test).map(Number))).toEqual(mistaken);
      for (const { mistakes } of results.cells)
        for (const { index, label } of mistakes) expect(dataset.test.labels[index]).toBe(label);
    },
  );
});
