/** Notices a thread that stands still. */

/**
 * Calls `stalled` once when the counter has not changed for `seconds`. Counts its own ticks instead of reading
 * a clock: while the process or the machine sleeps, neither the threads nor the ticks go on.
 * @returns stops watching
 */
export function watchPulse(pulse: Int32Array, seconds: number, stalled: () => void): () => void {
  const tick = Math.min(1000, seconds * 250);
  const ticks = Math.ceil((seconds * 1000) / tick);
  let last = Atomics.load(pulse, 0);
  let still = 0;
  const timer = setInterval(() => {
    const now = Atomics.load(pulse, 0);
    still = now === last ? still + 1 : 0;
    last = now;
    if (still < ticks) return;
    clearInterval(timer);
    stalled();
  }, tick);
  return () => clearInterval(timer);
}
