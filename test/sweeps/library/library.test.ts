/** What the package exports does what the command line and the core do, to the bit. */
import fs from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { createPredictor } from "../../../src/core/training/predict.js";
import { drawSyntheticDataset } from "../../../src/sweeps/data/synthetic.js";
import { splitSamples } from "../../../src/core/data/splits.js";
import type * as Library from "../../../src/sweeps/library/handgrad.js";
import type { CellRecord } from "../../../src/sweeps/store/record.js";
import { build, built, root } from "../../workers/built.js";
import { temporaryFolder } from "../fixtures.js";
import { handgrad } from "../handgrad.js";

let library: typeof Library;
const folder = temporaryFolder();
const at = (name: string): string => path.join(folder, name);

const LIMITS = { trainLimit: 200, testLimit: 60 };
const BASE: Library.Config = { model: { kind: "mlp", hidden: [8] }, optimizer: "nesterov", epochs: 3, ...LIMITS };
const SPEC: Library.Spec = { name: "rates", data: "synthetic", base: BASE, axes: { "optimizer.lr": [0.02, 0.05] } };
/** A cell that takes long enough to be stopped. */
const LONG: Library.Spec = { ...SPEC, base: { ...BASE, epochs: 100_000 }, axes: {} };

/** All but what may differ from run to run. */
const numbers = (records: readonly CellRecord[]): object[] => records.map((record) => ({ ...record, run: undefined }));
const weightsOf = (run: string, id: string): Buffer => fs.readFileSync(path.join(run, id, "weights.bin"));
const error = (call: () => unknown): Promise<Error> =>
  Promise.resolve()
    .then(call)
    .then(
      () => expect.unreachable("it was taken"),
      (thrown: Error) => thrown,
    );

beforeAll(async () => {
  await build();
  library = await built<typeof Library>("sweeps/library/handgrad.js");
});

