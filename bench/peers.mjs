#!/usr/bin/env node
// Training speed of Handgrad and its peers, side by side: node bench/peers.mjs [--json] [options, see USAGE].
//
// Every peer is a process of its own (bench/peers/*) on one thread and, where taskset exists, one core. All train the
// same model on the same images with the same batches and optimizer: the homework's with batch 64 and plain SGD, the
// bonus's with batch 128 and Nesterov. Machines are noisy, so the peers take turns, one round each, again and again, and
// the median of a peer's rounds counts; slow peers get fewer batches. The lines exchanged:
//   peer  → {"ready": "name version"}  or  {"unable": "reason"} and the peer ends
//   bench → {"from": first batch, "count": batches}
//   peer  → {"seconds": s, "count": batches trained, "loss": mean loss before the updates}
// A peer counts only if its loss falls from its first batches to the same batches trained again at the end.
import { median } from "./median.mjs";
import { spawnSync } from "node:child_process";
import os from "node:os";
import { parseArgs } from "node:util";
import { writeData } from "./data.mjs";
import { MODELS } from "./models.mjs";
import { Peer } from "./peer-process.mjs";
import { peersWith } from "./peer-table.mjs";
import { processor } from "./processor.mjs";
import { installations } from "./pythons.mjs";

const USAGE = `node bench/peers.mjs [--json] [--models cnn,mlp,resnet] [--peers NAME,NAME] [--optimizer sgd|nesterov|adam]
  [--rounds N] [--seconds S] [--core N] [--pythons PATH,PATH]
--peers takes parts of names (handgrad is always measured); --optimizer is sgd, for resnet nesterov, unless told;
--seconds is a round's length; --core is the core all are pinned to, "none" for no pinning; --pythons are asked for PyTorch
and JAX, and all that they have takes part (by default $PYTHON, python3, /usr/bin/python3 and python).`;

/** How each model is measured: optimizer and seconds a round unless told, batches whose loss has to fall, samples unless all. */
const MEASURED = {
  cnn: { optimizer: "sgd", seconds: 2, check: 20 },
  mlp: { optimizer: "sgd", seconds: 2, check: 20 },
  // Ten batches: a step takes long, and Handgrad reports at the ends of epochs.
  resnet: { optimizer: "nesterov", seconds: 3, check: 10, samples: 1280 },
};
const LEARNING_RATES = { sgd: 0.05, nesterov: 0.01, adam: 0.001 };

const works = (command, args) => spawnSync(command, args, { stdio: "ignore" }).status === 0;

/** Whether a peer takes part with a model, and is one of those that --peers names. */
const takesPart = ({ name, only: models }, model, parts) =>
  (!models || models.includes(model)) && (name === "handgrad" || !parts || parts.some((part) => name.includes(part)));

/** What all peers do with a model. */
function taskOf(model, { optimizer = MEASURED[model].optimizer, seconds = MEASURED[model].seconds }) {
  const { batchSize: batch, optimizer: { weightDecay = 0 } = {} } = MODELS[model];
  return { ...MEASURED[model], model, batch, optimizer, learningRate: LEARNING_RATES[optimizer], weightDecay, seconds };
}

