/** Sweeps through a queue on a Redis server of their own: whatever is killed, frozen or ended, the numbers are one machine's. */
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, describe, expect, test } from "vitest";
import { decodeRecord } from "../../../src/sweeps/store/record.js";
import { cellKeys, connect, type QueueConnection } from "../../../src/workers/queue.js";
import { work, type QueueWorker } from "../../../src/workers/queue-worker.js";
import { mergedNumbers } from "../../faults/merged.js";
import type { Running } from "../../process.js";
import { build, root } from "../../workers/built.js";
import { freePort, redisMissing, startRedis, type RedisServer } from "../../workers/redis-server.js";
import { idxBytes } from "../data/idx-bytes.js";
import { temporaryFolder, tinyDataset } from "../fixtures.js";
import { handgradHere, pageDataOf, startHandgrad } from "../handgrad.js";

const PASSWORD = "open-sesame";
const folder = temporaryFolder();
const dataDir = path.join(folder, "data");
const entry = path.join(folder, "entry.mjs");

const base = { model: { kind: "mlp", hidden: [4] }, optimizer: "nesterov" };
/** Some seconds of training. */
const LONG = { epochs: 800 };
const BRIEF = { epochs: 3, trainLimit: 100 };
const seeds = (from: number, count: number) => ({ seed: Array.from({ length: count }, (_, i) => from + i) });
const MANY = {
  name: "many",
  base,
  variants: [
    { label: "long", set: LONG, axes: seeds(100, 3) },
    { label: "brief", set: BRIEF, axes: seeds(0, 57) },
  ],
};
/** Not to its end. */
const STOPPED = { name: "stopped", base: { ...base, epochs: 50_000 }, axes: seeds(300, 1) };
const DOOMED = { name: "doomed", base: { ...base, ...LONG }, axes: seeds(200, 1) };
/** A batch of the first one takes far longer than its worker waits. */
const FAILING = {
  name: "doomed",
  base,
  variants: [
    {
      label: "slow",
      set: { model: { kind: "mlp", hidden: [3000, 3000] }, kernels: "reference", batchSize: 4000, epochs: 1 },
    },
    { label: "deadly", set: { ...LONG, seed: 200 } },
  ],
};

/** The spec of a sweep in a folder of its own. */
function sweepFolder(name: string, spec: object): string {
  const place = path.join(folder, name);
  fs.mkdirSync(place, { recursive: true });
  fs.writeFileSync(path.join(place, "spec.json"), JSON.stringify(spec));
  return place;
}

function writeData(): void {
  const { train, test: tested } = tinyDataset(4000, 40);
  fs.mkdirSync(dataDir);
  for (const [split, { count, images, labels }] of Object.entries({ train, t10k: tested })) {
    fs.writeFileSync(path.join(dataDir, `${split}-images-idx3-ubyte`), idxBytes([count, 8, 8], images));
    fs.writeFileSync(path.join(dataDir, `${split}-labels-idx1-ubyte`), idxBytes([count], labels));
  }
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(50);
}

/** The records of a sweep's run directory, by id. */
function recordsIn(place: string) {
  const run = path.join(place, "run");
  const files = fs.readdirSync(run).map((id) => path.join(run, id, "record.json"));
  const found = files.filter((file) => fs.existsSync(file));
  return new Map(found.map((file) => decodeRecord(fs.readFileSync(file, "utf8"), file)).map((r) => [r.id, r]));
}

/** The merged data; how many threads trained is no part of them. */
function merged(place: string): string {
  return mergedNumbers(pageDataOf(place)).replace(/"workers":\d+/, "");
}

beforeAll(async () => {
  await build();
  writeData();
  const cli = pathToFileURL(path.join(root, "dist/sweeps/commands/cli.js")).href;
  fs.writeFileSync(entry, `import { main } from "${cli}";\nawait main(process.argv.slice(2));\n`);
});

