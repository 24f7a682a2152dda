/** A host's callback, called while cells train. */
import type { EpochMetrics } from "../../core/training/result.js";

/**
 * What the callback throws stops the work, and is thrown by `settle` once that has ended.
 * @param signal of the host, which stops the work, too
 */
export function guarded<Event>(callback: ((event: Event) => void) | undefined, signal: AbortSignal | undefined) {
  const failed = new AbortController();
  return {
    signal: signal ? AbortSignal.any([signal, failed.signal]) : failed.signal,
    call(event: Event): void {
      if (failed.signal.aborted) return;
      try {
        callback?.(event);
      } catch (error) {
        failed.abort(error);
      }
    },
    settle: (): void => failed.signal.throwIfAborted(),
  };
}

/** Tells each epoch of a learning curve once, in order: the last ones may come with the record alone. */
export function onceEach(tell: (metrics: EpochMetrics) => void): (curve: readonly EpochMetrics[]) => void {
  let told = 0;
  return (curve) => {
    for (const metrics of curve) {
      if (metrics.epoch <= told) continue;
      told = metrics.epoch;
      tell(metrics);
    }
  };
}
