/** What must hold for any input: order of completion, key order, axes, and files damaged in any way. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cellId } from "../../src/sweeps/spec/cell-id.js";
import { decodeCheckpoint, encodeCheckpoint } from "../../src/sweeps/store/checkpoint.js";
import { expandGrid } from "../../src/sweeps/spec/grid.js";
import { mergeReport } from "../../src/sweeps/page/merge.js";
import { pageScript } from "../../src/sweeps/page/page-data.js";
import { planCells } from "../../src/sweeps/run/plan.js";
import { decodePlan, encodePlan } from "../../src/sweeps/store/plan-file.js";
import { decodeRecord, encodeRecord, type CellRecord } from "../../src/sweeps/store/record.js";
import { formatSpec, parseSpec, type SweepSpec } from "../../src/sweeps/spec/spec.js";
import type { JsonValue } from "../../src/sweeps/spec/json.js";
import { sampleCheckpoint, samplePlan, sampleRecord, tinyConfig, tinyDataset } from "./fixtures.js";

const SEED = 20_261_124;
const dataset = tinyDataset();

/** Values of a few axes, all valid together. */
const AXES: Record<string, JsonValue[]> = {
  model: [
    { kind: "mlp", hidden: [4] },
    { kind: "mlp", hidden: [] },
    { kind: "cnn", channels: [2] },
  ],
  optimizer: ["sgd", "nesterov", { kind: "adam", lr: 0.01 }],
  seed: [0, 1, 2, 7],
  permutation: [0, 1, 5],
  epochs: [1, 2, 3],
  batchSize: [8, 16],
  kernels: ["simd", "reference"],
};
const someAxes = fc
  .subarray(Object.keys(AXES), { minLength: 1 })
  .chain((names) =>
    fc.tuple(...names.map((name) => fc.tuple(fc.constant(name), fc.shuffledSubarray(AXES[name], { minLength: 1 })))),
  )
  .map((entries) => Object.fromEntries(entries));
const specOf = (axes: Record<string, JsonValue[]>, base: Record<string, JsonValue> = {}): SweepSpec => ({
  name: "any",
  base: { model: { kind: "mlp" }, optimizer: "sgd", ...base },
  axes,
});
const ids = (spec: SweepSpec): string[] => planCells(spec, dataset, "any.json").map(({ id }) => id);
/** The same value with the keys of all objects in another order. */
function reordered<T>(value: T): T {
  if (Array.isArray(value)) return value.map(reordered) as T;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, child]) => [key, reordered(child)]),
  ) as T;
}

describe("the planner", () => {
  test("refuses an augmentation that does not fit the images, before anything is trained", () => {
    const side = Math.min(dataset.height, dataset.width);
    const plan = (shift: number) => () => planCells(specOf({ seed: [0] }, { augment: { shift } }), dataset, "any.json");
    expect(plan(side)).toThrow(
      `any.json: base.augment.shift: got ${side}, expected less than ${side}, the image's shorter side`,
    );
    expect(plan(side - 1)()).toHaveLength(1);
  });

  test("gives the same cells for any order of axes, values and keys, and after a way through a file", () => {
    fc.assert(
      fc.property(someAxes, (axes) => {
        const plan = JSON.stringify(planCells(specOf(axes), dataset, "any.json"));
        const turned = Object.fromEntries(
          Object.entries(axes)
            .reverse()
            .map(([axis, values]) => [axis, [...values].reverse()]),
        );
        expect(JSON.stringify(planCells(specOf(turned), dataset, "any.json"))).toBe(plan);
        expect(ids(reordered(specOf(axes)))).toEqual(ids(specOf(axes)));
        expect(JSON.stringify(planCells(parseSpec(formatSpec(specOf(axes)), "spec.json"), dataset, "any.json"))).toBe(
          plan,
        );
      }),
      { seed: SEED, numRuns: 200 },
    );
  });

  test("keeps every id when an axis gets more values, and when an axis is added at the value that held before", () => {
    fc.assert(
      fc.property(someAxes, fc.constantFrom(...Object.keys(AXES)), (axes, grown) => {
        const before = ids(specOf(axes));
        expect(new Set(before).size).toBe(before.length);
        const base = specOf(axes).base;
        const held: JsonValue[] = axes[grown] ?? [
          base[grown] ?? { seed: 0, permutation: 0, epochs: 10, batchSize: 64, kernels: "simd" }[grown] ?? 0,
        ];
        const text = (value: JsonValue): string => JSON.stringify(value);
        const more = AXES[grown].filter((value) => !held.some((other) => text(other) === text(value)));
        const after = new Set(ids(specOf({ ...axes, [grown]: [...held, ...more] })));
        expect(before.filter((id) => !after.has(id))).toEqual([]);
      }),
      { seed: SEED, numRuns: 200 },
    );
  });

  test("gives one id to a config whatever the order of its keys, another to every other", () => {
    const configs = expandGrid(specOf(AXES), "any.json");
    const all = new Set(configs.map((config) => cellId(config, dataset.digest)));
    expect(all.size).toBe(configs.length);
    for (const config of configs.slice(0, 300)) expect(all.has(cellId(reordered(config), dataset.digest))).toBe(true);
  });
});

