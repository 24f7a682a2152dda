#!/usr/bin/env node
// Searches beside Optuna's: npm run bench:search [-- --json] [options, see USAGE].
//
// One objective for both: validation accuracy of an MLP that Handgrad's core trains (bench/search/objective.mjs), from the
// same space, with the same number of samples and the same seeds. Handgrad draws from the R-sequence and halves at fixed
// rungs; Optuna 5 has RandomSampler, and SuccessiveHalvingPruner for its asynchronous halving. Cost is counted in epochs
// trained, which no noise of a machine touches. Each search runs twice with one worker and twice with four: "same" is
// whether two of these trained the same configs for the same epochs to the same accuracies.
import fs from "node:fs";
import { parseArgs } from "node:util";
import { loadImages } from "./data.mjs";
import { median } from "./median.mjs";
import { handgradSearch } from "./search/handgrad.mjs";
import { optunaSearch, pythonWithOptuna } from "./search/optuna.mjs";
import { COSTS, EPOCHS, LIMITS } from "./search/space.mjs";

const USAGE = `npm run bench:search [-- --json] [--samples N] [--seeds 0,1,2]
Random search and successive halving over N (27) samples of ${EPOCHS} epochs, by Handgrad and by Optuna (pip install optuna;
PYTHON names the Python that has it): best validation accuracy by epochs trained, medians over the seeds, and whether two
runs with one worker and two with four train the same.
--json prints one object on standard output and nothing else there.
`;
const WORKERS = [1, 1, 4, 4];

function readOptions() {
  try {
    const string = { type: "string" };
    const { values } = parseArgs({
      options: { json: { type: "boolean" }, samples: string, seeds: string, help: { type: "boolean", short: "h" } },
    });
    const samples = Number(values.samples ?? 27);
    const seeds = (values.seeds ?? "0,1,2").split(",").map(Number);
    if (!(Number.isInteger(samples) && samples >= 2 && samples <= 1000))
      throw new Error(`--samples: got "${values.samples}", expected a whole number from 2 to 1000`);
    if (!seeds.every((seed) => Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32))
      throw new Error(`--seeds: got "${values.seeds}", expected whole numbers such as 0,1,2`);
    return { ...values, samples, seeds };
  } catch (error) {
    const [message] = error.message.split(/\. |\n/);
    console.error(`bench:search: ${message}; npm run bench:search -- --help explains`);
    return process.exit(2);
  }
}

/** The best accuracy among those reached by so many epochs of training, in the order in which a search reached them. */
const bestAfter = (reached, cost) => Math.max(...reached.slice(0, cost));

/** What a search trained, whatever the order: equal texts are equal searches. */
const fingerprint = ({ cells }) =>
  JSON.stringify(cells.map(({ config, accuracies }) => JSON.stringify([config, accuracies])).sort());

async function contend(search, { samples, seeds }, note) {
  const bySeed = [];
  for (const seed of seeds) {
    const runs = [];
    for (const workers of WORKERS) {
      note(`${search.name}, seed ${seed}, ${workers === 1 ? "1 worker" : `${workers} workers`}`);
      runs.push(await search.run({ samples, seed, workers }));
    }
    const [first, again, four, fourAgain] = runs;
    const same = (a, b) => fingerprint(a) === fingerprint(b);
    const costs = COSTS.filter((cost) => cost <= first.reached.length);
    bySeed.push({
      seed,
      epochs: runs.map(({ reached }) => reached.length),
      best: Math.max(...first.reached),
      after: Object.fromEntries(costs.map((cost) => [cost, bestAfter(first.reached, cost)])),
      same: { one: same(first, again), four: same(four, fourAgain), oneAndFour: same(first, four) },
    });
  }
  return { name: search.name, version: search.version, bySeed };
}

function table(results) {
  const percent = (value) => `${(100 * value).toFixed(2)} %`;
  const heads = [
    "search",
    "epochs",
    "best",
    ...COSTS.map((cost) => `after ${cost}`),
    "same: 1 worker, again",
    "4, again",
    "1 and 4",
  ];
  const everywhere = (values) => (values.every(Boolean) ? "yes" : "no");
  const rows = results.map(({ name, bySeed }) => {
    const of = (figure) => bySeed.map(figure).filter((value) => value !== undefined);
    const epochs = bySeed.flatMap((run) => run.epochs);
    const [least, most] = [Math.min(...epochs), Math.max(...epochs)];
    return [
      name,
      least === most ? `${least}` : `${least} to ${most}`,
      percent(median(of(({ best }) => best))),
      ...COSTS.map((cost) => {
        const values = of(({ after }) => after[cost]);
        return values.length === bySeed.length ? percent(median(values)) : "";
      }),
      ...["one", "four", "oneAndFour"].map((runs) => everywhere(of(({ same }) => same[runs]))),
    ];
  });
  const widths = heads.map((head, i) => Math.max(head.length, ...rows.map((row) => row[i].length)));
  return [heads, ...rows]
    .map((row) =>
      row
        .map((text, i) => text.padEnd(widths[i]))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

const options = readOptions();
if (options.help) {
  process.stdout.write(USAGE);
  process.exit(0);
}
const note = (line) => process.stderr.write(`${line}\n`);
const { images, dataset, dataDir } = await loadImages(LIMITS);
const python = pythonWithOptuna();
if (!python) note("Optuna: no Python that can import it; pip install optuna, or set PYTHON");
const searches = [
  ...["random", "halving"].map((kind) => handgradSearch(kind, { data: dataset.name, dataDir })),
  ...(python ? ["random", "halving"].map((kind) => optunaSearch(kind, python)) : []),
];
const results = [];
for (const search of searches) results.push(await contend(search, options, note));
if (options.json) fs.writeSync(1, `${JSON.stringify({ images, samples: options.samples, results })}\n`);
else
  process.stdout.write(
    `${options.samples} samples of ${EPOCHS} epochs on ${images}; best validation accuracy, medians over ${options.seeds.length} seeds\n\n${table(results)}\n${python ? `\nOptuna ${searches.at(-1).version}\n` : ""}`,
  );
