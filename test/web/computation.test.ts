/** Everything on the page that computes, without a browser. */
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { modelSpecSchema, optimizerSpecSchema } from "../../src/core/config.js";
import { blueprint } from "../../src/core/network/blueprint.js";
import { viewCells } from "../../web/report/src/data/cells.js";
import {
  modelInFull,
  modelWord,
  optimizerInFull,
  optimizerShort,
  optimizerWord,
} from "../../web/report/src/data/config-fields.js";
import { colouringBy } from "../../web/report/src/data/colouring.js";
import { classAccuracies, confusedPairs, confusionDifference } from "../../web/report/src/data/confusion.js";
import { toCsv } from "../../src/core/csv.js";
import {
  percentTick,
  count,
  duration,
  list,
  loss,
  lossTick,
  percent,
  points,
  signedPoints,
} from "../../web/report/src/data/format.js";
import {
  anchorOf,
  INITIAL_STATE,
  readHash,
  wholeId,
  writeHash,
  type ViewState,
} from "../../web/report/src/data/hash-state.js";
import { layerTable } from "../../web/report/src/data/layer-table.js";
import { curveOf, epochAxis } from "../../web/report/src/data/learning-curves.js";
import { isLive, lookIn } from "../../web/report/src/data/live.js";
import { readPageData, toNumber } from "../../web/report/src/data/page-data.js";
import { axisPosition, axisValue, parallelAxes } from "../../web/report/src/data/parallel-axes.js";
import {
  axesOf,
  bestCell,
  configDifferences,
  groupCells,
  rowsOf,
  selectCells,
  sortCells,
  variantFilters,
} from "../../web/report/src/data/selection.js";
import { smooth } from "../../web/report/src/data/smoothing.js";
import { rankCorrelation, spread } from "../../web/report/src/data/statistics.js";
import { datasets } from "../../src/sweeps/data/datasets.js";
import { fashionMnist } from "../../src/sweeps/data/fashion-mnist.js";
import type { ReportData } from "../../src/sweeps/page/report-data.js";
import { summariseCell } from "../../src/sweeps/commands/summary.js";
import { bonusData, fixtureData, fixtureRecord, homeworkCells, hostileData } from "./fixture.js";
import { buildModule } from "./page-copy.js";

const mlp = modelSpecSchema.parse({ kind: "mlp" });
const cnn = modelSpecSchema.parse({ kind: "cnn" });

it("optimizers in words, settings within settings too", () => {
  expect(optimizerInFull(optimizerSpecSchema.parse({ kind: "nesterov" }))).toBe("Nesterov (lr 0.01, momentum 0.9)");
  const muon = optimizerSpecSchema.parse({ kind: "muon", weightDecay: 0.05 });
  expect(optimizerInFull(muon)).toBe(
    "Muon (lr 0.02, momentum 0.95, weightDecay 0.05, others lr 0.01, others momentum 0.9)",
  );
  expect(optimizerShort(muon, ["optimizer.others.lr", "optimizer.lr"])).toBe("Muon, lr 0.02, others lr 0.01");
});

describe("statistics", () => {
  it("leaves out what is not finite", () => {
    expect(spread([1, NaN, 3, Infinity])).toEqual({ n: 2, mean: 2, std: Math.SQRT2, min: 1, max: 3 });
    expect(spread([0.5])).toEqual({ n: 1, mean: 0.5, std: 0, min: 0.5, max: 0.5 });
    expect(spread([NaN])).toEqual({ n: 0, mean: NaN, std: NaN, min: NaN, max: NaN });
  });

  it.each([
    [[1, 2, 3], [10, 20, 30], 1],
    [[1, 2, 3], [3, 2, 1], -1],
    [[1, 2, 3, 4], [1, 1, 2, 2], 0.8944],
    [[1, 2, 3], [5, 5, 5], NaN],
  ])("rank correlation of %j and %j is %d", (a, b, expected) => {
    const got = rankCorrelation(a, b);
    if (Number.isNaN(expected)) expect(got).toBeNaN();
    else expect(got).toBeCloseTo(expected, 4);
  });
});

