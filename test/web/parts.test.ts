/** The page's loader of parts in real browsers, under the page's own policy: from files, out of a single file, and where pieces are missing or cut short. */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import esbuild from "esbuild";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { pieceText, piecesOf, putPart, type Part } from "../../src/sweeps/page/parts.js";
import { chromiumPath, launch, openPage } from "./browser.js";
import { Firefox, firefoxPath } from "./firefox.js";
import { buildModule, root } from "./page-copy.js";

const bytes = Uint8Array.from({ length: 1000 }, (_, i) => (i * i) >> 3);
const part = (name: string): Part => ({ name, bytes: bytes.length, chunks: [bytes], pieceBytes: 300 });
const NAMES = ["images-00000000", "images-11111111"];
const [whole, broken] = NAMES.map(part);

/** In the place of the page's script: what the tests ask of the loader. */
const SCRIPT = `
import { loadPart } from "./web/report/src/parts.ts";
const load = async (name) => {
  const told = [];
  try {
    const found = await loadPart(name, 4, (bytes) => told.push(bytes));
    return { found: Array.from(found), told };
  } catch (error) {
    return { error: error.message };
  }
};
window.loadTwice = async (name) => {
  const added = [];
  const observer = new MutationObserver((changes) => changes.forEach(({ addedNodes }) => addedNodes.forEach(({ src }) => src && added.push(src))));
  observer.observe(document.head, { childList: true });
  const answers = [...(await Promise.all([load(name), load(name)])), await load(name)];
  observer.disconnect();
  const left = document.querySelectorAll("[data-part^=" + name + "], [src*=" + name + "]").length;
  return { answers, scripts: added.length, left: left + Object.keys(window.HANDGRAD_PARTS ?? {}).length };
};
window.tryWorker = () => new Promise((resolve) => {
  const source = 'postMessage([WebAssembly.validate(new Uint8Array(0)), typeof new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]))]); try { eval("1"); postMessage("eval"); } catch { postMessage("no eval"); }';
  const worker = new Worker(URL.createObjectURL(new Blob([source], { type: "text/javascript" })));
  const said = [];
  worker.onmessage = ({ data }) => said.push(data) === 2 && resolve(said);
  worker.onerror = ({ message }) => resolve(message);
});`;

let folder: string;
const at = (name: string): string => path.join(folder, name);
const url = (name: string): string => pathToFileURL(at(name)).href;
let chromium: Browser | undefined;
let firefox: Firefox | undefined;

beforeAll(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "handgrad-parts-"));
  fs.mkdirSync(at("build"));
  const { outputFiles } = await esbuild.build({
    stdin: { contents: SCRIPT, resolveDir: root, loader: "ts" },
    bundle: true,
    write: false,
    format: "iife",
    target: "chrome109",
  });
  fs.writeFileSync(at("build/report.js"), outputFiles[0].contents);
  for (const name of ["data.js", "reference.js", "report.css"]) fs.writeFileSync(at(`build/${name}`), "");
  fs.copyFileSync(path.join(root, "web/report/index.html"), at("index.html"));
  for (const some of [whole, broken]) await putPart(some, at("build"), at("build"));
  const { singleFile } = (await buildModule("single-file.mjs")) as {
    singleFile(report: { root: string; dataScript: string; build: string; parts: object[] }): string;
  };
  const texts = await Promise.all(
    piecesOf(whole).map(async (piece) => ({ key: piece.key, text: await pieceText(piece) })),
  );
  fs.writeFileSync(at("single.html"), singleFile({ root, dataScript: "", build: at("build"), parts: texts }));
  [chromium, firefox] = await Promise.all([
    chromiumPath ? launch() : undefined,
    firefoxPath ? Firefox.launch() : undefined,
  ]);
});
afterAll(async () => {
  await Promise.all([chromium?.close(), firefox?.close()]);
  fs.rmSync(folder, { recursive: true, force: true });
});

interface Answer {
  answers: { found?: number[]; told?: number[]; error?: string }[];
  scripts: number;
  left: number;
}
interface Tried {
  open(name: string): Promise<unknown>;
  evaluate(expression: string): Promise<unknown>;
  problems: string[];
}

async function inChromium(): Promise<Tried> {
  const { page, problems } = await openPage(chromium!);
  return { open: (name) => page.goto(url(name)), evaluate: (expression) => page.evaluate(expression), problems };
}
const inFirefox = (): Promise<Tried> =>
  Promise.resolve({
    open: (name) => firefox!.open(url(name), 1280),
    evaluate: (expression) => firefox!.evaluate(expression),
    problems: firefox!.problems,
  });

const browsers = [
  ["Chromium", chromiumPath, inChromium],
  ["Firefox", firefoxPath, inFirefox],
] as const;
it.each(browsers.filter(([, program]) => program))("%s loads parts", async (_name, _program, begin) => {
  const { open, evaluate, problems } = await begin();
  const load = async (name: string) => (await evaluate(`window.loadTwice("${name}")`)) as Answer;
  const found = Array(3).fill({ found: [...bytes], told: [300, 600, 900, 1000] });
  await open("index.html");
  // What a refresh injects.
  await evaluate(
    `new Promise((done) => { const script = document.createElement("script"); script.src = "build/data.js?t=1"; script.onload = () => { script.remove(); done(true); }; document.head.append(script); })`,
  );
  expect(await load(whole.name)).toEqual({ answers: found, scripts: 4, left: 0 });
  expect(await evaluate("window.tryWorker()")).toEqual([[false, "object"], "no eval"]);
  await open("single.html");
  expect(await load(whole.name)).toEqual({ answers: found, scripts: 0, left: 0 });
  expect(await evaluate("window.tryWorker()")).toEqual([[false, "object"], "no eval"]);
  const none = await load(broken.name);
  expect(none.answers[0].error).toMatch(/^This file carries no images-11111111-0: npm run report -- --single-file/);
  expect(problems.filter((line) => !/eval/i.test(line))).toEqual([]);

  const file = at(`build/${broken.name}-2.js`);
  const text = fs.readFileSync(file, "utf8");
  const packed = text.replace(/ = ".*";/, ` = "${Buffer.from("no gzip").toString("base64")}";`);
  for (const [content, error] of [
    [undefined, /^images-11111111-2\.js does not lie beside data\.js: reload the page, copy .* npm run report$/],
    ["", /^images-11111111-2 is cut short or damaged: copy .* npm run report$/],
    [text.slice(0, 90), /is cut short/],
    [text.replace(/.{8}";/, '";'), /is cut short/],
    [text.replace(/.{9}";/, '";'), /is cut short/],
    [packed, /is cut short/],
  ] as const) {
    if (content === undefined) fs.rmSync(file);
    else fs.writeFileSync(file, content);
    await open("index.html");
    for (const { error: said } of (await load(broken.name)).answers) expect(said).toMatch(error);
    // Once it is there, it can be loaded.
    fs.writeFileSync(file, text);
    expect((await load(broken.name)).answers).toEqual(found);
  }
});
