import { readdirSync } from "node:fs";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import type { SweepSummary } from "../../../src/sweeps/commands/summary.js";
import { build } from "../../workers/built.js";
import { temporaryFolder } from "../fixtures.js";
import { handgrad } from "../handgrad.js";

beforeAll(build);

const SMALL = ["--train-limit", "200", "--test-limit", "100", "--epochs", "2"];

test("a dry run lists the cells and writes nothing", async () => {
  const folder = temporaryFolder();
  const { code, stdout } = await handgrad(folder, "sweep", "smoke", "--dry-run", "--seeds", "3..4");
  expect(code).toBe(0);
  expect(stdout.match(/^train {2}[0-9a-f]{4} {2}(?:MLP|CNN) .* [34]$/gm)).toHaveLength(12);
  expect(stdout).toMatch(/12 cells, 12 to train, 0 recorded in runs.smoke; about \d+ (?:s|min).* of this machine\n$/);
  const json = JSON.parse((await handgrad(folder, "sweep", "smoke", "--dry-run", "--json")).stdout) as {
    dryRun: boolean;
    expectedSeconds: number;
    cells: { train: boolean }[];
  };
  expect([json.dryRun, json.cells.length, json.cells.every(({ train }) => train)]).toEqual([true, 6, true]);
  expect(json.expectedSeconds).toBeGreaterThan(0);
  expect(readdirSync(folder)).toEqual([]);
});

describe("where the files are not at hand", () => {
  const withFetch = (body: string): void =>
    void vi.stubEnv(
      "NODE_OPTIONS",
      `--import=data:text/javascript,${encodeURIComponent(`globalThis.fetch = () => { ${body} };`)}`,
    );
  afterEach(() => void vi.unstubAllEnvs());

  test.each([[[]], [["--data", "fashion-mnist"]]])(
    "a dry run %j asks no network, says so, and plans",
    async (choice) => {
      const folder = temporaryFolder();
      withFetch("process.exit(99)");
      const { code, stdout, stderr } = await handgrad(folder, "sweep", "--dry-run", ...choice);
      expect([code, stderr]).toEqual([0, ""]);
      expect(stdout).toMatch(
        /^fashion-mnist from \S+, from where the sweep would download 30\.9 MB that are not here: 60,000 training and 10,000 test images$/m,
      );
      expect(stdout.match(/^train {2}/gm)).toHaveLength(12);
      const json = (await handgrad(folder, "sweep", "--dry-run", "--json", ...choice)).stdout;
      expect((JSON.parse(json) as SweepSummary).dataDigest).toMatch(/^d1fd84a8/);
      expect(readdirSync(folder)).toEqual([]);
    },
  );

  test("a sweep without a network says so and uses the synthetic set", async () => {
    withFetch('return Promise.reject(new Error("no network"))');
    const { code, stderr } = await handgrad(temporaryFolder(), "sweep", ...SMALL, "--epochs", "1");
    expect([code, stderr]).toEqual([
      0,
      expect.stringMatching(
        /could not be downloaded \(.*: no network; .*: no network\)\. USING THE SYNTHETIC SET INSTEAD/,
      ),
    ]);
  });
});
