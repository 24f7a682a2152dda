/** The report on paper: the single-file page, printed by a Chromium. */
import { rmSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { NotWritten } from "../store/files.js";
import { printPage } from "./chromium.js";
import type { ReportData } from "./report-data.js";
import { BEGINNING, type ReportFile } from "./report-file.js";
import { singleFilePage } from "./single-file.js";

export const PAPERS = ["a4", "letter"] as const;
export type Paper = (typeof PAPERS)[number];

/** What tells the report's PDF from others stands where Chromium wrote the time. */
const MARK = "/Program (Handgrad)";

export const pdfAt = (file: string): ReportFile => ({
  option: "--pdf",
  file,
  kind: "earlier report's PDF",
  beginning: /^%PDF-[\s\S]*\/Program \(Handgrad\)/,
});

/**
 * The same data, paper and Chromium give the same bytes.
 * @throws NotWritten where the browser does not print
 */
export async function printReport(data: ReportData, paper: Paper, chromium: string): Promise<Uint8Array> {
  const folder = await mkdtemp(path.join(os.tmpdir(), "handgrad-print-"));
  const clear = () => rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  process.on("exit", clear);
  try {
    const [page, pdf] = [path.join(folder, "report.html"), path.join(folder, "report.pdf")];
    await writeFile(page, await singleFilePage(data, {}, `@page{size:${paper}}`));
    await printPage(chromium, pathToFileURL(page), pdf, folder);
    return undated(await readFile(pdf));
  } catch (error) {
    throw new NotWritten(`--pdf: the report could not be printed: ${(error as Error).message}`);
  } finally {
    process.off("exit", clear);
    // The browser's last processes may still write to it.
    await rm(folder, { recursive: true, force: true, maxRetries: 10 }).catch(() => undefined);
  }
}

/**
 * The PDF without what differs from printing to printing: the mark, and spaces, in place of the time; the numbers of tables'
 * headers, which count whatever nodes the browser made before, by their order. A PDF's parts are found by where they lie, so
 * that none may move.
 */
function undated(pdf: Buffer): Uint8Array {
  const text = pdf.toString("latin1");
  const order = new Map([...new Set(text.match(NODE))].sort().map((node, i) => [node, i]));
  return Buffer.from(
    text
      .slice(0, BEGINNING)
      .replaceAll(/\/(?:Creation|Mod)Date \([^)]*\)/g, (date) =>
        (date.startsWith("/Creation") ? MARK : "").padEnd(date.length),
      )
      .concat(text.slice(BEGINNING))
      .replaceAll(NODE, (node) => `(node${String(order.get(node)).padStart(8, "0")})`),
    "latin1",
  );
}

const NODE = /\(node\d{8}\)/g;
