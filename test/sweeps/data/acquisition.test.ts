import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { InputError } from "../../../src/core/input-error.js";
import type { CanonicalFile, CanonicalFiles } from "../../../src/sweeps/data/canonical-files.js";
import { datasetDigest } from "../../../src/sweeps/data/canonical-files.js";
import { Dice } from "../../../src/core/synthetic/dice.js";
import { fashionMnist } from "../../../src/sweeps/data/fashion-mnist.js";
import type { PublishedDataset } from "../../../src/sweeps/data/known-dataset.js";
import { loadDataset, type LoadOptions } from "../../../src/sweeps/data/load.js";
import { SYNTHETIC_DIGEST } from "../../../src/core/synthetic/draw.js";
import { synthetic } from "../../../src/sweeps/data/synthetic.js";
import { run } from "../../process.js";
import { idxBytes, sha256 } from "./idx-bytes.js";

const dice = new Dice();
const noise = (count: number, below: number) => Uint8Array.from({ length: count }, () => dice.below(below));
/** A small set in the real one's four files, of noise, so that gzip cannot shrink it. */
const contents: Record<string, Uint8Array> = {
  "train-images-idx3-ubyte": idxBytes([300, 28, 28], noise(300 * 784, 255)),
  "train-labels-idx1-ubyte": idxBytes([300], noise(300, 10)),
  "t10k-images-idx3-ubyte": idxBytes([40, 28, 28], noise(40 * 784, 251)),
  "t10k-labels-idx1-ubyte": idxBytes([40], noise(40, 10)),
};
const names = Object.keys(contents);
const files = names.map((name): CanonicalFile => {
  const bytes = contents[name];
  return { name, bytes: bytes.length, compressedBytes: gzipSync(bytes).length, sha256: sha256(bytes) };
}) as unknown as CanonicalFiles;
const digest = datasetDigest(files.map((file) => file.sha256));

type Respond = (name: string, response: http.ServerResponse) => void;
const sendFile: Respond = (name, response) => response.end(gzipSync(contents[name.replace(/\.gz$/, "")]));
const notFound: Respond = (_, response) => response.writeHead(404).end("no such file");

let folder: string;
let cacheFolder: string;
let servers: http.Server[];
let requests: string[];
let lines: string[];
const environment = process.env.FASHION_MNIST_DIR;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "acquisition-"));
  cacheFolder = path.join(folder, "cache", "fashion-mnist");
  servers = [];
  requests = [];
  lines = [];
  delete process.env.FASHION_MNIST_DIR;
});

afterEach(async () => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
  if (environment === undefined) delete process.env.FASHION_MNIST_DIR;
  else process.env.FASHION_MNIST_DIR = environment;
  await rm(folder, { recursive: true, force: true });
});

