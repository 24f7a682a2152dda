import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { duration } from "../../../src/sweeps/commands/format.js";
import { createProgressView, endLine } from "../../../src/sweeps/commands/progress.js";
import { cellCost } from "../../../src/sweeps/run/cost.js";
import { SweepStatus } from "../../../src/sweeps/run/status.js";
import { sampleRecord, tinyConfig, tinyDataset } from "../fixtures.js";

vi.mock(import("../../../src/sweeps/run/cost.js"), async (original) => {
  const cost = await original();
  return { ...cost, cellCost: vi.fn(cost.cellCost) };
});

const dataset = tinyDataset();
const cells = [0, 1, 2, 3].map((seed) => {
  const record = sampleRecord(tinyConfig({ seed }), { status: "done" });
  return { id: record.id, config: record.config, record };
});

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("the time left follows the work done, by cost", () => {
  const status = new SweepStatus(cells, 2, 6, 2, dataset);
  expect(status.etaSeconds()).toBeNull();
  status.cellStarted(cells[0], 0);
  status.cellStarted(cells[1], 0);
  vi.advanceTimersByTime(10_000);
  for (const cell of cells.slice(0, 2))
    status.cellMessage(cell, {
      kind: "progress",
      epoch: 2,
      epochs: 2,
      samples: 48,
      samplesPerEpoch: 96,
      loss: 1,
      samplesPerSecond: 5,
    });
  // Two of four cells are three quarters done after 10 s.
  expect(status.etaSeconds()).toBeCloseTo((10 * (4 - 1.5)) / 1.5, 6);
  expect(status.live()).toMatchObject({
    done: 2,
    total: 6,
    running: [{ id: cells[0].id, epoch: 2, epochs: 2, loss: 1, samplesPerSecond: 5 }, { id: cells[1].id }],
  });
  status.cellStarted(cells[2], 0);
  for (const cell of cells.slice(0, 3)) status.cellEnded(cell, cell.record);
  status.cellStarted(cells[3], 0);
  expect(status.done).toBe(5);
  // Half of the time's work was one worker's: the last cell runs alone.
  expect(status.etaSeconds()).toBeCloseTo(10 / 3, 6);
});

test("the time left is judged neither by cells that others trained before, nor by the time until one began", () => {
  const status = new SweepStatus(cells, 0, 4, Infinity, dataset);
  status.cellEnded(cells[0], cells[0].record);
  vi.advanceTimersByTime(3_600_000);
  expect(status.etaSeconds()).toBeNull();
  status.cellStarted(cells[1], 0);
  vi.advanceTimersByTime(5_000);
  status.cellEnded(cells[1], cells[1].record);
  expect(status.etaSeconds()).toBeCloseTo(10, 6);
});

test("a finished epoch is shown as such, although its last progress was held back", () => {
  const status = new SweepStatus(cells, 0, 4, 2, dataset);
  status.cellStarted(cells[0], 0);
  const row = (epoch: number) => ({ epoch, trainLoss: 1, trainAccuracy: 0.5, testLoss: 1, testAccuracy: epoch / 10 });
  const timing = { trainSeconds: 1, testSeconds: 0, setupSeconds: 0 };
  status.cellMessage(cells[0], { kind: "epochs", curve: [row(1), row(2)], timing });
  expect([...status.running.values()]).toMatchObject([{ epoch: 2, part: 1, accuracy: 0.2 }]);
});

test("what a cell costs is worked out once, however often the time left is asked for", () => {
  const before = vi.mocked(cellCost).mock.calls.length;
  const status = new SweepStatus(cells, 0, 4, 4, dataset);
  for (const cell of cells) {
    status.cellStarted(cell, 0);
    for (let line = 0; line < 20; line++) status.etaSeconds();
  }
  for (const cell of cells) status.cellEnded(cell, cell.record);
  expect(vi.mocked(cellCost).mock.calls.length - before).toBe(cells.length);
});

test("epochs that pruning shortens take less of the time left, and those of a checkpoint say nothing of the speed", () => {
  const config = tinyConfig({ epochs: 4, prune: { easy: 0.67, skip: 0.5, until: 0.6 } });
  const cell = { id: "pruned", config };
  const status = new SweepStatus([cell], 0, 1, 1, dataset);
  status.cellStarted(cell, 1);
  expect(status.etaSeconds(Date.now() + 1000)).toBeNull();
  vi.advanceTimersByTime(10_000);
  // Of 96 + 64 + 64 + 96 samples the second epoch's are trained, and half of the third's.
  status.cellMessage(cell, {
    kind: "progress",
    epoch: 3,
    epochs: 4,
    samples: 32,
    samplesPerEpoch: 64,
    loss: 1,
    samplesPerSecond: 5,
  });
  const passes = (samples: number, evaluations: number): number => 3 * samples + 40 * evaluations;
  expect(status.etaSeconds()).toBeCloseTo((10 * passes(32 + 96, 1.5)) / passes(64 + 32, 1.5), 6);
});

