// Handgrad itself: its own training loop (shuffle, gather, forward, backward, update), as a worker runs it.
import fs from "node:fs";
import { MODELS } from "../models.mjs";
import { serve, unable } from "./serve.mjs";

/** Runs the training loop from one progress report to the next and says how many steps that was. */
async function startTraining({ model, optimizer, lr, batch, images, labels }) {
  const fields = MODELS[model];
  const build = new URL("../../dist/core/", import.meta.url);
  if (!fs.existsSync(build)) throw new Error("not built; run npm run build");
  // As wide as a sweep's pool would run them: before the kernels are compiled.
  await (await import(new URL("../workers/width.js", build))).chooseWidth();
  const { train } = await import(new URL("training/train.js", build));
  const { trainConfigSchema } = await import(new URL("config.js", build));
  const config = trainConfigSchema.parse({
    ...fields,
    optimizer: { kind: optimizer, lr, ...fields.optimizer },
    epochs: 100_000,
  });
  const events = train(config, {
    name: "bench",
    digest: "",
    height: 28,
    width: 28,
    channels: 1,
    classNames: Array.from({ length: 10 }, (_, i) => `class ${i}`),
    train: { count: labels.length, images, labels },
    test: { count: 1, images: images.subarray(0, 784), labels: labels.subarray(0, 1) },
  });
  let done = 0;
  return function advance() {
    for (;;) {
      const { value: event, done: ended } = events.next();
      if (ended) throw new Error("training diverged");
      if (event.kind !== "progress") continue;
      const now = ((event.epoch - 1) * event.samplesPerEpoch + event.samples) / batch;
      const steps = now - done;
      done = now;
      if (steps > 0) return { steps, loss: event.loss };
    }
  };
}

await serve(async (task) => {
  const advance = await startTraining(task);
  return {
    version: "Handgrad",
    run(count) {
      let steps = 0;
      let losses = 0;
      let reports = 0;
      while (steps < count) {
        const report = advance();
        steps += report.steps;
        losses += report.loss;
        reports += 1;
      }
      return { count: steps, loss: losses / reports };
    },
  };
}).catch(unable);
