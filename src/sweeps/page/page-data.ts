/** Writes the merged data where pages load them from: a script, since pages on file:// cannot fetch. */
import path from "node:path";
import { fileURLToPath } from "node:url";
import { stringify } from "../../core/json-text.js";
import { failureReason, NotWritten } from "../store/files.js";
import { replaceFile } from "./replace-file.js";
import type { ReportData } from "./report-data.js";
import { otherPages, writeRunPage } from "./run-page.js";

/** Tests and other front ends set HANDGRAD_PAGE_DATA to write elsewhere. */
export function pageDataPath(): string {
  return process.env.HANDGRAD_PAGE_DATA ?? fileURLToPath(new URL("../../../web/report/build/data.js", import.meta.url));
}

const escaped = (json: string): string =>
  json.replace(/[<\u2028\u2029]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
const script = (json: string): string => `window.HANDGRAD_DATA = ${json};\n`;

/** Non-finite numbers are strings in it, as in records; no text in it can end the script or a line. */
export function pageScript(data: ReportData): string {
  return script(escaped(stringify(data)));
}

/** Where a sweep's pages went. */
export interface WrittenPages {
  /** The data of web/report/index.html. */
  data: string;
  /** The run's own page; absent where a file stands in its place that is none. */
  own?: string;
  /** What stands there instead. */
  note?: string;
}

/**
 * Writes the run's own page and the data of web/report/index.html, which shows the latest run.
 * @param folder the run directory
 * @throws NotWritten where one cannot be written; the other is written all the same
 */
export async function writePages(folder: string, data: ReportData): Promise<WrittenPages> {
  // The data of a thousand cells are made once, and only their beginning differs.
  const json = escaped(stringify(data));
  const own = await writeRunPage(folder, script(json)).catch((error: Error) => error);
  const file = pageDataPath();
  try {
    const from = path.dirname(path.dirname(path.resolve(file)));
    const latest = escaped(
      stringify(await otherPages(from, folder, !(own instanceof Error) && own.note === undefined)),
    );
    await replaceFile(file, script(`{"latest":${latest},${json.slice(1)}`));
  } catch (error) {
    throw new NotWritten(
      `cannot write the page's data to ${file}: ${failureReason(error)}; it goes to a file in a writable folder`,
    );
  }
  if (own instanceof Error) throw own;
  return { data: file, ...own };
}
