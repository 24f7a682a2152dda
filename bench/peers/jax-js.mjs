// jax-js on its WebAssembly backend: one jit-compiled function does the whole training step.
import fs from "node:fs";
import { initialiser, scaled, serve, slice, unable } from "./serve.mjs";

const { dependencies: installed } = JSON.parse(fs.readFileSync(new URL("../package.json", import.meta.url), "utf8"));
globalThis.navigator ??= { userAgent: "node" }; // read by its WebAssembly code generator; Node has it from 21 on

const mlpShapes = [
  [784, 100],
  [100, 100],
  [100, 10],
];
const cnnShapes = [
  [16, 1, 3, 3],
  [32, 16, 3, 3],
  [64, 32, 3, 3],
  [576, 10],
];

await serve(async ({ model, optimizer, lr, batch, images, labels }) => {
  if (optimizer !== "sgd") throw new Error("measured with sgd only");
  const jax = await import("@jax-js/jax");
  const { numpy: np, nn, lax } = jax;
  await jax.init("wasm");
  jax.defaultDevice("wasm");

  const uniform = initialiser();
  const product = (shape) => shape.reduce((a, b) => a * b);
  const params = (model === "mlp" ? mlpShapes : cnnShapes).flatMap((shape) => {
    const isConv = shape.length === 4;
    const fanIn = isConv ? product(shape.slice(1)) : shape[0];
    const bias = isConv ? [shape[0], 1, 1] : [shape[1]];
    return [
      np.array(uniform(product(shape), fanIn)).reshape(shape),
      np.array(uniform(product(bias), fanIn)).reshape(bias),
    ];
  });

  // Every use but the last of an array takes `.ref`: jax-js counts references.
  function logits(p, x) {
    if (model === "mlp") {
      x = nn.relu(np.dot(x, p[0]).add(p[1]));
      x = nn.relu(np.dot(x, p[2]).add(p[3]));
      return np.dot(x, p[4]).add(p[5]);
    }
    x = x.reshape([batch, 1, 28, 28]);
    for (let layer = 0; layer < 3; layer++) {
      x = nn.relu(lax.conv(x, p[2 * layer], [1, 1], "SAME").add(p[2 * layer + 1]));
      x = lax.reduceWindow(x, np.max, [2, 2], [2, 2]);
    }
    return np.dot(x.reshape([batch, 576]), p[6]).add(p[7]);
  }
  const loss = (p, x, y) =>
    nn
      .logSoftmax(logits(p, x))
      .mul(y)
      .sum()
      .mul(-1 / batch);
  const trainStep = jax.jit((p, x, y) => {
    const [value, gradients] = jax.valueAndGrad(loss)(
      p.map((array) => array.ref),
      x,
      y,
    );
    return [value, p.map((array, i) => array.sub(gradients[i].mul(lr)))];
  });

  const pixels = scaled(images);
  const oneHot = new Float32Array(labels.length * 10);
  labels.forEach((label, i) => (oneHot[i * 10 + label] = 1));
  let state = params;
  return {
    version: `jax-js ${installed["@jax-js/jax"]}`,
    async step(b) {
      const x = np.array(slice(pixels, b, batch)).reshape([batch, 784]);
      const y = np.array(slice(oneHot, b, batch, 10)).reshape([batch, 10]);
      const [value, next] = trainStep(state, x, y);
      state = next;
      await jax.blockUntilReady(state);
      return value.jsAsync();
    },
  };
}).catch(unable);
