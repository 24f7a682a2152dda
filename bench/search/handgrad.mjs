// Handgrad's side: a sweep with drawn axes, with and without halving, as a user runs it.
import fs from "node:fs";
import path from "node:path";
import { measured } from "../measured.mjs";
import { temporaryFolder } from "../temporary.mjs";
import { AXES, BASE, REDUCTION, RUNGS } from "./space.mjs";

/** The order of a search's epochs: rung by rung where it halves, else cell by cell as they were drawn. */
function inOrder(cells, halves) {
  const rungOf = (epoch) => RUNGS.findIndex((rung) => epoch <= rung);
  return cells
    .flatMap(({ accuracies, started }) =>
      accuracies.map((accuracy, i) => ({ accuracy, started, rung: halves ? rungOf(i + 1) : 0, epoch: i + 1 })),
    )
    .sort((a, b) => a.rung - b.rung || (a.started < b.started ? -1 : a.started > b.started ? 1 : a.epoch - b.epoch))
    .map(({ accuracy }) => accuracy);
}

/** @param kind "random" or "halving" */
export function handgradSearch(kind, { data, dataDir }) {
  const halving = kind === "halving" ? { halving: { rungs: RUNGS, keep: 1 / REDUCTION } } : {};
  return {
    name: `handgrad ${kind}`,
    async run({ samples, seed, workers }) {
      const folder = temporaryFolder("search");
      try {
        const spec = { name: "search", base: BASE, axes: AXES, samples: { count: samples, seed }, ...halving };
        fs.writeFileSync(path.join(folder, "search.json"), JSON.stringify(spec));
        const from = dataDir ? ["--data-dir", dataDir] : [];
        await measured(folder, [
          "sweep",
          "search.json",
          "--out",
          "run",
          "--workers",
          `${workers}`,
          "--data",
          data,
          ...from,
        ]);
        const run = path.join(folder, "run");
        const cells = fs
          .readdirSync(run)
          .map((name) => path.join(run, name, "record.json"))
          .filter((file) => fs.existsSync(file))
          .map((file) => JSON.parse(fs.readFileSync(file, "utf8")))
          .map(({ config, curve, run: { startedAt } }) => ({
            config,
            accuracies: curve.map(({ validationAccuracy }) => validationAccuracy),
            started: startedAt,
          }));
        return { cells, reached: inOrder(cells, kind === "halving") };
      } finally {
        fs.rmSync(folder, { recursive: true, force: true });
      }
    },
  };
}
