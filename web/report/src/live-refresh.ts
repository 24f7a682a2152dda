/** Reloads the page's data.js by injecting its script again: a page from the file system cannot fetch. */
import { isLive, lookIn } from "./data/live.js";
import type { PageData } from "./data/page-data.js";

/** Where the page's data lie, as its address says; undefined in a single file. What a refresh injects is taken out again: this script stays. */
export const dataSource = (): string | undefined =>
  document.querySelector('script[src$="/data.js"]')?.getAttribute("src") ?? undefined;

/**
 * Calls back with new data. A page that has seen a running sweep goes on looking, less often once that has ended or gives
 * no sign of life, and not while it is hidden then; any other page looks whenever it becomes visible.
 * @param onData throws where they cannot be drawn: what is shown then stays, until the next look
 */
export function startLiveRefresh(first: PageData | null, onData: (data: PageData) => void): void {
  const source = dataSource();
  if (window.HANDGRAD_SINGLE_FILE || !source) return;
  let timer = 0;
  let loading = false;
  let last = first;
  let watching = false;
  let drawing = 0;

  const load = () => {
    if (loading) return;
    loading = true;
    const script = document.createElement("script");
    script.src = `${source}?t=${Date.now()}`;
    // A script that is cut short sets nothing.
    window.HANDGRAD_DATA = undefined;
    const done = () => {
      script.remove();
      loading = false;
      use(window.HANDGRAD_DATA);
      schedule();
    };
    script.onerror = done;
    script.onload = done;
    document.head.append(script);
  };
  const use = (next: PageData | null | undefined) => {
    if (!next) return;
    const start = performance.now();
    try {
      onData(next);
      last = next;
    } catch (error) {
      console.warn("the page keeps its figures, new data cannot be drawn:", error);
    }
    drawing = performance.now() - start;
  };
  const schedule = () => {
    clearTimeout(timer);
    watching ||= Boolean(last?.live);
    if (!watching) return;
    const now = Date.now();
    const running = isLive(last?.live, now);
    // Tells the reader that the sweep gives no sign of life.
    if (last?.live && !running) onData(last);
    if (running || document.visibilityState === "visible")
      timer = window.setTimeout(load, lookIn(last?.live, now, drawing));
  };
  schedule();
  // A sweep may have begun or ended while the reader was in the terminal.
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") load();
  });
}
