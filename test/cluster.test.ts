/** What docs/cluster.md prints trains sweeps: the pods of its Kubernetes job, and its workers around a Redis. */
import path from "node:path";
import { parsers } from "prettier/plugins/yaml";
import { beforeAll, expect, test } from "vitest";
import type { SweepSummary } from "../src/sweeps/commands/summary.js";
import { codeBlocks, commands, wordsOf } from "./documents.js";
import { start } from "./process.js";
import { temporaryFolder } from "./sweeps/fixtures.js";
import { startHandgrad } from "./sweeps/handgrad.js";
import { build, root } from "./workers/built.js";
import { freePort, redisMissing } from "./workers/redis-server.js";

beforeAll(build);

interface YamlNode {
  type: string;
  value: string;
  children: YamlNode[];
}

/** A document of YAML, as far as a job is written in it, as plain data. */
function valueOf({ type, value, children }: YamlNode): unknown {
  if (type === "plain") return /^\d+$/.test(value) ? Number(value) : value;
  if (type === "quoteDouble") return value;
  if (/mapping$/i.test(type)) return Object.fromEntries(children.map((item) => item.children.map(valueOf)));
  if (/sequence$/i.test(type)) return children.map(valueOf);
  if (/^(root|document|documentBody|mapping(Key|Value)|(flowS|s)equenceItem)$/.test(type))
    return valueOf(children.at(-1)!);
  throw new Error(`got ${type} in YAML; teach this test to read it`);
}

interface Job {
  spec: {
    completionMode: string;
    completions: number;
    podFailurePolicy: { rules: object[] };
    template: { spec: { terminationGracePeriodSeconds: number; containers: Container[] } };
  };
}
interface Container {
  command: string[];
  resources: Record<"requests" | "limits", { cpu: number }>;
}

const printed = (beginning: string): string[] => {
  const { text } = commands.find(({ at, text }) => at.startsWith("docs/cluster.md") && text.startsWith(beginning))!;
  return wordsOf(text.replace(/^npm run (\w+) --/, "$1"));
};

/** Smoke's six cells, all of which ended. */
const SIX = { code: 0, statuses: new Array(6).fill("done") };
const ended = ({ code, stdout }: { code: number | null; stdout: string }): unknown => {
  const { cells } = JSON.parse(stdout) as SweepSummary;
  return { code, statuses: cells.map(({ status }) => status) };
};

test("the pods of the Kubernetes job train all cells, and collect finds them", async () => {
  const yaml = codeBlocks.find(({ language }) => language === "yaml")!.text;
  const { spec } = valueOf(parsers.yaml.parse(yaml, {} as never) as YamlNode) as Job;
  const { terminationGracePeriodSeconds, containers } = spec.template.spec;
  const [{ command, resources }] = containers;
  const after = (option: string): number => Number(command[command.indexOf(option) + 1]);
  expect([spec.completionMode, spec.completions, command[0]]).toEqual(["Indexed", after("--tasks"), "node"]);
  expect([resources.requests.cpu, resources.limits.cpu]).toEqual([after("--workers"), after("--workers")]);
  expect(spec.podFailurePolicy.rules[0]).toEqual({ action: "Ignore", onPodConditions: [{ type: "DisruptionTarget" }] });
  expect(terminationGracePeriodSeconds).toBeGreaterThan(30);

  const folder = temporaryFolder();
  const here = (args: string[]): string[] => args.map((word) => word.replace(/^\/shared\//, `${folder}/`));
  const pods = Array.from({ length: spec.completions }, (_, index) => {
    const env = { JOB_COMPLETION_INDEX: `${index}`, HOSTNAME: `smoke-${index}` };
    return startHandgrad(folder, here(command.slice(2)), path.join(root, command[1]), env).finished;
  });
  const codes = (await Promise.all(pods)).map(({ code, stderr }) => ({ code, stderr }));
  expect(codes).toEqual(codes.map(() => ({ code: 0, stderr: "" })));
  const collect = printed("npm run collect -- --out /shared/runs/smoke");
  expect(ended(await startHandgrad(folder, [...here(collect), "--json"]).finished)).toEqual(SIX);
});

test.skipIf(redisMissing)("a worker at a Redis that is started as printed trains a sweep's cells", async () => {
  const folder = temporaryFolder();
  const port = `${await freePort()}`;
  const server = ["--pdeathsig", "KILL", ...printed("redis-server"), "--port", port, "--dir", folder];
  const redis = start(server, { program: "setpriv" });
  await redis.said(/Ready to accept connections/);
  const here = (args: string[]): string[] => args.map((word) => word.replace(/:6379$/, `:${port}`));
  const worker = startHandgrad(folder, here(printed("npm run worker")));
  const sweep = await startHandgrad(folder, [...here(printed("npm run sweep -- smoke")), "--json"]).finished;
  // Neither a warning of the server, nor of a worker that gets no cells.
  expect(sweep.stderr).not.toMatch(/append-only|gets no cells/);
  expect(ended(sweep)).toEqual(SIX);
  worker.signal("SIGTERM");
  expect(await worker.finished).toMatchObject({ code: 143, stderr: "" });
  redis.signal("SIGTERM");
  await redis.finished;
});
