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
    include: ["test/**/*.test.ts"],
    globalSetup: "test/temporary-root.ts",
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: "threads",
    // One more than the cores that CI has: browsers, downloads and processes are waited for a fifth of the time.
    maxWorkers: 3,
    sequence: { sequencer: LongFirst },
  },
});
