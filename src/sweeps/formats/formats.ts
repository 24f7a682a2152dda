/** What trained cells are exported as. */
import { toCsv } from "../../core/csv.js";
import type { ImageClasses } from "../../core/data/dataset.js";
import { pixelPermutation } from "../../core/data/permutation.js";
import { canonicalJson } from "../../core/json-text.js";
import type { CellRecord } from "../store/record.js";
import { encodeNpz, NPZ_BEGINNING } from "./npz.js";
import { encodeOnnx } from "./onnx.js";
import { ONNX_BEGINNING, PRODUCER } from "./onnx-proto.js";
import { modelTensors, namedTensors } from "./parameter-names.js";
import { encodeSafetensors } from "./safetensors.js";

/** A cell that was trained to its end. */
export interface TrainedModel {
  record: CellRecord;
  images: ImageClasses;
  /** As of `TrainResult.weights`. */
  weights: Float32Array;
}

interface Format {
  /** What such a file is called, and how an earlier export begins. */
  kind: string;
  beginning: RegExp;
  /** @throws InputError where model and images do not fit */
  encode(model: TrainedModel): Uint8Array | string;
  /** What a reader needs to know next. */
  next: string;
}

const POSITIONS = ["output", "input", "y", "x"];
const CSV_COLUMNS = ["tensor", ...POSITIONS, "value"];

export type FormatName = "onnx" | "safetensors" | "npz" | "csv";

export const FORMATS: Record<FormatName, Format> = {
  onnx: {
    kind: "exported ONNX model",
    beginning: ONNX_BEGINNING,
    encode(model) {
      const { config } = model.record;
      return encodeOnnx(config, tensorsOf(model), model.weights, metadataOf(model));
    },
    next: 'the input "image" is [N, channels, height, width] in [0, 1], the output "logits" [N, classes]',
  },
  safetensors: {
    kind: "exported safetensors file",
    beginning: new RegExp(`^.{8}\\{ "__metadata__":\\{"producer":"${PRODUCER}"`, "s"),
    encode: (model) => encodeSafetensors(namedTensors(tensorsOf(model), model.weights), metadataOf(model)),
    next: 'names and layouts are those of PyTorch\'s nn.Sequential, and "init": { "file": … } in a spec starts a cell from it',
  },
  npz: {
    kind: "exported .npz file",
    beginning: NPZ_BEGINNING,
    encode: (model) => encodeNpz(namedTensors(tensorsOf(model), model.weights)),
    next: "numpy.load(…) gives the arrays by name, in PyTorch's layouts",
  },
  csv: {
    kind: "exported table of weights",
    beginning: new RegExp(`^${CSV_COLUMNS.join(",")}\r\n`),
    encode: (model) =>
      toCsv({
        columns: CSV_COLUMNS,
        rows: namedTensors(tensorsOf(model), model.weights).flatMap(({ name, shape, values }) =>
          Array.from(values, (value, i) => [name, ...positionOf(shape, i), value]),
        ),
      }),
    next: "one row a value, after its tensor's name and its place in PyTorch's layout, counted from 0",
  },
};

const tensorsOf = ({ record, images }: TrainedModel) =>
  modelTensors(record.config.model, images, images.classNames.length);

/** Of the i-th element; null beyond the tensor's dimensions. */
function positionOf(shape: readonly number[], i: number): (number | null)[] {
  const position: (number | null)[] = POSITIONS.map(() => null);
  let left = i;
  for (let d = shape.length - 1; d >= 0; d--) {
    position[d] = left % shape[d];
    left = Math.floor(left / shape[d]);
  }
  return position;
}

/** What ONNX and safetensors files carry beside the tensors. `testAccuracy`: where the test set was read. `permutation`: where pixels are permuted, which pixel of an image stands at each place. */
function metadataOf({ record, images }: TrainedModel): Record<string, string> {
  const { id, config, dataset, test, curve } = record;
  const accuracy = test?.accuracy ?? curve.at(-1)?.testAccuracy;
  const { permutation } = config;
  return {
    producer: PRODUCER,
    cell: id,
    dataset,
    classes: JSON.stringify(images.classNames),
    ...(accuracy === undefined ? {} : { testAccuracy: String(accuracy) }),
    config: canonicalJson(config),
    ...(permutation > 0
      ? { permutation: JSON.stringify([...pixelPermutation(permutation, images.height * images.width)]) }
      : {}),
  };
}
