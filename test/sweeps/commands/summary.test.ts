/** Rows of `sweep --json` and `cells --json`, and where a cell's role and label go. */
import { expect, test } from "vitest";
import { mergeReport } from "../../../src/sweeps/page/merge.js";
import { decodePlan, encodePlan } from "../../../src/sweeps/store/plan-file.js";
import { summariseCell, summariseSweep } from "../../../src/sweeps/commands/summary.js";
import { SUMMARY_KEYS, samplePlan, sampleRecord, tinyConfig } from "../fixtures.js";

const tested = sampleRecord(tinyConfig({ seed: 1 }), { status: "done" });
const validated = sampleRecord(tinyConfig({ validation: 32 }), {
  status: "done",
  curve: [
    { epoch: 1, trainLoss: 1, trainAccuracy: 0.5, validationLoss: 0.9, validationAccuracy: 0.75 },
    { epoch: 2, trainLoss: 0.8, trainAccuracy: 0.6, validationLoss: 0.7, validationAccuracy: 0.625 },
  ],
  test: { loss: 0.65, accuracy: 0.6 },
});
const place = { role: "final" as const, label: "all of it" };
const plan = samplePlan([tested, validated]);
const placed = { ...plan, cells: plan.cells.map((cell) => (cell.id === validated.id ? { ...cell, ...place } : cell)) };

test("a cell with a validation split has one test figure and its validation figures", () => {
  expect(summariseCell(validated)).toMatchObject({
    testLoss: 0.65,
    testAccuracy: 0.6,
    bestTestAccuracy: 0.6,
    validationLoss: 0.7,
    validationAccuracy: 0.625,
    bestValidationAccuracy: 0.75,
  });
  const failed = { ...validated, status: "failed" as const, curve: [], test: undefined };
  expect(summariseCell(failed)).toMatchObject({
    testLoss: null,
    testAccuracy: null,
    bestTestAccuracy: null,
    validationLoss: null,
    validationAccuracy: null,
    bestValidationAccuracy: null,
  });
});

test("another cell's row is what it always was", () => {
  expect(Object.keys(JSON.parse(JSON.stringify(summariseCell(tested))) as object)).toEqual(SUMMARY_KEYS);
});

test("role and label are in the plan, the rows and the page's data, where there are any", () => {
  const read = decodePlan(encodePlan(placed), "plan.json");
  expect(read).toEqual(placed);
  const rows = summariseSweep(read, 1, [tested, validated]).cells;
  expect(rows.map(({ id, role, label }) => [id, role, label])).toEqual([
    [tested.id, undefined, undefined],
    [validated.id, "final", "all of it"],
  ]);
  expect(mergeReport(read, [tested, validated]).places).toEqual({ [validated.id]: place });
  expect(mergeReport(plan, [tested, validated])).toHaveProperty("places", undefined);
  expect(() =>
    decodePlan(encodePlan({ ...placed, cells: [{ ...placed.cells[0], role: "best" as "final" }] }), "plan.json"),
  ).toThrow(/plan\.json: cells\.0\.role: got "best"/);
});
