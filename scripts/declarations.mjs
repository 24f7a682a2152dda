// The types of what the package exports, for dist/: types alone, those that schemas infer written out, so that no other
// package's types are needed to read them.
import path from "node:path";
import ts from "typescript";

/** Types of values, which are left out. */
const INFERRED = /\btypeof /;
const WRITTEN_OUT =
  ts.NodeBuilderFlags.NoTruncation | ts.NodeBuilderFlags.InTypeAlias | ts.NodeBuilderFlags.MultilineObjectLiterals;

/** Keeps the types of a declaration file, and the values that `kept` names. */
const typesOf = (checker, kept) => (context) => (file) => {
  const statements = file.statements.flatMap((statement) => {
    if (ts.isTypeAliasDeclaration(statement)) {
      const { name, type, typeParameters, modifiers } = ts.getOriginalNode(statement);
      if (!INFERRED.test(type.getText())) return [statement];
      const inFull = checker.typeToTypeNode(checker.getTypeAtLocation(name), undefined, WRITTEN_OUT);
      return [context.factory.updateTypeAliasDeclaration(statement, modifiers, name, typeParameters, inFull)];
    }
    const isValue = ts.isVariableStatement(statement) || ts.isFunctionDeclaration(statement);
    return isValue && !kept ? [] : [statement];
  });
  return context.factory.updateSourceFile(file, statements);
};

/** The declaration file without imports of what it does not name. */
function withoutUnusedImports(text) {
  const rest = text.replace(/^import .*$/gm, "");
  const isUsed = (name) => new RegExp(`\\b${name.replace("type ", "").trim()}\\b`).test(rest);
  return text.replace(/^(import (?:type )?)\{([^}]*)\}( from .*\n)/gm, (_line, start, names, end) => {
    const used = names.split(",").filter(isUsed);
    return used.length > 0 ? `${start}{${used.join(",")}}${end}` : "";
  });
}

/**
 * @param {ts.Program} sources the compiled program
 * @param {string} entry the file that the package exports, from the root
 * @returns {Map<string, string>} declaration files by path from the root
 */
export function declarations(sources, root, entry) {
  const options = { ...sources.getCompilerOptions(), declaration: true };
  const program = ts.createProgram(sources.getRootFileNames(), options, undefined, sources);
  const checker = program.getTypeChecker();
  const made = new Map();
  const make = (source) => {
    const file = program.getSourceFile(path.join(root, source));
    const target = source.replace(/^src\/(.*)\.ts$/, "dist/$1.d.ts");
    if (!file || made.has(target)) return;
    const transformers = { afterDeclarations: [typesOf(checker, source === entry)] };
    let text = "";
    program.emit(file, (_name, content) => void (text = content), undefined, true, transformers);
    text = withoutUnusedImports(text);
    made.set(target, text);
    for (const [, name] of text.matchAll(/from "(\.[^"]*)\.js"/g))
      make(path.posix.join(path.posix.dirname(source), `${name}.ts`));
  };
  make(entry);
  return made;
}
