/** Ctrl-C, SIGTERM, and SIGHUP of a terminal that goes away: the first asks to stop, the second stops at once. */

/** By convention 128 + the signal's number. */
const EXIT_CODES = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;
/** The process ends within two seconds of being asked to, even if a slow disk is not done. */
const LIMIT_MILLISECONDS = 1900;

export interface InterruptOptions {
  /** How long the process may take to its end. */
  limitMilliseconds?: number;
  /** Do not end at once when asked twice: clusters send the same signal to a process in several ways. */
  patient?: boolean;
}

export class Interrupt {
  /** The exit code that a received signal asks for; undefined while there was none. */
  exitCode?: number;
  private stop?: (signal: NodeJS.Signals) => void;

  private readonly onSignal = (signal: NodeJS.Signals): void => {
    const code = EXIT_CODES[signal as keyof typeof EXIT_CODES];
    // Before anything runs that could be saved, and when asked twice. Files are whole at any moment.
    if (this.options.patient && this.exitCode !== undefined) return;
    if (!this.stop || this.exitCode !== undefined) process.exit(code);
    this.exitCode = code;
    setTimeout(() => process.exit(code), this.options.limitMilliseconds ?? LIMIT_MILLISECONDS).unref();
    this.stop(signal);
  };

  constructor(private readonly options: InterruptOptions = {}) {
    for (const signal of Object.keys(EXIT_CODES)) process.on(signal, this.onSignal);
  }

  /** From now on the first signal calls `stop` instead of ending the process. */
  setStop(stop: (signal: NodeJS.Signals) => void): void {
    this.stop = stop;
  }

  close(): void {
    for (const signal of Object.keys(EXIT_CODES)) process.off(signal, this.onSignal);
  }
}
