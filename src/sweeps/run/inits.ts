/** The weights that cells start from: checked when a sweep is planned, and read when a cell trains. */
import type { TrainConfig } from "../../core/config.js";
import type { ImageClasses } from "../../core/data/dataset.js";
import { InputError } from "../../core/input-error.js";
import { modelTensors, weightsOf } from "../formats/parameter-names.js";
import { decodeSafetensors } from "../formats/safetensors.js";
import { specFault } from "../spec/fault.js";
import { whereSet } from "../spec/grid.js";
import type { SweepSpec } from "../spec/spec.js";
import type { RunDirectory } from "../store/run-directory.js";

/** Checks that the weights which cells start from are at hand and fit their models. @throws InputError where not: in which part of the spec */
export async function checkInits(
  spec: SweepSpec,
  source: string,
  configs: readonly TrainConfig[],
  images: ImageClasses,
  directory: RunDirectory,
): Promise<void> {
  const checked = new Set<string>();
  for (const config of configs) {
    const { init, model } = config;
    const key = JSON.stringify([init?.digest, model]);
    if (!init || checked.has(key)) continue;
    checked.add(key);
    try {
      if (init.digest === undefined || init.file !== undefined)
        throw new InputError(`got ${init.file === undefined ? "neither" : "both"}, expected a file or a digest`);
      const given = spec.inits?.get(init.digest);
      const bytes = given?.bytes ?? (await directory.readInit(init.digest));
      weightsFrom(bytes, given?.file ?? directory.initFile(init.digest), config, images);
    } catch (error) {
      if (error instanceof InputError) throw specFault(spec, source, whereSet(spec, config, "init"), error.message);
      throw error;
    }
  }
}

/** The weights that a cell starts from, as of `TrainResult.weights`; undefined where it starts at random. @throws InputError where they cannot be had */
export async function readInit(
  directory: RunDirectory,
  { init, model }: TrainConfig,
  images: ImageClasses,
): Promise<Float32Array | undefined> {
  if (init?.digest === undefined) return undefined;
  return weightsFrom(await directory.readInit(init.digest), directory.initFile(init.digest), { model }, images);
}

/** The same from the file that the spec itself names; undefined where it names none. @throws InputError where it does not fit the model */
export function givenInit(
  spec: SweepSpec,
  { init, model }: TrainConfig,
  images: ImageClasses,
): Float32Array | undefined {
  const given = init?.digest === undefined ? undefined : spec.inits?.get(init.digest);
  return given && weightsFrom(given.bytes, given.file, { model }, images);
}

function weightsFrom(
  bytes: Uint8Array,
  source: string,
  { model }: Pick<TrainConfig, "model">,
  images: ImageClasses,
): Float32Array {
  return weightsOf(modelTensors(model, images, images.classNames.length), decodeSafetensors(bytes, source), source);
}
