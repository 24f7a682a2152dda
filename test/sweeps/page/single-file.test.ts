import { lstatSync, mkdirSync, readFileSync, readdirSync, readlinkSync, symlinkSync, writeFileSync } from "node:fs";
import net from "node:net";
import path from "node:path";
import { beforeAll, expect, test } from "vitest";
import { build } from "../../workers/built.js";
import { temporaryFolder } from "../fixtures.js";
import { handgrad, handgradHere } from "../handgrad.js";

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
  symlinkSync("nowhere", path.join(folder, "dangling.html"));
  symlinkSync("/dev/null", path.join(folder, "device.html"));
  const socket = net.createServer();
  await new Promise<void>((resolve) => socket.listen(path.join(folder, "socket.html"), resolve));
  writeFileSync(path.join(folder, "thesis.txt"), "three years of work");
  const before = readdirSync(folder);
  // Before any work: an --out without a sweep is not even noticed.
  for (const place of [
    "report.html/below.html",
    "folder.html",
    "folder.html/",
    ".",
    "dangling.html",
    "device.html",
    "socket.html",
    "/dev/null",
    "thesis.txt",
    `runs/smoke/${cells[0].id}/record.json`,
    "runs/smoke/plan.json",
  ]) {
    const refused = await handgradHere(
      folder,
      "report",
      "--out",
      "no-sweep",
      "--single-file",
      place.startsWith("/") ? place : `${folder}/${place}`,
    );
    expect(refused.code, place).toBe(2);
    expect(refused.stderr.trim().split("\n")).toEqual([
      expect.stringMatching(/^handgrad: --single-file .*(got|EEXIST|ENOTDIR).*; name a file/),
    ]);
    expect(readdirSync(folder)).toEqual(before);
  }
  socket.close();
  expect(readFileSync(path.join(folder, "thesis.txt"), "utf8")).toBe("three years of work");
  expect((await handgrad(folder, "cells")).code).toBe(0);
  expect(lstatSync("/dev/null").isCharacterDevice()).toBe(true);

  // A link stays, and what it leads to is replaced, also from another folder.
  mkdirSync(path.join(folder, "elsewhere"));
  writeFileSync(path.join(folder, "elsewhere", "target.html"), "<!DOCTYPE html><p>an earlier one</p>");
  symlinkSync("elsewhere/target.html", path.join(folder, "link.html"));
  expect((await handgrad(folder, "report", "--single-file", "link.html")).code).toBe(0);
  expect(readlinkSync(path.join(folder, "link.html"))).toBe("elsewhere/target.html");
  expect(readFileSync(path.join(folder, "elsewhere", "target.html"), "utf8")).toBe(page);
  expect(readdirSync(path.join(folder, "elsewhere"))).toEqual(["target.html"]);
});
