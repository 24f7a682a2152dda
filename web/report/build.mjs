// Builds the page: report.js, report.css, reference.js, the trainer, and an empty data.js to begin with; and what writes it as a notebook.
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import esbuild from "esbuild";
import ts from "typescript";
import { shownCode } from "./code.mjs";
import { FORMULAS, typesetFormulas } from "./formulas.mjs";
import { referenceData, referencePictures } from "./reference-data.mjs";
import { whatIf } from "./what-if.mjs";
import { withoutEval } from "./without-eval.mjs";
import { pageWords, plainWords } from "./words.mjs";

/** A script that sets a global; `<` is escaped, so that the text can also stand inside an HTML page. */
export function assignment(global, value) {
  return `window.${global} = ${JSON.stringify(value).replaceAll("<", "\\u003c").replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029")};\n`;
}

/** What tables of the core hold of each kind that the page has no use for: it neither checks configs nor trains. */
const UNUSED = new Set(["schema", "bind"]);

/** A source of the core whose tables lack that. */
function forPage(file) {
  let text = fs.readFileSync(file, "utf8");
  const unused = [];
  const find = (node) => {
    const property = ts.isPropertyAssignment(node) || ts.isShorthandPropertyAssignment(node);
    if (property && UNUSED.has(node.name.text)) unused.unshift(node);
    else ts.forEachChild(node, find);
  };
  find(ts.createSourceFile(file, text, ts.ScriptTarget.Latest));
  // From the last to the first, so that the places of those before it stay.
  for (const { pos, end } of unused) text = text.slice(0, pos) + text.slice(text[end] === "," ? end + 1 : end);
  return text;
}

/** What the page has no use for in uPlot: alignment of tables, bars, splines, legends, and axes of time. */
const UNUSED_UPLOT = [
  [/^\t(?:uPlot\.(?:join|fmtDate|tzDate|addGap|clipGaps)\s*= \w+|\(paths\.(?:bars|spline)\s*= \w+\));$/gm, ""],
  [/^\tconst _(?:tzDate|fmtDate|timeAxisSplits|timeAxisVals|timeSeriesVal)\s*= .*;$/gm, ""],
  [/\b(?:let|const) (?:isTime|showLegend)\s*=.*;/g, ""],
  [/\b(?:isTime|showLegend)\b/g, "false"],
  [/^const .*= genTimeStuffs\(.*;$|^const localTz = .*;$/gm, ""],
];

function leanUplot(file) {
  let text = fs.readFileSync(file, "utf8");
  for (const [unused, instead] of UNUSED_UPLOT) {
    if (text.search(unused) < 0) throw new Error(`${file}: not the uPlot that is known here, which has ${unused}`);
    text = text.replaceAll(unused, instead);
  }
  return text;
}

/** A piece of what the page loads on demand (src/parts.ts): gzip as base64, so that it can stand in a script on file://. */
const piece = (name, text) =>
  `(window.HANDGRAD_PARTS ??= {})["${name}"] = "${gzipSync(text, { level: 9 }).toString("base64")}";\n`;

/** An esbuild plugin: what the build makes (`virtual:NAME`, as JSON text), and sources and packages without what nothing here uses. */
const made = (virtual) => ({
  name: "made",
  setup(build) {
    build.onResolve({ filter: /^virtual:/ }, ({ path }) => ({ path: path.slice(8), namespace: "virtual" }));
    build.onLoad({ filter: /.*/, namespace: "virtual" }, ({ path }) => ({ contents: virtual[path], loader: "json" }));
    build.onLoad({ filter: /[\\/]uPlot\.esm\.js$/ }, ({ path }) => ({ contents: leanUplot(path) }));
    build.onLoad({ filter: /[\\/]src[\\/]core[\\/].*\.ts$/ }, ({ path }) => ({
      contents: forPage(path),
      loader: "ts",
    }));
  },
});

/**
 * Everything in web/report/build/, made in memory.
 * @param {string} root the project's folder
 * @param {{ reference?: string, bonus?: string }} [places] other results than the committed ones (for tests)
 * @returns {Promise<Map<string, string | Uint8Array>>} content by name
 */
export async function pageFiles(root, places = {}) {
  const here = path.join(root, "web/report");
  const reference = places.reference ?? path.join(here, "reference/homework.json");
  const shared = {
    outdir: here,
    write: false,
    bundle: true,
    minify: true,
    logLevel: "warning",
    target: ["chrome109", "firefox115", "safari16.4"],
  };
  const script = {
    ...shared,
    format: "iife",
    platform: "browser",
    legalComments: "none",
    charset: "utf8",
    tsconfig: path.join(here, "tsconfig.json"),
  };

  const { version } = JSON.parse(fs.readFileSync(path.join(root, "package.json"), "utf8"));
  const [code, words] = [JSON.stringify(shownCode(root)), pageWords(here)];
  const virtual = { code, version: JSON.stringify(version) };
  const homework = withoutEval(path.join(root, "src/core/homework"), 2);
  const report = await esbuild.build({
    ...script,
    entryPoints: { report: path.join(here, "src/main.ts") },
    plugins: [homework, made({ ...virtual, formulas: typesetFormulas(), words, "what-if": await whatIf(root) })],
  });
  const notebook = await esbuild.build({
    ...script,
    format: "esm",
    platform: "node",
    target: "node20",
    entryPoints: { notebook: path.join(here, "src/notebook/notebook.ts") },
    outExtension: { ".js": ".mjs" },
    plugins: [homework, made({ ...virtual, formulas: JSON.stringify(FORMULAS), words: plainWords(here) })],
  });
  const trainer = await esbuild.build({
    ...script,
    entryPoints: { trainer: path.join(here, "src/trainer/worker.ts") },
    plugins: [withoutEval(path.join(root, "src/core"), 4)],
  });
  const style = await esbuild.build({ ...shared, entryPoints: { report: path.join(here, "styles/report.css") } });

  const bonus = places.bonus ?? path.join(here, "reference/bonus.json");
  const { datasets } = await import(pathToFileURL(path.join(root, "dist/sweeps/data/datasets.js")));
  const read = (file) => (fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, "utf8")) : null);
  const [results, ladder] = [read(reference), read(bonus)];
  const shown = results && referenceData(results, datasets, await referencePictures(root, results));
  return new Map([
    ...[report, notebook, style]
      .flatMap(({ outputFiles }) => outputFiles)
      .map((file) => [path.basename(file.path), file.contents]),
    ["trainer-0.js", piece("trainer-0", trainer.outputFiles[0].contents)],
    [
      "reference.js",
      assignment("HANDGRAD_REFERENCE", shown) + assignment("HANDGRAD_BONUS", ladder && referenceData(ladder, datasets)),
    ],
    ["data.js", assignment("HANDGRAD_DATA", null)],
  ]);
}
