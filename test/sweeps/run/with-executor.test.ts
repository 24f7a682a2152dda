import { expect, test } from "vitest";
import { withExecutor } from "../../../src/sweeps/run/with-executor.js";

test("the executor is closed and signals end the process again, also after an error", async () => {
  const log: string[] = [];
  const before = process.listenerCount("SIGTERM");
  const used = withExecutor(
    () => ({ close: async () => void log.push("closed") }),
    async () => {
      expect(process.listenerCount("SIGTERM")).toBe(before + 1);
      log.push("used");
      throw new Error("on purpose");
    },
  );
  await expect(used).rejects.toThrow("on purpose");
  expect(log).toEqual(["used", "closed"]);
  const failed = withExecutor(
    () => Promise.reject(new Error("no start")),
    () => Promise.resolve(),
  );
  await expect(failed).rejects.toThrow("no start");
  expect(process.listenerCount("SIGTERM")).toBe(before);
});
