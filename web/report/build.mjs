// Builds the page: web/report/build/{report.js, report.css, reference.js} and, where none exists yet, an empty data.js.
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import esbuild from "esbuild";
import { partOne } from "./part-one.mjs";
import { referenceData } from "./reference-data.mjs";

/** A script that sets a global; `<` is escaped, so that the text can also stand inside an HTML page. */
export function assignment(global, value) {
  return `window.${global} = ${JSON.stringify(value).replaceAll("<", "\\u003c").replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029")};\n`;
}

/**
 * @param {string} root the project's folder
 * @param {{ out?: string, reference?: string, bonus?: string }} [places] other places than web/report/build and the committed results (for tests)
 */
export async function buildPage(root, places = {}) {
  const here = path.join(root, "web/report");
  const out = places.out ?? path.join(here, "build");
  const reference = places.reference ?? path.join(here, "reference/homework.json");
  fs.mkdirSync(out, { recursive: true });

  const part = await partOne(root);
  await esbuild.build({
    entryPoints: { report: path.join(here, "src/main.ts") },
    outdir: out,
    bundle: true,
    format: "iife",
    platform: "browser",
    target: ["chrome109", "firefox115", "safari16.4"],
    minify: true,
    legalComments: "none",
    charset: "utf8",
    logLevel: "warning",
    tsconfig: path.join(here, "tsconfig.json"),
    plugins: [
      {
        name: "part-one",
        setup(build) {
          build.onResolve({ filter: /^virtual:part-one$/ }, () => ({ path: "part-one", namespace: "part-one" }));
          build.onLoad({ filter: /.*/, namespace: "part-one" }, () => ({ contents: part, loader: "json" }));
        },
      },
    ],
  });
  await esbuild.build({
    entryPoints: { report: path.join(here, "styles/report.css") },
    outdir: out,
    bundle: true,
    minify: true,
    logLevel: "warning",
    target: ["chrome109", "firefox115", "safari16.4"],
  });

  const bonus = places.bonus ?? path.join(here, "reference/bonus.json");
  const { datasets } = await import(pathToFileURL(path.join(root, "dist/sweeps/data/datasets.js")));
  const results = (file) =>
    fs.existsSync(file) ? referenceData(JSON.parse(fs.readFileSync(file, "utf8")), datasets) : null;
  fs.writeFileSync(
    path.join(out, "reference.js"),
    assignment("HANDGRAD_REFERENCE", results(reference)) + assignment("HANDGRAD_BONUS", results(bonus)),
  );
  const data = path.join(out, "data.js");
  if (!fs.existsSync(data)) fs.writeFileSync(data, assignment("HANDGRAD_DATA", null));
}
