// ndarray and ndarray-ops write their functions while the program runs, by `new Function`, which a strict policy forbids.
// This esbuild plugin has the packages write them at build, once for each number of dimensions.
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const from = (file, name) => createRequire(file).resolve(name);

/** Runs a CommonJS module whose `new Function` is heard: `made` gets the parameters and the body of each. */
function run(file, { text = fs.readFileSync(file, "utf8"), imports = {}, made = [] } = {}) {
  function Recorded(...words) {
    made.push({ parameters: words.slice(0, -1), body: words.at(-1) });
    return Function(...words);
  }
  const module = { exports: {} };
  const load = (name) => imports[name] ?? createRequire(file)(name);
  new Function("module", "exports", "require", "Function", text)(module, module.exports, load, Recorded);
  return module.exports;
}

/** ndarray, whose constructors for a number of dimensions are made for each type of data from one text. */
function ndarrayModule(file, dimensions) {
  const text = fs.readFileSync(file, "utf8");
  const [start, end] = ["function compileConstructor(", "function arrayDType("].map((word) => text.indexOf(word));
  if (start < 0 || end < start) throw new Error(`${file}: not the ndarray that is known here`);
  const made = [];
  const { compile } = run(file, { text: `${text};module.exports = { compile: compileConstructor }`, made });
  for (let d = -1; d <= dimensions; d++) compile("float32", d);
  const makers = made.map(({ body }) => body.replaceAll("'float32'", "dtype").replaceAll("float32", ""));
  const constructors = `
var MAKERS = [${makers.map((body) => `function (dtype, TrivialArray, CTOR_LIST, ORDER) {${body}}`).join(",\n")}]
function compileConstructor(dtype, dimension) {
  if (dimension > ${dimensions}) throw new Error("ndarray: at most ${dimensions} dimensions here, got " + dimension)
  var list = CACHED_CONSTRUCTORS[dtype]
  return MAKERS[dimension + 1](dtype, list[0], list, order)
}
`;
  return `${text.slice(0, start)}${constructors}${text.slice(end)}`.replace(/^var iota = .*$/m, "");
}

/** What ndarray-ops hands to cwise for each of its functions, by name; `returns` tells those that return a value of their own. */
function operations(file) {
  const found = new Map();
  const described = (words) => {
    const operation = () => undefined;
    found.set(words.funcName, { words, operation });
    return operation;
  };
  const exported = run(file, { imports: { "cwise-compiler": described } });
  return (name) => {
    const { words, operation } = found.get(name);
    return { words, returns: exported[name] === operation };
  };
}

/** The functions of ndarray-ops with these names. */
function operationsModule(file, names, dimensions) {
  const compiler = from(file, "cwise-compiler");
  const procedureOf = run(compiler, { imports: { "./lib/thunk.js": (procedure) => procedure } });
  const operationOf = operations(file);
  const functions = names.map((name) => {
    const { words, returns } = operationOf(name);
    const procedure = procedureOf(words);
    const arrays = procedure.arrayArgs.length;
    const loops = Array.from({ length: dimensions }, (_, i) => {
      const made = [];
      const order = Array.from({ length: i + 1 }, (_, axis) => axis);
      const signature = Array.from({ length: arrays }, () => ["float32", order]).flat();
      run(path.join(path.dirname(compiler), "lib/compile.js"), { made })(procedure, signature);
      return `(function () {${made[0].body}})()`;
    });
    return `exports.${name} = operation(${JSON.stringify(name)}, [${loops.join(",\n")}], ${arrays}, ${returns});`;
  });
  // One loop serves all orders of the axes: the innermost is the one with the first array's least stride, as in cwise, so
  // that sums add up in the same order.
  return `
function operation(name, loops, arrays, returns) {
  return function () {
    var first = arguments[0], shape = first.shape, order = first.order, words = [order.map(function (axis) { return shape[axis] })]
    for (var i = 0; i < arguments.length; i++) {
      var argument = arguments[i]
      if (i >= arrays) { words.push(argument); continue }
      if (argument.shape.length !== shape.length || shape.some(function (size, axis) { return argument.shape[axis] !== size }))
        throw new Error(name + ": arrays of different shapes, " + shape + " and " + argument.shape)
      words.push(argument.data, order.map(function (axis) { return argument.stride[axis] }), argument.offset)
    }
    var value = loops[shape.length - 1].apply(undefined, words)
    return returns ? value : first
  }
}
${functions.join("\n")}
`;
}

/** Names of the functions of ndarray-ops that sources below a folder call as `ops.NAME`. */
function namesUsed(folder) {
  const files = fs.readdirSync(folder, { recursive: true }).filter((name) => name.endsWith(".ts"));
  const calls = files.flatMap((name) => [
    ...fs.readFileSync(path.join(folder, name), "utf8").matchAll(/\bops\.(\w+)/g),
  ]);
  return [...new Set(calls.map(([, name]) => name))].sort();
}

/**
 * @param {string} core the folder of those sources of the bundle that call functions of ndarray-ops
 * @param {number} dimensions the most that an array has in it
 */
export function withoutEval(core, dimensions) {
  return {
    name: "without-eval",
    setup(build) {
      build.onLoad({ filter: /[\\/]node_modules[\\/]ndarray[\\/]ndarray\.js$/ }, ({ path }) => ({
        contents: ndarrayModule(path, dimensions),
      }));
      build.onLoad({ filter: /[\\/]node_modules[\\/]ndarray-ops[\\/]ndarray-ops\.js$/ }, ({ path }) => ({
        contents: operationsModule(path, namesUsed(core), dimensions),
      }));
    },
  };
}
