/** A Redis server of a test's own: in a temporary folder, on a free port of this machine. It ends with the thread that started it. */
import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { start, type Running } from "../process.js";

const onPath = (program: string): boolean =>
  (process.env.PATH ?? "").split(path.delimiter).some((folder) => fs.existsSync(path.join(folder, program)));

/** Why tests that need a Redis server are skipped; undefined where they are not. */
export const redisMissing = ["redis-server", "setpriv"].every(onPath)
  ? undefined
  : "no redis-server and setpriv to be found: the tests of the queue are skipped";

export interface RedisServer {
  url: string;
  /** Ends it by a signal: SIGTERM lets it write what it has, SIGKILL does not. */
  stop: (signal?: NodeJS.Signals) => Promise<void>;
  /** Starts it again, on the same port and folder. */
  restart: () => Promise<void>;
}

export async function startRedis({ password = "", policy = "noeviction" } = {}): Promise<RedisServer> {
  const port = await freePort();
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "redis-"));
  const settings = {
    port: `${port}`,
    bind: "127.0.0.1",
    dir: folder,
    save: "",
    appendonly: "yes",
    appendfsync: "always",
    "maxmemory-policy": policy,
    ...(password !== "" && { requirepass: password }),
  };
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
  let running: Running;
  const restart = async (): Promise<void> => {
    // The kernel ends it with the test run, however that ends.
    running = start(["--pdeathsig", "KILL", "redis-server", ...args], { program: "setpriv", seconds: 600 });
    await running.said(/Ready to accept connections/);
  };
  const stop = async (signal: NodeJS.Signals = "SIGTERM"): Promise<void> => {
    running.signal(signal);
    await running.finished;
  };
  await restart();
  return { url: `redis://${password !== "" ? `:${password}@` : ""}127.0.0.1:${port}`, stop, restart };
}

/** One that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = net.createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as net.AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
