/** Reads parts as a page does that knows nothing of their writer. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import vm from "node:vm";
import { gunzipSync } from "node:zlib";
import type { ReportData } from "../../../src/sweeps/page/report-data.js";

/** The bytes of a part out of the scripts of its pieces. @throws where one is not there or not whole */
export function partFromScripts(folder: string, { name, pieces }: { name: string; pieces: number }): Buffer {
  const window: { HANDGRAD_PARTS?: Record<string, string> } = {};
  const bytes = Array.from({ length: pieces }, (_, i) => {
    vm.runInNewContext(readFileSync(path.join(folder, `${name}-${i}.js`), "utf8"), { window });
    return gunzipSync(Buffer.from(window.HANDGRAD_PARTS![`${name}-${i}`], "base64"));
  });
  return Buffer.concat(bytes);
}

/** The same out of the data blocks of a single file. */
export function partFromPage(page: string, { name, pieces }: { name: string; pieces: number }): Buffer {
  const bytes = Array.from({ length: pieces }, (_, i) => {
    const [, text] = new RegExp(`<script type="text/plain" data-part="${name}-${i}">([^<]*)</script>`).exec(page)!;
    return gunzipSync(Buffer.from(text, "base64"));
  });
  return Buffer.concat(bytes);
}

/** What a script that a page loads says of its data. */
export function dataOf(script: string): ReportData {
  const window: { HANDGRAD_DATA?: ReportData } = {};
  vm.runInNewContext(script, { window });
  return JSON.parse(JSON.stringify(window.HANDGRAD_DATA)) as ReportData;
}

export const pieceFiles = (folder: string): string[] =>
  readdirSync(folder)
    .filter((name) => /^(images|weights)-/.test(name))
    .sort();
