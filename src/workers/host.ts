/** Facts about the machine that a cell runs on, for its record's `run` part. */
import os from "node:os";

export interface HostFacts {
  /** Version of Node.js. */
  node: string;
  /** Operating system and architecture, such as "linux-x64". */
  platform: string;
  cpu: string;
}

/** Of the machine and process that calls. */
export function hostFacts(): HostFacts {
  return {
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    cpu: os.cpus()[0]?.model.trim() ?? "unknown",
  };
}
