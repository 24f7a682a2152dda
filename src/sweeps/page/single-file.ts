/** The report as one self-contained HTML file; what goes into it is the page's business (web/report/single-file.mjs). */
import { fileURLToPath } from "node:url";
import { asTyped } from "../spec/program.js";
import { pageScript } from "./page-data.js";
import { toldParts, type PageParts } from "./part-contents.js";
import { pieceText, piecesOf } from "./parts.js";
import type { ReportData } from "./report-data.js";
import type { ReportFile } from "./report-file.js";

interface PageModule {
  singleFile(report: {
    root: string;
    dataScript: string;
    style?: string;
    worded?: (script: string) => string;
    parts?: { key: string; text: string }[];
  }): string;
}

export const singleFileAt = (file: string): ReportFile => ({
  option: "--single-file",
  file,
  kind: "HTML page",
  beginning: /^<!doctype html/i,
});

/** @param parts what it carries for the page to load on demand; all must be at hand @param style further rules for its style sheet */
export async function singleFilePage(data: ReportData, parts: PageParts = {}, style = ""): Promise<string> {
  const root = fileURLToPath(new URL("../../..", import.meta.url));
  const page = (await import(new URL("../../../web/report/single-file.mjs", import.meta.url).href)) as PageModule;
  const texts: { key: string; text: string }[] = [];
  for (const piece of [parts.images, parts.weights].flatMap((part) => (part ? piecesOf(part) : [])))
    texts.push({ key: piece.key, text: await pieceText(piece) });
  const dataScript = pageScript({ ...data, parts: toldParts(parts) });
  return page.singleFile({ root, dataScript, style, worded: asTyped, parts: texts });
}
