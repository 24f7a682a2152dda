import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Small files that take long: where no earlier run's times are known, the largest files begin, and these would end the run. */
const LONG = [
  "sweeps/run/life.test.ts",
  "sweeps/executors/bullmq.test.ts",
  "web/page.test.ts",
  "core/network/real-sizes.test.ts",
  "build.test.ts",
  "faults/kill.test.ts",
  "faults/isolation.test.ts",
  "sweeps/run/determinism.test.ts",
];

/** Files that mock modules, or load them again. */
const MOCKING = ["sweeps/spec/any-spec", "sweeps/data/download", "sweeps/commands/progress", "sweeps/store/files"].map(
  (name) => `test/${name}.test.ts`,
);

class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification): boolean =>
      LONG.some((name) => moduleId.endsWith(`/test/${name}`));
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

export default defineConfig({
  test: {
    globalSetup: "test/temporary-root.ts",
    setupFiles: "test/between-files.ts",
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: "threads",
    // One more than the cores that CI has: browsers, downloads and processes are waited for a fifth of the time.
    maxWorkers: 3,
    sequence: { sequencer: LongFirst },
    // Files share a thread's modules, but for those that mock some: to load them for each took over half a second a file.
    projects: [
      { extends: true, test: { name: "all", include: ["test/**/*.test.ts"], exclude: MOCKING, isolate: false } },
      { extends: true, test: { name: "mocking", include: MOCKING } },
    ],
  },
});
