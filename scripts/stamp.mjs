// What a step of the build leaves: its outputs, each whole or not there at all, and last of all a stamp that says what
// they were made of and how long they are. A step that was killed has no stamp, so it is done again.
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";

/**
 * A step; all paths are relative to the project's folder, with forward slashes.
 * @typedef {object} Step
 * @property {string} name
 * @property {string[]} sources files, and folders with all that lies in them
 * @property {() => Promise<Map<string, string | Uint8Array>>} make the outputs' content by path; writes nothing
 * @property {string[]} [folders] hold outputs and nothing else
 * @property {string} [stub] an output that others may replace by anything: made only where nothing is at all
 */

const stampOf = ({ name }) => `dist/${name}.stamp.json`;

function statOf(file) {
  try {
    return fs.statSync(file);
  } catch {
    return undefined;
  }
}

/** Whether anything is there, a link that leads nowhere included. */
function isTaken(place) {
  try {
    fs.lstatSync(place);
    return true;
  } catch {
    return false;
  }
}

/** @returns {string[]} the files at and below a place, those in folders named build left out */
function filesBelow(place) {
  if (!statOf(place)?.isDirectory()) return [place];
  const names = fs.readdirSync(place).filter((name) => name !== "build");
  return names.sort().flatMap((name) => filesBelow(path.join(place, name)));
}

/** The sources' names and sizes as one digest, and the time of the latest change to one, in milliseconds. */
export function sourcesOf(root, step) {
  const hash = createHash("sha256");
  let newest = 0;
  for (const file of step.sources.flatMap((source) => filesBelow(path.join(root, source)))) {
    const stat = statOf(file);
    if (!stat?.isFile()) continue;
    hash.update(`${path.relative(root, file).replaceAll(path.sep, "/")} ${stat.size}\n`);
    newest = Math.max(newest, stat.mtimeMs);
  }
  return { digest: hash.digest("hex"), newest };
}

/** @returns {Record<string, number> | undefined} the outputs' sizes in bytes, if they were made of these sources */
function stampedOutputs(root, step) {
  const file = path.join(root, stampOf(step));
  if (!statOf(file)?.isFile()) return undefined;
  try {
    const { digest, newest, outputs } = JSON.parse(fs.readFileSync(file, "utf8"));
    const now = sourcesOf(root, step);
    return digest === now.digest && now.newest <= newest ? outputs : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a step must be done: a source has changed, or an output is missing or cut. */
export function isStale(root, step) {
  const outputs = stampedOutputs(root, step);
  const isThere = (name, size) => {
    const file = path.join(root, name);
    if (name === step.stub) return isTaken(file);
    const stat = statOf(file);
    return stat?.isFile() && stat.size === size;
  };
  return !outputs || !Object.entries(outputs).every(([name, size]) => isThere(name, size));
}

/** Does a step, whatever an earlier one left. Leaves sources that change meanwhile to the next build. */
export async function doStep(root, step) {
  const sources = sourcesOf(root, step);
  const made = await step.make();
  const outputs = Object.fromEntries([...made].map(([name, content]) => [name, Buffer.byteLength(content)]));
  fs.rmSync(path.join(root, stampOf(step)), { force: true, recursive: true });
  for (const folder of step.folders ?? [])
    for (const file of filesBelow(path.join(root, folder)))
      if (!made.has(path.relative(root, file).replaceAll(path.sep, "/"))) fs.rmSync(file, { force: true });
  for (const [name, content] of made) {
    const file = path.join(root, name);
    if (name !== step.stub || !isTaken(file)) replaceFile(file, content);
  }
  replaceFile(path.join(root, stampOf(step)), JSON.stringify({ ...sources, outputs }));
}

function replaceFile(file, content) {
  const draft = `${file}.tmp`;
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.rmSync(draft, { force: true, recursive: true });
  try {
    // On the disk before the stamp vouches for it.
    fs.writeFileSync(draft, content, { flush: true });
    fs.renameSync(draft, file);
  } catch (error) {
    fs.rmSync(draft, { force: true });
    // Node names none where the disk is full.
    throw Object.assign(error, { path: file });
  }
}
