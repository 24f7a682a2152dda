/** The weights that a spec's cells start from: files become what ids and records have of them, the digest of their bytes. */
import { createHash } from "node:crypto";
import path from "node:path";
import { InputError } from "../../core/input-error.js";
import type { AxesSpec, AxisSpec } from "./axes.js";
import { specFault } from "./fault.js";
import { isJsonObject, type JsonValue } from "./json.js";
import { readRegular } from "./regular-file.js";
import type { SpecPath } from "./spec-text.js";
import type { InitFile, SweepSpec } from "./spec.js";

/** The largest model that fits a cell's memory. */
export const MOST_INIT_BYTES = 2 ** 31;

/** Folder in a run directory of the weights that cells start from. */
export const INIT = "init";
export const initFile = (folder: string, digest: string): string => path.join(folder, INIT, `${digest}.safetensors`);

/** @throws InputError where the weights are not those that the file's name tells */
export function checkInit(file: string, bytes: Uint8Array, digest: string): void {
  if (bytesDigest(bytes) !== digest)
    throw new InputError(
      `${file} has another digest than its name says: it was altered or damaged; remove it, and name the file in the spec again`,
    );
}

export const bytesDigest = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/**
 * The spec with digests in place of files, relative to the working directory, and the files as `spec.inits`. Of digests that
 * it has already, as the spec in a run directory, the files beside it.
 * @param source the spec's file, or what names it in errors
 * @throws InputError where a file cannot be read
 */
export async function withInits(spec: SweepSpec, source: string): Promise<SweepSpec> {
  const inits = new Map<string, InitFile>();
  const digestOf = async (file: JsonValue, where: SpecPath): Promise<JsonValue> => {
    if (typeof file !== "string") return file;
    const bytes = await readRegular(file, MOST_INIT_BYTES).catch((error: unknown) => {
      const { code, message } = error as NodeJS.ErrnoException;
      const reason = error instanceof InputError ? message : `cannot be read (${code ?? message})`;
      throw specFault(
        spec,
        source,
        where,
        `${file}: ${reason}; expected a safetensors file, relative to the working directory`,
      );
    });
    const digest = bytesDigest(bytes);
    inits.set(digest, { file, bytes });
    return digest;
  };
  const kept = async (digest: JsonValue, where: SpecPath): Promise<JsonValue> => {
    if (typeof digest !== "string") return digest;
    const file = initFile(path.dirname(source), digest);
    const bytes = await readRegular(file, MOST_INIT_BYTES).catch(() => undefined);
    if (!bytes) return digest;
    try {
      checkInit(file, bytes, digest);
    } catch (error) {
      throw specFault(spec, source, where, (error as InputError).message);
    }
    inits.set(digest, { file, bytes });
    return digest;
  };
  /** The value of a field. */
  const resolved = async (field: string, value: JsonValue, where: SpecPath): Promise<JsonValue> => {
    // Several, of which "when" asks for any.
    if (Array.isArray(value)) return list(field, value, where);
    if (field === "init.file") return digestOf(value, where);
    if (field === "init.digest") return kept(value, where);
    if (field !== "init" || !isJsonObject(value)) return value;
    if ("digest" in value) await kept(value.digest, [...where, "digest"]);
    if (!("file" in value) || "digest" in value) return value;
    const { file, ...others } = value;
    return { ...others, digest: await digestOf(file, [...where, "file"]) };
  };
  const list = (field: string, values: JsonValue[], where: SpecPath): Promise<JsonValue[]> =>
    Promise.all(values.map((value, i) => resolved(field, value, [...where, i])));
  const named = (field: string): string => (field === "init.file" ? "init.digest" : field);
  const fields = async (table: Record<string, JsonValue>, ...within: SpecPath): Promise<Record<string, JsonValue>> => {
    const entries = Object.entries(table).map(
      async ([field, value]) => [named(field), await resolved(field, value, [...within, field])] as const,
    );
    return Object.fromEntries(await Promise.all(entries));
  };
  const axis = async (field: string, written: AxisSpec, where: SpecPath): Promise<AxisSpec> => {
    if (Array.isArray(written)) return list(field, written, where);
    const when = written.when && { when: await fields(written.when, ...where, "when") };
    if ("values" in written)
      return { ...written, values: await list(field, written.values, [...where, "values"]), ...when };
    if ("choice" in written)
      return { ...written, choice: await list(field, written.choice, [...where, "choice"]), ...when };
    return { ...written, ...when };
  };
  const axes = async (table: AxesSpec, ...within: SpecPath): Promise<AxesSpec> => {
    const entries = Object.entries(table).map(
      async ([field, written]) => [named(field), await axis(field, written, [...within, field])] as const,
    );
    return Object.fromEntries(await Promise.all(entries));
  };
  const variants = spec.variants?.map(async (variant, i) => ({
    ...variant,
    ...(variant.set && { set: await fields(variant.set, "variants", i, "set") }),
    ...(variant.axes && { axes: await axes(variant.axes, "variants", i, "axes") }),
  }));
  return {
    ...spec,
    base: await fields(spec.base, "base"),
    axes: await axes(spec.axes, "axes"),
    ...(variants && { variants: await Promise.all(variants) }),
    inits,
  };
}
