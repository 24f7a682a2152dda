// What messages, checkpoints and results of a queue cost the sweep's process, a worker's and Redis: node traffic.mjs URL
// ROLE, or by `traffic`. Workers are a process of its own, whose cells do nothing but tell, as often as a cell may.
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { QueueCoordinator } from "../../dist/workers/queue-coordinator.js";
import { work } from "../../dist/workers/queue-worker.js";
import { connect, queueName } from "../../dist/workers/queue.js";

const [SPEAKERS, SECONDS, CHECKPOINTS] = [100, 8, 20];
const DIGEST = "f".repeat(64);
const MEGABYTE = randomBytes(1_000_000);
/** As a cell in the middle of an epoch tells it. */
const MESSAGE = {
  kind: "progress",
  epoch: 3,
  samples: 12_800,
  samplesPerEpoch: 60_000,
  loss: 0.4321,
  samplesPerSecond: 9876,
};

/** Workers of one process: one that takes cells, and others that only listen. */
async function serve(url, listeners) {
  const connection = await connect(url, () => undefined);
  const common = { dataset: "none", dataDigest: DIGEST };
  const process_ = async ({ data, tell, saveCheckpoint }) => {
    if (data === "checkpoints") for (let i = 0; i < CHECKPOINTS; i++) await saveCheckpoint(MEGABYTE);
    else
      for (const end = Date.now() + 1000 * SECONDS; Date.now() < end; await sleep(250))
        tell({ ...MESSAGE, samples: Date.now() % 60_000 });
    return data === "checkpoints" ? MEGABYTE : randomBytes(1000);
  };
  await work(connection, { ...common, engineVersion: 0, workers: SPEAKERS, process: process_ });
  // Listening for cells that are taken back, as every worker does, and in want of cells.
  for (let i = 0; i < listeners; i++) {
    const idle = new connection.bullmq.QueueEvents(queueName(0, DIGEST), { connection: connection.redis });
    await idle.waitUntilReady();
  }
  process.stdout.write("serving\n");
}

const cpu = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

/** What `act` costs this process and the server. */
async function costOf(redis, act) {
  const server = async () => {
    const info = await redis.info();
    const field = (name) => Number(new RegExp(`^${name}:(\\S+)`, "m").exec(info)[1]);
    return { cpu: field("used_cpu_user") + field("used_cpu_sys"), out: field("total_net_output_bytes") };
  };
  const [own, before, begun] = [cpu(), await server(), performance.now()];
  await act();
  const [wall, after] = [(performance.now() - begun) / 1000, await server()];
  return { wall, ownCpu: cpu() - own, redisCpu: after.cpu - before.cpu, bytesOut: after.out - before.out };
}

/** @returns messages' and megabytes' costs, with the workers' process listening so many times */
export async function traffic(url, listeners, { start }) {
  const child = start([fileURLToPath(import.meta.url), url, `${listeners}`], { seconds: 3600 });
  await child.said(/serving/);
  const connection = await connect(url, () => undefined);
  const coordinator = new QueueCoordinator(connection, queueName(0, DIGEST));
  await coordinator.ready();
  let messages = 0;
  const put = async (id, data) => {
    await coordinator.put({ id, data, onMessage: () => (messages += 1) });
    await coordinator.forget(id);
  };
  const speak = () => Promise.all(Array.from({ length: SPEAKERS }, (_, i) => put(`speaker-${i}`, "messages")));
  const told = await costOf(connection.redis, speak);
  const silent = await costOf(connection.redis, () => sleep(1000 * SECONDS));
  const saved = await costOf(connection.redis, () => put("saver", "checkpoints"));
  await coordinator.close();
  await connection.close();
  child.signal("SIGKILL");
  await child.finished;
  const each = (name) => (told[name] - (silent[name] * told.wall) / silent.wall) / messages;
  return {
    messagesPerSecond: messages / told.wall,
    message: { ownCpu: each("ownCpu"), redisCpu: each("redisCpu"), bytesOut: each("bytesOut") },
    megabyte: { seconds: saved.wall / CHECKPOINTS, redisCpu: saved.redisCpu / (CHECKPOINTS + 1) },
  };
}

const [, file, url, listeners] = process.argv;
if (file === fileURLToPath(import.meta.url)) await serve(url, Number(listeners));
