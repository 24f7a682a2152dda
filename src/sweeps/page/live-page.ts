/** Keeps the page's data current while a sweep runs. The page is a view: failing to write it never stops a sweep. */
import type { LiveStatus, ReportData } from "./report-data.js";
import { writePages } from "./page-data.js";

const LEAST_PAUSE_MILLISECONDS = 5000;
/** From one write to the next, in multiples of what the last one took: however many cells there are, writing takes a small fraction of the time. */
const PAUSE = 20;

export class LivePage {
  private writing: Promise<void> = Promise.resolve();
  private timer?: NodeJS.Timeout;
  private closed = false;
  /** Milliseconds of the last write, merging included. */
  private took = 0;
  /** Why the last write failed; absent where it did not. */
  failure?: Error;

  /** @param folder the run directory @param merge makes the data of the moment */
  constructor(
    private readonly folder: string,
    private readonly merge: (live: LiveStatus) => ReportData,
    private readonly live: () => LiveStatus,
  ) {}

  /** Writes the data of the moment, and again and again until `close`; never two at a time. */
  start(): void {
    const begin = performance.now();
    const pause = Math.max(LEAST_PAUSE_MILLISECONDS, PAUSE * this.took);
    this.writing = this.write(Date.now() + pause + this.took).then(() => {
      this.took = performance.now() - begin;
      if (!this.closed) this.timer = setTimeout(() => this.start(), pause - this.took).unref();
    });
  }

  private async write(nextHeartbeat: number): Promise<void> {
    try {
      await writePages(this.folder, this.merge({ ...this.live(), nextHeartbeat }));
      this.failure = undefined;
    } catch (error) {
      this.failure = error as Error;
    }
  }

  /** Waits for the last write, so that the final data are not overtaken by it. */
  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    await this.writing;
  }
}
