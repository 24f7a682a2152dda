import { describe, expect, test } from "vitest";
import { decodeRecord, encodeRecord } from "../../../src/sweeps/store/record.js";
import { decodePlan, encodePlan } from "../../../src/sweeps/store/plan-file.js";
import { comparableResult, firstDifference } from "../../../src/core/check/compare-results.js";
import { sampleRecord, samplePlan, tinyConfig } from "../fixtures.js";

const record = sampleRecord();
const text = encodeRecord(record);

test("a record read back is the record, non-finite numbers included", () => {
  expect(decodeRecord(text, "r")).toEqual(record);
  expect((JSON.parse(text) as typeof record).curve[1].trainLoss).toBe("NaN");
});

test("where a cell ran is kept, with a task or without, and is no difference; what else would stand there is refused", () => {
  const at = (where: object) => ({ ...record, run: { ...record.run, where } }) as typeof record;
  const place = { executor: "slurm", host: "node7" };
  for (const where of [place, { ...place, task: "123_4" }]) {
    expect(decodeRecord(encodeRecord(at(where)), "r")).toEqual(at(where));
    expect(comparableResult(at(where))).toBe(comparableResult(record));
  }
  expect(text).not.toContain("where");
  for (const where of [{ host: "node7" }, { ...place, task: 4 }, { ...place, user: "me" }])
    expect(() => decodeRecord(encodeRecord(at(where)), "r")).toThrow(/^r: run\.where\S*: /);
});

describe("accuracies and probabilities lie in [0, 1]", () => {
  const [first, second] = record.curve;
  const mistake = record.mistakes[0];
  const withCurve = (changes: Partial<typeof first>) => ({ ...record, curve: [first, { ...second, ...changes }] });
  const read = (changed: typeof record) => decodeRecord(encodeRecord(changed), "r");

  test.each(["trainAccuracy", "testAccuracy", "validationAccuracy"] as const)("%s", (field) => {
    for (const value of [0, 0.5, 1]) expect(read(withCurve({ [field]: value })).curve[1][field]).toBe(value);
    // As older versions wrote it of samples that are weighed; the same cell gives 1 now.
    expect(read(withCurve({ [field]: 1.0000000204890966 })).curve[1][field]).toBe(1);
    expect(
      firstDifference(read(withCurve({ [field]: 1.0000000204890966 })), withCurve({ [field]: 1 })),
    ).toBeUndefined();
    expect(() => read(withCurve({ [field]: 1.001 }))).toThrow(
      `r: curve.1.${field}: got 1.001, expected a number at most 1; `,
    );
    expect(() => read(withCurve({ [field]: -1e-9 }))).toThrow(
      `r: curve.1.${field}: got -1e-9, expected a number at least 0; `,
    );
    expect(() => read(withCurve({ [field]: NaN }))).toThrow(`r: curve.1.${field}: got "NaN", expected a number; `);
  });

  test("the test set's accuracy, and the confidence of mistakes", () => {
    expect(() => read({ ...record, test: { loss: 1, accuracy: 1.5 } })).toThrow(
      "r: test.accuracy: got 1.5, expected a number at most 1; ",
    );
    for (const confidence of [0, 1, NaN])
      expect(read({ ...record, mistakes: [{ ...mistake, confidence }] }).mistakes[0].confidence).toBe(confidence);
    for (const confidence of [-0.1, 1.1, Infinity])
      expect(() => read({ ...record, mistakes: [{ ...mistake, confidence }] })).toThrow(
        /^r: mistakes\.0\.confidence: got \S+, expected a number from 0 to 1, or NaN; /,
      );
  });
});

/** Damaged text must be refused, or mean exactly the same. */
function expectRefusedOrEqual(damaged: string, decode: (text: string) => unknown, whole: unknown): void {
  let decoded;
  try {
    decoded = decode(damaged);
  } catch (error) {
    expect((error as Error).name, (error as Error).stack).toBe("InputError");
    return;
  }
  expect(decoded).toEqual(whole);
}

describe("damage shows", () => {
  const plan = samplePlan([record]);
  const files: [name: string, text: string, decode: (text: string) => unknown, whole: unknown][] = [
    ["record", text, (damaged) => decodeRecord(damaged, "r"), record],
    ["plan", encodePlan(plan), (damaged) => decodePlan(damaged, "p"), plan],
  ];
  test.each(files)("%s cut at any length", (_name, whole, decode, value) => {
    for (let length = 0; length < whole.length - 1; length++)
      expectRefusedOrEqual(whole.slice(0, length), decode, value);
    expect(() => decode(whole.slice(0, -3))).toThrow(/not JSON/);
  });
  test.each(files)("%s with any one bit flipped", (_name, whole, decode, value) => {
    const bytes = new TextEncoder().encode(whole);
    for (let bit = 0; bit < 8 * bytes.length; bit++) {
      bytes[bit >> 3] ^= 1 << (bit & 7);
      expectRefusedOrEqual(new TextDecoder().decode(bytes), decode, value);
      bytes[bit >> 3] ^= 1 << (bit & 7);
    }
  });
  test("a number changed by hand", () => {
    expect(() => decodeRecord(text.replace("0.136", "0.936"), "runs/a/record.json")).toThrow(
      /^runs\/a\/record\.json: its digest does not fit its content/,
    );
  });
  test("a record whose id is not its config's", () => {
    const wrong = encodeRecord({ ...record, config: tinyConfig({ epochs: 9 }) });
    expect(() => decodeRecord(wrong, "r")).toThrow(/got the id .*, expected .* by its config and data/);
  });
});

describe("comparing two records", () => {
  test("times and host are no difference", () => {
    const later = { ...record, run: { ...record.run, seconds: 99, node: "v26.0.0", resumes: 3 } };
    expect(comparableResult(later)).toBe(comparableResult(record));
    expect(firstDifference(record, later)).toBeUndefined();
  });
  const rows = record.curve;
  const cases: [name: string, changes: Partial<typeof record>, message: RegExp][] = [
    [
      "a loss, in its last bit",
      { curve: [{ ...rows[0], trainLoss: 2.306325992234187 }, rows[1]] },
      /^epoch 1, trainLoss: stored 2\.3063259922341874, now 2\.306325992234187$/,
    ],
    [
      "NaN is not a number that passes",
      { curve: [rows[0], { ...rows[1], trainLoss: 1 }] },
      /^epoch 2, trainLoss: stored "NaN", now 1$/,
    ],
    ["fewer epochs", { curve: rows.slice(0, 1) }, /^epochs: stored 2, now 1$/],
    ["a step's loss", { steps: { every: 3, loss: [2.5, 1, 1e-300] } }, /^step 3, loss: stored "-Infinity", now 1$/],
    [
      "confusion",
      {
        confusion: [
          [2, 2],
          [0, 4],
        ],
      },
      /^confusion matrix/,
    ],
    ["weights", { weightsDigest: "cd".repeat(32) }, /^final weights: stored digest ab.*, now cd/],
    ["mistakes", { mistakes: [] }, /^status, parameter count or listed mistakes/],
    ["engine version", { engineVersion: 999 }, /^engine version/],
  ];
  test.each(cases)("%s", (_name, changes, message) => {
    expect(firstDifference(record, { ...record, ...changes })).toMatch(message);
  });
});
