/** A run's own page: index.html in its run directory, with script, style and data in a folder beside it, so that it survives being moved or sent. */
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { asTyped } from "../spec/program.js";
import { failureReason, isMissing, NotWritten } from "../store/files.js";
import { allRuns } from "../store/runs.js";
import { isPieceFile } from "./parts.js";
import { replaceFile } from "./replace-file.js";
import type { LatestRun } from "./report-data.js";

const PAGE = "index.html";
const PARTS = "page";
const DATA = "data.js";
const STATIC = ["report.css", "report.js", "trainer-0.js"];
/** Tells our index.html from anybody else's, a single-file report included. */
const MARK = `<meta name="generator" content="Handgrad: page of a run" />`;

export const partsFolder = (folder: string): string => path.join(folder, PARTS);

/** Links to the pages of further runs. */
const MOST_LINKS = 12;

const built = (name: string): string => fileURLToPath(new URL(`../../../web/report/${name}`, import.meta.url));

const stored = (file: string): Promise<Buffer | undefined> =>
  readFile(file).catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw error;
  });

async function refresh(file: string, content: Buffer | undefined): Promise<void> {
  if (content && !(await stored(file))?.equals(content)) await replaceFile(file, content);
}

/**
 * Writes the page as far as it is not there as built.
 * @param writeData writes its data.js, and what that needs beside it
 * @returns its path, or a note where another file stands there, which stays
 * @throws NotWritten where it cannot be written
 */
export async function writeRunPage(
  folder: string,
  writeData: (file: string) => Promise<void>,
): Promise<{ own?: string; note?: string }> {
  const file = path.join(folder, PAGE);
  const parts = partsFolder(folder);
  try {
    const found = await stored(file);
    const foreign = found ? !found.includes(MARK) && file : !(await onlyParts(parts)) && parts;
    if (foreign)
      return { note: `${foreign} is none that a sweep wrote: it stays as it is, and the run has no page of its own` };
    // It comes first: whatever else is ours to replace, once it stands there.
    const template = await readFile(built(PAGE), "utf8");
    const page = template
      // The committed results are none of the run's.
      .replace(/\s*<script src="build\/reference.js"><\/script>/, "")
      .replaceAll('="build/', `="${PARTS}/`)
      .replace("<head>", `<head>\n    ${MARK}`);
    await refresh(file, Buffer.from(page));
    for (const name of STATIC) {
      const made = await stored(built(`build/${name}`));
      await refresh(path.join(parts, name), made && Buffer.from(asTyped(made.toString())));
    }
    await writeData(path.join(parts, DATA));
    return { own: file };
  } catch (error) {
    throw new NotWritten(
      `cannot write the run's page ${file}: ${failureReason(error)}; the records are not touched by that`,
    );
  }
}

/** Whether nothing lies there but what a run's page consists of, whole or half-written. */
const onlyParts = (folder: string): Promise<boolean> =>
  readdir(folder).then(
    (names) =>
      names.every(
        (name) => isPieceFile(name) || [...STATIC, DATA].some((part) => name === part || name.startsWith(`${part}.`)),
      ),
    isMissing,
  );

/** A link from one folder to a file: relative, so that both can be moved together, wherever that can be. */
function linkTo(from: string, file: string): string {
  const relative = path.relative(from, path.resolve(file));
  if (path.isAbsolute(relative)) return pathToFileURL(relative).href;
  return relative.split(path.sep).map(encodeURIComponent).join("/");
}

/** What the latest run's page says of the runs. @param from the folder that it lies in @param own whether the run has its own page */
export async function otherPages(from: string, folder: string, own: boolean): Promise<LatestRun> {
  const link = (of: string) => ({ folder: of, link: linkTo(from, path.join(of, PAGE)) });
  const others: LatestRun["others"] = [];
  for (const run of await allRuns()) {
    const page = path.join(run.folder, PAGE);
    if (others.length === MOST_LINKS || path.resolve(run.folder) === path.resolve(folder)) continue;
    if ((await stored(page).catch(() => undefined))?.includes(MARK)) others.push(link(run.folder));
  }
  return own ? { ...link(folder), others } : { folder, others };
}
