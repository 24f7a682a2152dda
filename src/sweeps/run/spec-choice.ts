/** The spec and the data that a command's words name. */
import { InputError } from "../../core/input-error.js";
import { dataChoices, type DataChoice } from "../data/datasets.js";
import { builtInSweeps } from "../spec/built-in.js";
import { didYouMean } from "../spec/closest.js";
import { dataOptionsSchema, type DataOptions } from "../spec/data-options.js";
import { explain } from "../spec/explain.js";
import { specFault } from "../spec/fault.js";
import { withInits } from "../spec/inits.js";
import { isJsonObject } from "../spec/json.js";
import { readSpecFile, type SweepSpec } from "../spec/spec.js";
import { choice, describe } from "../spec/zod-issues.js";

/** @param command names itself in errors @throws InputError where there is no such sweep, or the file is no spec */
export async function chooseSpec(command: string, name: string): Promise<SweepSpec> {
  if (Object.hasOwn(builtInSweeps, name)) return builtInSweeps[name];
  if (name.endsWith(".json")) return withInits(await readSpecFile(name), name);
  throw new InputError(
    `${command}: got "${name}", expected ${Object.keys(builtInSweeps).join(", ")}, or a spec file that ends in .json`,
  );
}

/** The data that a spec asks for. @throws InputError where there are none of that name */
export function specChoice(spec: Pick<SweepSpec, "data" | "text">, source: string): DataChoice | DataOptions {
  const { data = "auto" } = spec;
  const known = dataChoices.find((word) => word === data);
  if (known !== undefined) return known;
  if (isJsonObject(data)) {
    const parsed = dataOptionsSchema.safeParse(data);
    if (parsed.success) return parsed.data;
    const { path, message, isKey } = explain(parsed.error, data, dataOptionsSchema);
    throw specFault(spec, source, ["data", ...path.map(String)], message, isKey ? "key" : "value");
  }
  const message = `got ${describe(data)}, expected ${choice(dataChoices)} or {"dir": …}${didYouMean(data, dataChoices)}`;
  throw specFault(spec, source, ["data"], message);
}
