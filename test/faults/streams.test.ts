/** What reaches a terminal, and what becomes of a command whose output nobody can take. */
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { runCommand } from "../../src/sweeps/commands/cli.js";
import { createProgressView, outputOn } from "../../src/sweeps/commands/progress.js";
import { harmless, harmlessStream } from "../../src/sweeps/commands/streams.js";
import { SweepStatus } from "../../src/sweeps/run/status.js";
import { decodeRecord, encodeRecord, type CellRecord } from "../../src/sweeps/store/record.js";
import { start, type Finished } from "../process.js";
import { build, root } from "../workers/built.js";
import { sampleRecord, temporaryFolder, tinyConfig, tinyDataset } from "../sweeps/fixtures.js";
import { handgrad, handgradHere } from "../sweeps/handgrad.js";

beforeAll(build);

/** One of every kind that a terminal obeys. */
const HOSTILE = "\u001b[2J\u0007\b\r\u007f\u0085\u009b31m\u202e\u2066\u2069";
const OBEYED = /(?![\n\t])[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;
const SMALL = ["--train-limit", "100", "--test-limit", "50", "--epochs", "1"];

describe("control characters are shown", () => {
  test("every one but line feed and tab, and nothing else", () => {
    const all = Array.from({ length: 0x3000 }, (_, code) => String.fromCharCode(code));
    for (const character of all)
      expect(harmless(character) === character, JSON.stringify(character)).toBe(
        !OBEYED.test(character) && !/[\u2028\u2029]/.test(character),
      );
    expect(harmless("a\u001b[2Jé\u202e\u{1f600}\n")).toBe("a\\u001b[2Jé\\u202e\u{1f600}\n");
    const value = { [all.join("")]: all, backslashes: ["\\\u007f", "\\\\\u009b"] };
    expect(JSON.parse(harmless(JSON.stringify(value)))).toEqual(value);
  });

  const clean = ({ stdout, stderr }: Finished): void => {
    expect(stdout).not.toMatch(OBEYED);
    expect(stderr).not.toMatch(OBEYED);
    expect(stdout + stderr).toContain("\\u001b[2J");
  };
  const base = { model: "mlp", optimizer: "sgd", trainLimit: 10, testLimit: 10 };
  const spec = { name: "hostile", data: "synthetic", base };
  test.each<[string, object]>([
    ["the name", { ...spec, name: HOSTILE }],
    ["the data", { ...spec, data: HOSTILE }],
    ["a key", { ...spec, [HOSTILE]: 1 }],
    ["a field", { ...spec, base: { ...base, [HOSTILE]: 1 } }],
    ["an axis", { ...spec, axes: { [HOSTILE]: [1] } }],
    ["a path", { ...spec, axes: { [`model.${HOSTILE}`]: [1] } }],
    ["a value", { ...spec, base: { ...base, epochs: HOSTILE } }],
    ["a value twice", { ...spec, axes: { model: [HOSTILE, HOSTILE] } }],
    ["a kind", { ...spec, base: { ...base, model: HOSTILE } }],
    ["a role", { ...spec, variants: [{ role: HOSTILE }] }],
    ["a label", { ...spec, variants: [{ label: HOSTILE }] }],
    ["a field that is set", { ...spec, variants: [{ set: { [HOSTILE]: 1 } }] }],
    ["a value that is set", { ...spec, variants: [{ set: { seed: HOSTILE } }] }],
  ])("of a spec, in %s", async (_, hostile) => {
    const folder = temporaryFolder();
    const file = path.join(folder, "hostile.json");
    writeFileSync(file, JSON.stringify(hostile));
    const out = path.join(folder, "run");
    clean(await handgradHere(folder, "sweep", file, "--dry-run", "--out", out));
    const json = await handgradHere(folder, "sweep", file, "--dry-run", "--json", "--out", out);
    clean(json);
    if (json.code === 0)
      expect((JSON.parse(json.stdout) as { cells: object[] }).cells[0]).toMatchObject({ label: HOSTILE });
  });

  // No such characters in names on Windows, and no line feed anywhere but at a line's end.
  const name = HOSTILE + (process.platform === "win32" ? "" : "\n");
  test.each([
    ["sweep", name],
    ["sweep", `${name}.json`],
    ["sweep", "smoke", `--${name}`],
    ["sweep", "smoke", "--data-dir", name, "--data", "fashion-mnist"],
    ["sweep", "smoke", "--epochs", name],
    ["cell", name],
    ["cells", "--out", name],
    ["verify", "--out", name],
    ["report", "--out", name],
    [name],
  ])("of the command line: %j %j %j", async (...args) => {
    const finished = await handgradHere(temporaryFolder(), ...args.filter((arg) => arg !== undefined));
    clean(finished);
    expect([finished.code, finished.stderr.match(/\n/g)]).toEqual([2, ["\n"]]);
  });

  test.skipIf(process.platform === "win32")("of records, and of the names of files", async () => {
    const folder = path.join(temporaryFolder(), HOSTILE);
    mkdirSync(folder);
    const out = path.join(folder, "run");
    expect((await handgrad(folder, "sweep", "smoke", ...SMALL, "--out", "run")).code).toBe(0);
    const [first, second, third] = readdirSync(out).filter((entry) => !entry.includes("."));
    const alter = (id: string, changes: Partial<CellRecord>): void => {
      const file = path.join(out, id, "record.json");
      writeFileSync(file, encodeRecord({ ...decodeRecord(readFileSync(file, "utf8"), file), ...changes }));
    };
    alter(first, { status: "failed", error: HOSTILE });
    clean(await handgradHere(folder, "cells", "--out", out));
    const json = await handgradHere(folder, "cells", "--out", out, "--json");
    expect([json.stdout.match(OBEYED), (JSON.parse(json.stdout) as { cells: unknown[] }).cells.length]).toEqual([
      null,
      6,
    ]);
    clean(await handgradHere(folder, "report", "--out", out));
    clean(await handgradHere(folder, "sweep", "smoke", ...SMALL, "--out", out, "--dry-run"));
    alter(second, { id: HOSTILE });
    clean(await handgradHere(folder, "cells", "--out", out));
    renameSync(path.join(out, third), path.join(out, `${third}${HOSTILE}`));
    for (const command of ["cells", "verify"]) clean(await handgradHere(folder, command, "--out", out));
  });

  test("on a terminal, too: only what draws the view is obeyed there", async () => {
    vi.useFakeTimers();
    let text = "";
    const raw = { write: (part: string) => (text += part), isTTY: true, columns: 200, rows: 50 };
    const stream = harmlessStream(raw);
    const record = sampleRecord(tinyConfig(), { status: "failed", error: HOSTILE });
    const cell = { id: HOSTILE, config: record.config };
    const status = new SweepStatus([cell], 0, 1, 1, tinyDataset());
    outputOn(stream, stream).warn(HOSTILE);
    const view = await createProgressView(stream, status);
    status.cellStarted(cell, 0);
    vi.advanceTimersByTime(1000);
    view.note(HOSTILE);
    view.cellEnded(record);
    view.close();
    vi.useRealTimers();
    expect(text).toContain("\u001b[2K");
    const own = text.replace(/\u001b\[(2K|1A|G|\?25[hl])/g, "");
    expect(own).not.toMatch(OBEYED);
    expect(own.match(/\\u001b\[2J/g)?.length).toBeGreaterThan(3);
  });
});

test("what is wrong is said on one line, however much there is to quote", async () => {
  const folder = temporaryFolder();
  const file = path.join(folder, "long.json");
  const long = "x".repeat(1e6);
  const base = { model: "mlp", optimizer: "sgd" };
  for (const spec of [
    { name: long },
    { name: "a", [long]: 1 },
    { name: "a", base: { [long]: 1 } },
    { name: "a", base, axes: { [`model.${long}`]: [1] } },
    { name: "a", base, axes: { [`model.${long}.${long}`]: [1] } },
    { name: "a", base: { ...base, seed: { [long]: [long] } } },
    { name: "a", data: long, base },
    { name: "a", base, variants: [{ set: { [`model.${HOSTILE.repeat(1e4)}`]: 1 } }] },
  ]) {
    writeFileSync(file, JSON.stringify(spec));
    const { code, stderr } = await handgradHere(folder, "sweep", file, "--dry-run");
    expect([code, stderr]).toEqual([2, expect.stringMatching(/^handgrad: [^\n]{1,1000}\n$/)]);
    expect(stderr).toContain("long.json");
  }
  const { stderr } = await handgradHere(folder, "sweep", long);
  expect(stderr).toMatch(/^handgrad: sweep: got "x+ … x+", expected homework, [^\n]*\n$/);
  const streams = { write: () => undefined };
  expect(await runCommand([long], { stdout: streams, stderr: streams })).toBe(2);
});

describe.skipIf(process.platform === "win32")("output that nobody takes", () => {
  const entry = path.join(root, "scripts/handgrad.mjs");
  /** Runs `line` in a shell, where $H is the command line; "code" gets what follows it in braces exits with. */
  const shell = (folder: string, line: string): Promise<Finished> =>
    start(["-c", line], {
      program: "sh",
      cwd: folder,
      env: { H: `${process.execPath} ${entry}`, HANDGRAD_PAGE_DATA: path.join(folder, "page.js") },
    }).finished;
  /** Two cells that take next to nothing. */
  const quick = {
    name: "quick",
    data: "synthetic",
    base: { model: { kind: "mlp", hidden: [2] }, optimizer: "sgd", epochs: 1, trainLimit: 20, testLimit: 10 },
    axes: { seed: [0, 1] },
  };
  const sweep = "$H sweep quick.json --out run";
  const folderWithSpec = (): string => {
    const folder = temporaryFolder();
    writeFileSync(path.join(folder, "quick.json"), JSON.stringify(quick));
    return folder;
  };
  const codeIn = (folder: string): string => readFileSync(path.join(folder, "code"), "utf8").trim();
  const records = (folder: string): number =>
    readdirSync(path.join(folder, "run")).filter((id) => existsSync(path.join(folder, "run", id, "record.json")))
      .length;
  const closed = "handgrad: standard output was closed before everything was written to it\n";

  test.each<[name: string, line: string, code: string, stderr: unknown]>([
    ["a reader that ends at the first line", `{ ${sweep}; echo $? > code; } | head -1`, "141", closed],
    ["a reader that ends at once", `{ sleep 0.5; ${sweep} --json 2>/dev/null; echo $? > code; } | true`, "141", ""],
    [
      "a full disk",
      `${sweep} > /dev/full; echo $? > code`,
      "1",
      "handgrad: cannot write to standard output: no space left (ENOSPC)\n",
    ],
    ["errors on a full disk", `${sweep} --json 2> /dev/full; echo $? > code`, "1", ""],
    ["errors to a reader that ended", `{ sleep 0.5; ${sweep} --json; echo $? > code; } 2>&1 > json | true`, "141", ""],
    ["both on a full disk", `${sweep} > /dev/full 2>&1; echo $? > code`, "1", ""],
    // Node itself opens what is closed from the start, as /dev/null.
    ["closed from the start", `${sweep} >&-; echo $? > code`, "0", ""],
    ["errors closed from the start", `${sweep} 2>&-; echo $? > code`, "0", ""],
    ["all closed from the start", `${sweep} <&- >&- 2>&-; echo $? > code`, "0", ""],
  ])("%s: the sweep trains all its cells, and does not call that a success", async (_, line, code, stderr) => {
    const folder = folderWithSpec();
    const finished = await shell(folder, line);
    expect([codeIn(folder), records(folder), finished.stderr]).toEqual([code, 2, stderr]);
  });

  test("short commands, too, and an exit code that says more is kept", async () => {
    const folder = folderWithSpec();
    await shell(folder, sweep);
    const codes: [string, string][] = [
      ["{ sleep 0.5; $H cells --out run; echo $? > code; } | true", "141"],
      ["{ sleep 0.5; $H cells --out run --json; echo $? > code; } | true", "141"],
      ["{ sleep 0.5; $H sweep --help; echo $? > code; } | true", "141"],
      ["$H --help > /dev/full; echo $? > code", "1"],
      ["$H cells --out run > /dev/null; echo $? > code", "0"],
      ["{ sleep 0.5; $H cells --out none; echo $? > code; } 2>&1 | true", "2"],
      ["$H train > /dev/full 2>&1; echo $? > code", "2"],
    ];
    for (const [line, code] of codes) {
      await shell(folder, line);
      expect([line, codeIn(folder)]).toEqual([line, code]);
    }
  });

  const LONG = "sweep smoke --epochs 60 --train-limit 1000 --test-limit 50 --workers 1 --out run";
  const checkpointed = (folder: string) =>
    vi.waitUntil(
      () =>
        existsSync(path.join(folder, "run")) &&
        readdirSync(path.join(folder, "run")).some((id) => existsSync(path.join(folder, "run", id, "checkpoint.bin"))),
      { timeout: 60_000, interval: 20 },
    );
  test.each<[NodeJS.Signals, string]>([
    ["SIGINT", "130"],
    ["SIGTERM", "143"],
    ["SIGHUP", "129"],
  ])("%s ends such a sweep as any other", async (signal, code) => {
    const folder = temporaryFolder();
    const running = shell(folder, `{ sh -c 'echo $$ > pid; exec $H ${LONG}'; echo $? > code; } | head -1`);
    await checkpointed(folder);
    process.kill(Number(readFileSync(path.join(folder, "pid"), "utf8")), signal);
    await running;
    expect(codeIn(folder)).toBe(code);
    expect(existsSync(path.join(folder, "run", "lock.json"))).toBe(false);
  });

  const hasTerminals = process.platform === "linux" && existsSync("/usr/bin/script");
  /** Runs a sweep on a terminal of its own, which goes away once the sweep is under way. */
  const loseTerminal = async (folder: string, command: string): Promise<void> => {
    const running = shell(folder, `script -qec '${command}' /dev/null > drawn & echo $! > pid; wait`);
    await checkpointed(folder);
    await vi.waitUntil(() => /epoch .* cells done/s.test(readFileSync(path.join(folder, "drawn"), "utf8")), {
      timeout: 60_000,
    });
    process.kill(Number(readFileSync(path.join(folder, "pid"), "utf8")), "SIGKILL");
    await running;
  };

  test.skipIf(!hasTerminals)(
    "a terminal that goes away, and with it the shell: the sweep stops in good order",
    async () => {
      const folder = temporaryFolder();
      await loseTerminal(folder, `$H ${LONG}; true`);
      await vi.waitUntil(() => !existsSync(path.join(folder, "run", "lock.json")), { timeout: 60_000 });
      expect(readdirSync(path.join(folder, "run")).length).toBeGreaterThan(2);
    },
  );

  test.skipIf(!hasTerminals)(
    "a terminal that goes away, and the shell does not: the sweep goes on to its end",
    async () => {
      const folder = folderWithSpec();
      const slower = { ...quick, base: { ...quick.base, model: "mlp", epochs: 400, trainLimit: 1000 } };
      writeFileSync(path.join(folder, "quick.json"), JSON.stringify(slower));
      await loseTerminal(folder, `trap "" HUP; ${sweep} --workers 1; echo $? > code`);
      await vi.waitUntil(() => existsSync(path.join(folder, "code")) && codeIn(folder) !== "", { timeout: 90_000 });
      // Not 1: Node aborts (134) when it resets a terminal that is gone, once all is done.
      expect([codeIn(folder), records(folder)]).toEqual([expect.not.stringMatching(/^0$/), 2]);
    },
  );
});
