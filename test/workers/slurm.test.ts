import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { InputError } from "../../src/core/input-error.js";
import { cancelTasks, mostTasks, parseTasks, requeueMe, submit, taskFacts, tasksOf } from "../../src/workers/slurm.js";
import { arrayScript, type ArrayJob } from "../../src/workers/slurm-script.js";
import { run } from "../process.js";
import { temporaryFolder } from "../sweeps/fixtures.js";
import { build, root } from "./built.js";
import { MAX_ARRAY_SIZE, startSlurm, whyNoSlurm, type SlurmCluster } from "./slurm-cluster.js";

/** A folder of such a name asks a lot of whoever quotes. */
const AWKWARD = `50%a ü 'q' "d" $HOME #x`;
const folder = path.join(mkdtempSync(path.join(os.tmpdir(), "slurm-test-")), AWKWARD);
mkdirSync(path.join(folder, "log"), { recursive: true });

const job = (changes: Partial<ArrayJob>): ArrayJob => ({
  name: "cells",
  tasks: 3,
  cpus: 2,
  logFolder: path.join(folder, "log"),
  folder,
  command: ["true"],
  ...changes,
});

describe("the script of an array job", () => {
  it("says all that sbatch must know, the user's options last", () => {
    const script = arrayScript(
      job({ logFolder: "/run/50% é", folder: "/my folder", command: ["node", "it's"], options: "-p long --mem '2 G'" }),
    );
    expect(script.split("\n")).toEqual([
      "#!/bin/sh",
      "#SBATCH --job-name=cells",
      "#SBATCH --array=0-2",
      "#SBATCH --ntasks=1",
      "#SBATCH --cpus-per-task=2",
      "#SBATCH --requeue",
      "#SBATCH --signal=B:TERM@60",
      '#SBATCH --output="/run/50%% é/%a.log"',
      "#SBATCH --open-mode=append",
      '#SBATCH "-p" "long" "--mem" "2 G"',
      "cd '/my folder' || exit",
      String.raw`exec 'node' 'it'\''s'`,
      "",
    ]);
  });

  it("passes a shell every folder and word as it is", async () => {
    const words = ["two words", `'"`, "$HOME", "`date`", "a\\b", "*", "", "two\nlines", "ü#"];
    const file = path.join(folder, "words.sh");
    writeFileSync(file, arrayScript(job({ command: ["printf", "[%s]", "%s", ...words] })));
    expect(await run([file], { program: "sh" })).toMatchObject({
      code: 0,
      stdout: ["%s", ...words].map((word) => `[${word}]`).join(""),
    });
  });

  it.each([
    ["--partition=a  --time 1:00:00", ["--partition=a", "--time", "1:00:00"]],
    [`--comment="it's \\"\\$x\\" \\n" -p'a b'\\ c`, [`--comment=it's "$x" \\n`, "-pa b c"]],
    [`--comment="" '#' `, ["--comment=", "#"]],
    ["--wait-all-nodes=1 -Hn1 --no-requeue --exclusive", ["--wait-all-nodes=1", "-Hn1", "--no-requeue", "--exclusive"]],
  ])("splits %s as a shell does", (options, words) => {
    const line = arrayScript(job({ options })).split("\n")[9];
    expect(line).toBe(`#SBATCH ${words.map((word) => `"${word.replace(/["\\]/g, "\\$&")}"`).join(" ")}`);
  });

  it.each([
    ["--array=0-3", /got "--array=0-3", but --array is fixed: .*ArrayTaskThrottle=N$/],
    ["-p long -a 0-3", /got "-a", but --array is fixed/],
    ["--arr 3", /got "--arr", but --array is fixed/],
    ["-HJother", /got "-HJother", but --job-name is fixed: the job is found by it$/],
    ["--output=x", /--output is fixed/],
    ["--signal=USR1@9", /--signal is fixed/],
    ["-D /", /--chdir is fixed/],
    ["-W", /--wait is fixed/],
    ["partition=long", /got "partition=long", expected options of sbatch such as --partition=long$/],
    ["--comment='x", /expected one line in which every quotation ends$/],
    ["--comment=x\\", /expected one line in which every quotation ends$/],
    ["--comment=x\n--mem=1", /expected one line in which every quotation ends$/],
  ])("refuses %j in one line", (options, line) => {
    const script = (): string => arrayScript(job({ options }));
    expect(script).toThrow(InputError);
    expect(script).toThrow(line);
  });

  it("refuses a log folder that Slurm would look for by another name", () => {
    expect(() => arrayScript(job({ logFolder: "/a\\b" }))).toThrow(
      /^got "\/a\\\\b" for Slurm's logs, expected a path without backslash and line break; choose another run directory$/,
    );
  });
});

