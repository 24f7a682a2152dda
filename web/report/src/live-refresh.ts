/** Reloads build/data.js by injecting its script again: a page from the file system cannot fetch. */
import { INTERVAL, isLive } from "./data/live.js";
import type { PageData } from "./data/page-data.js";

/** Calls back with new data until the sweep ends or stops giving signs of life. */
export function startLiveRefresh(first: PageData | null, onData: (data: PageData) => void): void {
  if (window.HANDGRAD_SINGLE_FILE) return;
  let timer = 0;
  let loading = false;
  let last = first;

  const load = () => {
    if (loading) return;
    loading = true;
    const script = document.createElement("script");
    script.src = `build/data.js?t=${Date.now()}`;
    const done = () => {
      script.remove();
      loading = false;
    };
    script.onerror = () => {
      done();
      schedule();
    };
    script.onload = () => {
      done();
      const next = window.HANDGRAD_DATA;
      if (next) {
        last = next;
        onData(next);
      }
      schedule();
    };
    document.head.append(script);
  };
  const schedule = () => {
    clearTimeout(timer);
    if (last && isLive(last.live, Date.now())) timer = window.setTimeout(load, INTERVAL);
    // One more look tells the page that the sweep is no longer running.
    else if (last?.live) onData(last);
  };
  schedule();
  // A sweep may have begun or ended while the reader was in the terminal.
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") load();
  });
}
