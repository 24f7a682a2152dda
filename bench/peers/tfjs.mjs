// TensorFlow.js through its layers API. --variant cpu or wasm chooses the backend; both run on one thread.
import { createRequire } from "node:module";
import { scaled, serve, slice, unable } from "./serve.mjs";

const require = createRequire(import.meta.url);

await serve(async ({ model, optimizer, lr, batch, variant, images, labels }) => {
  if (optimizer !== "sgd") throw new Error("measured with sgd only");
  const tf = require("@tensorflow/tfjs-core");
  const { layers, sequential } = require("@tensorflow/tfjs-layers");
  if (variant === "wasm") {
    const wasm = require("@tensorflow/tfjs-backend-wasm");
    wasm.setThreadsCount(1);
  } else require("@tensorflow/tfjs-backend-cpu");
  if (!(await tf.setBackend(variant))) throw new Error(`the ${variant} backend did not start`);

  const net = sequential();
  if (model === "mlp") {
    net.add(layers.dense({ units: 100, activation: "relu", inputShape: [784] }));
    net.add(layers.dense({ units: 100, activation: "relu" }));
  } else {
    [16, 32, 64].forEach((filters, i) => {
      net.add(
        layers.conv2d({
          filters,
          kernelSize: 3,
          padding: "same",
          activation: "relu",
          ...(i === 0 && { inputShape: [28, 28, 1] }),
        }),
      );
      net.add(layers.maxPooling2d({ poolSize: 2 }));
    });
    net.add(layers.flatten());
  }
  net.add(layers.dense({ units: 10, activation: "softmax" }));
  net.compile({ optimizer: tf.train.sgd(lr), loss: "sparseCategoricalCrossentropy" });

  const pixels = scaled(images);
  const classes = Float32Array.from(labels);
  const shape = model === "mlp" ? [batch, 784] : [batch, 28, 28, 1];
  async function step(b) {
    const x = tf.tensor(slice(pixels, b, batch), shape);
    const y = tf.tensor(slice(classes, b, batch, 1), [batch, 1]);
    const loss = await net.trainOnBatch(x, y);
    tf.dispose([x, y]);
    return loss;
  }
  return { version: `TensorFlow.js ${tf.version_core}`, step };
}).catch(unable);
