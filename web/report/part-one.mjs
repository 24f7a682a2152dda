// Part one of the homework, made at build: what its functions return, and the typeset derivation.
import esbuild from "esbuild";
import temml from "temml";
import { FORMULAS } from "./formulas.mjs";

// A strict policy forbids inline styles, and Temml writes a few: each known one becomes a class of formulas.css.
const STYLE_CLASSES = {
  "display:block math;": "tml-block",
  "math-depth:0;": "tml-depth0",
  "padding-left:0em;padding-right:0em;": "tml-tight",
  "padding-left:1em;padding-right:0em;": "tml-apart",
};

/** LaTeX as MathML without style attributes. */
export function typeset(latex) {
  const mathml = temml.renderToString(latex, { displayMode: true, throwOnError: true });
  return mathml.replace(/<(\w+)((?: [\w-]+="[^"]*")*)>/g, (tag, name, attributes) => {
    const style = / style="([^"]*)"/.exec(attributes);
    if (!style) return tag;
    const styleClass = STYLE_CLASSES[style[1]];
    if (!styleClass)
      throw new Error(`formula with an unknown inline style "${style[1]}": add it to STYLE_CLASSES and formulas.css`);
    const rest = attributes.replace(style[0], "");
    const classed = rest.includes(' class="')
      ? rest.replace(' class="', ` class="${styleClass} `)
      : `${rest} class="${styleClass}"`;
    return `<${name}${classed}>`;
  });
}

/** The homework's functions, compiled from their source. */
async function loadFunctions(root) {
  const entry = ["homework/logistic", "numeric/math", "numeric/random"]
    .map((file) => `export * from "./src/core/${file}.js";`)
    .join("\n");
  const bundle = await esbuild.build({
    stdin: { contents: entry, resolveDir: root, loader: "ts" },
    bundle: true,
    write: false,
    format: "esm",
    platform: "node",
    logLevel: "silent",
  });
  return import(`data:text/javascript;base64,${Buffer.from(bundle.outputFiles[0].contents).toString("base64")}`);
}

const rows = (matrix) =>
  Array.from({ length: matrix.shape[0] }, (_, i) =>
    Array.from({ length: matrix.shape[1] }, (_, j) => matrix.get(i, j)),
  );
const items = (vector) => Array.from({ length: vector.shape[0] }, (_, i) => vector.get(i));
const jsonNumber = (_, value) => (typeof value === "number" && !Number.isFinite(value) ? String(value) : value);

/** Numbers in [-1, 1] with two decimals. */
function drawn(core, stream, ...shape) {
  const out = core.zeros(...shape);
  for (let i = 0; i < out.data.length; i++) out.data[i] = (stream.below(201) - 100) / 100;
  return out;
}

function vectorOf(core, ...values) {
  const out = core.zeros(values.length);
  out.data.set(values);
  return out;
}

/** A batch of four samples, with the weights of five inputs and six hidden units. */
function exampleBatch(core) {
  const stream = new core.RandomStream("init", 411);
  const [B, D, K] = [4, 5, 6];
  const X = drawn(core, stream, B, D);
  const W = { w_1: drawn(core, stream, D, K), w_2: drawn(core, stream, K, 1) };
  return { X, W, y: vectorOf(core, 1, 0, 0, 1) };
}

/** What `predict` returns for the batch, beside what it was given. */
function example(core, { X, W, y }) {
  const { z_1, z_2, y_hat } = core.predict(X, W);
  return {
    X: rows(X),
    y: items(y),
    w_1: rows(W.w_1),
    w_2: rows(W.w_2),
    z_1: rows(z_1),
    z_2: items(z_2),
    y_hat: items(y_hat),
  };
}

/** The gradient against central differences, weight by weight. */
function gradientCheck(core, { X, W, y }) {
  const analytic = core.gradient(X, y, W);
  const step = 1e-6;
  return ["w_1", "w_2"].flatMap((name) =>
    rows(W[name]).flatMap((row, i) =>
      row.map((kept, j) => {
        const lossAt = (w) => {
          W[name].set(i, j, w);
          return core.stableLogisticLoss(y, core.predict(X, W).z_2);
        };
        const numeric = (lossAt(kept + step) - lossAt(kept - step)) / (2 * step);
        W[name].set(i, j, kept);
        const value = analytic[name].get(i, j);
        return {
          weight: `${name}[${i + 1}, ${j + 1}]`,
          analytic: value,
          numeric,
          error: Math.abs(value - numeric) / Math.max(Math.abs(value), Math.abs(numeric)),
        };
      }),
    ),
  );
}

/** Both losses of single samples: over a range of logits, and at extreme ones. */
function losses(core) {
  const naive = (label, logit) => core.logisticLoss(vectorOf(core, label), vectorOf(core, core.sigmoid(logit)));
  const stable = (label, logit) => core.stableLogisticLoss(vectorOf(core, label), vectorOf(core, logit));
  const z = Array.from({ length: 241 }, (_, i) => (i - 120) / 2);
  const over = (loss, label) => z.map((logit) => loss(label, logit));
  const extremes = [
    [0, -1e10],
    [0, -800],
    [0, 0],
    [0, 37],
    [0, 800],
    [0, 1e10],
    [1, -1e10],
    [1, -800],
    [1, 1e10],
  ];
  return {
    lossOverZ: {
      z,
      naive0: over(naive, 0),
      naive1: over(naive, 1),
      stable0: over(stable, 0),
      stable1: over(stable, 1),
    },
    extremes: extremes.map(([y, z]) => ({ y, z, naive: naive(y, z), stable: stable(y, z) })),
  };
}

/** Everything that part one computes, as JSON text. */
export async function partOne(root) {
  const core = await loadFunctions(root);
  const batch = exampleBatch(core);
  return JSON.stringify(
    {
      formulas: Object.fromEntries(Object.entries(FORMULAS).map(([name, latex]) => [name, typeset(latex)])),
      example: example(core, batch),
      naiveAtZero: core.logisticLoss(core.zeros(4), core.zeros(4)),
      stableAtExtreme: core.stableLogisticLoss(core.zeros(4), vectorOf(core, -1e10, -1e10, -1e10, -1e10)),
      ...losses(core),
      check: gradientCheck(core, batch),
    },
    jsonNumber,
  );
}
