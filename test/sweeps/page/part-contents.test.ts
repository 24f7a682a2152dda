/** What lies beside a run's data and the latest run's, and what a single file carries: images and weights, or why not. */
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { heldOut } from "../../../src/core/training/held-out.js";
import { weightBytes } from "../../../src/core/training/weight-bytes.js";
import { imagesDigest } from "../../../src/sweeps/data/idx-files.js";
import { mergeReport } from "../../../src/sweeps/page/merge.js";
import { pageScript, writePages } from "../../../src/sweeps/page/page-data.js";
import { imagesPart, MOST_IMAGE_BYTES, weightsPart } from "../../../src/sweeps/page/part-contents.js";
import { RunDirectory } from "../../../src/sweeps/store/run-directory.js";
import type { CellRecord } from "../../../src/sweeps/store/record.js";
import type { PlanFile } from "../../../src/sweeps/store/plan-file.js";
import { weightsDigest } from "../../../src/sweeps/store/weights.js";
import { idxBytes } from "../data/idx-bytes.js";
import { samplePlan, sampleRecord, temporaryFolder, tinyConfig, tinyDataset } from "../fixtures.js";
import { handgradHere } from "../handgrad.js";
import { dataOf, partFromPage, partFromScripts, pieceFiles } from "./part-reader.js";

const zeros = tinyDataset();
const dataset = { ...zeros, digest: imagesDigest(zeros, 4) };
const files = [dataset.train, dataset.test].flatMap(({ count, images, labels }) => [
  idxBytes([count, 8, 8], images),
  idxBytes([count], labels),
]);
const whole = Buffer.concat(files);

/** A cell with weights of its own. @param accuracy of its last epoch */
function cellOf(seed: number, accuracy: number, changes: Partial<CellRecord> = {}): [CellRecord, Float32Array] {
  const weights = Float32Array.from({ length: 30 + seed }, (_, i) => (i === 3 ? NaN : seed + i / 7));
  const record = sampleRecord(tinyConfig({ seed }), {
    ...{ dataDigest: dataset.digest, status: "done", parameters: 30, weightsDigest: weightsDigest(weights) },
    curve: [1, 2].map((epoch) => ({
      epoch,
      trainLoss: 1,
      trainAccuracy: 1,
      testLoss: 1,
      testAccuracy: epoch === 2 ? accuracy : 0,
    })),
    ...changes,
  });
  return [record, weights];
}
const cells = [cellOf(0, 0.5), cellOf(1, 0.9), cellOf(2, 0.7), cellOf(3, 0.1, { status: "diverged" }), cellOf(4, 1)];
const records = cells.map(([record]) => record);
/** Those whose weights can be had, by id: the last cell's are damaged. */
const sound = cells.slice(0, 3).sort(([a], [b]) => (a.id < b.id ? -1 : 1));

let folder = "";
let directory: RunDirectory;
let plan: PlanFile;
const build = () => path.join(folder, "page");
const page = () => path.join(directory.folder, "page");
const shown = (place: string) => dataOf(readFileSync(path.join(place, "data.js"), "utf8"));

beforeEach(async () => {
  folder = temporaryFolder();
  vi.stubEnv("HANDGRAD_PAGE_DATA", path.join(build(), "data.js"));
  const images = path.join(folder, "images");
  mkdirSync(images);
  ["train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"].forEach((name, i) =>
    writeFileSync(path.join(images, `${name}-ubyte`), files[i]),
  );
  directory = new RunDirectory(path.join(folder, "run"));
  const { classNames, height, width, channels, train, test } = dataset;
  const source = { classNames, height, width, channels, counts: { train: train.count, test: test.count } };
  plan = {
    ...{ ...samplePlan(records), dataDigest: dataset.digest },
    dataSources: { [dataset.digest]: { options: { dir: images, classes: classNames, name: "tiny" }, ...source } },
  };
  for (const [record, weights] of cells) await directory.writeRecord(record, weights);
  await directory.writePlanAndSpec(plan, { name: "tiny", base: {}, axes: {} }, "tiny.json", undefined);
  writeFileSync(path.join(directory.cellFolder(records[4].id), "weights.bin"), "damaged");
});
afterEach(() => vi.unstubAllEnvs());

const report = (...args: string[]) => handgradHere(folder, "report", "--out", directory.folder, ...args);

