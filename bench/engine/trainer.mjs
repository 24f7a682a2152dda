// The process of one build: it trains, one request of engine/rounds.mjs at a time, by the build's own measure.mjs and profile.mjs.
import path from "node:path";
import { pathToFileURL } from "node:url";
import { loadImages } from "../data.mjs";
import { decideWidth } from "./build.mjs";

let dataset;
let build;
let runs;
let measurePeak;

const requests = {
  /** Images are loaded by this checkout whichever the build is, so that all builds see the same. */
  async open(folder, settings) {
    const load = (file) => import(pathToFileURL(path.join(folder, file)).href);
    await decideWidth(folder);
    const { trainConfigSchema } = await load("dist/core/config.js");
    build = { ...(await load("bench/engine/measure.mjs")), ...(await load("bench/engine/profile.mjs")) };
    const most = (limit) => Math.max(...settings.map((config) => config[limit]));
    const loaded = await loadImages({ trainLimit: most("trainLimit"), testLimit: most("testLimit") });
    dataset = loaded.dataset;
    runs = settings.map((fields) => {
      const config = trainConfigSchema.parse(fields);
      return { config, training: new build.Training(config, dataset) };
    });
    measurePeak = build.peakMeter();
    return loaded.images;
  },
  train: (run, seconds) => runs[run].training.run(seconds),
  peak: () => measurePeak(),
  look(run) {
    const { config, training } = runs[run];
    const state = training.state();
    return {
      evaluationSamplesPerSecond: build.evaluationSpeed(config, dataset, state),
      layers: build.profile(config, dataset, state),
    };
  },
};

process.on("message", async ([request, ...values]) => {
  let answer;
  try {
    answer = { result: await requests[request](...values) };
  } catch ({ name, code, message, stack }) {
    answer = { error: { name, code, message, stack } };
  }
  // Where nobody hears it any more, the process ends quietly.
  process.send(answer, () => undefined);
});
