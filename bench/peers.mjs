#!/usr/bin/env node
// Training speed of Handgrad and its peers, side by side: node bench/peers.mjs [--json] [options, see USAGE].
//
// Every peer is a process of its own (bench/peers/*) on one thread and, where taskset exists, one core. All train the
// same model on the same images, batch 64, plain SGD. Machines are noisy, so the peers take turns, one round each, again
// and again, and the median of a peer's rounds counts; slow peers get fewer batches. The lines exchanged:
//   peer  → {"ready": "name version"}  or  {"unable": "reason"} and the peer ends
//   bench → {"from": first batch, "count": batches}
//   peer  → {"seconds": s, "count": batches trained, "loss": mean loss before the updates}
// A peer counts only if its loss falls from its first batches to the same batches trained again at the end.
import { spawn, spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import readline from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { writeData } from "./data.mjs";

const USAGE = `node bench/peers.mjs [--json] [--models cnn,mlp] [--peers NAME,NAME] [--optimizer sgd|nesterov|adam]
  [--rounds N] [--seconds S] [--core N]
--peers takes parts of names (handgrad is always measured); --seconds is a round's length; --core is the core all are
pinned to, "none" for no pinning.`;

const BATCH = 64;
const LEARNING_RATES = { sgd: 0.05, nesterov: 0.01, adam: 0.001 };
const PATIENCE_SECONDS = 300;

/**
 * glibc settings under which PyTorch keeps its large buffers instead of returning them to the system after every step.
 * 32 MiB is the largest threshold that glibc accepts: it ignores larger ones silently.
 */
const TUNED_MALLOC = {
  MALLOC_MMAP_THRESHOLD_: "33554432",
  MALLOC_TRIM_THRESHOLD_: "1073741824",
  MALLOC_TOP_PAD_: "268435456",
};

const PEERS = [
  { name: "handgrad", script: "handgrad.mjs" },
  { name: "pytorch", script: "pytorch.py", only: "mlp" },
  { name: "pytorch tuned malloc", script: "pytorch.py", env: TUNED_MALLOC, only: "mlp" },
  { name: "pytorch nchw", script: "pytorch.py", only: "cnn" },
  { name: "pytorch channels_last", script: "pytorch.py", variant: "channels_last", only: "cnn" },
  { name: "pytorch channels_last tuned malloc", script: "pytorch.py", variant: "channels_last", env: TUNED_MALLOC, only: "cnn" },
  { name: "jax-js wasm", script: "jax-js.mjs" },
  { name: "tensorflow.js cpu", script: "tfjs.mjs", variant: "cpu" },
  { name: "tensorflow.js wasm", script: "tfjs.mjs", variant: "wasm" },
  { name: "convnetjs", script: "convnetjs.mjs" },
];

const median = (numbers) => {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

const works = (command, args) => spawnSync(command, args, { stdio: "ignore" }).status === 0;

/** The first Python that has PyTorch, else the first Python at all. */
function findPython() {
  const candidates = [process.env.PYTHON, "python3", "/usr/bin/python3", "python"].filter(Boolean);
  return candidates.find((python) => works(python, ["-c", "import torch, numpy"])) ?? candidates.find((python) => works(python, ["--version"]));
}

/** A running peer: start it, ask it, stop it. */
class Peer {
  constructor({ name, script, variant, env = {} }, { model, optimizer, data, core, python }) {
    this.name = name;
    this.model = model;
    this.rounds = [];
    this.next = 0;
    const file = path.join(path.dirname(fileURLToPath(import.meta.url)), "peers", script);
    if (!fs.existsSync(path.join(path.dirname(file), "../node_modules")) && /jax|tfjs|convnet/.test(script)) {
      this.reason = "not installed; run npm ci in bench/";
      return;
    }
    if (script.endsWith(".py") && !python) {
      this.reason = "no Python found; install python3 with PyTorch, or set PYTHON";
      return;
    }
    const command = [script.endsWith(".py") ? python : process.execPath, file, "--model", model, "--data", data, "--batch", String(BATCH)];
    command.push("--lr", String(LEARNING_RATES[optimizer]), "--optimizer", optimizer, ...(variant ? ["--variant", variant] : []));
    if (core !== undefined) command.unshift("taskset", "-c", core);
    this.process = spawn(command[0], command.slice(1), {
      env: { ...process.env, OMP_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1", PYTHONDONTWRITEBYTECODE: "1", ...env },
      stdio: ["pipe", "pipe", "pipe"],
    });
    this.process.on("error", (error) => this.fail(error.message));
    this.process.stdin.on("error", () => {}); // a peer that has ended is reported by "close"
    let complaints = "";
    this.process.stderr.on("data", (text) => (complaints = (complaints + text).slice(-2000)));
    this.process.on("close", () => this.fail(complaints.trim().split("\n").at(-1) || "ended early"));
    readline.createInterface({ input: this.process.stdout }).on("line", (line) => {
      if (line.startsWith("{")) this.answer?.(JSON.parse(line));
    });
  }

  fail(reason) {
    if (this.stopped) return;
    this.reason ??= reason;
    this.answer?.({ unable: this.reason });
  }

  /** Waits for the peer's next line, after sending it one; undefined (and `reason` set) where there is none to come. */
  async hear(request) {
    if (this.reason) return undefined;
    const timer = setTimeout(() => this.fail(`no answer within ${PATIENCE_SECONDS} s`), PATIENCE_SECONDS * 1000);
    const answer = await new Promise((resolve) => {
      this.answer = resolve;
      if (request) this.process.stdin.write(JSON.stringify(request) + "\n");
    });
    clearTimeout(timer);
    this.answer = undefined;
    if (answer.unable === undefined) return answer;
    this.reason ??= answer.unable;
    return undefined;
  }

  async train(count, from = this.next) {
    const answer = await this.hear({ from, count });
    if (from === this.next) this.next += count;
    return answer;
  }

  /** First batches and warm-up; decides how many batches make a round. */
  async warmUp(seconds) {
    this.version = (await this.hear())?.ready;
    const first = await this.train(1);
    if (!first) return;
    this.slow = first.seconds > 4;
    this.check = this.slow ? 1 : 20;
    const rest = this.slow ? first : await this.train(this.check - 1);
    if (!rest) return;
    this.firstLoss = this.slow ? first.loss : (first.loss + rest.loss * (this.check - 1)) / this.check;
    let pace = rest.seconds / rest.count;
    for (let spent = 0; !this.slow && spent < seconds; ) {
      const warm = await this.train(Math.max(1, Math.round(seconds / 4 / pace)));
      if (!warm) return;
      spent += warm.seconds;
      pace = warm.seconds / warm.count;
    }
    this.count = Math.max(1, Math.round(seconds / pace));
  }

  async round() {
    const answer = await this.train(this.count);
    if (answer) this.rounds.push((answer.count * BATCH) / answer.seconds);
  }

  async finish() {
    const last = await this.train(this.check, 0);
    if (last) {
      this.lastLoss = last.loss;
      if (!(this.lastLoss < this.firstLoss)) this.reason = `does not learn: loss ${this.firstLoss} at first, ${this.lastLoss} at last`;
    }
    this.stop();
  }

  stop() {
    this.stopped = true;
    this.process?.stdin.end();
    if (this.reason) this.process?.kill();
  }
}

async function measure(model, options) {
  const { data, rounds, seconds, only, progress } = options;
  const peers = [];
  for (const description of PEERS) {
    if (description.only && description.only !== model) continue;
    if (description.name !== "handgrad" && only && !only.some((part) => description.name.includes(part))) continue;
    const peer = new Peer(description, { ...options, model, data });
    progress(`${model}: warming up ${peer.name}`);
    await peer.warmUp(seconds);
    if (peer.reason) progress(`${model}: ${peer.name} left out: ${peer.reason}`);
    peers.push(peer);
  }
  for (let round = 0; round < rounds; round++) {
    progress(`${model}: round ${round + 1} of ${rounds}`);
    for (const peer of peers) if (!peer.reason && !(peer.slow && round >= 2)) await peer.round();
  }
  for (const peer of peers) await peer.finish();
  const own = peers[0].reason ? undefined : median(peers[0].rounds);
  return peers.map((peer) => {
    if (peer.reason) return { peer: peer.name, model, samplesPerSecond: null, ratio: null, reason: peer.reason };
    const samplesPerSecond = median(peer.rounds);
    return {
      peer: peer.name,
      model,
      samplesPerSecond,
      ratio: own === undefined ? null : own / samplesPerSecond,
      slowest: Math.min(...peer.rounds),
      fastest: Math.max(...peer.rounds),
      rounds: peer.rounds.length,
      firstLoss: peer.firstLoss,
      lastLoss: peer.lastLoss,
      version: peer.version,
    };
  });
}

function table(rows) {
  const number = (value) => (value >= 100 ? Math.round(value).toLocaleString("en-US") : value.toFixed(1));
  const cells = rows.map((row) =>
    row.reason
      ? [row.model, row.peer, "–", "", "–", row.reason]
      : [
          row.model,
          row.peer,
          number(row.samplesPerSecond),
          `${number(row.slowest)}–${number(row.fastest)}`,
          row.ratio === null ? "–" : `${row.ratio >= 10 ? Math.round(row.ratio) : row.ratio.toFixed(2)}×`,
          `${row.firstLoss.toFixed(3)} → ${row.lastLoss.toFixed(3)}`,
        ],
  );
  const all = [["model", "peer", "samples/s", "range", "handgrad is", "loss"], ...cells];
  const widths = all[0].map((_, column) => Math.max(...all.map((row) => row[column].length)));
  const right = new Set([2, 4]);
  return all.map((row) => row.map((cell, i) => (i === 5 ? cell : right.has(i) ? cell.padStart(widths[i]) : cell.padEnd(widths[i]))).join("  ").trimEnd()).join("\n");
}

function wrongUsage(message) {
  console.error(`${message}\n${USAGE}`);
  process.exit(2);
}

function readOptions() {
  const string = { type: "string" };
  let values;
  try {
    ({ values } = parseArgs({
      options: { json: { type: "boolean" }, help: { type: "boolean" }, models: string, peers: string, optimizer: string, rounds: string, seconds: string, core: string },
    }));
  } catch (error) {
    wrongUsage(error.message);
  }
  if (values.help) {
    console.log(USAGE);
    process.exit(0);
  }
  const models = (values.models ?? "cnn,mlp").split(",");
  if (!models.every((model) => ["cnn", "mlp"].includes(model))) wrongUsage(`--models got ${values.models}, expected cnn, mlp or both`);
  const optimizer = values.optimizer ?? "sgd";
  if (!(optimizer in LEARNING_RATES)) wrongUsage(`--optimizer got ${optimizer}, expected sgd, nesterov or adam`);
  const rounds = Number(values.rounds ?? 5);
  if (!Number.isInteger(rounds) || rounds < 1) wrongUsage(`--rounds got ${values.rounds}, expected a whole number from 1`);
  const seconds = Number(values.seconds ?? 2);
  if (!(seconds > 0)) wrongUsage(`--seconds got ${values.seconds}, expected a number above 0`);
  const core = values.core ?? String(os.cpus().length - 1);
  const pinned = core !== "none" && works("taskset", ["-c", core, process.execPath, "--version"]);
  return { json: values.json ?? false, models, optimizer, rounds, seconds, only: values.peers?.split(","), core: pinned ? core : undefined };
}

const options = readOptions();
const { folder, name } = writeData();
process.on("SIGINT", () => process.exit(130));
process.on("exit", () => fs.rmSync(folder, { recursive: true, force: true }));
const progress = (line) => console.error(line);
const python = findPython();
const rows = [];
for (const model of options.models) rows.push(...(await measure(model, { ...options, data: folder, python, progress })));

const setting = {
  cpu: os.cpus()[0]?.model ?? "unknown",
  node: process.version,
  data: name,
  batch: BATCH,
  optimizer: options.optimizer,
  learningRate: LEARNING_RATES[options.optimizer],
  pinnedToCore: options.core === undefined ? null : Number(options.core),
};
if (options.json) console.log(JSON.stringify({ ...setting, rows }));
else {
  console.log(`${setting.cpu}, one core, Node ${setting.node}; ${name}, batch ${BATCH}, ${options.optimizer}, lr ${setting.learningRate}\n`);
  console.log(table(rows));
}
process.exitCode = rows.some(({ peer, reason }) => peer === "handgrad" && reason) ? 1 : 0;
