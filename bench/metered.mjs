// One command of the command line, metered: the figures of the whole process, all threads, go to descriptor 3 at its exit.
import fs from "node:fs";
import { main } from "../dist/sweeps/commands/cli.js";

/** Bytes written, to files and pipes; undefined on systems that do not count them. */
function bytesWritten() {
  try {
    return Number(/^wchar: (\d+)/m.exec(fs.readFileSync("/proc/self/io", "utf8"))[1]);
  } catch {
    return undefined;
  }
}

process.on("exit", () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  const figures = {
    wallSeconds: performance.now() / 1000,
    cpuSeconds: (userCPUTime + systemCPUTime) / 1e6,
    peakMegabytes: maxRSS / 1024,
    megabytesWritten: bytesWritten() / 1e6,
  };
  fs.writeSync(3, JSON.stringify(figures));
});
await main(process.argv.slice(2));
