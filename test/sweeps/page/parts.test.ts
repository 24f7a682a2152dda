import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { beforeAll, expect, test } from "vitest";
import {
  isPieceFile,
  PIECE_BYTES,
  piecesOf,
  putPart,
  removeOtherPieces,
  type Part,
} from "../../../src/sweeps/page/parts.js";
import { RandomStream } from "../../../src/core/numeric/random.js";
import { start } from "../../process.js";
import { build, root } from "../../workers/built.js";
import { temporaryFolder } from "../fixtures.js";
import { partFromScripts, pieceFiles } from "./part-reader.js";

/** Bytes that gzip makes no smaller, so that files differ in length, in chunks that fit no piece. */
function partOf(lengths: number[], pieceBytes: number, name = "images-0123abcd"): Part {
  const random = new RandomStream("shuffle", lengths.length);
  const chunks = lengths.map((length) => Uint8Array.from({ length }, () => random.below(256)));
  return { name, bytes: lengths.reduce((sum, length) => sum + length, 0), chunks, pieceBytes };
}
const bytesOf = ({ chunks = [] }: Part): Buffer => Buffer.concat(chunks);
const contents = (folder: string): string[] =>
  pieceFiles(folder).map((name) => readFileSync(path.join(folder, name), "latin1"));

test("pieces together are the part, whatever their number; the same part gives the same files", async () => {
  for (const [lengths, pieceBytes, pieces] of [
    [[1], 100, 1],
    [[100], 100, 1],
    [[16, 784, 8, 1, 0, 300], 100, 12],
    [[99, 1, 101, 1, 250], 100, 5],
  ] as const) {
    const [folder, other] = [temporaryFolder(), temporaryFolder()];
    const part = partOf([...lengths], pieceBytes);
    await putPart(part, folder, path.join(folder, "none"));
    expect(pieceFiles(folder)).toHaveLength(pieces);
    expect(pieceFiles(folder).every(isPieceFile)).toBe(true);
    expect(partFromScripts(folder, { name: part.name, pieces })).toEqual(bytesOf(part));
    await putPart(part, other, path.join(folder, "none"));
    expect(contents(other)).toEqual(contents(folder));
  }
  expect(piecesOf({ name: "images-0123abcd", bytes: 54_950_048, pieceBytes: PIECE_BYTES })).toHaveLength(7);
});

