/** Options that npm took for itself, since no -- stood before them: it hands them on as `npm_config_*` alone. */
import { readFileSync } from "node:fs";
import path from "node:path";
import type { ParseArgsConfig } from "node:util";
import { startedFrom } from "../spec/program.js";

/**
 * Those of a command's options that npm was given, and the command was not.
 * A file .npmrc sets such variables, too (`json` and `dry-run` are npm's own): what one of them sets was not typed.
 */
export function takenByNpm(
  command: string,
  args: string[],
  options: NonNullable<ParseArgsConfig["options"]>,
  env: NodeJS.ProcessEnv = process.env,
): string[] {
  // What a script of somebody else's package passes on is for that package to say.
  if (!startedFrom()) return [];
  // What another script of npm starts inherits that script's variables.
  if (env.npm_lifecycle_event !== command || !env.npm_config_user_agent?.startsWith("npm/")) return [];
  const typed = Object.keys(options).filter((name) => {
    const value = env[`npm_config_${name.replaceAll("-", "_")}`];
    const given = args.some((arg) => arg === `--${name}` || arg.startsWith(`--${name}=`));
    return value !== undefined && value !== "" && value !== "false" && !given;
  });
  if (typed.length === 0) return [];
  const settings = npmrcFiles(env).join("\n");
  return typed.filter((name) => !new RegExp(`^\\s*${name}\\s*=`, "m").test(settings)).map((name) => `--${name}`);
}

function npmrcFiles(env: NodeJS.ProcessEnv): string[] {
  const files = [
    path.join(path.dirname(env.npm_package_json ?? ""), ".npmrc"),
    env.npm_config_userconfig,
    env.npm_config_globalconfig,
  ];
  return files.flatMap((file) => {
    try {
      return file === undefined ? [] : [readFileSync(file, "utf8")];
    } catch {
      return [];
    }
  });
}
