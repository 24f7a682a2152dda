/** What the processor does at most in the arithmetic of the kernels. */
import { simdMemory } from "./kernels.js";

/** Of a step of the calibration kernel (assembly/peak.ts). */
const OPERATIONS = 96;
/** A millisecond or so. */
const STEPS = 400_000;
const ROUNDS = 10;

/** @param seconds a clock @returns the best GFLOP/s of ten runs of the calibration kernel, whose first ones warm up */
export function peakGflops(seconds: () => number): number {
  const { exports } = simdMemory(0);
  let best = 0;
  for (let i = 0; i < ROUNDS; i++) {
    const start = seconds();
    const sum = exports.peak(STEPS, 1 + Number.EPSILON * 0x20000000, 1 / 1024);
    if (!Number.isFinite(sum)) throw new Error("the calibration kernel overflowed");
    best = Math.max(best, (STEPS * OPERATIONS) / (seconds() - start) / 1e9);
  }
  return best;
}
