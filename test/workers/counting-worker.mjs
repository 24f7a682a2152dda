/**
 * A worker process whose cells count: `node counting-worker.mjs URL OPTIONS`. A cell's data say how far, in what steps it
 * fails, or ends its process, and which file must exist before it ends; its checkpoint is how far it came.
 */
import fs from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "../../dist/workers/queue.js";
import { work } from "../../dist/workers/queue-worker.js";

const [url, options] = process.argv.slice(2);

async function count({ data, checkpoint, signal, tell, saveCheckpoint }) {
  const { steps, failAt, dieAt, hold, bytes } = JSON.parse(data);
  const from = checkpoint ? Number(Buffer.from(checkpoint)) : 0;
  tell({ kind: "started" });
  for (let step = from; step < steps || (hold && !fs.existsSync(hold));) {
    step += 1;
    if (step === failAt) throw new Error(`failed in step ${step}`);
    if (step === dieAt) process.kill(process.pid, "SIGKILL");
    await sleep(5);
    tell({ kind: "epochs", curve: [{ epoch: step, trainLoss: NaN, trainAccuracy: 0 }], timing: {}, state: {} });
    await saveCheckpoint(Buffer.from(`${step}`));
    if (signal.aborted) {
      console.log(`stopped: ${signal.reason}`);
      return undefined;
    }
  }
  return Buffer.from(`${from} `.padEnd(bytes ?? 1, "x"));
}

const connection = await connect(url, (line) => console.log(line));
const defaults = { engineVersion: 3, dataset: "counts", dataDigest: "0123456789abcdef0123", workers: 1 };
const worker = await work(connection, { ...defaults, process: count, ...JSON.parse(options ?? "{}") });
process.on("SIGTERM", async () => {
  await worker.close();
  connection.close();
});
const parent = process.ppid;
setInterval(() => process.ppid !== parent && process.exit(), 1000).unref();
console.log("working");