describe("smoothing", () => {
  it("leaves a constant as it is, from the first value on", () => {
    for (const value of smooth([2, 2, 2, 2], 0.9)) expect(value).toBeCloseTo(2, 12);
  });
  it("with weight 0 is the identity", () => expect(smooth([1, 5, 2], 0)).toEqual([1, 5, 2]));
  it("restarts after a value that is not finite", () => {
    const out = smooth([1, 1, NaN, 5], 0.5);
    expect(out[2]).toBeNaN();
    expect(out[3]).toBe(5);
  });
  it("stays between the lowest and the highest value so far", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { minLength: 1 }),
        fc.double({ min: 0.01, max: 0.99, noNaN: true }),
        (values, weight) => {
          smooth(values, weight).forEach((s, i) => {
            const seen = values.slice(0, i + 1);
            expect(s >= Math.min(...seen) - 1e-9 && s <= Math.max(...seen) + 1e-9).toBe(true);
          });
        },
      ),
    );
  });
});

describe("the address", () => {
  const text = fc.string({ unit: "binary", maxLength: 12 }).filter((s) => s !== "");
  const state: fc.Arbitrary<ViewState> = fc.record({
    filters: fc
      .dictionary(text, fc.uniqueArray(text, { minLength: 1, maxLength: 3 }), { maxKeys: 3 })
      .map((o) => ({ ...o })),
    ranges: fc
      .dictionary(
        text,
        fc.tuple(fc.integer(), fc.nat()).map(([a, b]): [number, number] => [a, a + b]),
        { maxKeys: 2 },
      )
      .map((o) => ({ ...o })),
    search: fc.string({ unit: "binary" }),
    group: fc.string(),
    sort: fc.record({ column: fc.string().filter((s) => !s.startsWith("-")), descending: fc.boolean() }),
    compare: fc.uniqueArray(text, { maxLength: 4 }),
    versus: fc.option(fc.record({ axis: text, a: fc.string(), b: fc.string() })),
    colour: fc.string(),
    axes: fc.uniqueArray(text, { maxLength: 2 }),
    slice: fc.string(),
    heat: fc.oneof(fc.constant<string[]>([]), fc.array(fc.string(), { minLength: 2, maxLength: 2 })),
    cell: fc.string(),
    metric: fc.constantFrom("accuracy" as const, "loss" as const),
    split: fc.constantFrom("test" as const, "train" as const, "both" as const),
    log: fc.boolean(),
    mean: fc.boolean(),
    smoothing: fc.constantFrom(0, 0.5, 0.9, 0.99),
    zoom: fc.option(fc.tuple(fc.nat(), fc.nat()).map(([a, b]): [number, number] => [a, a + b])),
  });
  it("holds the whole state", () => {
    fc.assert(fc.property(state, (s) => void expect(readHash(`#${writeHash(s)}`)).toEqual(s)));
  });
  it("is empty for the initial state", () => expect(writeHash(INITIAL_STATE)).toBe(""));
  it("is read whatever it says, and then holds what was read", () => {
    const key = fc.constantFrom(
      "f.",
      "r.",
      "q",
      "group",
      "sort",
      "compare",
      "versus",
      "heat",
      "axes",
      "slice",
      "colour",
      "cell",
      "zoom",
      "smoothing",
      "log",
      "",
    );
    const value = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.string({ unit: fc.constantFrom("%", "0", "f", ",", ".", "-", "\ud800") }),
    );
    const hash = fc.oneof(
      fc.string({ unit: "binary" }),
      value,
      fc.array(fc.tuple(key, value, value).map(([a, b, c]) => `${a}${b}=${c}`)).map((parts) => parts.join("&")),
    );
    fc.assert(
      fc.property(hash, (text) => {
        expect(anchorOf(text)).toBeTypeOf("string");
        const state = readHash(writeHash(readHash(text)));
        expect(readHash(writeHash(state))).toEqual(state);
      }),
      { numRuns: 1000 },
    );
  });
  it("leads to an anchor, to the explorer for a state of it, and nowhere for a cell", () => {
    expect(["#mlp", "#part%2D1", "#100%", "#", "", "#log=1", "#cell=mlp-sgd"].map(anchorOf)).toEqual([
      "mlp",
      "part-1",
      "100%",
      "",
      "",
      "explorer",
      "",
    ]);
  });
  it("names a cell by the beginning of its id where no other begins so", () => {
    const ids = new Set(["mlp-sgd-12", "mlp-sgd-1234", "mlp-adam-5", "cnn-5"]);
    const texts = ["mlp-sgd-12", "mlp-sgd-123", "mlp-a", "c", "mlp", "mlp-sgd-1", "", "other"];
    expect(texts.map((text) => wholeId(text, ids))).toEqual([
      "mlp-sgd-12",
      "mlp-sgd-1234",
      "mlp-adam-5",
      "cnn-5",
      "mlp",
      "mlp-sgd-1",
      "",
      "other",
    ]);
  });
  it("is read at once, however long it is", () => {
    const parts = Array.from({ length: 10_000 }, (_, i) => `f.${i}=1&r.${i}=1..2`);
    const start = performance.now();
    expect(Object.keys(readHash(parts.join("&")).ranges)).toHaveLength(10_000);
    expect(performance.now() - start).toBeLessThan(3000);
  });
  it("of older links, without what came later, is read as it was", () => {
    const old =
      "f.model=CNN&r.testAccuracy=0.8..1&q=adam&group=variant&sort=seconds&compare=a,b&metric=loss&split=both&log=1&mean=1&smoothing=0.5&zoom=2..5&cell=a";
    expect(readHash(old)).toEqual({
      ...INITIAL_STATE,
      filters: { model: ["CNN"] },
      ranges: { testAccuracy: [0.8, 1] },
      search: "adam",
      group: "variant",
      sort: { column: "seconds", descending: false },
      compare: ["a", "b"],
      metric: "loss",
      split: "both",
      log: true,
      mean: true,
      smoothing: 0.5,
      zoom: [2, 5],
      cell: "a",
    });
    expect(writeHash(readHash(old))).toBe(old);
  });
  it("gives the initial state for an anchor and for nonsense", () => {
    expect(readHash("#mlp")).toEqual(INITIAL_STATE);
    expect(readHash("#metric=x&r.a=9..1&zoom=&%%%=1&&=&smoothing=x&f")).toEqual({ ...INITIAL_STATE, smoothing: 0 });
  });
});