test("a report puts images and weights beside both pages' data, which say so; again, it makes nothing", async () => {
  const first = await report();
  expect([first.code, first.stderr.replace(/^.*weights\.bin is not what.*\n/, "")]).toEqual([0, ""]);
  for (const place of [page(), build()]) {
    const { images, weights } = shown(place).parts!;
    expect(images).toEqual({ name: `images-${dataset.digest.slice(0, 8)}`, pieces: 1, bytes: whole.length });
    expect(partFromScripts(place, images!)).toEqual(whole);
    expect(weights!.cells).toEqual(sound.map(([{ id }, values]) => ({ id, bytes: 4 * values.length })));
    expect(partFromScripts(place, weights!)).toEqual(Buffer.concat(sound.map(([, values]) => weightBytes(values))));
    expect(pieceFiles(place)).toEqual([`${images!.name}-0.js`, `${weights!.name}-0.js`]);
  }
  const facts = () =>
    [page(), build()].flatMap((place) => pieceFiles(place).map((name) => statSync(path.join(place, name))));
  const before = facts().map(({ ino, mtimeMs }) => [ino, mtimeMs]);
  expect(before.slice(0, 2)).toEqual(before.slice(2));
  const data = readFileSync(path.join(page(), "data.js"), "utf8");
  await report();
  expect(facts().map(({ ino, mtimeMs }) => [ino, mtimeMs])).toEqual(before);
  expect(readFileSync(path.join(page(), "data.js"), "utf8")).toBe(data);

  // Where the images are gone, what was made of them serves; where that is gone, too, the page does without.
  rmSync(path.join(folder, "images"), { recursive: true });
  rmSync(path.join(build(), pieceFiles(build())[0]));
  expect((await report()).stderr).toContain("The page shows no images.");
  expect(partFromScripts(build(), shown(build()).parts!.images!)).toEqual(whole);
  for (const place of [page(), build()]) rmSync(path.join(place, pieceFiles(place)[0]));
  await report();
  for (const place of [page(), build()]) expect(Object.keys(shown(place).parts!)).toEqual(["weights"]);
});

test("pieces of other data go after the data that spoke of them; a sweep that runs leaves all as it is, and speaks of none", async () => {
  const data = mergeReport(plan, records, dataset);
  const parts = { images: imagesPart(data, dataset), weights: await weightsPart(directory, records) };
  await writePages(directory.folder, data, parts);
  const before = pieceFiles(page());
  await writePages(directory.folder, data);
  for (const place of [page(), build()]) {
    expect(shown(place).parts).toBeUndefined();
    expect(pieceFiles(place)).toEqual(before);
  }
  expect(readFileSync(path.join(page(), "data.js"), "utf8")).toBe(pageScript(data));

  const other = tinyDataset(50, 20);
  other.digest = imagesDigest(other, 4);
  const next = mergeReport({ ...plan, dataDigest: other.digest }, [], other);
  await writePages(directory.folder, next, { images: imagesPart(next, other) });
  for (const place of [page(), build()]) {
    expect(Object.keys(shown(place).parts!)).toEqual(["images"]);
    expect(pieceFiles(place)).toEqual([`images-${other.digest.slice(0, 8)}-0.js`]);
  }
  await writePages(directory.folder, data, {});
  expect([pieceFiles(page()), pieceFiles(build()), shown(page()).parts]).toEqual([[], [], undefined]);
});

test("a part that cannot be written in a place is a note, and the page there does without", async () => {
  const data = mergeReport(plan, records, dataset);
  const parts = { images: imagesPart(data, dataset), weights: await weightsPart(directory, records) };
  mkdirSync(path.join(build(), `${parts.images!.name}-0.js`), { recursive: true });
  const { own, notes } = await writePages(directory.folder, data, parts);
  expect(own).toBe(path.join(directory.folder, "index.html"));
  expect(notes).toEqual([
    expect.stringMatching(
      /^cannot write images-.* to .*page: a folder stands where .*; the page there does without its images$/,
    ),
  ]);
  expect(Object.keys(shown(build()).parts!)).toEqual(["weights"]);
  expect(Object.keys(shown(page()).parts!)).toEqual(["images", "weights"]);
});

