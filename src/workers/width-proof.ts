/** A process of its own: the bits that the kernels give as this process compiles them, and how fast. See width.ts. */
import { createHash } from "node:crypto";
import { performance } from "node:perf_hooks";
import { trainOnEveryKernel } from "../core/check/every-kernel.js";
import { peakGflops } from "../core/simd/peak.js";
import { weightBytes } from "../core/training/weight-bytes.js";

/** What this process says, as JSON. */
export interface Compiled {
  /** sha256 of the weights. */
  digest: string;
  /** Of the calibration kernel. */
  gflops: number;
}

const hash = createHash("sha256");
for (const weights of trainOnEveryKernel()) hash.update(weightBytes(weights));
const compiled: Compiled = { digest: hash.digest("hex"), gflops: peakGflops(() => performance.now() / 1000) };
process.stdout.write(JSON.stringify(compiled));
