// A peer of bench/peers.mjs as a process: it trains when asked, over the lines that the header there describes.
import { spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import readline from "node:readline";
import { fileURLToPath } from "node:url";

const PATIENCE_SECONDS = 300;

/** A running peer: start it, ask it, stop it. */
export class Peer {
  /** Samples a second of every round. */
  rounds = [];
  /** The batch to train on next. */
  #next = 0;
  #batch;
  /** First batches whose loss has to fall. */
  #check;

  constructor(
    { name, script, python, variant, env = {}, not = {}, missing },
    { model, batch, optimizer, learningRate, weightDecay, check },
    { data, core },
  ) {
    this.name = name;
    this.#batch = batch;
    this.#check = check;
    this.reason = missing ?? not[model];
    if (this.reason) return;
    const file = path.join(path.dirname(fileURLToPath(import.meta.url)), "peers", script);
    if (!fs.existsSync(path.join(path.dirname(file), "../node_modules")) && /jax-js|tfjs|convnet/.test(script)) {
      this.reason = "not installed; run npm ci in bench/";
      return;
    }
    const command = [python ?? process.execPath, file, "--model", model, "--data", data, "--batch", String(batch)];
    command.push("--lr", String(learningRate), "--optimizer", optimizer, "--decay", String(weightDecay));
    if (variant) command.push("--variant", variant);
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

  async train(count, from = this.#next) {
    const answer = await this.hear({ from, count });
    if (from === this.#next) this.#next += count;
    return answer;
  }

  /** First batches and warm-up; decides how many batches make a round. */
  async warmUp(seconds) {
    this.version = (await this.hear())?.ready;
    const first = await this.train(1);
    if (!first) return;
    this.slow = first.seconds / first.count > 4;
    if (this.slow) this.#check = 1;
    // Handgrad trains on to its next report, which may be all of them.
    const rest = first.count >= this.#check ? first : await this.train(this.#check - 1);
    if (!rest) return;
    this.firstLoss = rest === first ? first.loss : (first.loss + rest.loss * (this.#check - 1)) / this.#check;
    let pace = rest.seconds / rest.count;
    for (let spent = 0; !this.slow && spent < seconds;) {
      const warm = await this.train(Math.max(1, Math.round(seconds / 4 / pace)));
      if (!warm) return;
      spent += warm.seconds;
      pace = warm.seconds / warm.count;
    }
    this.count = Math.max(1, Math.round(seconds / pace));
  }

  async round() {
    const answer = await this.train(this.count);
    if (answer) this.rounds.push((answer.count * this.#batch) / answer.seconds);
  }

  async finish() {
    const last = await this.train(this.#check, 0);
    if (last) {
      this.lastLoss = last.loss;
      if (!(this.lastLoss < this.firstLoss))
        this.reason = `does not learn: loss ${this.firstLoss} at first, ${this.lastLoss} at last`;
    }
    this.stop();
  }

  stop() {
    this.stopped = true;
    this.process?.stdin.end();
    if (this.reason) this.process?.kill();
  }
}
