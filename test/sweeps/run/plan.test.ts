/** What planning refuses before anything is trained, and what then becomes of records from before. */
import { writeFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, expect, test } from "vitest";
import { trainConfigSchema } from "../../../src/core/config.js";
import { builtInSweeps } from "../../../src/sweeps/spec/built-in.js";
import { cellId } from "../../../src/sweeps/spec/cell-id.js";
import { loadDataset } from "../../../src/sweeps/data/load.js";
import { planCells } from "../../../src/sweeps/run/plan.js";
import { RunDirectory } from "../../../src/sweeps/store/run-directory.js";
import { weightsDigest } from "../../../src/sweeps/store/weights.js";
import { build } from "../../workers/built.js";
import { samplePlan, sampleRecord, temporaryFolder } from "../fixtures.js";
import { handgrad } from "../handgrad.js";

beforeAll(build);

const layers = [
  { kind: "flatten" },
  { kind: "dense", units: 4 },
  { kind: "batchNorm" },
  { kind: "relu" },
  { kind: "dense", units: 10 },
] as const;
const base = {
  model: { kind: "layers", name: "normal", layers: [...layers] },
  optimizer: { kind: "sgd" },
  epochs: 1,
  batchSize: 32,
  trainLimit: 65,
  testLimit: 10,
} as const;
const refused =
  "model: layer 3 (batchNorm) got one value to normalise, expected at least 2: epochs of 65 samples (by trainLimit) in batches of 32 have a pass of 1 sample; set batchSize to 31 or trainLimit to 64";

test("a sweep that would normalise a single value is one line and exit code 2", async () => {
  const folder = temporaryFolder();
  const spec = path.join(folder, "normal.json");
  const text = JSON.stringify({ name: "normal", data: "synthetic", base, axes: {} });
  writeFileSync(spec, text);
  const place = `line 1, column ${text.indexOf(JSON.stringify(base.model)) + 1}: base.`;
  const stderr = `handgrad: ${spec}: ${place}${refused}\n`;
  expect(await handgrad(folder, "sweep", spec)).toMatchObject({ code: 2, stderr });
  expect((await handgrad(folder, "sweep", spec, "--train-limit", "64", "--dry-run")).code).toBe(0);
});

test("a record of such a cell from before is told so: cell trains nothing, verify cannot vouch for it", async () => {
  const folder = temporaryFolder();
  const { dataset } = await loadDataset({ data: "synthetic", trainLimit: 65, testLimit: 10 });
  const config = trainConfigSchema.parse(base);
  const id = cellId(config, dataset.digest);
  const weights = Float32Array.of(1, 2, 3);
  const directory = path.join(folder, "runs", "normal");
  const run = new RunDirectory(directory);
  const record = sampleRecord(config, {
    dataset: "synthetic",
    dataDigest: dataset.digest,
    weightsDigest: weightsDigest(weights),
  });
  await run.writeRecord(record, weights);
  const plan = { ...samplePlan([record]), dataset: "synthetic", dataDigest: dataset.digest };
  await run.writePlanAndSpec(plan, { name: "tiny", base: {}, axes: {} }, "tiny.json", undefined);
  expect(await handgrad(folder, "cell", id, "--out", directory)).toMatchObject({
    code: 2,
    stderr: `handgrad: ${id}: ${refused}\n`,
  });
  const verified = await handgrad(folder, "verify", "--out", directory);
  expect([verified.code, verified.stdout]).toEqual([1, expect.stringContaining(`${id}: failed: ${refused}\n`)]);
});

test("the built-in sweeps plan", async () => {
  const { dataset } = await loadDataset({ data: "synthetic", trainLimit: 10, testLimit: 10 });
  const whole = { ...dataset, train: { ...dataset.train, count: 60_000 } };
  for (const [name, spec] of Object.entries(builtInSweeps))
    expect(planCells(spec, whole, name).length, name).toBeGreaterThan(5);
});