async function measure(task, participants, { rounds, only, progress, ...surroundings }) {
  const { model, seconds } = task;
  const peers = [];
  for (const description of participants) {
    if (!takesPart(description, model, only)) continue;
    const peer = new Peer(description, task, surroundings);
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
  return all
    .map((row) =>
      row
        .map((cell, i) => (i === 5 ? cell : right.has(i) ? cell.padStart(widths[i]) : cell.padEnd(widths[i])))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function wrongUsage(message) {
  console.error(`bench:peers: ${message}; npm run bench:peers -- --help explains`);
  process.exit(2);
}

function readOptions() {
  const string = { type: "string" };
  let values;
  try {
    ({ values } = parseArgs({
      options: {
        json: { type: "boolean" },
        help: { type: "boolean" },
        models: string,
        peers: string,
        optimizer: string,
        rounds: string,
        seconds: string,
        core: string,
        pythons: string,
      },
    }));
  } catch (error) {
    wrongUsage(error.message.split(/\. |\n/)[0]);
  }
  if (values.help) {
    console.log(USAGE);
    process.exit(0);
  }
  const models = [...new Set(values.models?.split(",") ?? Object.keys(MEASURED))];
  if (!models.every((model) => Object.hasOwn(MEASURED, model)))
    wrongUsage(`--models got ${values.models}, expected some of ${Object.keys(MEASURED)}`);
  const { optimizer } = values;
  if (optimizer !== undefined && !Object.hasOwn(LEARNING_RATES, optimizer))
    wrongUsage(`--optimizer got ${optimizer}, expected sgd, nesterov or adam`);
  const rounds = Number(values.rounds ?? 5);
  if (!Number.isInteger(rounds) || rounds < 1)
    wrongUsage(`--rounds got ${values.rounds}, expected a whole number from 1`);
  const seconds = values.seconds === undefined ? undefined : Number(values.seconds);
  if (seconds !== undefined && !(seconds > 0 && seconds <= 3600))
    wrongUsage(`--seconds got ${values.seconds}, expected a number above 0, up to 3600`);
  const core = values.core ?? String(os.cpus().length - 1);
  const pinned = /^\d+$/.test(core) && works("taskset", ["-c", core, process.execPath, "--version"]);
  if (!pinned && values.core !== undefined && core !== "none")
    wrongUsage(`--core got ${core}, expected one core that taskset can pin to, such as 0, or none`);
  return {
    json: values.json ?? false,
    models,
    optimizer,
    rounds,
    seconds,
    only: values.peers?.split(","),
    pythons: values.pythons?.split(","),
    core: pinned ? core : undefined,
  };
}

const options = readOptions();
const progress = (line) => console.error(line);
const installed = options.pythons
  ? installations(options.pythons, (python, reason) =>
      wrongUsage(`--pythons got ${python || options.pythons}, expected a Python that runs: ${reason}`),
    )
  : installations(
      [process.env.PYTHON, "python3", "/usr/bin/python3", "python"].filter(Boolean),
      (python, reason) => python === process.env.PYTHON && progress(`PYTHON ${python} left out: ${reason}`),
    );
const participants = peersWith(installed);
const named = participants
  .filter((peer) => options.models.some((model) => takesPart(peer, model)))
  .map(({ name }) => name);
const unknown = options.only?.find((part) => part === "" || !named.some((name) => name.includes(part)));
if (unknown !== undefined)
  wrongUsage(`--peers got ${unknown || options.only}, expected parts of these names: ${named.join(", ")}`);
const tasks = options.models.map((model) => taskOf(model, options));
const rows = [];
let images;
for (const task of tasks) {
  const { folder, name } = await writeData(task.samples);
  images = name;
  rows.push(...(await measure(task, participants, { ...options, data: folder, progress })));
}

const setting = {
  cpu: processor(),
  node: process.version,
  data: images,
  installed: installed.map(({ name, versions }) => ({ name, versions })),
  training: Object.fromEntries(
    tasks.map(({ model, batch, optimizer, learningRate, weightDecay }) => [
      model,
      { batch, optimizer, learningRate, weightDecay },
    ]),
  ),
  pinnedToCore: options.core === undefined ? null : Number(options.core),
};
if (options.json) console.log(JSON.stringify({ ...setting, rows }));
else {
  const core = options.core === undefined ? "not pinned to a core" : `core ${options.core}`;
  console.log(`${setting.cpu}, one thread, ${core}, Node ${setting.node}; ${images}`);
  for (const { model, batch, optimizer, learningRate, weightDecay } of tasks)
    console.log(
      `${model}: batch ${batch}, ${optimizer}, lr ${learningRate}${weightDecay ? `, weight decay ${weightDecay}` : ""}`,
    );
  for (const { name, versions } of installed) console.log(`${name}: ${versions}`);
  console.log("");
  console.log(table(rows));
}
process.exitCode = rows.some(({ peer, reason }) => peer === "handgrad" && reason) ? 1 : 0;
