import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Files that take long, the longest first: where no earlier run's times are known, the largest files begin, and small ones of these would end the run. */
const LONG = [
  "sweeps/executors/contract",
  "web/page",
  "web/check",
  "workers/threads",
  "sweeps/run/life",
  "core/network/real-sizes",
  "build",
  "sweeps/executors/slurm",
  "package",
  "faults/streams",
  "faults/command-line",
  "documents",
  "web/unreadable-data",
  "faults/isolation",
  "faults/kill",
  "sweeps/executors/bullmq",
  "sweeps/commands/command-line",
  "web/opening",
  "web/try",
  "web/part-one",
  "workers/slurm",
  "workers/queue",
  "sweeps/run/determinism",
  "sweeps/library/library",
  "interop/onnx",
];

/** Files that mock modules, or load them again. */
const MOCKING = [
  "documents",
  "sweeps/spec/any-spec",
  "sweeps/data/download",
  "sweeps/commands/progress",
  "sweeps/store/files",
].map((name) => `test/${name}.test.ts`);

class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const place = ({ moduleId }: TestSpecification): number =>
      LONG.findIndex((name) => moduleId.endsWith(`/test/${name}.test.ts`));
    const long = sorted.filter((file) => place(file) >= 0).sort((a, b) => place(a) - place(b));
    return [...long, ...sorted.filter((file) => place(file) < 0)];
  }
}

export default defineConfig({
  test: {
    globalSetup: "test/temporary-root.ts",
    setupFiles: "test/between-files.ts",
    testTimeout: 180_000,
    hookTimeout: 180_000,
    // What is looked for again and again comes late on a busy machine; where it never comes, that is soon enough to know.
    expect: { poll: { timeout: 30_000 } },
    pool: "threads",
    // One more than the cores that CI has: browsers, downloads and processes are waited for. With two more, CI took a fifth longer.
    maxWorkers: 3,
    sequence: { sequencer: LongFirst },
    // Files share a thread's modules, but for those that mock some: to load them for each took over half a second a file.
    projects: [
      {
        extends: true,
        test: {
          name: "all",
          include: ["test/**/*.test.ts"],
          exclude: [...MOCKING, "**/node_modules/**"],
          isolate: false,
        },
      },
      { extends: true, test: { name: "mocking", include: MOCKING } },
    ],
  },
});
