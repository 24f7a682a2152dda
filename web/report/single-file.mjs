// One self-contained report: the page with its style, scripts and data inside, each allowed by its hash and by nothing else;
// and what it loads on demand, in blocks that are no scripts.
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";

const digest = (text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

/** Script text that can stand between script tags: neither an end tag nor the start of a comment occurs in it. */
function embeddable(script) {
  return script.replaceAll(/<(?=\/script|!--|script)/gi, "\\x3c");
}

/** The trainer's piece, out of the script that the build makes of it. */
function trainer(build) {
  const file = path.join(build, "trainer-0.js");
  if (!fs.existsSync(file)) return [];
  const script = fs.readFileSync(file, "utf8");
  return [{ key: "trainer-0", text: script.slice(script.indexOf(' = "') + 4, script.lastIndexOf('"')) }];
}

/**
 * The report as one HTML page that fetches nothing.
 * @param {{ root: string, dataScript: string, build?: string, style?: string, worded?: (script: string) => string, parts?: { key: string, text: string }[] }} report the project's folder, the script that a data.js holds, the built page (web/report/build by default), further rules for its style sheet, what its script's words become, and pieces of parts, as base64
 */
export function singleFile({
  root,
  dataScript,
  build = path.join(root, "web/report/build"),
  style: further = "",
  worded = (script) => script,
  parts = [],
}) {
  const read = (name) => fs.readFileSync(path.join(build, name), "utf8");
  const style = (read("report.css") + further).replaceAll(/<(?=\/style)/gi, "\\3c ");
  const scripts = [
    `window.HANDGRAD_SINGLE_FILE = true;\n`,
    embeddable(read("reference.js")),
    embeddable(dataScript),
    embeddable(worded(read("report.js"))),
  ];
  const policy = [
    "default-src 'none'",
    `script-src ${scripts.map(digest).join(" ")} 'wasm-unsafe-eval'`,
    "worker-src blob:",
    `style-src ${digest(style)}`,
    "img-src data: blob:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  const template = fs.readFileSync(path.join(root, "web/report/index.html"), "utf8");
  const page = template
    .replace(/content="default-src[^"]*"/, () => `content="${policy}"`)
    .replace(/<link rel="stylesheet"[^>]*>/, () => `<style>${style}</style>`)
    .replace(
      /(\s*<script src="[^"]*"><\/script>)+/,
      () => "\n" + scripts.map((script) => `<script>${script}</script>`).join("\n"),
    );
  if (page.includes(' src="build/') || page.includes(' href="build/'))
    throw new Error("single file: the page still refers to build/; its template has changed");
  // They come last: the page is drawn before a browser has read them all.
  const blocks = [...trainer(build), ...parts].map(
    ({ key, text }) => `<script type="text/plain" data-part="${key}">${text}</script>\n`,
  );
  const end = page.lastIndexOf("</body>");
  return page.slice(0, end) + blocks.join("") + page.slice(end);
}
