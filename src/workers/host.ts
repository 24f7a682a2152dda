/** Facts about the machine that a cell runs on, for its record's `run` part. */
import os from "node:os";
import { simdBits, type SimdBits } from "./width.js";

export interface HostFacts {
  /** Version of Node.js. */
  node: string;
  /** Operating system and architecture, such as "linux-x64". */
  platform: string;
  cpu: string;
  /** How wide its simd kernels run; absent in records of older versions. */
  simdBits?: SimdBits;
}

let facts: HostFacts | undefined;

/** Of the machine and process that calls, on its main thread. */
export function hostFacts(): HostFacts {
  // Asking for the processor takes as long as a small cell's epoch.
  facts ??= {
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    cpu: os.cpus()[0]?.model.trim() ?? "unknown",
    simdBits: simdBits(),
  };
  return facts;
}