test("its import loads two small files and no package", () => {
  const loaded = new Set<string>();
  const load = (file: string): void => {
    if (loaded.has(file)) return;
    loaded.add(file);
    if (!path.isAbsolute(file)) return;
    for (const [, from] of fs.readFileSync(file, "utf8").matchAll(/^(?:import|export)[^"]*? from "([^"]*)"/gm))
      load(from.startsWith(".") ? path.resolve(path.dirname(file), from) : from);
  };
  load(path.join(root, "dist/sweeps/library/handgrad.js"));
  const names = [...loaded].map((file) => path.relative(path.join(root, "dist"), path.resolve(root, "dist", file)));
  expect(names.sort()).toEqual(
    ["core/input-error.js", "node:module", "node:url", "sweeps/library/handgrad.js", "sweeps/spec/program.js"].map(
      path.normalize,
    ),
  );
});

describe("runSweep", () => {
  test("trains what the command does; twice at once in one process; tells every epoch and prints nothing", async () => {
    const events: Library.SweepEvent[] = [];
    const written = [vi.spyOn(process.stdout, "write"), vi.spyOn(process.stderr, "write")];
    const signals = (["SIGINT", "SIGTERM", "SIGHUP"] as const).map((name) => process.listenerCount(name));
    const heard = (): number[] => (["SIGINT", "SIGTERM", "SIGHUP"] as const).map((name) => process.listenerCount(name));
    const during: number[][] = [];
    fs.writeFileSync(at("rates.json"), JSON.stringify(SPEC));
    const [told, quiet, command] = await Promise.all([
      library.runSweep(SPEC, {
        out: at("told"),
        workers: 1,
        onProgress(event) {
          events.push(event);
          during.push(heard());
        },
      }),
      library.runSweep(library.defineSweep(SPEC), { out: at("quiet"), workers: 2 }),
      handgrad(folder, "sweep", "rates.json", "--workers", "1"),
    ]);
    expect(written.map(({ mock }) => mock.calls)).toEqual([[], []]);
    expect(during.filter((counts) => counts.join() !== signals.join())).toEqual([]);
    expect(command.code, command.stderr).toBe(0);

    const { records } = await library.readRecords(at("runs/rates"));
    expect(records).toHaveLength(2);
    for (const { runDirectory, page, exitCode, warnings, ...result } of [told, quiet]) {
      expect({ exitCode, warnings, page }).toEqual({
        ...{ exitCode: 0, warnings: [], page: path.join(runDirectory, "index.html") },
      });
      expect(fs.existsSync(page!)).toBe(true);
      expect(numbers(result.records)).toEqual(numbers(records));
      expect(result.cells.map(({ id }) => id)).toEqual(records.map(({ id }) => id));
      for (const { id } of records)
        expect(weightsOf(runDirectory, id).equals(weightsOf(at("runs/rates"), id)), id).toBe(true);
    }
    for (const { id, curve } of records)
      expect(events.flatMap((event) => (event.kind === "epoch" && event.id === id ? [event.metrics] : []))).toEqual(
        curve,
      );
    const ends = events.flatMap((event) => (event.kind === "cell" ? [[event.done, event.total]] : []));
    expect(ends).toEqual([
      [1, 2],
      [2, 2],
    ]);
    expect(fs.readFileSync(path.join(told.runDirectory, "page/report.js"), "utf8")).toContain("npx handgrad cell ");
  });

  test("takes a built-in sweep by name, with changes", async () => {
    const { records } = await library.runSweep("smoke", {
      ...{ out: at("smoke"), epochs: 1, trainLimit: 20, testLimit: 10, seeds: [7] },
    });
    expect(records.map(({ config: { epochs, seed, trainLimit } }) => [epochs, seed, trainLimit])).toEqual(
      records.map(() => [1, 7, 20]),
    );
    expect(records).toHaveLength(6);
  });

  test("an abort keeps what is finished and reached, and the same call goes on", async () => {
    const abort = new AbortController();
    const spec = { ...LONG, variants: [{ set: { epochs: 1 } }, {}] };
    const stopped = await library.runSweep(spec, {
      ...{ out: at("stopped"), workers: 2, signal: abort.signal },
      onProgress: (event) => event.kind === "cell" && abort.abort(),
    });
    expect([stopped.exitCode, stopped.records.length, stopped.cells.length]).toEqual([130, 1, 2]);
    const short = { ...SPEC, base: { ...BASE, epochs: 1 }, axes: {} };
    const again = await library.runSweep(short, { out: at("stopped") });
    expect(again.records).toEqual(stopped.records);
    const aborted = await library.runSweep(short, { out: at("never"), signal: AbortSignal.abort() });
    expect([aborted.exitCode, aborted.records]).toEqual([130, []]);
  });

  test("what the host's callback throws stops it, and is thrown", async () => {
    const own = new Error("the host's own");
    const fail = (): never => {
      throw own;
    };
    expect(await error(() => library.runSweep(LONG, { out: at("thrown"), onProgress: fail }))).toBe(own);
  });

  test("another one in the same folder is refused, or waits where that is wished", async () => {
    const out = at("shared");
    const abort = new AbortController();
    const refused: Promise<Error>[] = [];
    const first = library.runSweep(LONG, {
      ...{ out, signal: abort.signal },
      onProgress({ kind }) {
        if (kind !== "epoch" || refused.length > 0) return;
        const waiting = library.runSweep(SPEC, { out, wait: true });
        refused.push(
          error(() => library.runSweep(SPEC, { out })).finally(() => abort.abort()),
          waiting.then(({ exitCode }) => new Error(`exit code ${exitCode}`)),
        );
      },
    });
    expect((await first).exitCode).toBe(130);
    const [{ name, message }, waited] = await Promise.all(refused);
    expect([name, message]).toEqual(["InputError", expect.stringContaining(`another sweep is running in ${out}`)]);
    expect(waited.message).toBe("exit code 0");
  });

  test("a cell that fails is in the result", async () => {
    const out = at("failed");
    const spec = { ...SPEC, axes: {} };
    const { cells } = await library.runSweep(spec, { out, signal: AbortSignal.abort() });
    // Its record cannot be written where a folder has the name.
    fs.mkdirSync(path.join(out, cells[0].id, "record.json"), { recursive: true });
    const { exitCode, records } = await library.runSweep(spec, { out });
    expect([exitCode, records.map(({ status }) => status)]).toEqual([1, ["failed"]]);
    expect(records[0].error).toMatch(/record could not be written/);
  });
});

describe("one cell", () => {
  test("train gives a sweep's bits, on any number of threads, and does not block the caller", async () => {
    const config: Library.Config = { ...BASE, "optimizer.lr": 0.05, shardSize: 32 };
    const [dataset, { records, runDirectory }] = await Promise.all([
      library.loadDataset("synthetic", LIMITS),
      library.runSweep({ name: "one", data: "synthetic", base: config }, { out: at("one") }),
    ]);
    const told: Library.EpochMetrics[] = [];
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    const trained = await library.train(config, dataset, { threads: 2, onEpoch: (metrics) => told.push(metrics) });
    clearInterval(timer);
    expect(turns).toBeGreaterThan(0);
    expect(numbers([trained.record])).toEqual(numbers(records));
    expect(told).toEqual(records[0].curve);
    const { buffer, byteOffset, byteLength } = trained.weights;
    expect(Buffer.from(buffer, byteOffset, byteLength).equals(weightsOf(runDirectory, records[0].id))).toBe(true);

    const { images } = splitSamples(trained.record.config, dataset).test;
    const ask = createPredictor(trained.record.config, dataset, trained.weights);
    const [one, three] = [images.subarray(0, 784), images.subarray(0, 3 * 784)];
    const [answer, ...more] = await library.predict(trained, one);
    expect([more, answer.probabilities]).toEqual([[], ask(one)]);
    expect(answer.className).toBe(dataset.classNames[answer.label]);
    expect(Math.max(...answer.probabilities)).toBe(answer.probabilities[answer.label]);
    const all = await library.predict(trained, three);
    expect(await library.predict({ runDirectory, id: "mlp" }, [one, three.subarray(784)])).toEqual(all);
    expect(all).toHaveLength(3);
  });

  test("an aborted training rejects with the signal's reason", async () => {
    const dataset = await library.loadDataset("synthetic", LIMITS);
    const abort = new AbortController();
    const stop = (): void => abort.abort("enough");
    const training = library.train({ ...BASE, epochs: 100_000 }, dataset, { signal: abort.signal, onEpoch: stop });
    await expect(training).rejects.toBe("enough");
    await expect(library.train(BASE, dataset, { signal: abort.signal })).rejects.toBe("enough");
  });

  test("loadDataset gives the images that sweeps train on", async () => {
    const { trainLimit, testLimit } = LIMITS;
    expect(await library.loadDataset("synthetic", LIMITS)).toEqual(drawSyntheticDataset(trainLimit, testLimit));
  });
});

describe("wrong input is an InputError of one line", () => {
  const dataset = drawSyntheticDataset(20, 10);
  test.each<[what: string, call: () => unknown, message: RegExp]>([
    ["no spec", () => library.defineSweep(undefined as never), /^spec: got nothing, expected an object/],
    ["no sweep", () => library.runSweep(undefined as never), /^runSweep: got nothing, expected a spec, or the name/],
    ["a kind", () => library.defineSweep({ name: "x", base: { model: "mlpp" as "mlp" } }), /did you mean "mlp"\?$/],
    [
      "no number",
      () => library.defineSweep({ name: "x", base: { seed: NaN } }),
      /^spec: base.seed: got NaN, expected a/,
    ],
    [
      "a function",
      () =>
        library.defineSweep({
          ...SPEC,
          base: {
            ...BASE,
            seed: (() => {
              return 1;
            }) as never,
          },
        }),
      /^spec: base.seed: got a function, expected a finite number, or another value that JSON has$/,
    ],
    [
      "a circle",
      () => {
        const base: Record<string, unknown> = { ...BASE };
        base.augment = base;
        return library.defineSweep({ ...SPEC, base: base as never });
      },
      /^spec: Converting circular structure to JSON; expected what JSON can hold$/,
    ],
    [
      "seeds",
      () => library.runSweep(SPEC, { seeds: new Set([1]) as never }),
      /^seeds: got an object, expected a list of whole numbers$/,
    ],
    [
      "no number on an axis",
      () => library.defineSweep({ ...SPEC, axes: { "optimizer.lr": [0.1, NaN] } }),
      /^spec: axes "optimizer.lr": got NaN, expected a finite number/,
    ],
    ["a sweep", () => library.runSweep("smok"), /^runSweep: got "smok", expected a spec, or the name homework or/],
    ["workers", () => library.runSweep(SPEC, { workers: 0 }), /^workers: got 0, expected a whole number from 1/],
    ["data", () => library.runSweep(SPEC, { data: "mnist" as "auto" }), /^spec: data: got "mnist", expected "auto"/],
    ["a config", () => library.train({ model: "mlp" }, dataset), /^config: base.optimizer: got nothing/],
    ["threads", () => library.train(BASE, dataset, { threads: 1.5 }), /^threads: got 1.5, expected a whole number/],
    [
      "an option",
      () => library.runSweep(SPEC, { worker: 1 } as never),
      /^runSweep: no such option "worker".*did you mean "workers"\?$/,
    ],
    ["a type", () => library.runSweep(SPEC, { seeds: "0..2" as never }), /^seeds: got a string, expected an object$/],
    [
      "a signal",
      () => library.train(BASE, dataset, { signal: 5 as never }),
      /^signal: got a number, expected an object$/,
    ],
    ["options", () => library.runSweep(SPEC, null as never), /^runSweep: got nothing, expected options as an object$/],
    ["no config", () => library.train(undefined as never, dataset), /^train: got nothing, expected a cell's config/],
    ["no data", () => library.train(BASE, undefined as never), /^train: got nothing, expected a data set/],
    ...(
      [
        [{ width: 0 }, "width: got 0, expected a whole number from 1"],
        [{ digest: "mine" }, 'digest: got "mine", expected a sha256'],
        [{ classNames: "ten" }, 'classNames: got "ten", expected a list of up to 256 texts'],
        [{ classNames: [] }, "classNames: got an object, expected a list"],
        [{ test: undefined }, "test.count: got nothing, expected a whole number from 1"],
        [{ train: { ...dataset.train, images: [] } }, "train.images: got an object, expected a Uint8Array"],
        [{ train: { ...dataset.train, count: 19 } }, "train.images.length: got 15680, expected 14,896 bytes"],
        [{ classNames: ["a", "b"] }, "train.labels: got \\d, expected labels below its number of classes, 2"],
        [{ test: { ...dataset.test, labels: new Uint8Array(9) } }, "test.labels.length: got 9, expected 10 bytes"],
      ] as [object, string][]
    ).map(
      ([changes, words]) =>
        [
          `a data set's ${words}`,
          () => library.train(BASE, { ...dataset, ...changes }),
          new RegExp(`^train: the data set's ${words}`),
        ] as [string, () => Promise<unknown>, RegExp],
    ),
    [
      "no model",
      () => library.predict(null as never, new Uint8Array(784)),
      /^predict: got nothing, expected a trained/,
    ],
    ["no run", () => library.readRecords(undefined as never), /^readRecords: got nothing, expected the path of/],
    ...[0, -5, 1.5, NaN].map(
      (trainLimit) =>
        [
          `a limit of ${trainLimit}`,
          () => library.loadDataset("synthetic", { trainLimit }),
          /^trainLimit: got .*, expected a whole number/,
        ] as [string, () => Promise<unknown>, RegExp],
    ),
    ["a folder", () => library.loadDataset({ dir: at("none") }), /cannot be read: no such file or folder/],
    ["a run", () => library.readRecords(at("none")), /no plan.json\); start with npx handgrad sweep$/],
    [
      "a cell",
      () => library.predict({ runDirectory: at("none"), id: "mlp" }, new Uint8Array(784)),
      /^no cell in .*; npx handgrad cells lists them$/,
    ],
  ])("%s", async (_what, call, message) => {
    const thrown = await error(call);
    // Not by instance: the tests' loader and Node's own, which defineSweep asks, each have a class of that name.
    expect(thrown.name).toBe("InputError");
    expect(thrown.message).toMatch(message);
    expect(thrown.message).not.toContain("\n");
  });

  test("images of another size", async () => {
    const trained = await library.train({ ...BASE, epochs: 1, kernels: "reference" }, dataset);
    const thrown = await error(() => library.predict(trained, new Uint8Array(100)));
    expect(thrown).toBeInstanceOf(library.InputError);
    expect(thrown.message).toBe("predict: got 100 bytes, expected 784 for each image (28 × 28 × 1)");
    for (const [images, got] of [
      [new Float32Array(784), "a Float32Array"],
      [undefined, "nothing"],
      [Array(784).fill(0), "a number"],
    ] as const) {
      const { name, message } = await error(() => library.predict(trained, images as never));
      expect([name, message]).toEqual([
        "InputError",
        `predict: got ${got}, expected images as a Uint8Array: bytes from 0 to 255, not scaled`,
      ]);
    }
  });

  test("but what is undefined is absent", () => {
    const spec = { ...SPEC, base: { ...BASE, seed: undefined } };
    expect(library.defineSweep(spec)).toBe(spec);
  });
});
