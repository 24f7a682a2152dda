/** The queue on a real Redis server, with workers in processes of their own. */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import type { CellMessage } from "../../src/workers/protocol.js";
import { QueueCoordinator } from "../../src/workers/queue-coordinator.js";
import { cellKeys, connect, queueName, shownUrl, type QueueConnection } from "../../src/workers/queue.js";
import { run, start, type Running } from "../process.js";
import { build, root } from "./built.js";
import { freePort, redisMissing, startRedis, type RedisServer } from "./redis-server.js";

const name = queueName(3, "0123456789abcdef0123");
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "queue-"));
const script = path.join(import.meta.dirname, "counting-worker.mjs");

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(20);
}

beforeAll(build);

test("an address is shown without its secrets, well-formed or not", () => {
  expect(shownUrl("redis://user:secret@host:6379/2?password=secret")).toBe("redis://host:6379/2");
  expect(shownUrl("rediss://:se/c@r#et@host")).not.toMatch(/ret|se\/c/);
  expect(shownUrl("user:secret@host")).toBe("host");
  expect(shownUrl("redis://host")).toBe("redis://host");
  for (const mark of ["#", "?", "/"])
    for (const url of [
      `redis://:hunter2${mark}7@127.0.0.1:6399`,
      `rediss://me:hunter2${mark}x@y@host`,
      `redis://hunter2${mark}@host`,
    ])
      expect(shownUrl(url)).not.toMatch(/hunter2/);
});

