// The committed reference results (the object of `sweep --json`, with a learning curve per cell) as the page's data.

/** ReportData with source "reference": curves and figures only, no steps, mistakes or images. `datasets` are those that can be loaded by name. */
export function referenceData(results, datasets) {
  const { text, counts, classNames, height, width, channels } = datasets.find(({ name }) => name === results.dataset);
  const cells = results.cells.map((cell) => ({
    id: cell.id,
    config: cell.config,
    dataset: results.dataset,
    dataDigest: results.dataDigest,
    engineVersion: results.engineVersion,
    status: cell.status,
    curve: cell.curve ?? [],
    steps: { every: 1, loss: [] },
    parameters: cell.parameters,
    confusion: cell.confusion ?? [],
    mistakes: [],
    // With a validation split, the row's test figures are the one reading of the test set.
    ...(cell.config.validation === undefined ? {} : { test: { loss: cell.testLoss, accuracy: cell.testAccuracy } }),
    weightsDigest: cell.weightsDigest,
    run: {
      startedAt: "",
      seconds: cell.seconds,
      trainSeconds: null,
      testSeconds: null,
      setupSeconds: null,
      samplesPerSecond: null,
      node: "",
      platform: "",
      cpu: "",
      retries: 0,
      resumes: 0,
    },
  }));
  const placed = results.cells.filter(({ role, label }) => role !== undefined || label !== undefined);
  return {
    source: "reference",
    sweep: results.sweep,
    dataset: results.dataset,
    dataDigest: results.dataDigest,
    engineVersion: results.engineVersion,
    datasetText: text,
    imageSize: { height, width, channels },
    counts,
    classNames,
    wallSeconds: results.wallSeconds,
    workers: results.workers ?? 0,
    planned: cells.map((cell) => cell.id),
    ...(placed.length > 0
      ? { places: Object.fromEntries(placed.map(({ id, role, label }) => [id, { role, label }])) }
      : {}),
    cells,
    permutations: {},
  };
}
