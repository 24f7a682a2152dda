/** What charts compute before they draw: shared scales, squeezed axes, times, frontiers, places of labels, and their sentences. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { curvePoint, frontierSentence, recallSentence, stripSentence } from "../../web/report/src/comments/charts.js";
import { permutationEffects } from "../../web/report/src/comments/permutation.js";
import { viewCells } from "../../web/report/src/data/cells.js";
import { summedConfusion } from "../../web/report/src/data/confusion.js";
import { overTime, secondsPerEpoch } from "../../web/report/src/data/learning-curves.js";
import { paretoFrontier } from "../../web/report/src/data/pareto.js";
import { competing, fromAxis, scaleOf, sharedScale, toAxis } from "../../web/report/src/data/shared-scale.js";
import { spreadOut } from "../../web/report/src/data/spread-out.js";
import { brokenTicks } from "../../web/report/src/data/ticks.js";
import { variantsOf } from "../../web/report/src/data/variants.js";
import { yRange, type ChartSpec } from "../../web/report/src/draw/chart-spec.js";
import { fixtureRecord, homeworkCells } from "./fixture.js";

/** Not known to the compiler here: it draws, and the tests have no document. */
const { permutedFigures } = (await import(
  new URL("../../web/report/src/sections/permuted-figures.ts", import.meta.url).pathname
)) as { permutedFigures(report: unknown, effects: unknown): { title: string; chart: ChartSpec }[] };

const plain = (text: string) => text.replace(/\u202f/g, " ");
const value = fc.double({ min: -1e6, max: 1e6, noNaN: true });

describe("a scale", () => {
  const values = fc.array(value, { minLength: 1, maxLength: 30 });

  it("includes every value, and with a strip gives what competes most of the axis", () => {
    fc.assert(
      fc.property(values, values, fc.boolean(), (main, others, above) => {
        const all = [...main, ...others];
        const { include, strip } = scaleOf(all, main, above);
        expect(include).toEqual([Math.min(...all), Math.max(...all)]);
        if (!strip) return;
        for (const v of main) expect(above ? v <= strip.edge : v >= strip.edge).toBe(true);
        const [low, high] = include.map((v) => toAxis(strip, v));
        const inside = above ? strip.edge - low : high - strip.edge;
        expect(inside / (high - low)).toBeGreaterThan(0.75);
      }),
      // A value that a step divides to 0.
      { examples: [[[10, -Number.MIN_VALUE], [-5.4, 0], false]] },
    );
  });

  it("squeezes in order and back again", () => {
    const strips = fc.record({
      edge: value,
      above: fc.boolean(),
      slope: fc.double({ min: 1e-3, max: 0.9, noNaN: true }),
    });
    fc.assert(
      fc.property(strips, value, value, (strip, a, b) => {
        expect(fromAxis(strip, toAxis(strip, a))).toBeCloseTo(a, 4);
        if (a < b) expect(toAxis(strip, a)).toBeLessThanOrEqual(toAxis(strip, b));
        const ticks = brokenTicks(strip, Math.min(a, b), Math.max(a, b), 8);
        expect(ticks).toEqual([...new Set(ticks)].sort((x, y) => x - y));
        for (const tick of ticks) expect(tick >= Math.min(a, b) && tick <= Math.max(a, b)).toBe(true);
      }),
    );
  });

  it("leaves collapsed cells and outliers to the strip, whichever model they are of", () => {
    const outlier = fixtureRecord({ model: { kind: "mlp" }, optimizer: { kind: "sgd", lr: 1 } }, { level: 0.3 });
    const sound = homeworkCells().filter(({ config }) => config.optimizer.kind !== "adam");
    const collapsed = homeworkCells().filter(
      ({ config }) => config.optimizer.kind === "adam" && config.model.kind === "cnn",
    );
    const cells = viewCells([...sound, ...collapsed, outlier]);
    expect(
      competing(cells, 10)
        .map(({ id }) => id)
        .sort(),
    ).toEqual(sound.map(({ id }) => id).sort());
    const scale = sharedScale(cells, "accuracy", ["heldOut", "train"], 10);
    expect(scale?.strip?.above).toBe(false);
    expect(scale?.strip?.edge).toBeGreaterThan(0.4);
    expect(scale?.include[0]).toBeLessThan(0.11);
    expect(sharedScale([], "loss", ["heldOut"], 10)).toBeNull();
    const one = viewCells([fixtureRecord({ model: { kind: "mlp" }, optimizer: { kind: "sgd" }, epochs: 1 })]);
    expect(sharedScale(one, "accuracy", ["heldOut"], 10)?.strip).toBeUndefined();
  });
});

