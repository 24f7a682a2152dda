/** The weights that a spec's cells start from: files become what ids and records have of them, the digest of their bytes. */
import { createHash } from "node:crypto";
import { InputError } from "../../core/input-error.js";
import type { AxesSpec, AxisSpec } from "./axes.js";
import { specFault } from "./fault.js";
import { isJsonObject, type JsonValue } from "./json.js";
import { readRegular } from "./regular-file.js";
import type { SpecPath } from "./spec-text.js";
import type { InitFile, SweepSpec } from "./spec.js";

/** The largest model that fits a cell's memory. */
export const MOST_INIT_BYTES = 2 ** 31;

export const bytesDigest = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/**
 * The spec with digests in place of files, relative to the working directory, and the files as `spec.inits`.
 * @param source names the spec in errors
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
  /** A field's value, by the field's path. */
  const resolved = async (path: string, value: JsonValue, where: SpecPath): Promise<JsonValue> => {
    // Several, of which "when" asks for any.
    if (Array.isArray(value)) return list(path, value, where);
    if (path === "init.file") return digestOf(value, where);
    if (path !== "init" || !isJsonObject(value) || !("file" in value) || "digest" in value) return value;
    const { file, ...others } = value;
    return { ...others, digest: await digestOf(file, [...where, "file"]) };
  };
  const list = (path: string, values: JsonValue[], where: SpecPath): Promise<JsonValue[]> =>
    Promise.all(values.map((value, i) => resolved(path, value, [...where, i])));
  const named = (path: string): string => (path === "init.file" ? "init.digest" : path);
  const fields = async (table: Record<string, JsonValue>, ...within: SpecPath): Promise<Record<string, JsonValue>> => {
    const entries = Object.entries(table).map(
      async ([path, value]) => [named(path), await resolved(path, value, [...within, path])] as const,
    );
    return Object.fromEntries(await Promise.all(entries));
  };
  const axis = async (path: string, written: AxisSpec, where: SpecPath): Promise<AxisSpec> => {
    if (Array.isArray(written)) return list(path, written, where);
    const when = written.when && { when: await fields(written.when, ...where, "when") };
    if ("values" in written)
      return { ...written, values: await list(path, written.values, [...where, "values"]), ...when };
    if ("choice" in written)
      return { ...written, choice: await list(path, written.choice, [...where, "choice"]), ...when };
    return { ...written, ...when };
  };
  const axes = async (table: AxesSpec, ...within: SpecPath): Promise<AxesSpec> => {
    const entries = Object.entries(table).map(
      async ([path, written]) => [named(path), await axis(path, written, [...within, path])] as const,
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
