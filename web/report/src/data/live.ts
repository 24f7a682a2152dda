/** Whether a sweep still runs, as far as its last sign of life tells, and when to look for the next one. */
import type { LiveStatus } from "../../../../src/sweeps/page/report-data.js";

/** A sweep whose new data are overdue for this long has ended or was killed, in milliseconds. */
const OVERDUE = 25_000;
/** The pause of sweeps of earlier versions, which do not tell it. */
const PAUSE = 5_000;
/** Between two looks at the data, in milliseconds. */
const [LEAST_INTERVAL, MOST_INTERVAL] = [3_000, 60_000];
/** … where the sweep went silent or ended: another one may begin, or the data may be written again. */
const QUIET_INTERVAL = 12_000;
/** The page draws for a small fraction of the time. */
const DRAWING = 5;

const nextData = ({ heartbeat, nextHeartbeat = heartbeat + PAUSE }: LiveStatus): number => nextHeartbeat;

export function isLive(live: LiveStatus | undefined, now: number): boolean {
  return live !== undefined && now < nextData(live) + OVERDUE;
}

/** Milliseconds until the next look. @param drawing milliseconds that drawing the last data took */
export function lookIn(live: LiveStatus | undefined, now: number, drawing: number): number {
  const pause = live && isLive(live, now) ? Math.min(nextData(live) - now, MOST_INTERVAL) : QUIET_INTERVAL;
  return Math.max(LEAST_INTERVAL, DRAWING * drawing, pause);
}
