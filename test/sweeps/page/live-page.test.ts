import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { InputError } from "../../../src/core/input-error.js";
import { LivePage } from "../../../src/sweeps/page/live-page.js";
import { mergeReport } from "../../../src/sweeps/page/merge.js";
import type { LiveStatus } from "../../../src/sweeps/page/report-data.js";
import { samplePlan, sampleRecord, temporaryFolder, tinyConfig } from "../fixtures.js";

const records = [sampleRecord(tinyConfig())];
const plan = samplePlan(records);
const status = (): LiveStatus => ({
  startedAt: 0,
  heartbeat: Date.now(),
  running: [],
  done: 0,
  total: 1,
  etaSeconds: null,
});

let folder = "";
beforeEach(() => {
  folder = temporaryFolder();
  vi.stubEnv("HANDGRAD_PAGE_DATA", path.join(folder, "page", "data.js"));
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance", "Date"] });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

const run = () => path.join(folder, "run");

/** Lets files be written. */
async function settled(page: LivePage): Promise<void> {
  await (page as unknown as { writing: Promise<void> }).writing;
}

test("however long a write takes, writing takes a twentieth of the time, and each write says by when the next one is due", async () => {
  for (const milliseconds of [0, 100, 1000, 60_000]) {
    const writes: LiveStatus[] = [];
    const begin = Date.now();
    const page = new LivePage(
      run(),
      (live) => {
        writes.push(live);
        vi.advanceTimersByTime(milliseconds);
        return mergeReport(plan, records, undefined, live);
      },
      status,
    );
    page.start();
    const total = Math.max(22_000, 100 * milliseconds);
    for (; Date.now() - begin < total; vi.advanceTimersByTime(500)) await settled(page);
    await page.close();
    // What the first write takes is not known before.
    const known = writes.slice(2);
    expect(known.length).toBeGreaterThanOrEqual(3);
    expect(known.length * milliseconds).toBeLessThanOrEqual(total / 20);
    known.forEach(({ heartbeat }, i) => expect(heartbeat).toBeLessThanOrEqual(writes[i + 1].nextHeartbeat!));
  }
});

test("a page that cannot be written does not stop the sweep, and what went wrong is told at its end", async () => {
  const page = new LivePage(run(), (live) => mergeReport(plan, records, undefined, live), status);
  writeFileSync(path.join(folder, "page"), "no folder");
  page.start();
  await settled(page);
  expect(page.failure).toBeInstanceOf(InputError);
  expect(page.failure?.message).toContain(path.join(folder, "page"));

  rmSync(path.join(folder, "page"));
  mkdirSync(path.join(folder, "page"));
  vi.advanceTimersByTime(5000);
  await page.close();
  expect(page.failure).toBeUndefined();
  expect(readFileSync(path.join(folder, "page", "data.js"), "utf8")).toContain('"nextHeartbeat":');
});
