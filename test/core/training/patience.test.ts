/** Early stopping: where a cell ends by its curve, and that nothing else of it changes. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { trainConfigSchema, type TrainConfigInput } from "../../../src/core/config.js";
import { InputError } from "../../../src/core/input-error.js";
import { isOutOfPatience } from "../../../src/core/training/patience.js";
import type { EpochMetrics, TrainResult } from "../../../src/core/training/result.js";
import { train } from "../../../src/core/training/train.js";
import { smallDataset, trained } from "../trained.js";

const curveOf = (accuracies: number[]): EpochMetrics[] =>
  accuracies.map((validationAccuracy, i) => ({ epoch: i + 1, trainLoss: 1, trainAccuracy: 0.5, validationAccuracy }));

describe("isOutOfPatience", () => {
  it("is so where the last epochs brought nothing better than those before", () => {
    const accuracies = fc.array(
      fc.integer({ min: 0, max: 5 }).map((a) => a / 5),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(accuracies, fc.integer({ min: 1, max: 5 }), (list, patience) => {
        const before = list.slice(0, Math.max(0, list.length - patience));
        const expected = before.length > 0 && Math.max(...list) === Math.max(...before);
        expect(isOutOfPatience({ stop: { patience } }, curveOf(list))).toBe(expected);
      }),
      { numRuns: 300 },
    );
  });

  it("never is without a patience", () => {
    expect(isOutOfPatience({}, curveOf([1, 0, 0, 0]))).toBe(false);
  });
});

describe("a cell with patience", () => {
  const dataset = smallDataset(120, 30);
  const config = (changes: Partial<TrainConfigInput> = {}) =>
    trainConfigSchema.parse({
      model: { kind: "mlp", hidden: [6] },
      optimizer: { kind: "adam", lr: 0.02 },
      schedule: { kind: "oneCycle" },
      ...{ epochs: 20, batchSize: 16, validation: 40, kernels: "reference", weightAverage: 0.9 },
      ...changes,
    });
  const [patient, plain] = [trained(config({ stop: { patience: 2 } }), dataset), trained(config(), dataset)];
  const epochs = patient.result.curve.length;

  it("ends sooner, done, with the curve of one that goes on, schedule included", () => {
    expect(epochs).toBeGreaterThan(2);
    expect(epochs).toBeLessThan(20);
    expect(patient.result.status).toBe("done");
    expect(patient.result.curve).toEqual(plain.result.curve.slice(0, epochs));
    const first = plain.result.curve.findIndex((_, i) =>
      isOutOfPatience({ stop: { patience: 2 } }, plain.result.curve.slice(0, i + 1)),
    );
    expect(epochs).toBe(first + 1);
    expect(patient.result.weights).toEqual(plain.states[epochs - 1].average);
  });

  it("ends there, resumed from whatever epoch; after it, nothing is trained", () => {
    for (const state of patient.states) {
      const { result, states } = trained(config({ stop: { patience: 2 } }), dataset, state);
      expect(result).toEqual(patient.result);
      expect(states).toHaveLength(epochs - state.epoch);
    }
  });

  it("reads the test set by all views, as after its last epoch", () => {
    const shifted = trained(config({ stop: { patience: 2 }, evaluateShifted: 1 }), dataset).result;
    expect(shifted.curve).toEqual(patient.result.curve);
    expect(shifted.test).not.toEqual(patient.result.test);
  });

  it("is refused without held-out images", () => {
    const wrong = config({ stop: { patience: 2 }, validation: undefined });
    expect(() => trained(wrong, dataset)).toThrow(InputError);
  });

  it("that is to end at an epoch is stopped there, unless its patience or its plan ends first; it goes on to the same end", () => {
    const until = (last: number, changes: Partial<TrainConfigInput>): TrainResult => {
      const training = train(config(changes), dataset, { until: last });
      for (;;) {
        const next = training.next();
        if (next.done) return next.value!;
      }
    };
    const stopped = until(2, {});
    expect([stopped.status, stopped.curve]).toEqual(["stopped", plain.result.curve.slice(0, 2)]);
    expect([stopped.weights, stopped.steps.loss]).toEqual([plain.states[1].average, plain.states[1].stepLosses]);
    expect(trained(config(), dataset, plain.states[1]).result).toEqual(plain.result);
    expect(until(epochs, { stop: { patience: 2 } })).toEqual(patient.result);
    expect(until(epochs + 3, { stop: { patience: 2 } })).toEqual(patient.result);
    expect(until(50, {})).toEqual(plain.result);
  });
});