test("squeue's states fold to three, and jobs that are no arrays are left out", () => {
  const states = "PENDING CONFIGURING REQUEUED REQUEUE_HOLD SPECIAL_EXIT RUNNING SUSPENDED COMPLETING".split(" ");
  const lines = states.map(
    (state, index) => `a.b-c_d|17|${index}|${state}|${index === 0 ? "Nodes DOWN, or so" : "None"}\n`,
  );
  const tasks = parseTasks(`${lines.join("")}plain|18|N/A|RUNNING|None\n`);
  expect(tasks[0]).toEqual({ name: "a.b-c_d", job: "17", index: 0, state: "waiting", reason: "Nodes DOWN, or so" });
  expect(tasks.map(({ index, state, reason }) => [index, state, reason]).slice(1)).toEqual([
    [1, "waiting", ""],
    [2, "waiting", ""],
    [3, "waiting", ""],
    [4, "waiting", ""],
    [5, "running", ""],
    [6, "running", ""],
    [7, "ending", ""],
  ]);
  expect(parseTasks("")).toEqual([]);
});

test("a task reads what it is from its environment", () => {
  const env = { SLURM_ARRAY_JOB_ID: "7", SLURM_ARRAY_TASK_ID: "3", SLURMD_NODENAME: "n1", SLURM_CPUS_ON_NODE: "4" };
  expect(taskFacts(env)).toEqual({ job: "7", index: 3, node: "n1", restarts: 0, cpus: 4 });
  expect(taskFacts({ ...env, SLURM_RESTART_COUNT: "2", SLURM_CPUS_PER_TASK: "3" })).toMatchObject({
    restarts: 2,
    cpus: 3,
  });
  expect(taskFacts({ SLURM_JOB_ID: "7" })).toBeUndefined();
});

test("without Slurm, one line says so", async () => {
  const { PATH } = process.env;
  process.env.PATH = folder;
  try {
    await expect(mostTasks()).rejects.toThrow(
      new InputError("Slurm's scontrol was not found; run this on a login node of the cluster"),
    );
    expect(await tasksOf([])).toEqual([]);
  } finally {
    process.env.PATH = PATH;
  }
});

