import { Checks, type CheckResult } from "./checks";
import { checkAccess } from "./client-access";
import { checkCluster } from "./client-cluster";
import { checkConfig } from "./client-config";
import { checkEvents } from "./client-events";
import { checkLegacy } from "./client-legacy";
import { checkMaintenance } from "./client-maintenance";
import { checkReading } from "./client-reading";
import { checkResources } from "./client-resources";
import { checkRestart } from "./client-restart";
import { checkUpgrade } from "./client-upgrade";
import { openStage, type Stage } from "./stage";

const parts: Record<string, (stage: Stage) => Promise<void>> = {
  access: checkAccess,
  cluster: checkCluster,
  config: checkConfig,
  events: checkEvents,
  legacy: checkLegacy,
  maintenance: checkMaintenance,
  reading: checkReading,
  resources: checkResources,
  restart: checkRestart,
  upgrade: checkUpgrade,
};

const partMs = 180_000;

/** Holds Ichor's own client of the Talos API against peers: every call, good and refused. */
export async function runPeerClient(binary: string, say: (line: string) => void): Promise<CheckResult> {
  const checks = new Checks(say);
  // The peers are on loopback, which is not dialled unasked.
  process.env.ICHOR_NODE_NETWORKS = "127.0.0.0/8";
  const stage = await openStage(binary, checks);
  try {
    await Promise.all(
      Object.entries(parts).map(([name, part]) => checks.that(`${name}: its peers come up`, () => part(stage), partMs)),
    );
  } finally {
    await stage.stop();
    delete process.env.ICHOR_NODE_NETWORKS;
  }
  say(`${checks.count} checks of the client against peers, ${checks.failures.length} failed.`);
  return checks.result;
}
