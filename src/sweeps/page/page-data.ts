/** Writes the merged data where pages load them from: a script, since pages on file:// cannot fetch. */
import path from "node:path";
import { stringify } from "../../core/json-text.js";
import { asTyped, startedFrom } from "../spec/program.js";
import { failureReason, NotWritten } from "../store/files.js";
import { toldParts, type PageParts } from "./part-contents.js";
import { putPart, removeOtherPieces } from "./parts.js";
import { replaceFile } from "./replace-file.js";
import type { ReportData } from "./report-data.js";
import { otherPages, partsFolder, writeRunPage } from "./run-page.js";

/** What the page of the latest run loads: only a checkout has one. Tests and other front ends set HANDGRAD_PAGE_DATA to write elsewhere. */
function latestData(): string | undefined {
  return process.env.HANDGRAD_PAGE_DATA ?? startedFrom()?.pageData;
}

const escaped = (json: string): string =>
  json.replace(/[<\u2028\u2029]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
const script = (json: string): string => asTyped(`window.HANDGRAD_DATA = ${json};\n`);

/** Non-finite numbers are strings in it, as in records; no text in it can end the script or a line. */
export function pageScript(data: ReportData): string {
  return script(escaped(stringify(data)));
}

/** Puts parts into a folder. @returns those that lie there now, and why others do not */
async function putParts(
  all: PageParts,
  place: string,
  other: string | undefined,
): Promise<{ parts: PageParts; failures: string[] }> {
  const parts = { ...all };
  const failures: string[] = [];
  for (const kind of ["images", "weights"] as const) {
    const part = parts[kind];
    if (!part) continue;
    try {
      await putPart(part, place, other);
    } catch (error) {
      parts[kind] = undefined;
      if (part.chunks)
        failures.push(
          `cannot write ${part.name} to ${place}: ${failureReason(error)}; the page there does without its ${kind}`,
        );
    }
  }
  return { parts, failures };
}

/** Where a sweep's pages went. */
export interface WrittenPages {
  /** The data of web/report/index.html; absent where there is no such page. */
  data?: string;
  /** The run's own page; absent where a file stands in its place that is none. */
  own?: string;
  /** What stands there instead, and which parts could not be written, a line each. */
  notes: string[];
}

/**
 * Writes the run's own page and, of a checkout, the data of web/report/index.html, which shows the latest run.
 * @param folder the run directory
 * @param parts what lies beside the data then, instead of parts of other data; without, all that lies there stays
 * @throws NotWritten where one cannot be written; the other is written all the same
 */
export async function writePages(folder: string, data: ReportData, parts?: PageParts): Promise<WrittenPages> {
  // The data of a thousand cells are made once, and only their beginning differs.
  const json = escaped(stringify(data));
  const latestFile = latestData();
  const notes: string[] = [];
  /** Parts come before the data that speak of them, and those of other data go after. @param other a folder that may hold them, too */
  const writeData = async (file: string, other: string | undefined, first: Partial<ReportData>): Promise<void> => {
    const place = path.dirname(file);
    const put = parts && (await putParts(parts, place, other));
    const fields = escaped(stringify({ ...first, parts: put && toldParts(put.parts) }));
    await replaceFile(file, script(fields === "{}" ? json : `${fields.slice(0, -1)},${json.slice(1)}`));
    if (!put) return;
    for (const line of put.failures) notes.push(line);
    await removeOtherPieces(
      place,
      Object.values(put.parts).filter((part) => part !== undefined),
    );
  };
  const build = latestFile && path.dirname(latestFile);
  const own = await writeRunPage(folder, (file) => writeData(file, build, {})).catch((error: Error) => error);
  try {
    const latest =
      build &&
      (await otherPages(path.dirname(path.resolve(build)), folder, !(own instanceof Error) && own.note === undefined));
    if (latestFile && latest) await writeData(latestFile, partsFolder(folder), { latest });
  } catch (error) {
    throw new NotWritten(
      `cannot write the page's data to ${latestFile}: ${failureReason(error)}; it goes to a file in a writable folder`,
    );
  }
  if (own instanceof Error) throw own;
  if (own.note !== undefined) notes.unshift(own.note);
  return { data: latestFile, own: own.own, notes };
}
