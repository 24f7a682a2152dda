/** A cell's messages on their way to another machine: after a pause, those that are held back joined. */
import { setTimeout as sleep } from "node:timers/promises";
import { stringify } from "../core/json-text.js";
import type { CellMessage } from "./protocol.js";

const PAUSE_MILLISECONDS = 500;

export class Outbox {
  private waiting: CellMessage[] = [];
  private sending = false;

  /** @param send the messages' text; where it rejects, they are lost @param pause between two of them, in milliseconds */
  constructor(
    private readonly send: (text: string) => Promise<void>,
    private readonly pause = PAUSE_MILLISECONDS,
  ) {}

  /** Training states do not go along: checkpoints have a way of their own. */
  add(message: CellMessage): void {
    this.waiting = join(this.waiting, message);
    if (!this.sending) void this.empty();
  }

  /** Sends what is left. */
  async close(): Promise<void> {
    if (this.waiting.length > 0) await this.sendWaiting();
  }

  private async empty(): Promise<void> {
    this.sending = true;
    while (this.waiting.length > 0) {
      await this.sendWaiting();
      await sleep(this.pause, undefined, { ref: false });
    }
    this.sending = false;
  }

  private async sendWaiting(): Promise<void> {
    const text = stringify(this.waiting);
    this.waiting = [];
    await this.send(text).catch(() => undefined);
  }
}

/** One message of each kind is enough: the newest, but with all rows of the learning curve. */
function join(waiting: CellMessage[], message: CellMessage): CellMessage[] {
  const others = waiting.filter(({ kind }) => kind !== message.kind);
  if (message.kind !== "epochs") return [...others, message];
  const before = waiting.find((other) => other.kind === "epochs")?.curve ?? [];
  return [...others, { kind: "epochs", curve: [...before, ...message.curve], timing: message.timing }];
}
