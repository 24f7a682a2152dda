// The code that the page shows: declarations cut by name from the source as it stands in src/core, highlighted line by line.
import fs from "node:fs";
import path from "node:path";
import ts from "typescript";

/** What is shown of each file of src/core: the names of functions, constants, and members of classes ("Class.member"). */
const SHOWN = {
  "numeric/math.ts": ["sigmoid"],
  "homework/logistic.ts": ["predict", "logisticLoss", "logAddExp", "stableLogisticLoss", "gradient"],
  "models/mlp.ts": ["mlp"],
  "models/cnn.ts": ["cnn"],
  "reference/dense.ts": ["dense"],
  "reference/conv2d.ts": ["conv2d"],
  "reference/softmax-cross-entropy.ts": ["softmaxCrossEntropy"],
  "reference/flat.ts": ["sgd", "momentum", "adam"],
  "reference/gather.ts": ["gather"],
  "training/passes.ts": ["CellPasses.shard"],
  "training/train.ts": ["Training.epoch", "Training.update"],
  "network/blueprint.ts": ["countParameters"],
  "data/permutation.ts": ["pixelPermutation"],
};

const escapeHtml = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** TypeScript as markup: comments, strings, numbers and keywords in spans, and each line in one that knows its indentation. */
export function highlight(source) {
  const token =
    /(\/\*[\s\S]*?\*\/|\/\/[^\n]*)|("(?:[^"\\]|\\.)*"|`(?:[^`\\]|\\.)*`)|\b(export|function|const|let|for|of|if|else|continue|return|yield|this|private|null|undefined|true|false|new|type|interface|number|void)\b|\b(\d[\w.]*)\b/g;
  const html = [];
  let at = 0;
  for (const match of source.matchAll(token)) {
    html.push(escapeHtml(source.slice(at, match.index)));
    const kind = match[1] ? "comment" : match[2] ? "string" : match[3] ? "keyword" : "number";
    const parts = match[0].split("\n").map((part) => `<span class="code-${kind}">${escapeHtml(part)}</span>`);
    html.push(parts.join("\n"));
    at = match.index + match[0].length;
  }
  html.push(escapeHtml(source.slice(at)));
  const lines = source.split("\n").map((line) => Math.min(4, Math.floor(/^ */.exec(line)[0].length / 2)));
  return html
    .join("")
    .split("\n")
    .map((line, i) => `<span class="line in-${lines[i]}">${line}\n</span>`)
    .join("");
}

/** The declaration of a name in a file, with its docstring, from the margin. @throws Error where there is none */
export function cutDeclaration(source, file, name) {
  const tree = ts.createSourceFile(file, source, ts.ScriptTarget.Latest, true);
  let nodes = tree.statements.flatMap((node) =>
    ts.isVariableStatement(node) ? node.declarationList.declarations : node,
  );
  let found;
  for (const part of name.split(".")) {
    found = nodes.find((node) => node.name?.text === part);
    if (!found) throw new Error(`${file} has no ${name}`);
    nodes = found.members ?? [];
  }
  const whole = ts.isVariableDeclaration(found) ? found.parent.parent : found;
  const start = whole.getStart(tree, true);
  const { character: indent } = tree.getLineAndCharacterOfPosition(start);
  return source.slice(start, whole.end).replaceAll(`\n${" ".repeat(indent)}`, "\n");
}

/** All code that the page shows, by name: where it stands, how many lines it has, and its markup. */
export function shownCode(root) {
  const entries = Object.entries(SHOWN).flatMap(([name, declarations]) => {
    const file = `src/core/${name}`;
    const source = fs.readFileSync(path.join(root, file), "utf8");
    return declarations.map((declaration) => {
      const text = cutDeclaration(source, file, declaration);
      return [declaration, { file, lines: text.split("\n").length, html: highlight(text) }];
    });
  });
  return Object.fromEntries(entries);
}