test("a CNN costs more than the MLP, and the reference kernels more than the fast ones", () => {
  const cost = (changes: Parameters<typeof tinyConfig>[0]) => cellCost(tinyConfig(changes), dataset);
  expect(cost({ model: { kind: "cnn", channels: [16] } })).toBeGreaterThan(cost({}));
  expect(cost({})).toBeGreaterThan(cost({ kernels: "simd" }));
  expect(cost({ epochs: 4 })).toBe(2 * cost({ epochs: 2 }));
  expect(cost({ trainLimit: 48, testLimit: 20 })).toBe(cost({}) / 2);
});

test("a pipe gets plain lines: a line for each ended cell and each long epoch", async () => {
  let text = "";
  const status = new SweepStatus(cells, 0, 4, 2, dataset);
  const view = await createProgressView({ write: (part) => (text += part) }, status);
  const [first, second] = cells;
  const metrics = { epoch: 1, trainLoss: 0.5, trainAccuracy: 0.8, testLoss: NaN, testAccuracy: 0.75 };
  const timing = { trainSeconds: 1, testSeconds: 0, setupSeconds: 0 };
  status.cellStarted(first, 0);
  view.cellMessage(first, { kind: "started" });
  view.cellMessage(first, { kind: "epochs", curve: [metrics], timing });
  expect(text).toBe("");
  vi.advanceTimersByTime(2000);
  view.cellMessage(first, { kind: "epochs", curve: [metrics], timing });
  expect(text).toMatch(
    /^\[0\/4\] \S+: epoch 1\/2, train loss 0\.5000, test loss NaN, test accuracy 75\.00 %, 0 samples\/s\n$/,
  );
  text = "";
  status.cellStarted(second, 0);
  status.cellEnded(second, second.record);
  view.cellEnded({ ...second.record, status: "failed", error: "no luck" });
  expect(text).toMatch(/^\[1\/4\] \S+: FAILED: no luck, about \d+ s left\n$/);
  view.close();
});

test("what became of a cell", () => {
  expect(endLine(cells[0].record)).toMatch(/: done, test accuracy 33\.33 %, 1\.5 s$/);
  expect(endLine({ ...cells[0].record, status: "diverged" })).toMatch(/: diverged in epoch 2, /);
});

test("a cell with a validation split: its figures by their name, and the test set's once, at the end", async () => {
  const config = tinyConfig({ validation: 32 });
  const curve = [{ epoch: 1, trainLoss: 0.5, trainAccuracy: 0.8, validationLoss: 0.4, validationAccuracy: 0.75 }];
  const record = sampleRecord(config, { status: "done", curve, test: { loss: 0.6, accuracy: 0.625 } });
  expect(endLine(record)).toMatch(/: done, validation accuracy 75\.00 %, test accuracy 62\.50 %, 1\.5 s$/);
  let text = "";
  const cell = { id: record.id, config };
  const view = await createProgressView({ write: (part) => (text += part) }, new SweepStatus([cell], 0, 1, 1, dataset));
  view.cellMessage(cell, { kind: "started" });
  vi.advanceTimersByTime(2000);
  view.cellMessage(cell, { kind: "epochs", curve, timing: { trainSeconds: 1, testSeconds: 0, setupSeconds: 0 } });
  expect(text).toMatch(/train loss 0\.5000, validation loss 0\.4000, validation accuracy 75\.00 %, /);
});

test("held-out samples are not trained on, nor those that pruning leaves out; every view of an evaluation costs", () => {
  const forward = (changes: Parameters<typeof tinyConfig>[0]) =>
    (cellCost(tinyConfig({ epochs: 2, ...changes }), dataset) /
      cellCost(tinyConfig({ epochs: 1, trainLimit: 1, testLimit: 1 }), dataset)) *
    4;
  expect(forward({})).toBe(2 * (3 * 96 + 40));
  expect(forward({ validation: 32 })).toBe(2 * (3 * 64 + 32) + 40);
  expect(forward({ validation: 32, evaluateFlipped: true })).toBe(2 * (3 * 64 + 2 * 32) + 2 * 40);
  expect(forward({ validation: 32, evaluateFlipped: true, evaluateShifted: 1 })).toBe(
    2 * (3 * 64 + 2 * 32) + 8 * 32 + 10 * 40,
  );
  // 32 of 64 easy samples are left out in the second epoch of three.
  expect(forward({ epochs: 3, prune: { easy: 0.67, until: 0.6 } })).toBe(3 * (96 + 64 + 96) + 3 * 40);
});

test("durations", () => {
  expect([0.2, 59.5, 61, 3599.2, 3660, 36_000].map(duration)).toEqual([
    "1 s",
    "1 min 0 s",
    "1 min 1 s",
    "1 h 00 min",
    "1 h 01 min",
    "10 h 00 min",
  ]);
});