describe("numbers in words", () => {
  it.each([
    [percent(0.9012), "90.1\u202f%"],
    [percent(NaN), "NaN"],
    [points(-0.0571), "5.7 points"],
    [points(0.0041), "0.41 points"],
    [signedPoints(-0.02), "−2.0"],
    [signedPoints(0), "±0.0"],
    [signedPoints(-0.0001), "±0.0"],
    [loss(0.34567), "0.346"],
    [loss(123.45), "123.5"],
    [loss(1.5e7), "1.50e7"],
    [loss(NaN), "NaN"],
    [loss(-Infinity), "−∞"],
    [count(1234567), "1,234,567"],
    [count(999), "999"],
    [duration(12.34), "12\u202fs"],
    [duration(245), "4\u202fmin 05\u202fs"],
    [duration(3725), "1\u202fh 02\u202fmin"],
    [list(["a"]), "a"],
    [list(["a", "b", "c"]), "a, b and c"],
  ])("%s", (got, expected) => expect(got).toBe(expected));
});

describe("layer table", () => {
  const block = {
    kind: "residual",
    layers: [
      { kind: "batchNorm" },
      { kind: "silu" },
      { kind: "leakyRelu" },
      { kind: "conv2d", channels: 5, kernel: 1, padding: 0, bias: false },
    ],
  } as const;
  const unlike = modelSpecSchema.parse({
    kind: "layers",
    name: "unlike",
    layers: [
      { kind: "conv2d", channels: 5, stride: 2 },
      block,
      { kind: "gelu" },
      { kind: "globalAveragePool2d" },
      { kind: "dropout" },
      { kind: "dense", units: 10 },
    ],
  });
  const resnets = [
    {},
    { residual: false, batchNorm: false },
    { activation: "silu", globalPool: "average", dropout: 0.2, width: 5 },
    { blocks: 2, width: 3 },
    { blocks: 1, padded: true },
  ].map((fields) => modelSpecSchema.parse({ kind: "resnet", ...fields }));
  it.each([
    mlp,
    cnn,
    modelSpecSchema.parse({ kind: "mlp", hidden: [] }),
    modelSpecSchema.parse({ kind: "cnn", channels: [8] }),
    unlike,
    ...resnets,
  ])("expands and counts %j", (model) => {
    const plan = blueprint(model, { height: 27, width: 28, channels: 1 }, 10);
    const rows = layerTable(model, { height: 27, width: 28, channels: 1 }, 10)!;
    // The derivation is a second way to the count.
    const derived = rows.map(({ derivation }) =>
      derivation === "" ? 0 : (runInNewContext(derivation.replaceAll("×", "*").replaceAll("·", "*")) as number),
    );
    expect(derived).toEqual(rows.map(({ parameters }) => parameters));
    expect(derived.reduce((a, b) => a + b, 0)).toBe(plan.parameters);
  });
  it("knows nothing of layers that do not fit, and of kinds of a later version", () => {
    const image = { height: 27, width: 28, channels: 1 };
    const misfit = { kind: "layers", name: "misfit", layers: [{ kind: "dense", units: 10 }] } as const;
    expect(layerTable({ ...misfit, layers: [...misfit.layers] }, image, 10)).toBeUndefined();
    const later = { kind: "transformer" } as never;
    expect([layerTable(later, image, 10), modelWord(later), modelInFull(later), optimizerWord(later)]).toEqual([
      undefined,
      "transformer",
      "transformer",
      "transformer",
    ]);
  });
  it("counts the homework's models", () => {
    const image = { height: 28, width: 28, channels: 1 };
    expect(layerTable(cnn, image, 10)!.map((row) => row.parameters)).toEqual([
      160, 0, 0, 4640, 0, 0, 18_496, 0, 0, 0, 5770,
    ]);
  });
});