if (redisMissing !== undefined) console.log(redisMissing);
describe.skipIf(redisMissing !== undefined)("sweeps through a queue", () => {
  let server: RedisServer;
  let connection: QueueConnection;
  const others: QueueWorker[] = [];
  const started: Running[] = [];

  const run = (place: string, ...args: string[]): Running => {
    const running = startHandgrad(place, [...args, "--data-dir", dataDir], entry, { REDIS_URL: server.url });
    started.push(running);
    return running;
  };
  const sweep = (place: string, ...args: string[]): Running =>
    run(place, "sweep", "spec.json", "--executor", "bullmq", "--out", "run", ...args);
  const worker = (...args: string[]): Running => run(folder, "worker", "--workers", "1", ...args);
  /** Resolves with the cell that a worker trains, when it has a checkpoint in Redis. */
  const training = async (running: Running, cell = ""): Promise<string> => {
    const [, id] = await running.said(new RegExp(`Z (\\S+${cell}-[0-9a-f]{16}): epoch 1 `));
    await until(async () => (await keysOf(id)).some((key) => key.endsWith(":checkpoint")));
    return id;
  };
  const keysOf = (id: string): Promise<string[]> => connection.redis.keys(`*:${id}*`);
  const queueOf = (key: string): string => key.split(":")[1];

  beforeAll(async () => {
    server = await startRedis({ password: PASSWORD });
    connection = await connect(server.url, () => undefined);
    const other = { dataset: "other", dataDigest: "e".repeat(64), workers: 1 };
    const taken = () => Promise.reject(new Error("a worker took a cell that is not for it"));
    others.push(await work(connection, { ...other, engineVersion: 3, process: taken }));
    others.push(await work(connection, { ...other, engineVersion: 2, process: taken }));
    return async () => {
      for (const { signal } of started) signal("SIGKILL");
      connection.close();
      await server.stop();
    };
  });

  test("rungs: promoted cells go on from their checkpoints, to the bytes of one machine", async () => {
    const rungs = {
      name: "rungs",
      base: { ...base, trainLimit: 300, validation: 100 },
      axes: { "optimizer.lr": { logUniform: [0.001, 1] }, ...seeds(0, 2) },
      samples: 3,
      halving: { rungs: [1, 2, 5], keep: 0.34 },
    };
    const [here, there] = ["rungs-here", "rungs-there"].map((name) => sweepFolder(name, rungs));
    const one = run(here, "sweep", "spec.json", "--out", "run");
    const helper = worker();
    await helper.said(/takes 1 cell/);
    expect((await sweep(there).finished).code).toBe(0);
    expect((await one.finished).code).toBe(0);
    helper.signal("SIGINT");
    const { stdout } = await helper.finished;
    expect([merged(there), recordsIn(there).size]).toEqual([merged(here), 6]);
    expect(stdout.match(/: going on after epoch 1 of 5/g)).toHaveLength(3);
    expect(stdout.match(/: going on after epoch 2 of 5/g)).toHaveLength(2);
    expect(stdout.match(/: epoch 1 of 5/g)).toHaveLength(6);
  });

  test("whatever becomes of coordinator, workers and server, each cell ends once, to the bytes of one machine", async () => {
    const [manyHere, many] = [sweepFolder("here", MANY), sweepFolder("many", MANY)];
    const [failing, stopped] = [sweepFolder("failing", FAILING), sweepFolder("stopped", STOPPED)];
    const local = run(manyHere, "sweep", "spec.json", "--out", "run", "--workers", "2");

    // A cell that fails on its worker, and one that kills each: its fourth one now.
    const failed = sweep(failing, "--retries", "0");
    const first = worker("--stall-timeout", "5");
    const misfits = [/engine version is 2, expected 3/, /data are other eeeeeeee, expected /];
    for (const misfit of misfits) await failed.said(misfit);
    await failed.said(/FAILED: no progress for 5 s/);
    const doomed = await training(first, "seed200");
    const { job } = cellKeys(queueOf((await keysOf(doomed))[0]), doomed);
    await connection.redis.hset(job, "stc", 3);
    first.signal("SIGKILL");

    // A worker that is told to end gives its cell back at once; a coordinator that is told to end leaves it; Ctrl-C stops it.
    const second = worker();
    const letGo = sweep(stopped);
    const id = await training(second);
    const third = worker();
    await third.said(/takes 1 cell/);
    second.signal("SIGTERM");
    letGo.signal("SIGTERM");
    expect((await second.finished).code).toBe(143);
    expect(await letGo.finished).toMatchObject({ code: 143, stdout: expect.stringMatching(/letting go/) });
    await third.said(new RegExp(`${id}: going on after epoch`));
    const interrupted = sweep(stopped);
    await interrupted.said(new RegExp(`${id}: epoch \\d+/`));
    interrupted.signal("SIGINT");
    expect(await interrupted.finished).toMatchObject({
      code: 130,
      stdout: expect.stringMatching(/stopping all cells/),
    });
    expect(await keysOf(id)).toEqual([]);
    expect(fs.existsSync(path.join(stopped, "run", id, "checkpoint.bin"))).toBe(true);
    const goneOn = run(stopped, "sweep", "spec.json", "--out", "run");
    await goneOn.said(new RegExp(`${id}: going on after epoch`));
    goneOn.signal("SIGKILL");

    // All at once: a worker freezes, another is killed, the coordinator too, and the server restarts.
    const fourth = worker();
    await fourth.said(/takes 1 cell/);
    const killed = sweep(many);
    const long = await Promise.all([third, fourth].map((running) => training(running)));
    third.signal("SIGSTOP");
    fourth.signal("SIGKILL");
    killed.signal("SIGKILL");
    await killed.finished;
    await server.stop("SIGKILL");
    await server.restart();
    const last = sweep(many);
    const fifth = worker();
    const result = await failed.finished;
    expect(result).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/its worker died, or was cut off, 4 times/),
    });
    const again = sweep(sweepFolder("failing", DOOMED));
    for (const cell of long) await fifth.said(new RegExp(`${cell}: going on after epoch`));
    third.signal("SIGCONT");
    await third.said(/: stopped/);
    expect(await last.finished).toMatchObject({ code: 0 });
    expect(await again.finished).toMatchObject({ code: 0, stdout: expect.stringMatching(/failed last time.*4 times/) });

    expect(await local.finished).toMatchObject({ code: 0 });
    expect(merged(many)).toBe(merged(manyHere));
    const records = recordsIn(many);
    expect(records.size).toBe(60);
    for (const cell of long)
      expect(records.get(cell)?.run).toMatchObject({ resumes: 1, where: { executor: "bullmq" } });
    for (const running of [third, fifth]) running.signal("SIGINT");
    for (const running of [third, fifth]) expect((await running.finished).code).toBe(130);
    for (const { close } of others) await close();
    // What killed workers announced runs out by itself.
    const left = await connection.redis.keys("*");
    expect(left.filter((key) => !key.startsWith("handgrad-worker:"))).toEqual([]);
    const output = await Promise.all(started.map(({ finished }) => finished));
    expect(output.map(({ stdout, stderr }) => stdout + stderr).join("\n")).not.toContain(PASSWORD);
  }, 300_000);
});

