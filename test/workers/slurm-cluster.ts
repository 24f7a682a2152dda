/** A real Slurm of one node for tests: munged, slurmctld and slurmd in a temporary folder of their own, on free ports. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { run, start } from "../process.js";

/** Why there can be no Slurm here, in one line; undefined where there can. */
export function whyNoSlurm(): string | undefined {
  if (process.getuid?.() !== 0) return "no Slurm: starting one needs root";
  const folders = [...(process.env.PATH ?? "").split(path.delimiter), "/usr/sbin"];
  const missing = ["munged", "slurmctld", "slurmd", "sbatch"].filter(
    (program) => !folders.some((folder) => existsSync(path.join(folder, program))),
  );
  return missing.length > 0 ? `no Slurm: ${missing.join(", ")} not found (Debian: slurm-wlm, munge)` : undefined;
}

export interface SlurmCluster {
  /** What whoever calls sbatch and its like needs in its environment. */
  env: { SLURM_CONF: string };
  /** Runs a program on the login node. @returns its standard output; throws where it fails */
  call(program: string, ...args: string[]): Promise<string>;
  /** The last of what slurmctld and slurmd have to say: for the message of a test that fails. */
  logs(): Promise<string>;
  /** Ends one of the three, as a fault of the cluster. */
  kill(daemon: "munged" | "slurmctld" | "slurmd"): void;
  /** Ends everything, also tasks that run. */
  stop(): Promise<void>;
}

/** Indices of its arrays are below this. */
export const MAX_ARRAY_SIZE = 40;

/**
 * Up in about a second. Tasks are started at once or within a second; a requeued one waits 5 s (cred_expire, 120 by
 * default); the time limit is a whole number of minutes, looked after twice a minute; a task has 2 s from SIGTERM to
 * SIGKILL (KillWait).
 */
export async function startSlurm(): Promise<SlurmCluster> {
  const folder = mkdtempSync(path.join(os.tmpdir(), "slurm-"));
  for (const name of ["state", "spool", "log"]) mkdirSync(path.join(folder, name));
  const conf = path.join(folder, "slurm.conf");
  writeFileSync(conf, configuration(folder, await freePorts(2)));
  // What it does not use it does not look for: in a container, cgroups may not be as the others expect.
  writeFileSync(path.join(folder, "cgroup.conf"), "CgroupPlugin=cgroup/v1\n");
  const env = { SLURM_CONF: conf };

  const leader = start(["-c", DAEMONS], { program: "bash", env: { ...env, FOLDER: folder }, seconds: 3600 });
  const ended = leader.finished.then(({ stdout, stderr }) => `${stdout}${stderr}`, String);
  const call = async (program: string, ...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await run(args, { program, env });
    if (code !== 0) throw new Error(`${program} ${args.join(" ")}: ${stdout}${stderr}`);
    return stdout;
  };
  const pidOf = (daemon: string): number => Number(readFileSync(path.join(folder, `${daemon}.pid`), "utf8"));
  const cluster: SlurmCluster = {
    env,
    call,
    logs: async () =>
      (await run(["-c", `tail -n 30 "${folder}/log/slurmctld.log" "${folder}/log/slurmd.log"`], { program: "bash" }))
        .stdout,
    kill: (daemon) => process.kill(pidOf(daemon), "SIGKILL"),
    stop: async () => {
      leader.signal("SIGTERM");
      await ended;
      while (existsSync(folder)) await sleep(50);
    },
  };
  for (let tries = 0; ; tries++) {
    const state = await call("sinfo", "--noheader", "--format=%T").catch(String);
    if (state.trim() === "idle") return cluster;
    if (tries === 300) {
      const logs = await cluster.logs();
      await cluster.stop();
      throw new Error(`Slurm did not come up: ${state}\n${logs}`);
    }
    await sleep(100);
  }
}

/**
 * The daemons and whoever ends them. That one has a session of its own, so that nothing ends it before its work is
 * done: when the test run or this process has gone, it kills all that has this cluster's SLURM_CONF, which tasks have, too.
 */
const DAEMONS = `
umask 022
dd if=/dev/urandom of="$FOLDER/munge.key" bs=64 count=1 status=none
chmod 600 "$FOLDER/munge.key"
chmod 755 "$FOLDER"
PATH="$PATH:/usr/sbin"
export RUN=$PPID LEADER=$$
setsid bash -c '
  munged --foreground --force --key-file="$FOLDER/munge.key" --socket="$FOLDER/munge.socket" --pid-file="$FOLDER/munged.pid" \
    --log-file="$FOLDER/log/munged.log" --seed-file="$FOLDER/munge.seed" &
  slurmctld -D -i &
  slurmd -D -N node &
  while kill -0 $RUN && kill -0 $LEADER; do sleep 0.2; done
  for environ in $(grep -lz "^SLURM_CONF=$SLURM_CONF" /proc/[0-9]*/environ); do
    pid=\${environ//[^0-9]/}
    [ $pid = $$ ] || kill -9 $pid
  done
  rm -rf "$FOLDER"
' >"$FOLDER/log/daemons.log" 2>&1 &
wait
`;

function configuration(folder: string, [controller, node]: number[]): string {
  const host = os.hostname().split(".")[0];
  return `
ClusterName=test
SlurmctldHost=${host}(127.0.0.1)
SlurmctldPort=${controller}
SlurmdPort=${node}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=${folder}/munge.socket,cred_expire=5
CredType=cred/munge
StateSaveLocation=${folder}/state
SlurmdSpoolDir=${folder}/spool
SlurmctldPidFile=${folder}/slurmctld.pid
SlurmdPidFile=${folder}/slurmd.pid
SlurmctldLogFile=${folder}/log/slurmctld.log
SlurmdLogFile=${folder}/log/slurmd.log
MailProg=/bin/true
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SwitchType=switch/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=bf_interval=1,sched_interval=1,sched_min_interval=0,batch_sched_delay=0
SlurmdParameters=config_overrides
JobRequeue=1
KillWait=2
MinJobAge=5
MaxArraySize=${MAX_ARRAY_SIZE}
NodeName=node NodeHostname=${host} NodeAddr=127.0.0.1 CPUs=8
PartitionName=all Nodes=ALL Default=YES
`;
}

/** Held all at once, so that they differ. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve, reject) => {
          server.on("error", reject).on("listening", () => resolve((server.address() as AddressInfo).port));
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
