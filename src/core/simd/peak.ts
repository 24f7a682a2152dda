/** What the processor does at most in the arithmetic of the kernels. */
import { simdMemory } from "./kernels.js";

/** Of a step of the calibration kernels (assembly/peak.ts). */
const OPERATIONS = 96;
/** A millisecond or so. */
const STEPS = 400_000;
const ROUNDS = 20;

/** @param seconds a clock @returns the best GFLOP/s of the calibration kernels' runs: that of pairs, where V8 makes them 256 bits wide */
export function peakGflops(seconds: () => number): number {
  const { exports } = simdMemory(0);
  let best = 0;
  for (let i = 0; i < ROUNDS; i++) {
    const kernel = i % 2 ? exports.peakOfPairs : exports.peak;
    const start = seconds();
    const sum = kernel(STEPS, 1 + Number.EPSILON * 0x20000000, 1 / 1024);
    if (!Number.isFinite(sum)) throw new Error("the calibration kernel overflowed");
    best = Math.max(best, (STEPS * OPERATIONS) / (seconds() - start) / 1e9);
  }
  return best;
}