test("what is wrong with the address is said in one line without its secrets", async () => {
  const before = process.env.REDIS_URL;
  delete process.env.REDIS_URL;
  const nobody = `redis://:${PASSWORD}@127.0.0.1:${await freePort()}`;
  const cases: [string[], RegExp][] = [
    [["worker"], /got no address of Redis, expected --redis/],
    [["sweep", "--executor", "bullmq"], /got no address of Redis, expected --redis/],
    [["sweep", "--redis", nobody], /got --redis with --executor local, expected it with --executor bullmq/],
    [["sweep", "--executor", "bullmq", "--redis", nobody], /redis:\/\/127.* cannot be used: connect ECONNREFUSED/],
    [["worker", "--redis", nobody.replace("redis:", "redis")], /as the address of Redis, expected redis:/],
    [["worker", "--redis", `${nobody}/first`], /as the address of Redis, expected redis:/],
    [["worker", nobody], /got the extra word "redis:\/\/127/],
  ];
  for (const [args, line] of cases) {
    const { code, stdout, stderr } = await handgradHere(folder, ...args);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(new RegExp(`^handgrad: .*${line.source}.*\n$`));
    expect(stderr).not.toContain(PASSWORD);
  }
  if (before !== undefined) process.env.REDIS_URL = before;
});
