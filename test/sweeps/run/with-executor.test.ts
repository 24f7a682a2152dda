import { expect, test, vi } from "vitest";
import { withExecutor } from "../../../src/sweeps/run/with-executor.js";
import type { StartExecutor } from "../../../src/workers/executor.js";

const log = vi.hoisted(() => [] as string[]);
vi.mock("../../../src/workers/executors.js", () => {
  const start: StartExecutor = (workers, options) => {
    log.push(`${workers} workers ${JSON.stringify(options)}`);
    return { run: vi.fn(), cancel: vi.fn(), close: async () => void log.push("closed") };
  };
  return { executors: { pool: start } };
});

test("the executor is closed and signals end the process again, also after an error", async () => {
  const before = process.listenerCount("SIGTERM");
  const choice = { workers: 3, threadsPerCell: 2, stallSeconds: 9 };
  const used = withExecutor(choice, async () => {
    expect(process.listenerCount("SIGTERM")).toBe(before + 1);
    log.push("used");
    throw new Error("on purpose");
  });
  await expect(used).rejects.toThrow("on purpose");
  expect(log).toEqual(['3 workers {"threadsPerCell":2,"stallSeconds":9}', "used", "closed"]);
  expect(process.listenerCount("SIGTERM")).toBe(before);
});
