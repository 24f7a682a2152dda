/** A Chromium on this machine, which prints the report; none is required for anything else. */
import { spawn } from "node:child_process";
import { statSync } from "node:fs";
import path from "node:path";
import { InputError } from "../../core/input-error.js";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge", "chrome"];

/** Where installers put it, beside the folders of PATH. */
function usualPlaces(): string[] {
  const { ProgramFiles = "C:\\Program Files", LOCALAPPDATA = "" } = process.env;
  if (process.platform === "win32")
    return [
      `${ProgramFiles}\\Google\\Chrome\\Application\\chrome.exe`,
      `${ProgramFiles} (x86)\\Microsoft\\Edge\\Application\\msedge.exe`,
      `${LOCALAPPDATA}\\Chromium\\Application\\chrome.exe`,
    ];
  if (process.platform === "darwin")
    return ["Google Chrome", "Chromium", "Microsoft Edge"].map(
      (name) => `/Applications/${name}.app/Contents/MacOS/${name}`,
    );
  return ["/usr/bin", "/usr/local/bin", "/snap/bin"].flatMap((folder) => NAMES.map((name) => path.join(folder, name)));
}

const isFile = (place: string): boolean => statSync(place, { throwIfNoEntry: false })?.isFile() ?? false;

/** Its path: CHROMIUM_PATH where that is set, else the first found; undefined where there is none. */
export function findChromium(): string | undefined {
  const named = process.env.CHROMIUM_PATH;
  if (named) return isFile(named) ? named : undefined;
  const ending = process.platform === "win32" ? ".exe" : "";
  const folders = (process.env.PATH ?? "").split(path.delimiter).filter((folder) => path.isAbsolute(folder));
  return [
    ...folders.flatMap((folder) => NAMES.map((name) => path.join(folder, `${name}${ending}`))),
    ...usualPlaces(),
  ].find(isFile);
}

/** @throws InputError where there is none */
export function requireChromium(): string {
  const found = findChromium();
  if (found !== undefined) return found;
  const named = process.env.CHROMIUM_PATH;
  throw new InputError(
    named
      ? `--pdf: CHROMIUM_PATH names ${named}, where there is no program; name Chromium, Chrome or Edge`
      : "--pdf: no Chromium was found to print with; install Chromium, Chrome or Edge (Debian: apt-get install chromium), or name one in CHROMIUM_PATH",
  );
}

/** What a window draws or starts that nobody sees: two pages for the address bar, a second of the processor, and a spare process for a page. */
export const UNSEEN_FEATURES = ["WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "SpareRendererForSitePerProcess"];

/** Seconds that printing may take: of 12 cells it takes three, of a thousand ten. */
const PATIENCE = 180;

/**
 * Prints a page to a file.
 * @param folder of its own, for what the browser keeps; the browser ends with this process
 * @throws Error that says how it failed
 */
export async function printPage(chromium: string, page: URL, pdf: string, folder: string): Promise<void> {
  const args = [
    "--headless",
    "--disable-gpu",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    `--disable-features=${UNSEEN_FEATURES.join(",")}`,
    "--no-pdf-header-footer",
    `--user-data-dir=${path.join(folder, "profile")}`,
    `--print-to-pdf=${pdf}`,
    // Its sandbox works for no administrator.
    ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
    page.href,
  ];
  // Its processes are a group, so that they end together.
  const detached = process.platform !== "win32";
  const env = { ...process.env, TMPDIR: folder };
  const child = spawn(chromium, args, { stdio: ["ignore", "ignore", "pipe"], detached, env });
  const kill = () => {
    if (detached && child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    else child.kill("SIGKILL");
  };
  process.prependListener("exit", kill);
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (part: string) => (said = (said + part).slice(-2000)));
  const end = await new Promise<string>((resolve) => {
    const limit = setTimeout(() => {
      kill();
      resolve(`was not done after ${PATIENCE} s`);
    }, 1000 * PATIENCE);
    const ended = (how: string) => {
      clearTimeout(limit);
      resolve(how);
    };
    child.on("error", (error) => ended(error.message));
    child.on("exit", (code, signal) => ended(code === 0 ? "" : `ended with ${signal ?? `exit code ${code}`}`));
  });
  process.off("exit", kill);
  child.stderr.destroy();
  if (end !== "" || !isFile(pdf))
    throw new Error(`${chromium} ${end || "wrote no file"}${said === "" ? "" : `: ${said.trim().split("\n").at(-1)}`}`);
}