describe("learning curves", () => {
  it("take the mean and the range over seeds, and end where a cell diverged", () => {
    const cells = viewCells(
      [0, 1, 2].map((seed) =>
        fixtureRecord(
          { model: { kind: "mlp" }, optimizer: { kind: "sgd" }, seed, epochs: 5 },
          seed === 2 ? { ending: "diverged" } : {},
        ),
      ),
    );
    const epochs = epochAxis(cells);
    expect(epochs).toEqual([1, 2, 3, 4, 5]);
    const curve = curveOf(cells, "loss", "heldOut", epochs);
    const third = cells.map((cell) => cell.curve[2].heldOutLoss).filter(Number.isFinite);
    expect(third).toHaveLength(2);
    expect(curve.mean[2]).toBeCloseTo((third[0] + third[1]) / 2, 12);
    expect(curve.low?.[0]).toBe(Math.min(...cells.map((cell) => cell.curve[0].heldOutLoss)));
    expect(curve.divergedAt).toBe(4);
    const alone = curveOf([cells[2]], "loss", "heldOut", epochs);
    expect(alone.mean.slice(2)).toEqual([null, null, null]);
    expect(alone.divergedAt).toBe(1);
    expect(alone.low).toBeUndefined();
  });
});

describe("selection", () => {
  const cells = viewCells([
    ...homeworkCells([0, 1]),
    fixtureRecord({ model: { kind: "cnn" }, optimizer: { kind: "sgd" }, seed: 7 }, { ending: "failed" }),
  ]);
  const select = (patch: Partial<ViewState>) => selectCells(cells, { ...INITIAL_STATE, ...patch });

  it("finds the axes that say something", () => {
    expect(axesOf(cells).map((axis) => [axis.name, axis.values])).toEqual([
      ["model", ["CNN", "MLP"]],
      ["optimizer", ["Adam", "Nesterov", "SGD"]],
      ["status", ["collapsed", "done", "failed"]],
      ["permutation", ["0", "1"]],
      ["seed", ["0", "1", "7"]],
    ]);
  });
  it("keeps an optimizer's setting as an axis when it varies within the optimizer", () => {
    const rates = viewCells(
      [0.3, 0.01, 0.1].map((lr) => fixtureRecord({ model: { kind: "mlp" }, optimizer: { kind: "sgd", lr } })),
    );
    expect(axesOf(rates)).toEqual([
      { name: "optimizer.lr", label: "optimizer.lr", values: ["0.01", "0.1", "0.3"], numeric: true },
    ]);
    expect(new Set(rates.map((cell) => cell.recipe)).size).toBe(3);
  });
  it("filters by values, ranges and words", () => {
    expect(select({ filters: { model: ["CNN"], permutation: ["1"] } })).toHaveLength(6);
    expect(select({ ranges: { testAccuracy: [0.85, 1] } }).every((cell) => cell.metrics.testAccuracy >= 0.85)).toBe(
      true,
    );
    expect(select({ search: "adam SEED1" })).toHaveLength(4);
    expect(select({ filters: { nothing: ["x"] } })).toHaveLength(0);
  });
  it("sorts with missing values last, both ways", () => {
    for (const descending of [true, false])
      expect(sortCells(cells, "testAccuracy", descending).at(-1)?.record.status).toBe("failed");
    const order = sortCells(cells, "testAccuracy", true)
      .map((cell) => cell.metrics.testAccuracy)
      .filter(Number.isFinite);
    expect(order).toEqual([...order].sort((a, b) => b - a));
  });
  it("groups over seeds", () => {
    const groups = groupCells(cells.slice(0, 24), "variant");
    expect(groups).toHaveLength(12);
    expect(groups[0].judged.n).toBe(2);
    expect(groups[0].value).toBe("CNN, Nesterov");
  });
  it("shows many cells variant by variant, where there are seeds, unless it is asked for others", () => {
    const many = [0, 1, 2].flatMap(() => cells.slice(0, 24));
    expect(rowsOf(many, "")).toEqual({ by: "variant", single: false });
    expect(rowsOf(cells, "")).toEqual({ by: "", single: true });
    for (const some of [many, cells]) {
      expect(rowsOf(some, "none")).toEqual({ by: "", single: true });
      expect(rowsOf(some, "model")).toEqual({ by: "model", single: true });
    }
    const alone = many.map((cell, i) => ({ ...cell, variantKey: String(i) }));
    expect(rowsOf(alone, "")).toEqual({ by: "", single: true });
  });
  it("names the best cell among those that ended well, by validation where all have it", () => {
    const best = Math.max(...cells.filter((cell) => cell.outcome === "done").map((cell) => cell.metrics.testAccuracy));
    expect(bestCell(cells)?.metrics.testAccuracy).toBe(best);
    expect(bestCell(cells.filter((cell) => cell.outcome !== "done"))).toBeUndefined();
    const held = viewCells(
      [0.9, 0.91].map((level, seed) =>
        fixtureRecord({ model: { kind: "mlp" }, optimizer: { kind: "sgd" }, validation: 1000, seed }, { level }),
      ),
    );
    const [first, second] = held;
    second.metrics.testAccuracy = 0;
    expect(bestCell(held)).toBe(first.metrics.validationAccuracy > second.metrics.validationAccuracy ? first : second);
  });
  it("keeps all seeds of a cell's variant, and none other", () => {
    for (const cell of cells) {
      const kept = select({ filters: variantFilters(cell, axesOf(cells)) });
      expect(kept).toEqual(
        selectCells(
          cells.filter((other) => other.variantKey === cell.variantKey),
          INITIAL_STATE,
        ),
      );
    }
  });
  it("colours names by the palette, optimizers by their own hue, and numbers from small to large", () => {
    const hue = (cell: (typeof cells)[number]) => ["sgd", "nesterov", "adam"].indexOf(cell.optimizerKind);
    const by = (column: string) => colouringBy(cells, column, hue, String);
    for (const cell of cells) expect(by("optimizer").of(cell)).toBe(hue(cell));
    expect(by("model").entries).toEqual([
      { label: "CNN", colour: 0 },
      { label: "MLP", colour: 1 },
    ]);
    const ramp = by("testAccuracy");
    const order = sortCells(cells, "testAccuracy", false).filter((cell) => Number.isFinite(cell.metrics.testAccuracy));
    const steps = order.map((cell) => ramp.of(cell));
    expect(steps).toEqual([...steps].sort((a, b) => a - b));
    expect([steps[0], steps.at(-1), ramp.entries.length]).toEqual([8, 14, 7]);
    expect(by("no such column").entries).toEqual([{ label: "–", colour: 0 }]);
  });
  it("lists the settings in which cells differ", () => {
    const two = viewCells([
      fixtureRecord({ model: { kind: "mlp" }, optimizer: { kind: "sgd" } }),
      fixtureRecord({ model: { kind: "mlp" }, optimizer: { kind: "adam" }, batchSize: 32 }),
    ]);
    expect(configDifferences(two).map((d) => [d.field, ...d.values])).toEqual(
      expect.arrayContaining([
        ["optimizer.kind", "sgd", "adam"],
        ["batchSize", "64", "32"],
        ["optimizer.momentum", "0", "–"],
      ]),
    );
  });
  it("places cells on parallel axes and back", () => {
    const axes = parallelAxes(cells, axesOf(cells), []);
    expect(axes.map(({ name }) => name)).toEqual(["model", "optimizer", "permutation", "testAccuracy"]);
    expect(parallelAxes(cells, axesOf(cells), ["seed", "seconds"]).map(({ name }) => name)).toEqual([
      "model",
      "optimizer",
      "permutation",
      "seed",
      "seconds",
      "testAccuracy",
    ]);
    const axis = axes[axes.length - 1];
    for (const cell of cells.filter((c) => c.record.status === "done"))
      expect(axisValue(axis, axisPosition(axis, cell) ?? NaN)).toBeCloseTo(cell.metrics.testAccuracy, 12);
    expect(axisPosition(axis, cells.find((c) => c.record.status === "failed") ?? cells[0])).toBeNull();
  });
});

