// The processor's name. Virtual ones of many kinds have one name, such as "AMD EPYC Processor": Linux tells more.
import fs from "node:fs";
import os from "node:os";

/** @param cpuinfo the text of /proc/cpuinfo, where there is one */
export function nameWith(cpuinfo, name = os.cpus()[0]?.model ?? "unknown") {
  const [family, model] = ["cpu family", "model"].map(
    (key) => new RegExp(`^${key}\\t+: (\\d+)$`, "m").exec(cpuinfo)?.[1],
  );
  return family && model ? `${name} (family ${family}, model ${model})` : name;
}

export function processor() {
  try {
    return nameWith(fs.readFileSync("/proc/cpuinfo", "utf8"));
  } catch {
    return nameWith("");
  }
}
