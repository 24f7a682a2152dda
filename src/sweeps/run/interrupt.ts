/** Ctrl-C, SIGTERM, and SIGHUP of a terminal that goes away: the first asks to stop, the second stops at once. */
import { performance } from "node:perf_hooks";

/** By convention 128 + the signal's number. */
const EXIT_CODES = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;
/** The process ends within two seconds of being asked to, even if a slow disk is not done. */
const LIMIT_MILLISECONDS = 1900;
/** A terminal signals npm and its scripts, and npm signals its scripts again: within this time that is one Ctrl-C. */
const ECHO_MILLISECONDS = 50;

export interface InterruptOptions {
  /** How long the process may take to its end, unless `setStop` says. */
  limitMilliseconds?: number;
  /** Do not end at once when asked twice: clusters send the same signal to a process in several ways. */
  patient?: boolean;
}

/** What may stop a running sweep. */
export type Stopper = Pick<Interrupt, "exitCode" | "setStop" | "close">;

export class Interrupt {
  /** The exit code that a received signal asks for; undefined while there was none. */
  exitCode?: number;
  private stop?: (signal: NodeJS.Signals) => void;
  private limit?: number;
  private asked = -Infinity;

  private readonly onSignal = (signal: NodeJS.Signals): void => {
    const code = EXIT_CODES[signal as keyof typeof EXIT_CODES];
    // Before anything runs that could be saved, and when asked twice. Files are whole at any moment.
    const echo = performance.now() - this.asked < ECHO_MILLISECONDS;
    if (this.exitCode !== undefined && (echo || this.options.patient)) return;
    if (!this.stop || this.exitCode !== undefined) process.exit(code);
    this.exitCode = code;
    this.asked = performance.now();
    const limit = this.limit ?? this.options.limitMilliseconds ?? LIMIT_MILLISECONDS;
    setTimeout(() => process.exit(code), limit).unref();
    this.stop(signal);
  };

  constructor(private readonly options: InterruptOptions = {}) {
    for (const signal of Object.keys(EXIT_CODES)) process.on(signal, this.onSignal);
  }

  /** From now on the first signal calls `stop` instead of ending the process, which may take `limit` milliseconds to its end. */
  setStop(stop: (signal: NodeJS.Signals) => void, limit?: number): void {
    this.stop = stop;
    this.limit = limit;
  }

  close(): void {
    for (const signal of Object.keys(EXIT_CODES)) process.off(signal, this.onSignal);
  }
}