test("what lies whole in one of two folders is not made again: it stays, or has a second name", async () => {
  const [folder, other] = [temporaryFolder(), path.join(temporaryFolder(), "not", "there")];
  const { chunks, ...absent } = partOf([700], 100);
  await putPart({ ...absent, chunks }, folder, other);
  const inodes = (place: string): number[] => pieceFiles(place).map((name) => statSync(path.join(place, name)).ino);
  const before = inodes(folder);
  // Nothing could be made of what is not at hand.
  await putPart(absent, folder, other);
  await putPart(absent, other, folder);
  expect([inodes(folder), inodes(other)]).toEqual([before, before]);

  // Cut, damaged at its end, emptied, of another piece: each is mended out of the other folder, whose file stays as it is.
  const whole = contents(folder);
  const file = (i: number): string => path.join(other, pieceFiles(other)[i]);
  const put = (i: number, text: string): void => {
    rmSync(file(i));
    writeFileSync(path.join(other, `${absent.name}-${i}.js`), text);
  };
  put(0, whole[0].slice(0, -3));
  put(1, whole[1].slice(0, -12));
  put(2, "");
  put(3, whole[4]);
  put(4, whole[4].replace(/.{20}";\n$/, '";\n'));
  await putPart(absent, other, folder);
  expect(contents(other)).toEqual(whole);
  expect(inodes(other)).toEqual(before);
  rmSync(path.join(folder, `${absent.name}-5.js`));
  rmSync(path.join(other, `${absent.name}-5.js`));
  await expect(putPart(absent, folder, other)).rejects.toThrow(`${absent.name}-5: what it holds is not at hand`);
});

const memory = "/dev/shm";
const elsewhere = existsSync(memory) && statSync(memory).dev !== statSync(temporaryFolder()).dev;
if (!elsewhere) console.warn("skipped: pieces on two file systems (no /dev/shm beside the temporary folder's)");
test.skipIf(!elsewhere)("where a file can have no second name it is copied", async () => {
  const folder = temporaryFolder();
  const far = path.join(memory, path.basename(folder));
  try {
    const { chunks, ...absent } = partOf([300], 100);
    await putPart({ ...absent, chunks }, far, folder);
    await putPart(absent, folder, far);
    expect(contents(folder)).toEqual(contents(far));
    expect(readdirSync(folder)).toEqual(pieceFiles(far));
  } finally {
    rmSync(far, { recursive: true, force: true });
  }
});

test("pieces of other parts go, and drafts of processes that are gone; all else stays", async () => {
  const { pid: gone, finished } = start(["--version"]);
  await finished;
  const folder = temporaryFolder();
  const [kept, old] = [partOf([300], 100), partOf([500], 100, "images-fedcba98")];
  await putPart(kept, folder, folder);
  await putPart(old, folder, folder);
  await putPart({ ...old, name: "weights-fedcba98" }, folder, folder);
  const others = [
    "data.js",
    "images-fedcba98.js",
    "images-fedcba9-0.js",
    `images-fedcba98-0.js.${process.pid}-900.tmp`,
  ];
  for (const name of [...others, `${kept.name}-0.js.${gone}-0.tmp`, `${old.name}-9.js.${gone}-3.tmp`])
    writeFileSync(path.join(folder, name), "");
  // Of the same name, of another length.
  writeFileSync(path.join(folder, `${kept.name}-3.js`), "");
  await removeOtherPieces(folder, [kept]);
  expect(readdirSync(folder).sort()).toEqual([...others, ...piecesOf(kept).map(({ key }) => `${key}.js`)].sort());
  await removeOtherPieces(path.join(folder, "none"), []);
});

test("a piece that cannot be written is an error, and half of one is not left", async () => {
  const folder = temporaryFolder();
  const part = partOf([300], 100);
  mkdirSync(path.join(folder, `${part.name}-1.js`));
  await expect(putPart(part, folder, folder)).rejects.toThrow("got a folder");
  expect(readdirSync(folder).sort()).toEqual(piecesOf(part).map(({ key }) => `${key}.js`));
});

beforeAll(build);
test("a kill at any moment leaves no piece that is not whole, and the next one makes the rest", async () => {
  const folder = temporaryFolder();
  const [into, spare] = ["a", "b"].map((name) => path.join(folder, name));
  const bytes = Buffer.alloc(40 * 2 ** 16, "0123456789abcdefghijk");
  const part = { name: "images-0123abcd", bytes: bytes.length, chunks: [bytes], pieceBytes: 2 ** 16 };
  const script = `
    const { putPart } = await import(${JSON.stringify(pathToFileURL(path.join(root, "dist/sweeps/page/parts.js")).href)});
    const bytes = Buffer.alloc(${bytes.length}, "0123456789abcdefghijk");
    const part = { name: "${part.name}", bytes: bytes.length, chunks: [bytes], pieceBytes: ${part.pieceBytes} };
    for (;;) {
      for (const [to, from] of [["a", "b"], ["b", "a"]]) await putPart(part, to, from);
      (await import("node:fs")).rmSync("a", { recursive: true });
    }`;
  for (const reached of [1, 20, 39]) {
    const running = start(["--input-type=module", "-e", script], { cwd: folder });
    await expect
      .poll(() => existsSync(path.join(spare, `${part.name}-${reached}.js`)), { interval: 1, timeout: 60_000 })
      .toBe(true);
    running.signal("SIGKILL");
    await running.finished;
    for (const place of [into, spare].filter(existsSync))
      for (const name of pieceFiles(place).filter((file) => file.endsWith(".js")))
        expect(readFileSync(path.join(place, name), "latin1"), name).toMatch(/^\(window\.HANDGRAD_PARTS .*";\n$/);
    await putPart(part, into, spare);
    expect(partFromScripts(into, { name: part.name, pieces: 40 }).equals(bytes)).toBe(true);
    await removeOtherPieces(into, [part]);
    expect(readdirSync(into)).toHaveLength(40);
    rmSync(spare, { recursive: true });
    truncateSync(path.join(into, `${part.name}-7.js`), 500);
  }
});
