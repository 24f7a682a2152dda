/** A host's callback, called while cells train. */

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
