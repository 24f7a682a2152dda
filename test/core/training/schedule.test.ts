/** Learning-rate schedules: PyTorch's values, the corners, and what holds for every schedule. */
import { describe, expect, it } from "vitest";
import fc from "fast-check";
import type { ScheduleSpec } from "../../../src/core/config.js";
import { learningRate } from "../../../src/core/training/schedule.js";

const rates = (schedule: ScheduleSpec | undefined, peak: number, steps: number): number[] =>
  Array.from({ length: steps }, (_, step) => learningRate(schedule, peak, step, steps));

/** Fails unless all values agree to a relative 1e-12; a NaN fails. */
function expectRates(got: number[], expected: number[]): void {
  expect(got.length).toBe(expected.length);
  got.forEach((rate, i) => {
    if (!(Math.abs(rate - expected[i]) <= 1e-12 * Math.abs(expected[i])))
      expect.fail(`step ${i}: got ${rate}, expected ${expected[i]}`);
  });
}

describe("learningRate", () => {
  it("is the peak without a schedule", () => {
    expect(rates(undefined, 0.3, 4)).toEqual([0.3, 0.3, 0.3, 0.3]);
  });

  // PyTorch 1.13: OneCycleLR(0.1, total_steps=20, pct_start=0.3, div_factor=25, final_div_factor=400), in Float64.
  it("is OneCycleLR's", () => {
    expectRates(
      rates({ kind: "oneCycle", warmup: 0.3, start: 0.04, final: 0.0001 }, 0.1, 20),
      [
        0.0040000000000000036, 0.013167184270002533, 0.037167184270002526, 0.06683281572999747, 0.09083281572999748,
        0.1, 0.09874652096953027, 0.09504893855078145, 0.08909266496598917, 0.0811763726439274, 0.07169701753718231,
        0.061129934093145946, 0.05000500000000001, 0.03888006590685407, 0.028312982462817687, 0.01883362735607262,
        0.01091733503401085, 0.00496106144921856, 0.0012634790304697284, 1e-5,
      ],
    );
  });

  // PyTorch 1.13: CosineAnnealingLR(T_max=11, eta_min=0.002) on lr 0.04, in Float64.
  it("is CosineAnnealingLR's", () => {
    expectRates(
      rates({ kind: "cosine", warmup: 0, final: 0.05 }, 0.04, 12),
      [
        0.04, 0.03923036649867545, 0.036983817123792444, 0.03344235394496042, 0.02889288524703585, 0.02370398192719242,
        0.018296018072807584, 0.01310711475296416, 0.008557646055039584, 0.005016182876207559, 0.00276963350132455,
        0.002,
      ],
    );
  });

  it("warms up linearly, and the first step already learns", () => {
    expectRates(rates({ kind: "cosine", warmup: 0.5, final: 0 }, 0.8, 8).slice(0, 4), [0.2, 0.4, 0.6, 0.8]);
  });

  it.each<ScheduleSpec>([
    { kind: "cosine", warmup: 0, final: 0 },
    { kind: "cosine", warmup: 0.9, final: 0.5 },
    { kind: "oneCycle", warmup: 0.3, start: 0, final: 0 },
  ])("a training of one step runs at the peak: $kind, warm-up $warmup", (schedule) => {
    expect(rates(schedule, 0.1, 1)).toEqual([0.1]);
  });

  it("property: rises to the peak, falls to the final rate, and never leaves [0, peak]", () => {
    const fraction = fc.double({ min: 0, max: 1, noNaN: true });
    const warmup = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    const schedule = fc.oneof(
      fc.record({ kind: fc.constant("cosine" as const), warmup, final: fraction }),
      fc.record({ kind: fc.constant("oneCycle" as const), warmup, start: fraction, final: fraction }),
    );
    fc.assert(
      fc.property(
        schedule,
        fc.double({ min: 1e-6, max: 1000, noNaN: true }),
        fc.integer({ min: 1, max: 200 }),
        (spec, peak, steps) => {
          const got = rates(spec, peak, steps);
          const top = got.indexOf(peak);
          expect(top).toBeGreaterThanOrEqual(0);
          const slack = peak * 1e-15;
          for (let i = 1; i < steps; i++) {
            const rise = got[i] - got[i - 1];
            if (!(i <= top ? rise >= -slack : rise <= slack))
              expect.fail(`step ${i}: ${got[i - 1]} then ${got[i]}, peak at ${top}`);
          }
          if (!got.every((rate) => rate >= -slack && rate <= peak + slack))
            expect.fail(`outside [0, ${peak}]: ${got.join(" ")}`);
          if (top < steps - 1 && got[steps - 1] !== peak) expectRates([got[steps - 1]], [spec.final * peak]);
        },
      ),
      { seed: 4 },
    );
  });
});
