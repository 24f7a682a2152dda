/** Writes the merged data where web/report/index.html loads it from: a script, since pages on file:// cannot fetch. */
import { fileURLToPath } from "node:url";
import { failureReason, NotWritten } from "../store/files.js";
import { stringify } from "../../core/json-text.js";
import { replaceFile } from "./replace-file.js";
import type { ReportData } from "./report-data.js";

/** Tests and other front ends set HANDGRAD_PAGE_DATA to write elsewhere. */
export function pageDataPath(): string {
  return process.env.HANDGRAD_PAGE_DATA ?? fileURLToPath(new URL("../../../web/report/build/data.js", import.meta.url));
}

/** Non-finite numbers are strings in it, as in records; no text in it can end the script or a line. */
export function pageScript(data: ReportData): string {
  const json = stringify(data).replace(
    /[<\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return `window.HANDGRAD_DATA = ${json};\n`;
}

/** @returns the path written to @throws NotWritten where it cannot be written */
export async function writePageData(data: ReportData): Promise<string> {
  const file = pageDataPath();
  try {
    await replaceFile(file, pageScript(data));
  } catch (error) {
    throw new NotWritten(
      `cannot write the page's data to ${file}: ${failureReason(error)}; it goes to a file in a writable folder`,
    );
  }
  return file;
}