it("puts curves over their own times, every value once", () => {
  const curves = [1, 2].map((k) => ({ split: "train" as const, mean: [k, null, k + 0.5], divergedAt: 2 }));
  const { x, curves: over } = overTime(curves, [1, 2, 3], [2, 3]);
  expect(x).toEqual([2, 3, 4, 6, 9]);
  expect(over.map(({ mean }) => mean)).toEqual([
    [1, null, null, 1.5, null],
    [null, 2, null, null, 2.5],
  ]);
  expect(over.map(({ divergedAt }) => divergedAt)).toEqual([3, 4]);
  const cells = viewCells(homeworkCells([0], 4));
  expect(secondsPerEpoch(cells.slice(0, 1))).toBeCloseTo(cells[0].metrics.seconds / 4);
});

it("finds the results that no other beats at less cost, as a search through all pairs does", () => {
  const point = fc.record({ cost: fc.integer({ min: 0, max: 9 }), gain: fc.integer({ min: 0, max: 9 }) });
  fc.assert(
    fc.property(fc.array(point, { maxLength: 12 }), (points) => {
      const beaten = (i: number) =>
        points.some(({ cost, gain }, j) => {
          const [c, g] = [points[i].cost, points[i].gain];
          return cost <= c && gain >= g && (cost < c || gain > g || j < i);
        });
      const expected = points.flatMap((_, i) => (beaten(i) ? [] : [i]));
      expect([...paretoFrontier(points)].sort((a, b) => a - b)).toEqual(expected);
    }),
  );
});

it("spreads labels out so that none lies over another, and leaves those alone that have room", () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 200, noNaN: true }), { maxLength: 14 }), (wanted) => {
      const places = spreadOut(wanted, 14, 0, 200);
      const order = [...places].sort((a, b) => a - b);
      order.slice(1).forEach((y, i) => expect(y - order[i]).toBeGreaterThan(14 - 1e-6));
      for (const y of places) expect(y > 7 - 1e-6 && y < 193 + 1e-6).toBe(true);
      wanted.forEach((y, i) => {
        if (y >= 7 && y <= 193 && wanted.every((z, j) => i === j || Math.abs(y - z) >= 200)) expect(places[i]).toBe(y);
      });
    }),
  );
  expect(spreadOut([50, 100, 101], 14, 0, 200)).toEqual([50, 93.5, 107.5]);
});

describe("charts of permuted pixels", () => {
  const reportOf = (seeds: number[]) => {
    const variants = variantsOf(viewCells(homeworkCells(seeds)));
    return { variants, classes: 10, mark: () => ({ colour: 0, shape: 0 }) };
  };

  it.each([[[0]], [[0, 1, 2]]])("share the range that they draw, bands and all: seeds %j", (seeds) => {
    const report = reportOf(seeds);
    const specs = permutedFigures(report, permutationEffects(report.variants));
    expect(specs.map(({ title }) => title.slice(0, 3))).toEqual(["MLP", "CNN"]);
    const ranges = specs.map(({ chart }) =>
      yRange(
        chart,
        chart.series.map(() => true),
        0,
        chart.x.length - 1,
      ),
    );
    expect(ranges[0]).toEqual(ranges[1]);
    for (const { chart } of specs)
      for (const { values, low, high } of chart.series)
        for (const v of [...values, ...(low ?? []), ...(high ?? [])])
          if (v !== null) expect(v >= ranges[0][0] && v <= ranges[0][1]).toBe(true);
    expect(specs[0].chart.series.some(({ low }) => low !== undefined)).toBe(seeds.length > 1);
  });
});

