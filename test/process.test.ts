import { expect, test } from "vitest";
import { run, start } from "./process.js";

/** A script that starts another, which holds the streams open and never ends. */
const STARTS_ANOTHER = `child_process.spawn(process.execPath, ["-e", "console.log('two'); setInterval(() => {}, 1000)"], { stdio: "inherit" });`;

test("keeps both streams and the exit code", async () => {
  const script = 'console.log("out"); console.error("err"); process.exitCode = 3;';
  expect(await run(["-e", script])).toEqual({ code: 3, stdout: "out\n", stderr: "err\n" });
});

test("what a process started itself ends with it", async () => {
  const child = start(["-e", `${STARTS_ANOTHER} setInterval(() => {}, 1000)`]);
  await child.said(/two/);
  child.signal("SIGKILL");
  expect(await child.finished).toMatchObject({ code: null, stdout: "two\n" });
});

test("a time limit ends a process and all it started, and shows what was said", async () => {
  await expect(run(["-e", STARTS_ANOTHER], { seconds: 3 })).rejects.toThrow(/still ran after 3 s: two\n/);
});

test("who waits for words that never come is told so", async () => {
  await expect(start(["-e", 'console.log("one")']).said(/two/)).rejects.toThrow("ended without saying /two/: one\n");
});
