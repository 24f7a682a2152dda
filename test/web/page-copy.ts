/** A copy of the page in a folder of its own, with data of the test's choice. */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { stringify } from "../../src/core/json-text.js";

export const root = path.resolve(import.meta.dirname, "../..");

interface PageBuild {
  pageFiles(root: string, places?: { reference?: string; bonus?: string }): Promise<Map<string, string | Uint8Array>>;
}

export interface PageCopy {
  folder: string;
  url: string;
  data: string;
  writeData(data: unknown): void;
  remove(): void;
}

/** A script that sets the page's data, as a sweep writes it. */
export function dataScript(data: unknown): string {
  return `window.HANDGRAD_DATA = ${stringify(data)};\n`;
}

export async function buildModule(name: string): Promise<unknown> {
  return import(pathToFileURL(path.join(root, "web/report", name)).href);
}

const NO_FILE = path.join(root, "no-such-file.json");

/** Builds the page into a temporary folder; without data, its stub says that no sweep was run. */
export async function copyPage(data?: unknown, reference = NO_FILE, bonus = NO_FILE): Promise<PageCopy> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "handgrad-page-"));
  const { pageFiles } = (await buildModule("build.mjs")) as PageBuild;
  const out = path.join(folder, "build");
  fs.mkdirSync(out);
  for (const [name, content] of await pageFiles(root, { reference, bonus }))
    fs.writeFileSync(path.join(out, name), content);
  fs.copyFileSync(path.join(root, "web/report/index.html"), path.join(folder, "index.html"));
  const copy: PageCopy = {
    folder,
    url: pathToFileURL(path.join(folder, "index.html")).href,
    data: path.join(out, "data.js"),
    writeData: (next) => {
      // Atomic, as the page may load it at any moment.
      fs.writeFileSync(`${copy.data}.new`, dataScript(next));
      fs.renameSync(`${copy.data}.new`, copy.data);
    },
    remove: () => fs.rmSync(folder, { recursive: true, force: true }),
  };
  if (data !== undefined) copy.writeData(data);
  return copy;
}