test("images are carried where they are the data's and the page cannot draw them", () => {
  const data = mergeReport(plan, [], dataset);
  expect(Buffer.concat(imagesPart(data, dataset)!.chunks!)).toEqual(whole);
  // A class without images counts for the digest alone.
  const named = { ...dataset, classNames: [...dataset.classNames, "e"], digest: imagesDigest(dataset, 5) };
  expect(imagesPart(mergeReport({ ...plan, dataDigest: named.digest }, [], named), named)!.chunks).toHaveLength(8);
  // Zeros that stand in for them, others, and none.
  const blank = { ...dataset, train: { ...dataset.train, images: new Uint8Array(dataset.train.images.length) } };
  for (const at of [blank, tinyDataset(95), undefined])
    expect(imagesPart(data, at)).toMatchObject({ bytes: whole.length, chunks: undefined });
  expect(imagesPart({ ...data, dataset: "synthetic" }, dataset)).toBeUndefined();
  expect(imagesPart({ ...data, counts: undefined }, dataset)).toBeUndefined();
  expect(imagesPart({ ...data, counts: { train: MOST_IMAGE_BYTES / 64, test: 1 } }, dataset)).toBeUndefined();
});

test("weights are those of the best cells where there are more than a page takes", async () => {
  const [million, most] = [10 ** 6, 2 ** 20];
  const many = Array.from(
    { length: 6 },
    (_, i) => cellOf(i, [0.3, 0.9, 0.6, 0.9, 0.95, 0.1][i], { parameters: million })[0],
  );
  many.push(cellOf(7, 1, { parameters: most + 1 })[0], cellOf(8, 1)[0], cellOf(9, 1, { curve: [] })[0]);
  const readWeights = ({ parameters, id }: CellRecord) =>
    id === many[7].id ? Promise.reject(new Error("missing")) : Promise.resolve(new Float32Array(parameters));
  const part = await weightsPart({ readWeights } as unknown as RunDirectory, [...many].reverse());
  const best = many.filter((record) => record.parameters === million && heldOut(record.curve[1]).accuracy >= 0.6);
  expect(part!.cells).toEqual(
    best.map(({ id }) => ({ id, bytes: 4 * million })).sort((a, b) => (a.id < b.id ? -1 : 1)),
  );
  expect([part!.bytes, await weightsPart({ readWeights } as unknown as RunDirectory, [])]).toEqual([
    16 * million,
    undefined,
  ]);
});

test("a single file carries weights, and with --with-data the images; a line says what cannot be", async () => {
  const file = path.join(folder, "report.html");
  const carried = async (...args: string[]) => {
    expect((await report("--single-file", file, ...args)).code).toBe(0);
    const html = readFileSync(file, "utf8");
    return { html, parts: dataOf(/<script>(window\.HANDGRAD_DATA = .*?)<\/script>/s.exec(html)![1]).parts! };
  };
  const light = await carried();
  expect(Object.keys(light.parts)).toEqual(["weights"]);
  expect(light.html).not.toContain('data-part="images');
  const full = await carried("--with-data");
  expect(partFromPage(full.html, full.parts.images!)).toEqual(whole);
  expect(partFromPage(full.html, full.parts.weights!)).toEqual(partFromPage(light.html, light.parts.weights!));
  expect(full.html).toMatch(/<\/script>\s*<\/body>\s*<\/html>\s*$/);
  expect((await carried("--with-data")).html).toBe(full.html);
  const [, policy] = /http-equiv="Content-Security-Policy"\s*content="([^"]*)"/.exec(full.html)!;
  expect(policy).toMatch(
    /^default-src 'none'; script-src('? 'sha256-[\w+/=]+')+ 'wasm-unsafe-eval'; worker-src blob:; style-src 'sha256-[\w+/=]+'; img-src data: blob:; base-uri 'none'; form-action 'none'$/,
  );

  rmSync(file);
  rmSync(path.join(folder, "images"), { recursive: true });
  for (const [args, line] of [
    [["--with-data", "--single-file", file], /^handgrad: .*images: cannot be read: .*\n$/],
    [["--with-data"], /^handgrad: --with-data: got no --single-file to go with it; .*\n$/],
  ] as const) {
    const refused = await report(...args);
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringMatching(line)]);
  }
  expect(() => statSync(file)).toThrow();
});