describe("confusion", () => {
  const matrix = [
    [8, 2, 0],
    [1, 9, 0],
    [3, 7, 0],
  ];
  it("gives accuracy by class", () => {
    expect(classAccuracies(matrix).map((a) => a.recall)).toEqual([0.8, 0.9, 0]);
    expect(classAccuracies(matrix)[0].precision).toBeCloseTo(8 / 12, 12);
    expect(classAccuracies(matrix)[2].precision).toBeNaN();
  });
  it("is taken off another of the same images, and off no other", () => {
    const other = [...matrix].reverse().map((row) => [...row].reverse());
    const change = confusionDifference(matrix, other);
    if (change)
      for (const [label, row] of change.entries())
        for (const [k, n] of row.entries()) expect(matrix[label][k] + n).toBe(other[label][k]);
    expect(
      confusionDifference(matrix, matrix)
        ?.flat()
        .every((n) => n === 0),
    ).toBe(true);
    expect(confusionDifference(matrix, [])).toBeNull();
    expect(confusionDifference([], [])).toBeNull();
    expect(
      confusionDifference(
        matrix,
        matrix.map((row) => row.map((n) => n + 1)),
      ),
    ).toBeNull();
  });
  it("names the most confused pairs", () =>
    expect(confusedPairs(matrix, 2)).toEqual([
      { label: 2, predicted: 1, count: 7 },
      { label: 2, predicted: 0, count: 3 },
    ]));
});