/** A web server on this machine; its base URL ends with `/${title}/`. */
async function serve(title: string, respond: Respond): Promise<string> {
  const server = http.createServer((request, response) => {
    requests.push(`${title} ${path.basename(request.url ?? "")}`);
    respond(path.basename(request.url ?? ""), response);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/${title}/`;
}

/** A port where nobody listens. */
async function deadUrl(): Promise<string> {
  const url = await serve("dead", notFound);
  await new Promise((resolve) => servers.pop()?.close(resolve));
  return url;
}

const small = (...baseUrls: string[]): PublishedDataset => ({
  ...fashionMnist,
  files,
  baseUrls,
  cacheFolder,
  stallMilliseconds: 300,
});
const load = (options: Partial<LoadOptions>, ...baseUrls: string[]) =>
  loadDataset({ data: "auto", trainLimit: 20, testLimit: 10, onProgress: (line) => lines.push(line), ...options }, [
    small(...baseUrls),
    synthetic,
  ]);

async function fill(place: string, compressed: boolean, only = names): Promise<string> {
  await mkdir(place, { recursive: true });
  for (const name of only)
    await writeFile(
      path.join(place, compressed ? `${name}.gz` : name),
      compressed ? gzipSync(contents[name]) : contents[name],
    );
  return place;
}

async function inputError(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.then(
    () => "nothing was thrown",
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(InputError);
  expect((error as InputError).message).not.toContain("\n");
  return (error as InputError).message;
}

describe("a named folder", () => {
  it.each([true, false])("serves when its files are compressed: %s", async (compressed) => {
    const place = await fill(path.join(folder, "named"), compressed);
    const { dataset, notice, source } = await load({ dataDir: place });
    expect([dataset.name, dataset.digest, dataset.train.count, dataset.test.count, source, notice]).toEqual([
      "fashion-mnist",
      digest,
      300,
      40,
      place,
      undefined,
    ]);
    expect(dataset.train.images.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(Buffer.compare(dataset.train.images, contents[names[0]].subarray(16))).toBe(0);
    expect(Buffer.compare(dataset.train.labels, contents[names[1]].subarray(8))).toBe(0);
    expect(Buffer.compare(dataset.test.images, contents[names[2]].subarray(16))).toBe(0);
    expect(Buffer.compare(dataset.test.labels, contents[names[3]].subarray(8))).toBe(0);
  });

  it("may mix raw files, compressed ones, and a raw one that is named .gz", async () => {
    const place = await fill(path.join(folder, "named"), false, names.slice(0, 2));
    await fill(place, true, names.slice(2, 3));
    await writeFile(path.join(place, `${names[3]}.gz`), contents[names[3]]);
    expect((await load({ dataDir: place })).dataset.digest).toBe(digest);
  });

  it("is --data-dir before FASHION_MNIST_DIR before the cache before a download", async () => {
    const server = await serve("upstream", sendFile);
    const [a, b] = [await fill(path.join(folder, "a"), true), await fill(path.join(folder, "b"), true)];
    await fill(cacheFolder, true);
    process.env.FASHION_MNIST_DIR = b;
    expect((await load({ dataDir: a }, server)).source).toBe(a);
    expect((await load({}, server)).source).toBe(b);
    process.env.FASHION_MNIST_DIR = "";
    expect((await load({}, server)).source).toBe(cacheFolder);
    expect(requests).toEqual([]);
    await rm(cacheFolder, { recursive: true });
    expect((await load({}, server)).source).toBe(new URL(server).host);
  });

  it("is an error when it lacks files, and nothing is downloaded", async () => {
    const server = await serve("upstream", sendFile);
    await fill(cacheFolder, true);
    const place = await fill(path.join(folder, "named"), true, names.slice(0, 2));
    const message = await inputError(load({ dataDir: place }, server));
    expect(message).toContain(
      `--data-dir ${place}: got no t10k-images-idx3-ubyte, no t10k-labels-idx1-ubyte, expected`,
    );
    process.env.FASHION_MNIST_DIR = path.join(folder, "nowhere");
    expect(await inputError(load({}, server))).toMatch(/^FASHION_MNIST_DIR .*nowhere: got no train-images/);
    expect(requests).toEqual([]);
  });

  const [name] = names;
  const altered = new Uint8Array(contents[name]);
  altered[5000] ^= 1;
  const page = Buffer.from("\n<!DOCTYPE html><html><body>Please log in.</body></html>");
  const zip = new Uint8Array([0x50, 0x4b, 3, 4, ...contents[name].subarray(0, 5000)]);
  it.each<[string, string, Uint8Array, RegExp]>([
    ["raw and cut short", name, contents[name].subarray(0, 9000), /got 9000 bytes, expected 235216; it is cut short/],
    ["raw and too long", name, new Uint8Array([...contents[name], 0]), /got more than the 235216 bytes expected/],
    ["raw and altered in one bit", name, altered, /got sha256 [0-9a-f]{64}, expected [0-9a-f]{64}/],
    ["empty", name, new Uint8Array(0), /got 0 bytes/],
    [
      "gzip and cut short",
      `${name}.gz`,
      gzipSync(contents[name]).subarray(0, 9000),
      /cannot be read \(unexpected end of file\)/,
    ],
    ["gzip and damaged", `${name}.gz`, gzipSync(contents[name]).fill(0xff, 4000, 4100), /cannot be read|got sha256/],
    ["gzip of another file", `${name}.gz`, gzipSync(altered), /got sha256/],
    ["a gzip bomb", `${name}.gz`, gzipSync(new Uint8Array(64e6)), /got more than the 235216 bytes expected/],
    ["a web page", name, page, /got a web page \(HTML\), expected train-images-idx3-ubyte, raw or gzip/],
    ["a web page named .gz", `${name}.gz`, page, /got a web page \(HTML\), expected/],
    ["a web page, compressed", `${name}.gz`, gzipSync(page), /got gzip that holds a web page \(HTML\), expected/],
    ["a ZIP archive", name, zip, /got a ZIP archive, expected/],
    ["a ZIP archive named .gz", `${name}.gz`, zip, /got a ZIP archive, expected/],
    ["a ZIP archive, compressed", `${name}.gz`, gzipSync(zip), /got gzip that holds a ZIP archive, expected/],
    ["compressed twice", `${name}.gz`, gzipSync(gzipSync(contents[name])), /got gzip within gzip, expected/],
    [
      "a pointer of Git LFS",
      name,
      Buffer.from("version https://git-lfs.github.com/spec/v1\n"),
      /got a pointer of Git LFS/,
    ],
  ])("is an error when a file is %s", async (_, at, bytes, pattern) => {
    const place = await fill(path.join(folder, "named"), true, names.slice(1));
    await writeFile(path.join(place, at), bytes);
    const message = await inputError(load({ dataDir: place }));
    expect(message).toMatch(pattern);
    expect(message).toContain(path.join(place, at));
  });
});

describe("of a raw file and a .gz the one that is intact serves", () => {
  const [name, ...others] = names;
  const put: Record<string, (place: string, bytes: Uint8Array) => unknown> = {
    absent: () => undefined,
    good: writeFile,
    "cut short": (place, bytes) => writeFile(place, bytes.subarray(0, 9000)),
    "a folder": (place) => mkdir(place),
    // What opens one waits until something writes to it.
    ...(process.platform === "win32"
      ? {}
      : { "a named pipe": (place) => run(["-c", `mkfifo '${place}'`], { program: "sh" }) }),
  };
  const kinds = Object.keys(put);
  const pairs = kinds.flatMap((raw) => kinds.map((gz) => [raw, gz] as const));
  const fillWith = async (place: string, raw: string, gz: string): Promise<void> => {
    await fill(place, true, others);
    await put[raw](path.join(place, name), contents[name]);
    await put[gz](path.join(place, `${name}.gz`), gzipSync(contents[name]));
  };
  const isBad = (kind: string): boolean => kind !== "good" && kind !== "absent";
  const saysWhy = (line: string): void =>
    expect(line).toMatch(/got 9000 bytes|(a folder|a named pipe) stands|unexpected end of file/);

  it.each(pairs)("in a named folder: raw %s, .gz %s", async (raw, gz) => {
    const place = path.join(folder, "named");
    await fillWith(place, raw, gz);
    const loading = load({ dataDir: place }, await serve("upstream", sendFile));
    if ([raw, gz].includes("good")) {
      expect((await loading).dataset.digest).toBe(digest);
      expect(lines).toHaveLength(isBad(raw) ? 1 : 0);
      for (const line of lines) saysWhy(line);
      for (const line of lines) expect(line).toMatch(/ Taking train-images-idx3-ubyte\.gz instead\.$/);
    } else if (raw === "absent" && gz === "absent") expect(await inputError(loading)).toMatch(/got no train-images/);
    else saysWhy(await inputError(loading));
    expect(requests).toEqual([]);
  });

  it.each(pairs)("in the cache folder: raw %s, .gz %s, and a download takes nothing away", async (raw, gz) => {
    await fillWith(cacheFolder, raw, gz);
    const before = (await readdir(cacheFolder)).sort();
    const { dataset, notice } = await load({}, await serve("upstream", sendFile));
    const after = (await readdir(cacheFolder)).sort();
    if ([raw, gz].includes("good")) {
      expect([dataset.digest, requests, after]).toEqual([digest, [], before]);
      expect(lines).toHaveLength(isBad(raw) ? 1 : 0);
    } else if (gz === "a folder") {
      // Nothing can take its name.
      expect([dataset.name, after]).toEqual(["synthetic", before]);
      expect(notice).toContain(`cannot write to ${path.join(cacheFolder, name)}.gz: `);
    } else {
      expect([dataset.digest, requests]).toEqual([digest, [`upstream ${name}.gz`]]);
      expect(after).toEqual([...new Set([...before, `${name}.gz`])].sort());
      expect(lines.filter((line) => line.endsWith(" Downloading it again."))).toHaveLength(
        isBad(raw) || isBad(gz) ? 1 : 0,
      );
      expect((await load({}, await deadUrl())).source).toBe(cacheFolder);
    }
    if (raw === "cut short")
      expect(Buffer.compare(await readFile(path.join(cacheFolder, name)), contents[name].subarray(0, 9000))).toBe(0);
  });
});

it.each([["raw"], [path.join("FashionMNIST", "raw")]])(
  "a folder whose %s has the files stands for it",
  async (below) => {
    const place = await fill(path.join(folder, below), true);
    expect(await load({ dataDir: folder })).toMatchObject({
      source: place,
      dataset: { name: "fashion-mnist", digest },
    });
    await rm(path.join(place, `${names[2]}.gz`));
    expect(await inputError(load({ dataDir: folder }))).toMatch(
      /got no t10k-images-idx3-ubyte, .*name the folder that has/,
    );
  },
);

describe("without downloading", () => {
  const plan = (options: Partial<LoadOptions> = {}, ...urls: string[]) =>
    load({ download: false, ...options }, ...urls);

  it.each(["auto", "fashion-mnist"] as const)("%s is known by its facts where it is not at hand", async (data) => {
    const server = await serve("upstream", sendFile);
    const whole = await load({ dataDir: await fill(path.join(folder, "named"), false) });
    const { dataset, source, notice } = await plan({ data }, server);
    const facts = ({ train, test, ...known }: typeof dataset) => [
      known,
      ...[train, test].map(({ count, images, labels }) => [count, images.length, labels.length]),
    ];
    expect(facts(dataset)).toEqual(facts(whole.dataset));
    expect(dataset.train.images.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect([notice, source]).toEqual([
      undefined,
      `${new URL(server).host}, from where the sweep would download 0.3 MB that are not here`,
    ]);
    expect([requests, await readdir(folder)]).toEqual([[], ["named"]]);
  });

  it("a damaged file of the cache is named, and left", async () => {
    await fill(cacheFolder, true);
    await writeFile(path.join(cacheFolder, `${names[1]}.gz`), "damaged");
    expect((await plan({}, await serve("upstream", sendFile))).source).toContain("would download 0.0 MB");
    expect(lines).toEqual([
      expect.stringMatching(/train-labels-idx1-ubyte\.gz: .* The sweep would download it again\.$/),
    ]);
    expect([requests, await readFile(path.join(cacheFolder, `${names[1]}.gz`), "utf8")]).toEqual([[], "damaged"]);
  });

  it("files at hand are the data, and a named folder without them is an error", async () => {
    const server = await serve("upstream", sendFile);
    await fill(cacheFolder, true);
    expect((await plan({}, server)).source).toBe(cacheFolder);
    expect(await inputError(plan({ dataDir: folder }, server))).toMatch(/got cache.*, expected IDX files/);
  });
});

describe("a download", () => {
  const cached = async () => (await readdir(cacheFolder)).sort();
  const archives = names.map((name) => `${name}.gz`).sort();

  it("fills the cache, shows progress, and is not needed twice", async () => {
    const server = await serve("upstream", sendFile);
    const { dataset, source } = await load({}, server, await serve("mirror", sendFile));
    expect([dataset.digest, source]).toEqual([digest, new URL(server).host]);
    expect(await cached()).toEqual(archives);
    for (const name of names)
      expect(Buffer.compare(gunzipSync(await readFile(path.join(cacheFolder, `${name}.gz`))), contents[name])).toBe(0);
    expect(lines.at(-1)).toMatch(/^downloading FashionMNIST \[#{20}\] 100 %/);
    expect(requests.sort()).toEqual(archives.map((name) => `upstream ${name}`));
    expect((await load({}, server)).source).toBe(cacheFolder);
    expect(requests).toHaveLength(4);
  });

  it("fetches only what the cache lacks, and what is damaged there, raw or compressed", async () => {
    await fill(cacheFolder, true, names.slice(0, 2));
    await writeFile(path.join(cacheFolder, names[2]), "damaged");
    await writeFile(path.join(cacheFolder, `${names[1]}.gz`), gzipSync("damaged"));
    const server = await serve("upstream", sendFile);
    expect((await load({}, server)).dataset.digest).toBe(digest);
    expect(requests.sort()).toEqual([names[1], names[2], names[3]].map((name) => `upstream ${name}.gz`).sort());
    expect(lines.filter((line) => line.endsWith("Downloading it again."))).toHaveLength(2);
    expect(await cached()).toEqual([...archives, names[2]].sort());
    expect((await load({}, server)).source).toBe(cacheFolder);
  });

  it("accepts a server that decompresses in passing", async () => {
    const server = await serve("upstream", (name, response) => {
      response.setHeader("content-encoding", "gzip");
      sendFile(name, response);
    });
    expect((await load({}, server)).dataset.digest).toBe(digest);
    expect((await load({}, await deadUrl())).source).toBe(cacheFolder);
  });

  const altered = (name: string) =>
    gzipSync(contents[name.replace(/\.gz$/, "")].map((byte, i) => (i === 20 ? byte ^ 1 : byte)));
  it.each<[string, Respond, RegExp]>([
    ["has nothing", notFound, /HTTP 404/],
    ["sends a page", (_, response) => response.end("<html>Please log in.</html>"), /is not the published file/],
    ["sends altered files", (name, response) => response.end(altered(name)), /is not the published file/],
    [
      "sends half a file",
      (name, response) => response.end(gzipSync(contents[name.replace(".gz", "")]).subarray(0, 20)),
      /is not the published file/,
    ],
    [
      "breaks off",
      (name, response) =>
        response.writeHead(200, { "content-length": 1e6 }).write(altered(name), () => response.destroy()),
      /other side closed|UND_ERR_SOCKET|terminated|ECONNRESET/,
    ],
    ["never answers", () => undefined, /nothing received for 0\.3 s/],
    ["stalls", (_, response) => void response.write("first bytes"), /nothing received for 0\.3 s/],
    ["sends without end", (_, response) => void response.write(new Uint8Array(2e6)), /more than \d+ bytes sent/],
  ])("turns to the mirror when upstream %s", async (_, respond, why) => {
    const mirror = await serve("mirror", sendFile);
    const { dataset, source, notice } = await load({}, await serve("upstream", respond), mirror);
    expect([dataset.digest, source, notice]).toEqual([digest, new URL(mirror).host, undefined]);
    expect(lines.some((line) => why.test(line))).toBe(true);
    expect(await cached()).toEqual(archives);
    // Two files at once, so at most two asked upstream before it was given up.
    expect(requests.filter((request) => request.startsWith("upstream")).length).toBeLessThanOrEqual(2);
  });

  it("that fails leaves no part of a file, and under auto gives the synthetic set with a notice", async () => {
    const half: Respond = (name, response) =>
      name.startsWith("t10k") ? notFound(name, response) : sendFile(name, response);
    const { dataset, source, notice } = await load({}, await serve("upstream", half), await deadUrl());
    expect([dataset.name, dataset.digest, dataset.train.count, dataset.test.count, source]).toEqual([
      "synthetic",
      SYNTHETIC_DIGEST,
      20,
      10,
      "embedded",
    ]);
    expect(notice).toMatch(
      /could not be downloaded \(127\.0\.0\.1:\d+: HTTP 404; 127\.0\.0\.1:\d+: ECONNREFUSED\)\. USING THE SYNTHETIC SET INSTEAD/,
    );
    for (const name of await cached())
      expect(
        Buffer.compare(gunzipSync(await readFile(path.join(cacheFolder, name))), contents[name.replace(".gz", "")]),
      ).toBe(0);
  });

  it("that fails is an error under fashion-mnist", async () => {
    const message = await inputError(load({ data: "fashion-mnist" }, await deadUrl()));
    expect(message).toMatch(/ECONNREFUSED\); put its four files into .* --data-dir or FASHION_MNIST_DIR\.$/);
    expect(await readdir(folder)).toEqual([]);
  });

  it("names the folder when that cannot be written", async () => {
    await mkdir(path.dirname(cacheFolder), { recursive: true });
    await writeFile(cacheFolder, "a file where the folder should be");
    expect((await load({}, await serve("upstream", sendFile))).notice).toContain(`cannot write to ${cacheFolder}`);
    expect(requests).toEqual([]);
  });

  it("removes what a killed download left, but not one that may be under way", async () => {
    const [old, young] = [".download-old", ".download-young"].map((name) => path.join(cacheFolder, name));
    for (const place of [old, young]) await fill(place, true, names.slice(0, 1));
    await utimes(old, new Date(0), new Date(0));
    await load({}, await serve("upstream", sendFile));
    expect(await cached()).toEqual([".download-young", ...archives]);
  });
});

it("the synthetic set, asked for, needs neither folder nor network and gives no notice", async () => {
  process.env.FASHION_MNIST_DIR = path.join(folder, "nowhere");
  const { dataset, notice, source } = await load({ data: "synthetic" }, await serve("upstream", sendFile));
  expect([dataset.name, dataset.train.count, notice, source]).toEqual(["synthetic", 20, undefined, "embedded"]);
  expect(requests).toEqual([]);
  expect(await readdir(folder)).toEqual([]);
});
