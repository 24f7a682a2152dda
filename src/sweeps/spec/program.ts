/** Who started this program, and so what its commands are called. */
import { fileURLToPath } from "node:url";

/** A checkout, whose npm scripts start the program. */
export interface Checkout {
  /** The file that the scripts run. */
  entry: string;
  /** What the page of the latest run loads. */
  pageData: string;
}

let checkout: Checkout | undefined;

/** Tells that a checkout's scripts start the program. Untold, it is an installed package: by its command, or as a library. */
export function startedBy(scripts: Checkout | undefined): void {
  checkout = scripts;
}

export const startedFrom = (): Checkout | undefined => checkout;

/** The file that starts the program again, in another process or on another machine that shares the disk. */
export const entryFile = (): string => checkout?.entry ?? fileURLToPath(new URL("../commands/bin.js", import.meta.url));

/** A text of ours, which calls a command `npm run sweep -- FILE`, with the words that start it here. */
export const asTyped = (text: string): string =>
  checkout ? text : text.replaceAll(/\bnpm run (?:-s )?(?!build\b)([\w:]+)( --(?=\s))?/g, "npx handgrad $1");
