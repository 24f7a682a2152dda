/** A process of its own: the bits that the kernels give as this process compiles them, or how fast they are. See width.ts. */
import { createHash } from "node:crypto";
import { performance } from "node:perf_hooks";
import { trainOnEveryKernel } from "../core/check/every-kernel.js";
import { peakGflops } from "../core/simd/peak.js";
import { weightBytes } from "../core/training/weight-bytes.js";

/** What this process can be asked. */
export interface Compiled {
  /** sha256 of the weights. */
  digest: string;
  /** Of the calibration kernel. */
  gflops: number;
}
export type Question = keyof Compiled;

function digest(): string {
  const hash = createHash("sha256");
  for (const weights of trainOnEveryKernel()) hash.update(weightBytes(weights));
  return hash.digest("hex");
}

const answer = process.argv[2] === "digest" ? digest() : peakGflops(() => performance.now() / 1000);
// On a line of its own: whatever else is loaded in every process may say something, too.
process.stdout.write(`\n${JSON.stringify({ "width-proof": answer })}\n`);