describe("data", () => {
  it("reads numbers that JSON cannot hold", () => {
    expect([toNumber("NaN"), toNumber("-Infinity"), toNumber(null), toNumber(3)]).toEqual([NaN, -Infinity, NaN, 3]);
    const data = JSON.parse(
      JSON.stringify(
        fixtureData([fixtureRecord({ model: { kind: "mlp" }, optimizer: { kind: "sgd" } }, { ending: "diverged" })]),
        (_, v: unknown) => (typeof v === "number" && !Number.isFinite(v) ? String(v) : v),
      ),
    ) as ReportData;
    expect(data.cells[0].curve[2].testLoss).toBe("NaN");
    expect(readPageData(data).cells[0].curve[2].testLoss).toBeNaN();
  });
  it("refuses what is none", () => {
    for (const wrong of [5, "", true, [], {}, null, undefined, { cells: {} }, { cells: [] }])
      expect(() => readPageData(wrong), JSON.stringify(wrong)).toThrow(/^the data(\.sweep is no text| is no object)$/);
  });
  it("refuses a value of another kind in any place, and lacks only what may be absent", () => {
    const running = [{ id: "a", epoch: 1, epochs: 2, loss: 0.5, samplesPerSecond: 9 }];
    const live = { startedAt: 0, heartbeat: 1, nextHeartbeat: 2, running, done: 0, total: 1, etaSeconds: null };
    const text = JSON.stringify(
      fixtureData([bonusData().cells[0]], { live, filters: {}, places: { a: { label: "b" } } }),
    );
    const required = new Set<string>();
    let tried = 0;
    /** Each value within, one of each list, with a function that puts another in its place. */
    const visit = (path: (string | number)[]): void => {
      const at = (data: unknown, keys: typeof path) =>
        keys.reduce((value, key) => (value as Record<string, unknown>)[key], data);
      const value = at(JSON.parse(text), path);
      const withOther = (other: unknown) => {
        const data = JSON.parse(text) as unknown;
        Object.assign(at(data, path.slice(0, -1)) as object, { [path.at(-1)!]: other });
        return data;
      };
      const name = path.join(".");
      const config = /config\.(model|optimizer)\.|config\.(?!model|optimizer|seed|permutation)/.test(name);
      if (path.length > 0 && !config) {
        for (const other of [5, "text", true, [5], { a: [] }])
          if (typeof other !== typeof value || Array.isArray(other) !== Array.isArray(value))
            if (value !== null || typeof other !== "number")
              expect(() => readPageData(withOther(other)), `${name}: ${JSON.stringify(other)}`).toThrow(/^the data\./);
        tried += 1;
        try {
          readPageData(withOther(undefined));
        } catch {
          required.add(name.replaceAll(/\b\d+\b/g, "*"));
        }
      }
      if (typeof value === "object" && value !== null)
        for (const key of Object.keys(value).slice(0, Array.isArray(value) ? 1 : undefined))
          visit([...path, Array.isArray(value) ? Number(key) : key]);
    };
    visit([]);
    expect(tried).toBeGreaterThan(80);
    expect([...required].filter((name) => /^[^.]*$|^cells\.\*\.[^.]*$|^live\./.test(name))).toEqual([
      "sweep",
      "dataset",
      "dataDigest",
      "planned",
      "cells",
      ...["id", "config", "status", "curve", "run"].map((name) => `cells.*.${name}`),
      ...["startedAt", "heartbeat", "running", "running.*", "running.*.id", "running.*.epoch", "running.*.epochs"].map(
        (name) => `live.${name}`,
      ),
      "live.done",
      "live.total",
    ]);
  });
  it("knows a sweep that went silent, however long its pauses are, and looks again when there is something to see", () => {
    const status = { startedAt: 0, heartbeat: 1000, running: [], done: 0, total: 1, etaSeconds: null };
    const slow = { ...status, nextHeartbeat: 401_000 };
    const lives = [status, slow].map((live) => [30_999, 31_000, 425_999, 426_000].map((now) => isLive(live, now)));
    expect(lives).toEqual([
      [true, false, false, false],
      [true, true, true, false],
    ]);
    expect(isLive(undefined, 0)).toBe(false);
    expect([lookIn(status, 1000, 0), lookIn(status, 9000, 0), lookIn(status, 9000, 2000)]).toEqual([
      5000, 3000, 10_000,
    ]);
    expect([lookIn(slow, 1000, 0), lookIn(slow, 390_000, 0)]).toEqual([60_000, 11_000]);
    expect([lookIn(status, 31_000, 0), lookIn(undefined, 0, 0), lookIn(undefined, 0, 4000)]).toEqual([
      12_000, 12_000, 20_000,
    ]);
  });
  it("survives hostile names", () => {
    const cells = viewCells(hostileData().cells);
    expect(axesOf(cells).length).toBeGreaterThan(0);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
  it("writes CSV that quotes what must be quoted and runs no formula", () => {
    expect(
      toCsv({
        columns: ["a", "b"],
        rows: [
          ['say "hi"', 1],
          ["=1+1", null],
          ["x,y\n", -2],
        ],
      }),
    ).toBe('a,b\r\n"say ""hi""",1\r\n\'=1+1,\r\n"x,y\n",-2\r\n');
  });
});

describe("the build", () => {
  it("turns the committed results into the page's data", async () => {
    const { referenceData } = (await buildModule("reference-data.mjs")) as {
      referenceData(results: unknown, known: typeof datasets): Parameters<typeof readPageData>[0];
    };
    const [cell] = homeworkCells();
    const data = readPageData(
      referenceData(
        {
          sweep: "homework",
          dataset: "fashion-mnist",
          dataDigest: "d",
          engineVersion: 2,
          wallSeconds: 5,
          cells: [
            {
              id: cell.id,
              status: "done",
              config: cell.config,
              curve: cell.curve,
              parameters: 1,
              weightsDigest: "w",
              seconds: 9,
            },
          ],
        },
        datasets,
      ),
    );
    expect([data.datasetText, data.imageSize]).toEqual([fashionMnist.text, { height: 28, width: 28, channels: 1 }]);
    expect([data.source, data.engineVersion, data.classNames.length, data.cells[0].run.seconds]).toEqual([
      "reference",
      2,
      10,
      9,
    ]);
    expect(viewCells(data.cells)[0].metrics.testAccuracy).toBe(cell.curve.at(-1)?.testAccuracy);
  });
  it("turns committed bonus results into cells with their places and their one reading of the test set", async () => {
    const { referenceData } = (await buildModule("reference-data.mjs")) as {
      referenceData(results: unknown, known: typeof datasets): Parameters<typeof readPageData>[0];
    };
    const { cells, places } = bonusData();
    const rows = cells.map((cell) => ({
      ...summariseCell(cell, places?.[cell.id]),
      curve: cell.curve,
      confusion: cell.confusion,
    }));
    const data = readPageData(
      JSON.parse(
        JSON.stringify(
          referenceData(
            {
              sweep: "bonus",
              dataset: "fashion-mnist",
              dataDigest: "d",
              engineVersion: 2,
              wallSeconds: 5,
              cells: rows,
            },
            datasets,
          ),
        ),
      ) as ReportData,
    );
    expect(data.places).toEqual(places);
    expect(
      viewCells(data.cells, data.places).map(({ role, label, metrics, curve }) => [
        role,
        label,
        metrics.testAccuracy,
        metrics.validationAccuracy,
        curve,
      ]),
    ).toEqual(
      viewCells(cells, places).map(({ role, label, metrics, curve }) => [
        role,
        label,
        metrics.testAccuracy,
        metrics.validationAccuracy,
        curve,
      ]),
    );
  });
  it("typesets without inline styles, and refuses those it does not know", async () => {
    const { typeset } = (await buildModule("formulas.mjs")) as { typeset(latex: string): string };
    expect(typeset("\\hat{y} = \\sigma\\left(z\\right)")).toMatch(/^<math [^>]*class="tml-block/);
    expect(typeset("\\begin{aligned} a &= b \\end{aligned}")).not.toContain(" style=");
    expect(() => typeset("\\textcolor{red}{x}")).toThrow(/unknown inline style/);
  });
});

it("axis labels a step apart differ, with no more digits than that takes", () => {
  const labels = (from: number, step: number): string[] =>
    [0, 1, 2].map((i) => percentTick(from + i * step, step).replace(/\s/gu, " "));
  expect(labels(0.1, 0.1)).toEqual(["10 %", "20 %", "30 %"]);
  expect(labels(0.098, 0.0005)).toEqual(["9.80 %", "9.85 %", "9.90 %"]);
  expect(labels(0.85, 0.002)).toEqual(["85.0 %", "85.2 %", "85.4 %"]);
  expect([0.5, 1, 2].map((value) => lossTick(value, 0.5))).toEqual(["0.5", "1", "2"]);
  expect([0.2345, 0.2346, 0.2347].map((value) => lossTick(value, 1e-4))).toEqual(["0.2345", "0.2346", "0.2347"]);
  expect([1e16, 1e16 + 2].map((value) => lossTick(value, 2))).toEqual(["10000000000000000", "10000000000000002"]);
});
