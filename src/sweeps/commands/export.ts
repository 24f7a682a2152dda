/** npm run export: writes a trained cell's weights into a file for other programs. */
import { InputError } from "../../core/input-error.js";
import { plural } from "../../core/numeric/words.js";
import { FORMATS, type FormatName } from "../formats/formats.js";
import { checkReportFile, writeReportFile } from "../page/report-file.js";
import { readTrained } from "../run/find-cell.js";
import { oneOf, parseOptions, type Streams } from "./command.js";

export const help = `npm run export -- ID --format FORMAT [options]

Writes the trained cell with this id (or any unambiguous beginning of it, or of the hash that ends it) into a file for other
programs. npm run cells lists the ids. For example:
  npm run export -- 3f9a --format onnx

  --format onnx|safetensors|npz|csv
                      onnx: the network, with all that its evaluation does, for ONNX Runtime and others
                      safetensors, npz, csv: its weights, for PyTorch, numpy, and anything that reads tables
  --out FILE          the file (default: the cell's id and the format's ending, in the working directory)
  --run DIR           look in this run directory (default: all of runs/*)

docs/formats.md says what the files hold. None is written over a file that is no earlier export.

Exit codes: 0, 1 the file could not be written, 2 wrong usage or input.
`;

const options = { format: { type: "string" }, out: { type: "string" }, run: { type: "string" } } as const;

export async function run(args: string[], { stdout }: Streams): Promise<number> {
  const { values, positionals } = parseOptions("export", args, options, 1);
  const format = oneOf("format", values.format, Object.keys(FORMATS) as FormatName[]);
  if (format === undefined)
    throw new InputError(`export: got no --format, expected one of ${Object.keys(FORMATS).join(", ")}`);
  const model = await readTrained("export", positionals[0], values.run);
  const { kind, beginning, encode, next } = FORMATS[format];
  const file = { option: "--out", file: values.out ?? `${model.record.id}.${format}`, kind, beginning };
  await checkReportFile(file);
  const content = encode(model);
  await writeReportFile(file, content);
  stdout.write(`${model.record.id}: ${plural(Buffer.byteLength(content), "byte")} written to ${file.file}\n${next}\n`);
  return 0;
}
