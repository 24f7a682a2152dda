/** Keeps the page's data current while a sweep runs. The page is a view: failing to write it never stops a sweep. */
import type { LiveStatus, ReportData } from "./report-data.js";
import { writePageData } from "./page-data.js";

/** The page takes a heartbeat older than a few of these for the end of the sweep. */
const HEARTBEAT_MILLISECONDS = 5000;

export class LivePage {
  private readonly timer: NodeJS.Timeout;
  private writing: Promise<void> = Promise.resolve();

  /** @param merge makes the data of the moment */
  constructor(
    private readonly merge: (live: LiveStatus) => ReportData,
    private readonly live: () => LiveStatus,
  ) {
    this.timer = setInterval(() => this.refresh(), HEARTBEAT_MILLISECONDS);
    this.timer.unref();
  }

  refresh(): void {
    this.writing = this.writing.then(() =>
      writePageData(this.merge(this.live())).then(
        () => undefined,
        () => undefined,
      ),
    );
  }

  /** Waits for the last write, so that the final data are not overtaken by it. */
  async close(): Promise<void> {
    clearInterval(this.timer);
    await this.writing;
  }
}
