/** Locks between processes: many at once, killed at any moment, in containers, and as sweeps take them. */
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, expect, test } from "vitest";
import { diskOperations } from "../../src/sweeps/store/files.js";
import { takeLock } from "../../src/sweeps/store/lock.js";
import { run, start, type Running } from "../process.js";
import { temporaryFolder } from "../sweeps/fixtures.js";
import { privateBuild, type PrivateBuild } from "./private-build.js";

let built: PrivateBuild;
beforeAll(async () => void (built = await privateBuild()));
const lockModules = (): string =>
  `import { acquireLock, takeLock } from "${built.url("sweeps/store/lock.js").href}";
   import { diskOperations } from "${built.url("sweeps/store/files.js").href}";`;

/** Takes the lock a few times and keeps a log while it holds it; it may die before and after every step of that. */
const racer = (folder: string, log: string, seed: number, deaths: number): string[] => [
  "--input-type=module",
  "-e",
  `${lockModules()}
   import { appendFileSync } from "node:fs";
   let state = ${seed};
   const random = () => (state = (state * 48271) % 2147483647) / 2147483647;
   const mayDie = () => { if (random() < ${deaths}) process.kill(process.pid, "SIGKILL"); };
   const operations = Object.fromEntries(Object.entries(diskOperations).map(([name, operation]) =>
     [name, async (...args) => { mayDie(); const result = await operation(...args); mayDie(); return result; }]));
   for (let turn = 0; turn < 4; turn++) {
     const release = await acquireLock(${JSON.stringify(folder)}, { operations, patience: 60_000 });
     appendFileSync(${JSON.stringify(log)}, "+" + process.pid + "\\n");
     await new Promise((resolve) => setTimeout(resolve, 20 * random()));
     mayDie();
     appendFileSync(${JSON.stringify(log)}, "-" + process.pid + "\\n");
     await release();
   }`,
];

test("of many processes that die at any moment, one at a time holds the lock, and nobody waits for ever", async () => {
  const folder = temporaryFolder();
  const log = path.join(temporaryFolder(), "log");
  writeFileSync(log, "");
  let seed = 100;
  let killed = 0;
  const lane = async (): Promise<void> => {
    for (let i = 0; i < 8; i++) {
      const { code, stderr } = await run(racer(folder, log, (seed += 7919), 0.02));
      if (code === null) killed += 1;
      else expect([code, stderr]).toEqual([0, ""]);
    }
  };
  await Promise.all(Array.from({ length: 5 }, lane));
  expect(killed).toBeGreaterThan(8);

  let holder = "";
  let turns = 0;
  for (const line of readFileSync(log, "utf8").trim().split("\n")) {
    // Who follows a holder that was killed does not see it leave; that one must not be heard of again.
    if (line.startsWith("+")) [holder, turns] = [line.slice(1), turns + 1];
    else expect(line.slice(1)).toBe(holder);
  }
  expect(turns).toBeGreaterThan(20);
  await (
    await takeLock(folder, { operations: diskOperations })
  )();
});

test("a process in another container cannot tell whether a holder lives, and leaves its lock alone", async ({
  skip,
}) => {
  const folder = temporaryFolder();
  const release = await takeLock(folder, { operations: diskOperations });
  const inside = (code: string): string[] => [
    "-e",
    `const { spawnSync } = process.getBuiltinModule("child_process");
     const args = ["--pid", "--fork", "--mount-proc", process.execPath, "--input-type=module", "-e", ${JSON.stringify(code)}];
     process.exit(spawnSync("unshare", args, { stdio: "inherit" }).status ?? 1);`,
  ];
  if ((await run(inside("process.exit(process.pid < 5 ? 0 : 1)"))).code !== 0)
    skip("this machine lets nobody make a process namespace");
  const attempt = inside(
    `${lockModules()} await takeLock(${JSON.stringify(folder)}, { operations: diskOperations }).catch(({ message }) => console.log(message));`,
  );
  expect(await run(attempt)).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(`^another sweep is running in ${folder}: process ${process.pid} on `),
  });
  await release();
  expect(await run(attempt)).toMatchObject({ code: 0, stdout: "" });
});

test("a lock of a machine that stands still goes to another one, and the first learns it when it comes back", async ({
  skip,
}) => {
  const folder = temporaryFolder();
  // As on a machine of another name; the lock is never released.
  const on = (host: string, code: string): Running =>
    start(
      ["--uts", "sh", "-c", 'hostname "$0" && exec "$1" --input-type=module -e "$2"', host, process.execPath, code],
      { program: "unshare" },
    );
  if ((await on("first", "").finished.catch(() => ({ code: 1 }))).code !== 0)
    skip("this machine lets nobody give a process a host name of its own");
  const take = `${lockModules()}
    const release = await acquireLock(${JSON.stringify(folder)}, {
      operations: diskOperations, patience: 60_000, lease: 2, onLost: () => { console.log("lost"); clearInterval(working); },
    });
    console.log("taken");`;
  const lock = (): string => readFileSync(path.join(folder, "lock.json"), "utf8");
  const first = on("first", `${take} const working = setInterval(() => undefined, 1000);`);
  await first.said(/taken/);
  first.signal("SIGSTOP");
  const second = on("second", `${take} const working = setInterval(() => undefined, 1000);`);
  await second.said(/taken/);
  const taken = lock();
  first.signal("SIGCONT");
  // It has nothing to do any more, and a lock's renewal keeps no process; nor does its end remove what is another's.
  expect(await first.finished).toMatchObject({ code: 0, stdout: "taken\nlost\n", stderr: "" });
  expect(lock()).toBe(taken);
  expect(JSON.parse(taken)).toMatchObject({ host: "second" });
  second.signal("SIGKILL");
  await second.finished;
});

test("three sweeps that wait for each other all end", async () => {
  const folder = temporaryFolder();
  const sweep = ["sweep", "smoke", "--epochs", "1", "--train-limit", "100", "--test-limit", "20"];
  for (let round = 0; round < 2; round++) {
    const args = [...sweep, "--out", `run${round}`, "--wait"];
    const ended = await Promise.all([1, 2, 3].map(() => built.start(folder, ...args).finished));
    for (const { code, stderr } of ended) expect([code, stderr]).toEqual([0, ""]);
    expect(ended.filter(({ stdout }) => /6 done already and skipped/.test(stdout))).toHaveLength(2);
    expect(readdirSync(path.join(folder, `run${round}`)).filter((name) => /lock|\.tmp$/.test(name))).toEqual([]);
  }
  // Without it, those that are too late say what there is to say.
  const ended = await Promise.all([1, 2, 3].map(() => built.start(folder, ...sweep, "--out", "run").finished));
  for (const { code, stderr } of ended)
    expect([code, stderr]).toEqual(
      code === 0 ? [0, ""] : [2, expect.stringMatching(/^handgrad: another sweep is running in run: [^\n]*\n$/)],
    );
  expect(ended.some(({ code }) => code === 0)).toBe(true);
});
