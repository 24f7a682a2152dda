import { mkdirSync, readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { beforeAll, expect, test } from "vitest";
import { build } from "../../workers/built.js";
import { temporaryFolder } from "../fixtures.js";
import { handgrad } from "../handgrad.js";

beforeAll(build);

test("report --single-file writes one file that holds the records and refers to no other; a bad place is one line and leaves nothing", async () => {
  const folder = temporaryFolder();
  const sweep = await handgrad(
    folder,
    "sweep",
    "smoke",
    "--train-limit",
    "64",
    "--test-limit",
    "32",
    "--epochs",
    "1",
    "--json",
  );
  expect(sweep.code).toBe(0);
  const { cells } = JSON.parse(sweep.stdout) as { cells: { id: string }[] };
  const report = await handgrad(folder, "report", "--single-file", "report.html");
  expect([report.code, report.stderr]).toEqual([0, ""]);
  expect(cells).toHaveLength(6);
  const page = readFileSync(path.join(folder, "report.html"), "utf8");
  for (const { id } of cells) expect(page).toContain(id);
  expect(page).not.toMatch(/<script[^>]+src=|<link[^>]+href="(?!data:)/);

  mkdirSync(path.join(folder, "folder.html"));
  const before = readdirSync(folder);
  for (const place of ["report.html/below.html", "folder.html"]) {
    const refused = await handgrad(folder, "report", "--single-file", place);
    expect(refused.code).toBe(2);
    expect(refused.stderr.trim().split("\n")).toEqual([expect.stringContaining(place)]);
    expect(readdirSync(folder)).toEqual(before);
  }
});
