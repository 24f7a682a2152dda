/** Facts about the machine, for a record's `run` part. */
import os from "node:os";

export function hostFacts(): { node: string; platform: string; cpu: string } {
  return {
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    cpu: os.cpus()[0]?.model.trim() ?? "unknown",
  };
}
