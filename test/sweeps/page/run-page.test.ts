import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { mergeReport } from "../../../src/sweeps/page/merge.js";
import { pageScript, writePages } from "../../../src/sweeps/page/page-data.js";
import { NotWritten } from "../../../src/sweeps/store/files.js";
import { root } from "../../workers/built.js";
import { samplePlan, sampleRecord, temporaryFolder, tinyConfig } from "../fixtures.js";

const records = [sampleRecord(tinyConfig())];
const data = mergeReport(samplePlan(records), records);

let folder = "";
let run = "";
const at = (...names: string[]) => path.join(run, ...names);
const latest = () => readFileSync(path.join(folder, "web", "build", "data.js"), "utf8");

beforeEach(() => {
  folder = temporaryFolder();
  run = path.join(folder, "runs", "a run #1");
  mkdirSync(run, { recursive: true });
  vi.stubEnv("HANDGRAD_PAGE_DATA", path.join(folder, "web", "build", "data.js"));
});
afterEach(() => vi.unstubAllEnvs());

test("a run's page needs nothing outside its folder, and the latest run's page names it by a relative link", async () => {
  expect((await writePages(run, data)).own).toBe(at("index.html"));
  expect(latest()).toContain(`"link":"../runs/a%20run%20%231/index.html"`);
  run = path.join(folder, "moved");
  renameSync(path.join(folder, "runs", "a run #1"), run);
  const page = readFileSync(at("index.html"), "utf8");
  const parts = [...page.matchAll(/ (?:src|href)="(?!data:)([^"]*)"/g)].map(([, place]) => place);
  expect(parts.sort()).toEqual(["page/data.js", "page/report.css", "page/report.js"]);
  for (const part of parts) expect(existsSync(at(part))).toBe(true);
  const trainer = existsSync(path.join(root, "web/report/build/trainer-0.js")) ? ["trainer-0.js"] : [];
  expect(readdirSync(at("page")).sort()).toEqual(["data.js", "report.css", "report.js", ...trainer]);
  expect(readFileSync(at("page", "data.js"), "utf8")).toBe(pageScript(data));
});

test("whatever a kill left of a page is made whole, and an older build is replaced", async () => {
  await writePages(run, data);
  const names = ["index.html", "page/report.css", "page/report.js", "page/data.js"];
  const whole = names.map((name) => readFileSync(at(name), "utf8"));
  for (let kept = 0; kept <= names.length; kept++) {
    for (const name of names.slice(kept)) rmSync(at(name));
    if (kept === names.length) writeFileSync(at("page/report.js"), "old");
    expect(await writePages(run, data)).toMatchObject({ own: at("index.html") });
    expect(names.map((name) => readFileSync(at(name), "utf8"))).toEqual(whole);
  }
});

test.each(["index.html", "page/mine.txt"])("a foreign %s stays, is told, and has no link", async (name) => {
  mkdirSync(path.dirname(at(name)), { recursive: true });
  writeFileSync(at(name), "<!doctype html>mine");
  const { own, notes } = await writePages(run, data);
  expect(own).toBeUndefined();
  expect(notes).toEqual([expect.stringContaining("none that a sweep wrote")]);
  expect(readFileSync(at(name), "utf8")).toBe("<!doctype html>mine");
  // The folder that the test runs in may have runs of its own.
  expect(latest()).toContain(`{"latest":{"folder":${JSON.stringify(run)},"others":`);
  expect(latest()).not.toContain("run%20%231/index.html");
});

test("where a run's page cannot be written, the latest run's is written all the same", async () => {
  await writePages(run, data);
  rmSync(at("page"), { recursive: true });
  writeFileSync(at("page"), "no folder");
  rmSync(path.join(folder, "web"), { recursive: true });
  const failure = await writePages(run, data).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(NotWritten);
  expect((failure as Error).message).toMatch(
    /cannot write the run's page .*index\.html: a file stands where a folder should be/,
  );
  expect(latest()).toContain("HANDGRAD_DATA");
  expect(readFileSync(at("page"), "utf8")).toBe("no folder");
});
