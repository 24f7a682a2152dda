// ConvNetJS: one sample at a time, as its API is; its trainer updates after every batch.
import { createRequire } from "node:module";
import { serve, unable } from "./serve.mjs";

const require = createRequire(import.meta.url);

await serve(async ({ model, optimizer, lr, batch, images, labels }) => {
  if (optimizer !== "sgd") throw new Error("measured with sgd only");
  const convnetjs = require("convnetjs");
  const { version } = require("convnetjs/package.json");
  const hidden =
    model === "mlp"
      ? [100, 100].map((num_neurons) => ({ type: "fc", num_neurons, activation: "relu" }))
      : [16, 32, 64].flatMap((filters) => [
          { type: "conv", sx: 3, filters, stride: 1, pad: 1, activation: "relu" },
          { type: "pool", sx: 2, stride: 2 },
        ]);
  const net = new convnetjs.Net();
  net.makeLayers([
    { type: "input", out_sx: 28, out_sy: 28, out_depth: 1 },
    ...hidden,
    { type: "softmax", num_classes: 10 },
  ]);
  const trainer = new convnetjs.Trainer(net, {
    method: "sgd",
    learning_rate: lr,
    momentum: 0,
    batch_size: batch,
    l2_decay: 0,
  });
  const image = new convnetjs.Vol(28, 28, 1, 0);
  return {
    version: `ConvNetJS ${version}`,
    step(b) {
      let total = 0;
      for (let sample = b * batch; sample < (b + 1) * batch; sample++) {
        for (let i = 0; i < 784; i++) image.w[i] = images[sample * 784 + i] / 255;
        total += trainer.train(image, labels[sample]).cost_loss;
      }
      return total / batch;
    },
  };
}).catch(unable);
