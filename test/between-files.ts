/** What a file of tests leaves for the next one in its thread, whose modules it shares: no process, and the environment and mocks as it found them. */
import { afterAll, vi } from "vitest";
import { startedBy } from "../src/sweeps/spec/program.js";
import { killAll } from "./process.js";

const found = { ...process.env };

afterAll(() => {
  killAll();
  startedBy(undefined);
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  for (const name of Object.keys(process.env)) if (!(name in found)) delete process.env[name];
  Object.assign(process.env, found);
});
