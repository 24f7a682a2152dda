// The code that the page shows: declarations cut by name from the source as it stands in src/core.
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

/** All code that the page shows, by name: where it stands, and its text. */
export function shownCode(root) {
  const entries = Object.entries(SHOWN).flatMap(([name, declarations]) => {
    const file = `src/core/${name}`;
    const source = fs.readFileSync(path.join(root, file), "utf8");
    return declarations.map((declaration) => [declaration, { file, text: cutDeclaration(source, file, declaration) }]);
  });
  return Object.fromEntries(entries);
}