test("what is no server, and missing packages, are refused in one line", async () => {
  const refused = (url: string): Promise<string> =>
    connect(url, () => undefined).then(
      () => "not refused",
      (error: Error) => `${error.name}: ${error.message}`,
    );
  expect(await refused("http://me:secret@host")).toMatch(/^InputError: got "http:\/\/host" .*expected redis:\/\//);
  expect(await refused("redis://me:%E0%A4%A@host")).toMatch(/^InputError: got "redis:\/\/host"/);
  expect(await refused(`redis://:secret@127.0.0.1:${await freePort()}`)).toMatch(
    /^InputError: Redis at redis:\/\/127[^@]* cannot be used: connect ECONNREFUSED[^\n]*$/,
  );
  const bare = path.join(folder, "bare");
  for (const part of ["core", "workers"])
    fs.cpSync(path.join(root, "dist", part), path.join(bare, part), { recursive: true });
  fs.mkdirSync(path.join(bare, "node_modules"));
  fs.symlinkSync(path.join(root, "node_modules/zod"), path.join(bare, "node_modules/zod"));
  fs.writeFileSync(path.join(bare, "package.json"), '{"type":"module"}');
  const code = 'import { connect } from "./workers/queue.js"; await connect("redis://localhost", console.log);';
  const { stderr } = await run(["--input-type=module", "-e", code], { cwd: bare });
  expect(stderr).toMatch(/InputError: .*npm install bullmq@6 ioredis@5/);
});

if (redisMissing !== undefined) console.log(redisMissing);
describe.skipIf(redisMissing !== undefined)("a queue of cells", () => {
  let server: RedisServer;
  let connection: QueueConnection;
  let coordinator: QueueCoordinator;
  const notes: string[] = [];
  const workers: Running[] = [];

  const startWorker = async (options: object = {}): Promise<Running> => {
    const worker = start([script, server.url, JSON.stringify({ lockMilliseconds: 1000, ...options })]);
    workers.push(worker);
    await worker.said(/working/);
    return worker;
  };
  /** Puts a cell that counts. */
  const put = (id: string, data: object, more: { checkpoint?: Uint8Array; by?: QueueCoordinator } = {}) => {
    const messages: CellMessage[] = [];
    const { by = coordinator, checkpoint } = more;
    const cell = { id, data: JSON.stringify(data), checkpoint, onMessage: (m: CellMessage) => void messages.push(m) };
    return { messages, result: by.put(cell).then((bytes) => bytes && Buffer.from(bytes).toString()) };
  };
  const checkpointOf = async (id: string): Promise<number> =>
    Number(await connection.redis.get(cellKeys(name, id).checkpoint));
  const hasBegun = (id: string) => until(async () => (await checkpointOf(id)) > 2);
  const hold = (id: string): string => path.join(folder, id);
  const release = (id: string): void => fs.writeFileSync(hold(id), "");
  const endWorkers = async (): Promise<void> => {
    for (const worker of workers) worker.signal("SIGTERM");
    await Promise.all(workers.splice(0).map(({ finished }) => finished));
  };

  beforeAll(async () => {
    server = await startRedis();
    connection = await connect(server.url, (line) => notes.push(line));
    coordinator = new QueueCoordinator(connection, name);
    await coordinator.ready();
    return async () => {
      connection.close();
      await server.stop();
    };
  });
  afterEach(async () => {
    await endWorkers();
  });

  test("gives results, messages and failures back, each cell once however often it is put", async () => {
    const other = new QueueCoordinator(connection, name);
    await other.ready();
    const first = put("a", { steps: 200, bytes: 3e6 });
    const second = put("a", { steps: 200, bytes: 3e6 }, { by: other });
    const resumed = put("b", { steps: 12 }, { checkpoint: Buffer.from("7") });
    const failing = put("c", { steps: 5, failAt: 2 });
    await startWorker();
    await expect(failing.result).rejects.toThrow(/^failed in step 2$/);
    expect((await first.result)?.length).toBe(3e6);
    expect((await second.result)?.length).toBe(3e6);
    expect(await resumed.result).toBe("7 ");
    const rows = first.messages.flatMap((message) => (message.kind === "epochs" ? message.curve : []));
    expect(first.messages[0]).toEqual({ kind: "started" });
    expect(rows).toEqual(
      Array.from({ length: 200 }, (_, step) => ({ epoch: step + 1, trainLoss: NaN, trainAccuracy: 0 })),
    );
    expect(first.messages.length).toBeLessThan(rows.length);

    expect(await put("c", { steps: 2 }).result).toBe("1 ");
    expect(await put("a", { steps: 1 }).result).toHaveLength(3e6);
    for (const id of ["a", "b", "c"]) await coordinator.forget(id);
    await other.close();
  });

  test("takes cells back, waiting or active, with their checkpoints", async () => {
    await startWorker();
    const active = put("running", { steps: 1e9 });
    await hasBegun("running");
    const waiting = put("idle", { steps: 1 }, { checkpoint: Buffer.from("1") });
    expect(await coordinator.takeBack("idle")).toEqual({ checkpoint: Buffer.from("1") });
    const remains = await coordinator.takeBack("running");
    expect(Number(remains.checkpoint)).toBeGreaterThan(2);
    expect(await Promise.all([waiting.result, active.result])).toEqual([undefined, undefined]);
    await workers[0].said(/stopped: taken back/);
    const after = put("idle", { steps: 1 });
    expect(await after.result).toBe("0 ");
    expect((await coordinator.takeBack("idle")).result?.toString()).toBe("0 ");
  });

  test("a cell of a killed, frozen or ended worker goes on elsewhere from its checkpoint", async () => {
    for (const signal of ["SIGKILL", "SIGSTOP", "SIGTERM"] as const) {
      const from = await startWorker();
      const cell = put(signal, { steps: 1, hold: hold(signal) });
      await hasBegun(signal);
      const to = await startWorker();
      const holder = () => connection.redis.get(cellKeys(name, signal).lock);
      const [first, before] = await Promise.all([holder(), checkpointOf(signal)]);
      from.signal(signal);
      await until(async () => ![first, null].includes(await holder()));
      await until(async () => (await checkpointOf(signal)) > before);
      if (signal === "SIGSTOP") {
        from.signal("SIGCONT");
        await from.said(/stopped: lost/);
      }
      // Given back at once, not found missing.
      const stalls = await connection.redis.hget(cellKeys(name, signal).job, "stc");
      expect(stalls).toBe(signal === "SIGTERM" ? null : "1");
      release(signal);
      expect(Number(await cell.result)).toBeGreaterThanOrEqual(before);
      await coordinator.forget(signal);
      for (const worker of [from, to]) worker.signal("SIGTERM");
    }
  });

  test("a cell fails whose workers die again and again", async () => {
    await startWorker();
    const cell = put("deadly", { steps: 99, dieAt: 60 });
    cell.result.catch(() => undefined);
    const { job } = cellKeys(name, "deadly");
    await until(async () => (await connection.redis.hget(job, "data")) !== null);
    await connection.redis.hset(job, "stc", 3);
    await workers[0].finished;
    await startWorker();
    await expect(cell.result).rejects.toThrow("its worker died, or was cut off, 4 times");
    await coordinator.forget("deadly");
  });

  test("cells outlive their coordinator and the server's restart", async () => {
    const gone = new QueueCoordinator(connection, name);
    const abandoned = put("late", { steps: 1, hold: hold("late") }, { by: gone });
    await startWorker();
    await hasBegun("late");
    const idle = await startWorker();
    const before = await checkpointOf("late");
    await server.stop("SIGKILL");
    // Who leaves while the server is away does not wait for it.
    await until(() => !connection.isThere());
    await gone.close();
    expect(await abandoned.result).toBeUndefined();
    await idle.said(/was lost/);
    idle.signal("SIGTERM");
    await idle.finished;
    const cell = put("late", { steps: 1 });
    const lost = put("lost", { steps: 1 });
    await server.restart();
    await until(async () => (await checkpointOf("late")) > before);
    release("late");
    expect(await cell.result).toMatch(/^\d+ $/);
    expect(await lost.result).toBe("0 ");
    expect(notes).toEqual([
      expect.stringMatching(/^the connection to Redis at redis:.* was lost/),
      expect.stringMatching(/answers again$/),
    ]);
    await connection.redis.flushall();
    // What is gone from the server, or half of it, is put again.
    await connection.redis.hset(cellKeys(name, "again").job, "data", "");
    const again = put("again", { steps: 1, hold: hold("again") });
    await hasBegun("again");
    await connection.redis.flushall();
    await workers[0].said(/stopped: lost/);
    release("again");
    expect(await again.result).toBe("0 ");
    await coordinator.forget("again");
  });

  test("workers announce themselves, and take no cell of another engine; in the end nothing is left", async () => {
    await startWorker({ engineVersion: 4, workers: 2 });
    const cell = put("x", { steps: 1 });
    expect(await connection.workers()).toMatchObject([
      { host: os.hostname(), pid: workers[0].pid, engineVersion: 4, dataset: "counts", workers: 2 },
    ]);
    await startWorker();
    expect((await connection.workers()).map(({ engineVersion }) => engineVersion).sort()).toEqual([3, 4]);
    expect(await cell.result).toBe("0 ");
    await workers[0].said(/working/);
    await coordinator.close();
    expect(await connection.redis.exists(cellKeys(name, "x").result)).toBe(1);
    const last = new QueueCoordinator(connection, name);
    await last.forget("x");
    await last.close();
    await endWorkers();
    await until(async () => (await connection.redis.dbsize()) === 0);
  });

  test("a server that would lose cells, or lets nobody in, is refused, and no password shown", async () => {
    const strict = await startRedis({ password: "right-secret", policy: "allkeys-lru" });
    const problem = (url: string): Promise<string> =>
      connect(url, () => undefined).then(
        () => "",
        (error: Error) => error.message,
      );
    const wrong = await problem(strict.url.replace("right", "wrong"));
    expect(wrong).toMatch(/cannot be used: (WRONGPASS|NOAUTH)/);
    const none = await problem(strict.url.replace(":right-secret@", ""));
    expect(none).toMatch(/cannot be used: NOAUTH/);
    const evicting = await problem(strict.url);
    expect(evicting).toMatch(/allkeys-lru.*redis-cli CONFIG SET maxmemory-policy noeviction/);
    expect(wrong + none + evicting).not.toMatch(/secret|\n/);
    await strict.stop();
  });
});