describe("a chart's sentence", () => {
  const group = (label: string, accuracies: number[], kind: "sgd" | "nesterov" = "sgd") => {
    const record = fixtureRecord({ model: { kind: "mlp" }, optimizer: { kind }, epochs: accuracies.length });
    const curve = record.curve.map((row, i) => ({ ...row, testAccuracy: accuracies[i], testLoss: 1 - accuracies[i] }));
    return { label, cells: viewCells([{ ...record, curve }]) };
  };

  it("says when the best reaches the second's end, else where it is highest", () => {
    const groups = [group("A", [0.5, 0.6, 0.7]), group("B", [0.6, 0.72, 0.8])];
    const point = curvePoint(groups, "accuracy");
    expect(plain(point?.sentence ?? "")).toBe(
      "B ends highest, at 80.0 % test accuracy; it reaches the final accuracy of A in epoch 2.",
    );
    expect(point?.at).toMatchObject({ group: 1, epoch: 2 });
    const alone = curvePoint([group("A", [0.5, 0.7, 0.6])], "accuracy");
    expect(plain(alone?.sentence ?? "")).toBe("A ends at 60.0 % test accuracy.");
    expect(alone?.at).toMatchObject({ epoch: 2 });
    expect(curvePoint([group("A", [0.5, 0.7, 0.6])], "loss")?.sentence).toBe(
      "The test loss of A, the most accurate, is lowest in epoch 2: 0.300, and 0.400 at the end.",
    );
    expect(curvePoint([], "loss")).toBeNull();
  });

  it("names what stays in the strip", () => {
    const groups = [group("A", [0.1, 0.1]), group("B", [0.8, 0.9])];
    const scale = { include: [0.1, 0.9] as [number, number], strip: { edge: 0.75, above: false, slope: 0.1 } };
    // The fixture's training accuracies follow its own test accuracies, not these.
    const below = groups[0].cells.map((cell) => ({
      ...cell,
      curve: cell.curve.map((row) => ({ ...row, trainAccuracy: 0.1 })),
    }));
    expect(plain(stripSentence([{ label: "A", cells: below }, groups[1]], "accuracy", scale))).toBe(
      "A stays below 75 %, in the shaded strip, where the axis is squeezed.",
    );
    expect(stripSentence(groups, "accuracy", { include: [0, 1] })).toBe("");
  });

  it("names the class that suffers most, and the frontier's end", () => {
    const changes = [
      { label: "Shirt", from: 0.6, to: 0.4, images: 100 },
      { label: "Bag", from: 0.9, to: 0.88, images: 100 },
    ];
    expect(plain(recallSentence("CNN", changes))).toBe(
      "The CNN recognises 2 of 2 classes less often on permuted pixels, 1 of them beyond chance. Shirt suffers most: 60.0 % become 40.0 %, 20.0 ± 13.6 points less (95 % interval).",
    );
    const [cell] = viewCells([fixtureRecord({ model: { kind: "mlp" }, optimizer: { kind: "sgd" } })]);
    expect(plain(frontierSentence([cell], 3, () => "5 parameters"))).toContain(
      "No cell is cheaper and none better than MLP, SGD: ",
    );
    expect(
      summedConfusion([
        [
          [1, 2],
          [3, 4],
        ],
        [],
        [
          [1, 0],
          [0, 1],
        ],
      ]),
    ).toEqual([
      [2, 2],
      [3, 5],
    ]);
  });
});
