/** What stands between the commands and the streams they write to: text becomes harmless, and a stream that fails ends no command. */
import { asTyped } from "../spec/program.js";
import { failureReason } from "../store/files.js";
import type { OutputStream, RawStream } from "./command.js";

/** C0 but for tab and line feed, DEL, C1, line separators, and what turns the direction of the text that follows. */
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g;

/**
 * The text with control characters written out, as \u001b: names, labels and errors come from files, and a terminal obeys
 * what it is sent. In JSON text they can only stand in strings, which read back as before.
 */
export function harmless(text: string): string {
  return text.replace(CONTROLS, (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** A stream for a command to write on, which calls commands as they are typed here. */
export function harmlessStream(raw: RawStream): OutputStream {
  return { write: (text) => raw.write(asTyped(harmless(text))), terminal: raw.isTTY ? raw : undefined };
}

/** The process's standard output or error. Once it failed (its reader ended, its disk is full), what is written to it is dropped. */
export class StandardStream implements RawStream {
  private failure?: NodeJS.ErrnoException;
  private used = false;

  constructor(
    private readonly stream: NodeJS.WriteStream,
    private readonly name: string,
  ) {
    stream.on("error", this.onError);
  }

  private readonly onError = (error?: NodeJS.ErrnoException | null): void => {
    this.failure ??= error ?? undefined;
  };

  get isTTY(): boolean {
    return this.stream.isTTY;
  }

  // Some terminals, serial ones above all, say that they are of no size.
  get columns(): number {
    return this.stream.columns || 80;
  }

  get rows(): number {
    return this.stream.rows || 24;
  }

  write(text: string): void {
    this.used = true;
    if (!this.failure) this.stream.write(text, this.onError);
  }

  /** Waits until everything is written. @returns what went wrong: a line to say, and the exit code it stands for */
  async settled(): Promise<{ line: string; code: number } | undefined> {
    // What had nothing to be written to it lacks nothing.
    if (!this.failure && this.used)
      await new Promise<void>((resolve) =>
        this.stream.write("", (error) => {
          this.onError(error);
          resolve();
        }),
      );
    if (!this.failure) return undefined;
    // As of a process that SIGPIPE ends.
    if (this.failure.code === "EPIPE")
      return { line: `${this.name} was closed before everything was written to it`, code: 141 };
    return { line: `cannot write to ${this.name}: ${failureReason(this.failure)}`, code: 1 };
  }
}
