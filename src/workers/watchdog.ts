/** Notices what stands still: a thread, or a source of data. */

/**
 * Calls `stalled` once when the counter has not changed for `seconds`. Counts its own ticks instead of reading
 * a clock: while the process or the machine sleeps, neither the threads nor the ticks go on. A process that is
 * held up misses ticks, and the finer they are, the less of that time counts.
 * @returns stops watching
 */
export function watchPulse(pulse: Int32Array, seconds: number, stalled: () => void): () => void {
  const tick = Math.min(1000, seconds * 50);
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