test.each([
  ["RUNNING|None", true],
  ["SIGNALING|None", true],
  ["RESIZING|None", true],
  ["SUSPENDED|None", true],
  ["STOPPED|None", true],
  ["COMPLETING|TimeLimit", true],
  ["COMPLETING|None", false],
  ["COMPLETING|BeginTime", false],
  ["CANCELLED|None", false],
  ["PENDING|BeginTime", false],
  ["", false],
])("a task that Slurm says is %j may be requeued: %j", async (answer, requeued) => {
  const { PATH } = process.env;
  const programs = temporaryFolder();
  const program = (name: string, script: string): void =>
    writeFileSync(path.join(programs, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  program("squeue", `echo '${answer}'`);
  program("scontrol", `echo "$@" > ${programs}/asked`);
  process.env.PATH = `${programs}:${PATH}`;
  try {
    expect(await requeueMe({ job: "12", index: 3, node: "", restarts: 0, cpus: 1 })).toBe(requeued);
    const asked = path.join(programs, "asked");
    expect(existsSync(asked) ? readFileSync(asked, "utf8") : "").toBe(requeued ? "requeue 12_3\n" : "");
  } finally {
    process.env.PATH = PATH;
  }
});

/** Says what happens to it, and asks to be requeued when it is to end. */
const TASK = `
import { requeueMe, taskFacts } from ${JSON.stringify(pathToFileURL(path.join(root, "dist/workers/slurm.js")))};
const facts = taskFacts();
const say = (words) => process.stdout.write(words + "\\n");
process.on("SIGTERM", async (signal) => {
  say(signal);
  if (process.argv[3] === "stubborn") return;
  say("requeued: " + (await requeueMe(facts)));
  process.exit(1);
});
say(JSON.stringify({ ...facts, pid: process.pid, cwd: process.cwd(), argument: process.argv[2] }));
setInterval(() => {}, 1000);
`;

const reason = whyNoSlurm();
describe.skipIf(reason !== undefined)(reason ?? "on a Slurm", () => {
  let cluster: SlurmCluster;
  beforeAll(async () => {
    await build();
    writeFileSync(path.join(folder, "task.mjs"), TASK);
    cluster = await startSlurm();
    process.env.SLURM_CONF = cluster.env.SLURM_CONF;
    // What a user may have in the environment.
    process.env.SBATCH_JOB_NAME = "other";
    process.env.SBATCH_ARRAY_INX = "7-8";
  });
  afterAll(() => cluster.stop());

  const submitTasks = async (name: string, changes: Partial<ArrayJob>, words: string[] = []): Promise<string> => {
    const logFolder = path.join(folder, name);
    mkdirSync(logFolder);
    const command = [process.execPath, "task.mjs", AWKWARD, ...words];
    const file = path.join(folder, `${name}.sh`);
    writeFileSync(file, arrayScript(job({ name, cpus: 1, logFolder, command, ...changes })));
    return submit(file);
  };
  const log = (name: string, index: number): string => {
    const file = path.join(folder, name, `${index}.log`);
    return existsSync(file) ? readFileSync(file, "utf8") : "";
  };
  /** What the task said as it started, each time. */
  const starts = (name: string, index: number): Record<string, unknown>[] =>
    [...log(name, index).matchAll(/^\{.*\}$/gm)].map(([line]) => JSON.parse(line) as Record<string, unknown>);
  const states = async (...names: string[]): Promise<string[]> =>
    (await tasksOf(names)).map(({ name, index, state }) => `${name} ${index} ${state}`).sort();

  const until = async (holds: () => boolean | Promise<boolean>, what: string): Promise<void> => {
    for (let tries = 0; !(await holds()); tries++) {
      if (tries === 1200) {
        const all = await cluster.call("squeue", "--array", "--states=all", "--format=%j %K %T %r");
        const limited = log("limit", 0);
        throw new Error(`never came: ${what}\n${all}\n${limited}\n${await cluster.logs()}`);
      }
      await sleep(100);
    }
  };

  it("tasks run, wait, end, come back and are found by their job's name", async () => {
    // Eight cores: one of b's tasks waits.
    await submitTasks("limit", { tasks: 1, options: "--time=1" });
    const a = await submitTasks("a", { tasks: 5 });
    await until(async () => (await states("limit", "a")).filter((line) => line.endsWith("running")).length === 6, "a");
    const b = await submitTasks("b", { tasks: 3, options: "--comment 'b c'" }, ["stubborn"]);
    await until(async () => (await states("b")).filter((line) => line.endsWith("running")).length === 2, "b");
    expect(await states("b", "none")).toEqual(["b 0 running", "b 1 running", "b 2 waiting"]);
    // Not before the scheduler has looked at it.
    await until(
      async () => (await tasksOf(["b"])).some(({ reason }) => reason === "Resources"),
      "b's third has a reason",
    );
    expect(new Set((await tasksOf(["b"])).map(({ job }) => job))).toEqual(new Set([b]));
    await until(() => [0, 1, 2, 3, 4].every((index) => starts("a", index).length === 1), "all of a say that they run");
    expect(starts("a", 3)[0]).toMatchObject({
      job: a,
      index: 3,
      node: "node",
      restarts: 0,
      cpus: 1,
      cwd: folder,
      argument: AWKWARD,
    });

    const pidOf = (index: number): number => starts("a", index)[0].pid as number;
    await cluster.call("scancel", `${a}_1`);
    process.kill(pidOf(2), "SIGKILL");
    await cluster.call("scontrol", "requeue", `${a}_3`);
    process.kill(pidOf(4), "SIGTERM");
    await until(async () => {
      const left = (await states("a")).join();
      return left === "a 0 running,a 3 waiting,a 4 waiting";
    }, "two of a end, and two come back");
    // Cancelled, and requeued by somebody else: not for the task to change. Ended by neither: requeued by itself.
    expect(log("a", 1)).toMatch(/SIGTERM\nrequeued: false\n/);
    expect(log("a", 1)).toMatch(/CANCELLED AT/);
    expect(log("a", 2)).not.toMatch(/SIGTERM/);
    expect(log("a", 3)).toMatch(/SIGTERM\nrequeued: false\n/);
    expect(log("a", 4)).toMatch(/SIGTERM\n/);
    expect(log("a", 4)).not.toMatch(/requeued: false\n$/);
    await until(() => [3, 4].every((index) => starts("a", index).length === 2), "the requeued tasks run again");
    expect(starts("a", 3)[1]).toMatchObject({ job: a, restarts: 1 });
    expect(starts("a", 4)[1]).toMatchObject({ job: a, restarts: 1 });

    await until(() => starts("b", 0).length === 1, "b's first says that it runs");
    await cancelTasks("b");
    await until(async () => (await states("b")).includes("b 0 ending"), "what does not end at SIGTERM is ending");
    await until(async () => (await states("b")).length === 0, "then it is killed");
    expect(await states("a")).toEqual(["a 0 running", "a 3 running", "a 4 running"]);

    await until(() => starts("limit", 0).length >= 2, "the task that came near its time limit runs again");
    expect(starts("limit", 0)[1]).toMatchObject({ restarts: 1 });
    expect(log("limit", 0)).toMatch(/^SIGTERM$|DUE TO TIME LIMIT/m);
  }, 200_000);

  it("an array has as many tasks as the cluster takes, and what sbatch refuses is told in its words", async () => {
    const most = await mostTasks();
    expect(most).toBe(MAX_ARRAY_SIZE);
    await submitTasks("most", { tasks: most, options: "--hold" });
    expect((await tasksOf(["most"])).filter(({ reason }) => reason === "JobHeldUser")).toHaveLength(most);
    await cancelTasks("most");
    expect(await tasksOf(["most"])).toEqual([]);

    await expect(submitTasks("more", { tasks: most + 1 })).rejects.toThrow(
      new InputError("sbatch: Batch job submission failed: Invalid job array specification"),
    );
    await expect(submitTasks("nowhere", { options: "--partition=nowhere" })).rejects.toThrow(
      /^sbatch: invalid partition specified: nowhere; Batch job submission failed: Invalid partition name specified$/,
    );
    await expect(submitTasks("unknown", { options: "--no-such-option" })).rejects.toThrow(
      /^sbatch: unrecognized option '--no-such-option'; Try "sbatch --help" for more information$/,
    );
    await expect(submitTasks("idle", { options: "--test-only" })).rejects.toThrow(
      /^sbatch: got "", expected a job's number; see the options in .*idle\.sh$/,
    );
    expect(await tasksOf(["more", "nowhere", "unknown", "idle"])).toEqual([]);
  });

  it("says in one line that the controller does not answer", async () => {
    cluster.kill("slurmctld");
    await expect(tasksOf(["a"])).rejects.toThrow(
      /^squeue: slurm_load_jobs error: Unable to contact slurm controller \(connect failure\)$/,
    );
  });
});