test("merging gives the same bytes for any order of completion, after any subset, with any repetition", () => {
  const records = [0, 1, 2].flatMap((seed) =>
    [0, 3].map((permutation) => sampleRecord(tinyConfig({ seed, permutation }))),
  );
  const plan = samplePlan(records);
  const bytes = pageScript(mergeReport(plan, records, dataset));
  const merged = (stored: Iterable<CellRecord>): string => pageScript(mergeReport(plan, stored, dataset));
  fc.assert(
    fc.property(
      fc.shuffledSubarray(records, { minLength: records.length }),
      fc.array(fc.constantFrom(...records)),
      fc.shuffledSubarray(records),
      (order, repeated, subset) => {
        // As the run loop keeps them: by id, each cell's last record counts.
        const byId = new Map([...repeated, ...order].map((record) => [record.id, record]));
        expect(merged(byId.values())).toBe(bytes);
        expect(merged([...subset])).toBe(merged([...subset].reverse()));
        for (const record of [...subset, ...records]) byId.set(record.id, decodeRecord(encodeRecord(record), "r"));
        expect(merged(byId.values())).toBe(bytes);
      },
    ),
    { seed: SEED, numRuns: 200 },
  );
});

/** Some edits of bytes: changed, lost, doubled, moved, or replaced by what parsers find hard. */
const NASTY = [
  "{",
  "}",
  "[",
  "]",
  '"',
  ",",
  ":",
  "null",
  "-1",
  "1e999",
  "0.5",
  "NaN",
  '"__proto__":{},',
  '"constructor":1,',
  "\\u0000",
  "\ud800",
  "../",
  "[[[[[[[[",
  "99999999999999999999",
].map((text) => [...new TextEncoder().encode(text)]);
const edits = fc.array(
  fc.record({
    at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    remove: fc.oneof(fc.nat(4), fc.nat(400)),
    insert: fc.oneof(fc.constantFrom(...NASTY), fc.array(fc.nat(255), { maxLength: 8 }), fc.constant("copy" as const)),
  }),
  { minLength: 1, maxLength: 4 },
);
function edited(original: Uint8Array, list: typeof edits extends fc.Arbitrary<infer T> ? T : never): Uint8Array {
  let bytes = [...original];
  for (const { at, remove, insert } of list) {
    const start = Math.floor(at * bytes.length);
    const put = insert === "copy" ? bytes.slice(start, start + remove + 1) : insert;
    bytes = [...bytes.slice(0, start), ...put, ...bytes.slice(insert === "copy" ? start : start + remove)];
  }
  return Uint8Array.from(bytes);
}

/** Runs `decode`; anything but a value or an InputError of one line is a failure. */
function decoded(decode: () => unknown): { value: unknown } | undefined {
  try {
    return { value: decode() };
  } catch (error) {
    expect((error as Error).name, (error as Error).stack).toBe("InputError");
    expect((error as Error).message).not.toMatch(/[\n\u0000-\u001f]/);
    return undefined;
  }
}

/** Damaged files of each kind: `npm run test:faults` takes ten thousand. */
const DAMAGED = Number(process.env.HANDGRAD_DAMAGED ?? 2000);

describe(`${DAMAGED} damaged files get a clear error or mean the same`, () => {
  const record = sampleRecord();
  const plan = samplePlan([record]);
  const checkpoint = sampleCheckpoint();
  const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
  const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
  const sealed: [name: string, bytes: Uint8Array, decode: (bytes: Uint8Array) => unknown, whole: unknown][] = [
    ["record", utf8(encodeRecord(record)), (bytes) => decodeRecord(text(bytes), "r"), record],
    ["plan", utf8(encodePlan(plan)), (bytes) => decodePlan(text(bytes), "p"), plan],
    ["checkpoint", encodeCheckpoint(checkpoint), (bytes) => decodeCheckpoint(bytes, "c"), checkpoint],
  ];
  test.each(sealed)("%s", (_name, bytes, decode, whole) => {
    fc.assert(
      fc.property(edits, (list) => {
        const result = decoded(() => decode(edited(bytes, list)));
        if (result) expect(result.value).toEqual(whole);
      }),
      { seed: SEED, numRuns: DAMAGED },
    );
  });

  test("spec: an error, or a grid of valid cells", () => {
    const { seed, epochs, kernels } = AXES;
    const axes = { seed, epochs, kernels, "optimizer.lr": [0.1, 0.01], "model.hidden.0": [3, 4] };
    const spec = utf8(formatSpec(specOf(axes, { model: { kind: "mlp", hidden: [4] }, trainLimit: 20 })));
    expect(expandGrid(parseSpec(text(spec), "s.json"), "s.json")).toHaveLength(96);
    let grids = 0;
    fc.assert(
      fc.property(edits, (list) => {
        const cells = decoded(() => expandGrid(parseSpec(text(edited(spec, list)), "s.json"), "s.json").length);
        if (cells) grids += 1;
        expect(Object.keys(Object.prototype)).toEqual([]);
      }),
      { seed: SEED, numRuns: DAMAGED },
    );
    expect(grids).toBeGreaterThan(DAMAGED / 500);
  });
});
