/** Cells that start from the weights of a file: planned, trained, trained again, and refused. */
import { existsSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import type { TrainConfig } from "../../../src/core/config.js";
import { train } from "../../../src/core/training/train.js";
import { decodeOrder, encodeOrder } from "../../../src/sweeps/executors/parcel.js";
import { modelTensors, namedTensors, weightsOf } from "../../../src/sweeps/formats/parameter-names.js";
import { encodeSafetensors } from "../../../src/sweeps/formats/safetensors.js";
import { localExecutor } from "../../../src/sweeps/executors/local.js";
import { checkInits, readInit } from "../../../src/sweeps/run/inits.js";
import { planCells } from "../../../src/sweeps/run/plan.js";
import { runCells } from "../../../src/sweeps/run/run.js";
import { surveyCells } from "../../../src/sweeps/run/survey.js";
import { withInits } from "../../../src/sweeps/spec/inits.js";
import { parseSpec, type SweepSpec } from "../../../src/sweeps/spec/spec.js";
import { RunDirectory } from "../../../src/sweeps/store/run-directory.js";
import { trained } from "../../core/trained.js";
import { executorHere, temporaryFolder, tinyConfig, tinyDataset } from "../fixtures.js";

const dataset = tinyDataset();
const folder = temporaryFolder();
const file = path.join(folder, "start.safetensors");
const layers = [
  { kind: "flatten" as const },
  { kind: "dense" as const, units: 6 },
  { kind: "batchNorm" as const, momentum: 0.1, epsilon: 1e-5 },
  { kind: "dense" as const, units: 4 },
];
const model = { kind: "layers" as const, name: "small", layers };
const rateOf = (lr: number): TrainConfig["optimizer"] => tinyConfig({ optimizer: { kind: "sgd", lr } }).optimizer;
const before = tinyConfig({ model, epochs: 8, optimizer: rateOf(0.3) });
const tensors = modelTensors(before.model, dataset, 4);
const { weights, curve } = trained(before, dataset).result;
const named = namedTensors(tensors, weights);

const specOf = (fields: object): string =>
  JSON.stringify({ name: "inits", base: { ...before, epochs: 1, optimizer: { kind: "sgd", lr: 1e-30 }, ...fields } });
const read = (fields: object): Promise<SweepSpec> => withInits(parseSpec(specOf(fields), "s.json"), "s.json");
const run = new RunDirectory(path.join(folder, "run"));
const plan = async (spec: SweepSpec, directory = run) => {
  const cells = planCells(spec, dataset, "s.json");
  await checkInits(
    spec,
    "s.json",
    cells.map(({ config }) => config),
    dataset,
    directory,
  );
  return cells;
};

beforeAll(() => writeFileSync(file, encodeSafetensors(named, {})));

describe("a cell with an init", () => {
  it("goes on where the exported one ended, and its id depends on what the file holds, not on where it lies", async () => {
    const copy = path.join(folder, "copy");
    writeFileSync(copy, encodeSafetensors(named, {}));
    const other = path.join(folder, "other");
    writeFileSync(other, encodeSafetensors(named, { other: "" }));
    const spec = await read({ init: { file } });
    const [cell] = await plan(spec);
    const idOf = async (fields: object) => (await plan(await read(fields)))[0].id;
    expect(await idOf({ init: { file: copy } })).toBe(cell.id);
    expect(await idOf({ init: { file: other } })).not.toBe(cell.id);
    expect(await idOf({})).not.toBe(cell.id);
    expect(cell.config.init).toEqual({ digest: [...spec.inits!.keys()][0] });

    const [[digest, { bytes }]] = spec.inits!;
    await run.prepare();
    await run.writeInit(digest, bytes);
    const { executor } = executorHere();
    const surveys = await surveyCells(run, [cell], false);
    const records = await runCells({
      ...{ directory: run, surveys, dataset, executor: localExecutor(executor, 1), fresh: false, retries: 0 },
      ...{ failFast: false, cancelled: () => false },
      observer: { cellStarted: () => 0, cellMessage: () => 0, cellEnded: () => 0, note: () => 0 },
    });
    const record = records.get(cell.id)!;
    // A rate of 1e-30 moves no weight; only the statistics of batch normalisation follow the batches.
    const parameters = (await run.readWeights(record)).subarray(0, record.parameters);
    expect(parameters).toEqual(weights.subarray(0, record.parameters));
    expect(record.curve[0].testAccuracy).toBeCloseTo(curve[7].testAccuracy!, 1);
    expect(curve[7].testAccuracy).toBeGreaterThan(0.9);
    // By its digest alone, as the spec that the run directory keeps has it.
    expect((await plan(parseSpec(specOf({ init: cell.config.init! }), "s.json")))[0].id).toBe(cell.id);
  });

  it("is one that a condition can ask for, by its file as by its digest", async () => {
    const axesOf = (when: object) => ({ init: [null, { file }], seed: { values: [1, 2], when } });
    for (const when of [{ init: { file } }, { "init.file": file }, { "init.file": [file] }]) {
      const text = JSON.stringify({ ...(JSON.parse(specOf({})) as object), axes: axesOf(when) });
      expect(await plan(await withInits(parseSpec(text, "s.json"), "s.json"))).toHaveLength(3);
    }
  });

  it.each(["reference", "simd"] as const)("starts from every number, statistics included: %s", (kernels) => {
    const config = { ...before, kernels, init: { digest: "0".repeat(64) }, evaluateShifted: undefined };
    const first = trainedFrom({ ...config, optimizer: rateOf(1e-30), trainLimit: 16, epochs: 1 }, weights);
    expect(first.subarray(0, weights.length - 16)).toEqual(weights.subarray(0, weights.length - 16));
    // Statistics go on from those given: 0.9 of these, 0.1 of the batch's.
    const [mean] = tensors.tensors.filter(({ part }) => part === "running_mean");
    const from = trainedFrom({ ...config, optimizer: rateOf(1e-30), trainLimit: 16, epochs: 1 }, shifted(mean.places));
    for (const place of mean.places) expect(from[place] - first[place]).toBeCloseTo(0.9, 5);
  });

  it("is not trained without its weights, nor another with some", () => {
    const config = { ...before, init: { digest: "0".repeat(64) } };
    expect(() => trainedFrom(config)).toThrow(`init: got no weights to start from, expected those with the digest 000`);
    expect(() => trainedFrom(before, weights)).toThrow("init: got weights to start from, expected none");
    expect(() => trainedFrom(config, weights.subarray(1))).toThrow("weights: got ");
  });

  it("takes its weights along to a worker of a queue", () => {
    const cell = { id: "x", config: { ...before, init: { digest: "0".repeat(64) } } };
    expect(decodeOrder(encodeOrder(cell, { retries: 1, init: weights }), "x")).toEqual({
      ...cell,
      retries: 1,
      init: weights,
    });
    expect(decodeOrder(encodeOrder({ id: "x", config: before }, { retries: 1 }), "x").init).toBeUndefined();
  });
});

describe("what cannot be started from", () => {
  const write = (list: typeof named): string => {
    const place = path.join(folder, "wrong.safetensors");
    writeFileSync(place, encodeSafetensors(list, {}));
    return place;
  };
  it.each<[string, () => object, string]>([
    ["a missing tensor", () => ({ file: write(named.slice(1)) }), "tensor 1.weight: got none, expected [6, 64]"],
    [
      "another name",
      () => ({ file: write(named.map((tensor, i) => (i === 0 ? { ...tensor, name: "fc.weight" } : tensor))) }),
      "tensor 1.weight: got none, but one named fc.weight, expected [6, 64]",
    ],
    [
      "another shape",
      () => ({ file: write(named.map((tensor, i) => (i === 0 ? { ...tensor, shape: [64, 6] } : tensor))) }),
      "tensor 1.weight: got [64, 6], expected [6, 64]",
    ],
    [
      "a tensor too many",
      () => ({ file: write([...named, { name: "9.bias", shape: [1], values: new Float32Array(1) }]) }),
      "tensor 9.bias: got [1], expected none of that name in this model",
    ],
    [
      "a number that is none",
      () => ({ file: write(named.map((tensor) => ({ ...tensor, values: tensor.values.map(() => NaN) }))) }),
      "tensor 1.weight: got NaN, expected finite numbers",
    ],
    [
      "a negative variance",
      () => ({
        file: write(
          named.map((one) => (one.name === "2.running_var" ? { ...one, values: one.values.map(() => -1) } : one)),
        ),
      }),
      "tensor 2.running_var: got -1, expected variances of at least 0",
    ],
    ["no such file", () => ({ file: path.join(folder, "none") }), "cannot be read (ENOENT)"],
    [
      "a digest that the run does not have",
      () => ({ digest: "1".repeat(64) }),
      "is missing; name the file in the spec",
    ],
    ["nothing", () => ({}), "got neither, expected a file or a digest"],
    ["both", () => ({ file, digest: "1".repeat(64) }), "got both, expected a file or a digest"],
  ])("%s is told in a line, with its place in the spec", async (_, init, reason) => {
    const planned = async () => plan(await read({ init: init() }));
    await expect(planned()).rejects.toThrow(/^s\.json: line 1, column \d+: base\.init/);
    await expect(planned()).rejects.toThrow(reason);
  });

  it("files on an axis are told apart by their digests, also where the axis names the file", async () => {
    const other = path.join(folder, "zeros");
    writeFileSync(
      other,
      encodeSafetensors(
        named.map((one) => ({ ...one, values: one.values.map(() => 0) })),
        {},
      ),
    );
    const axes = (spec: object): Promise<SweepSpec> =>
      withInits(parseSpec(JSON.stringify({ ...JSON.parse(specOf({})), ...spec }), "s.json"), "s.json");
    const ids = async (spec: object) => (await plan(await axes(spec))).map(({ id }) => id);
    const files = await ids({ axes: { "init.file": [file, other] } });
    expect(files).toHaveLength(2);
    expect(await ids({ axes: { init: [{ file }, { file: other }] } })).toEqual(files);
    expect(await ids({ variants: [{ set: { init: { file } } }, { set: { "init.file": other } }] })).toEqual(files);
  });

  it("running statistics that a file lacks are those that training starts with; a copy that was altered is refused", async () => {
    const start = weightsOf(
      tensors,
      new Map(named.filter(({ name }) => !name.includes("running")).map((t) => [t.name, t])),
      "f",
    );
    for (const { part, places } of tensors.tensors)
      for (const place of places)
        expect(start[place]).toBe(part === "running_mean" ? 0 : part === "running_var" ? 1 : weights[place]);
    const config = { ...before, init: { digest: readdirSync(path.join(run.folder, "init"))[0].slice(0, 64) } };
    expect(await readInit(run, config, dataset)).toEqual(
      weightsOf(tensors, new Map(named.map((t) => [t.name, t])), "f"),
    );
    // A run's own spec is run elsewhere: what it names by digest lies beside it.
    const place = path.join(run.folder, "spec.json");
    const { digest } = config.init;
    const again = async (text: string, directory?: RunDirectory): Promise<string[]> =>
      (await plan(await withInits(parseSpec(text, place), place), directory)).map(({ id }) => id);
    const texts = [specOf({ init: config.init }), specOf({ "init.digest": digest })];
    texts.push(JSON.stringify({ ...JSON.parse(texts[0]), variants: [{ axes: { "init.digest": [digest] } }] }));
    const elsewhere = new RunDirectory(path.join(folder, "elsewhere"));
    for (const text of texts) expect(await again(text, elsewhere)).toEqual(await again(texts[0]));
    writeFileSync(run.initFile(config.init.digest), "{}");
    for (const text of texts) await expect(again(text, elsewhere)).rejects.toThrow("it was altered or damaged");
    await expect(readInit(run, config, dataset)).rejects.toThrow("it was altered or damaged");
    rmSync(run.initFile(config.init.digest));
    await expect(readInit(run, config, dataset)).rejects.toThrow("is missing");
    await expect(again(texts[0], elsewhere)).rejects.toThrow(
      `${elsewhere.initFile(digest)} is missing; name the file in the spec`,
    );
    expect(existsSync(path.join(run.folder, "init"))).toBe(true);
  });
});

function trainedFrom(config: TrainConfig, init?: Float32Array): Float32Array {
  const training = train(config, dataset, { init });
  for (;;) {
    const next = training.next();
    if (next.done) return next.value!.weights;
  }
}

function shifted(places: Uint32Array): Float32Array {
  const copy = weights.slice();
  for (const place of places) copy[place] += 1;
  return copy;
}
