/** What a download counts against its source, and what it leaves in the folder when it fails. */
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { CanonicalFile } from "../../../src/sweeps/data/canonical-files.js";
import { downloadFiles, NotObtainable } from "../../../src/sweeps/data/download.js";
import { start } from "../../process.js";
import { build, root } from "../../workers/built.js";
import { sha256 } from "./idx-bytes.js";

/** How long a disk takes for one write. */
const disk = vi.hoisted(() => ({ milliseconds: 0 }));
vi.mock("node:fs/promises", async (original) => {
  const real = await original<typeof import("node:fs/promises")>();
  const open: typeof real.open = async (...args) => {
    const handle = await real.open(...args);
    const write = handle.writeFile.bind(handle);
    handle.writeFile = async (data) => {
      await sleep(disk.milliseconds);
      return write(data);
    };
    return handle;
  };
  return { ...real, open };
});

const STALL = 300;
const contents = Uint8Array.from({ length: 5000 }, (_, i) => (i * i) % 251);
const sent = gzipSync(contents);
const file = (name: string): CanonicalFile => ({
  name,
  bytes: contents.length,
  compressedBytes: sent.length,
  sha256: sha256(contents),
});

let home: string;
let folder: string;
let servers: http.Server[];

beforeEach(async () => {
  home = await mkdtemp(path.join(tmpdir(), "download-"));
  folder = path.join(home, "data", "set");
  servers = [];
  disk.milliseconds = 0;
});

afterEach(async () => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
  await rm(home, { recursive: true, force: true });
});

async function serve(respond: (name: string, response: http.ServerResponse) => void): Promise<string> {
  const server = http.createServer((request, response) => respond(path.basename(request.url ?? ""), response));
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

const download = (url: string, ...names: string[]) =>
  downloadFiles(names.map(file), folder, {
    title: "FashionMNIST",
    baseUrls: [url],
    stallMilliseconds: STALL,
    onProgress: () => undefined,
  });
const everything = async (): Promise<string[]> => (await readdir(home, { recursive: true })).sort();

describe("what takes longer than a silent source may, and is not the source's", () => {
  it("a process that is held up", async () => {
    const url = await serve((_, response) => {
      const until = performance.now() + 2 * STALL;
      while (performance.now() < until);
      response.end(sent);
    });
    expect((await download(url, "a")).bytes).toEqual([contents]);
  });

  it("a slow disk", async () => {
    const url = await serve((_, response) => {
      response.write(sent.subarray(0, 40));
      setTimeout(() => response.end(sent.subarray(40)), 50);
    });
    disk.milliseconds = 2 * STALL;
    expect((await download(url, "a")).bytes).toEqual([contents]);
  });
});

it("ends when it fails while another file is written to a slow disk", async () => {
  const url = await serve((name, response) => {
    if (name === "a.gz") setTimeout(() => response.writeHead(404).end(), 100);
    else response.write(sent.subarray(0, 40), () => setTimeout(() => response.end(sent.subarray(40)), 20));
  });
  disk.milliseconds = 2 * STALL;
  await expect(download(url, "a", "b")).rejects.toThrow(NotObtainable);
});

describe("a download that fails leaves", () => {
  const nothing = () => serve((_, response) => response.writeHead(404).end());

  it("no folder that was not there before", async () => {
    await expect(download(await nothing(), "a")).rejects.toThrow(NotObtainable);
    expect(await everything()).toEqual([]);
    await mkdir(path.dirname(folder));
    await expect(download(await nothing(), "a")).rejects.toThrow(NotObtainable);
    expect(await everything()).toEqual(["data"]);
  });

  it("the folder that was there, empty or not, and what it held", async () => {
    await mkdir(folder, { recursive: true });
    await expect(download(await nothing(), "a")).rejects.toThrow(NotObtainable);
    expect(await everything()).toEqual(["data", path.join("data", "set")]);
    await writeFile(path.join(folder, "notes"), "mine");
    await expect(download(await nothing(), "a")).rejects.toThrow(NotObtainable);
    expect(await everything()).toEqual(["data", path.join("data", "set"), path.join("data", "set", "notes")]);
  });

  it("the files that it has whole", async () => {
    const url = await serve((name, response) =>
      name === "a.gz" ? response.end(sent) : setTimeout(() => response.end(sent.subarray(0, 30)), 100),
    );
    await expect(download(url, "a", "b")).rejects.toThrow(NotObtainable);
    expect(await everything()).toEqual(["data", path.join("data", "set"), path.join("data", "set", "a.gz")]);
  });

  describe("when the process is ended in its midst,", () => {
    beforeAll(build);

    it("nothing either", async () => {
      const url = await serve((_, response) => void response.write(sent.subarray(0, 40)));
      const module = pathToFileURL(path.join(root, "dist/sweeps/data/download.js")).href;
      const script = `import { downloadFiles } from ${JSON.stringify(module)};
        process.on("SIGTERM", () => process.exit(143));
        await downloadFiles(${JSON.stringify([file("a")])}, ${JSON.stringify(folder)}, { baseUrls: [${JSON.stringify(url)}], stallMilliseconds: 60_000, onProgress: () => undefined });`;
      const child = start(["--input-type=module", "--eval", script]);
      // Two folders, the one for drafts, and a draft.
      await vi.waitUntil(async () => (await everything()).length >= 4, { timeout: 60_000, interval: 10 });
      child.signal("SIGTERM");
      expect(await child.finished).toMatchObject({ code: 143, stderr: "" });
      expect(await everything()).toEqual([]);
    });
  });
});
