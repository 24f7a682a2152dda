/** What a check says of records that were altered, without a browser. */
import { expect, it } from "vitest";
import { trainConfigSchema } from "../../src/core/config.js";
import { cellId } from "../../src/sweeps/spec/cell-id.js";
import type { CellRecord } from "../../src/sweeps/store/record.js";
import { verdictWords } from "../../web/report/src/comments/check.js";
import { trainedConfig } from "../../web/report/src/comments/scope.js";
import { viewCells } from "../../web/report/src/data/cells.js";
import { readPageData } from "../../web/report/src/data/page-data.js";
import { trainingOf, verdictOf } from "../../web/report/src/training/verdict.js";
import { fixtureData, fixtureRecord } from "./fixture.js";

const digest = "d".repeat(64);
const config = trainConfigSchema.parse({ model: { kind: "mlp" }, optimizer: { kind: "nesterov" }, epochs: 2 });
const record: CellRecord = {
  ...fixtureRecord(config, {}, cellId(config, digest)),
  dataDigest: digest,
  steps: { every: 1, loss: [2.3] },
};
const data = readPageData(fixtureData([record], { dataDigest: digest }));

/** The check of a record, after a training that gave what the record above holds. */
function checked(altered: CellRecord) {
  const [cell] = viewCells([altered]);
  const training = trainingOf(data, cell.record, altered.id);
  training.curve.push(...record.curve);
  const { status, curve, steps, parameters, confusion, mistakes, weightsDigest } = record;
  const result = { status, curve, steps, parameters, confusion, mistakes, weightsDigest };
  const rest = { engineVersion: record.engineVersion, weights: new Float32Array(0), samplesPerSecond: 1 };
  training.result = { ...(result as typeof result & { status: "done" }), ...rest };
  return { cell, training };
}

it("takes nothing from a sweep's record, and adds nothing to it, unseen", () => {
  const agrees = (altered: CellRecord) => verdictOf(altered, checked(altered).training).agrees;
  expect(agrees(record)).toBe(true);
  expect(agrees({ ...record, curve: [] })).toBe(false);
  expect(agrees({ ...record, confusion: [] })).toBe(false);
  expect(agrees({ ...record, error: "none" })).toBe(false);
});

it("judges each record by itself, whichever training it is compared with", () => {
  const { training } = checked(record);
  expect(verdictOf(record, training).agrees).toBe(true);
  expect(verdictOf({ ...record, parameters: 1 }, training).agrees).toBe(false);
  expect(() => readPageData(fixtureData([record, { ...record, parameters: 1 }]))).toThrow(
    "the data.cells[0] has the id of another cell",
  );
});

it("believes an id that names the config, with 8 or 16 digits, and no other", () => {
  const claimed = (id: string) => checked({ ...record, id }).training.claim?.digest;
  const hash = record.id.slice(-16);
  expect(claimed(record.id)).toBe(hash);
  expect(claimed(record.id.slice(0, -8))).toBe(hash.slice(0, 8));
  for (const id of [record.id.slice(0, -16), record.id.slice(0, -15), `cnn-muon-perm0-seed0-${hash}`])
    expect(claimed(id)).toBe("none");
});

it("says so where the page speaks of other data than the cell was trained on", () => {
  const { cell, training } = checked(record);
  const verdict = verdictOf(record, training);
  expect(verdictWords(cell, training, verdict, digest)).not.toContain("these are not the data");
  expect(verdictWords(cell, training, verdict, "e".repeat(64))).toContain(
    "But these are not the data that this page speaks of: their digest is dddddddd…, not eeeeeeee….",
  );
});

it("trains a stopped cell to where it was stopped, a variant of it to its own end, and speaks of the epochs that there were", () => {
  const config10 = { ...config, epochs: 10 };
  const stopped: CellRecord = { ...record, config: config10, id: cellId(config10, digest), status: "stopped" };
  const epochs = stopped.curve.length;
  expect(trainingOf(data, stopped, "a").until).toBe(epochs);
  expect(trainingOf(data, stopped, "b", { ...config10, epochs: 7 }).until).toBe(7);
  expect(trainingOf(data, { ...stopped, status: "diverged" }, "c").until).toBe(10);
  expect(trainedConfig(stopped).epochs).toBe(epochs);
  expect(trainedConfig({ ...stopped, status: "done" }).epochs).toBe(epochs);
  for (const whole of [
    { ...stopped, status: "diverged" as const },
    { ...stopped, curve: [] },
  ])
    expect(trainedConfig(whole).epochs).toBe(10);
});
