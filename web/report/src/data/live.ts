/** Whether a sweep still runs, as far as its last sign of life tells. */
import type { LiveStatus } from "../../../../src/sweeps/page/report-data.js";

/** A sweep that has not written for this long has ended or was killed, in milliseconds. */
export const STALE = 30_000;
/** Between two looks at the data, in milliseconds. */
export const INTERVAL = 3_000;

export function isLive(live: LiveStatus | undefined, now: number): boolean {
  return live !== undefined && now - live.heartbeat < STALE;
}
